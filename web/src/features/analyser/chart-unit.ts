import type { Analyser, Answer, Row } from '@/shared/api/types'
import { amountScale, type Lang, unitName } from '@/shared/format/format'
import { bridgeRows } from './BridgeChart'
import type { MovementView } from './movement-view'
import { weeksOf } from './stock-by-day'
import type { Measure } from './use-analyser'

/** What the inflow's amounts are shown in, for its title; nothing where deals are counted. */
export function inflowUnit(data: Analyser, measure: Measure, lang: Lang): string {
  const { rows, totals } = data.inflow
  const amounts = [...(rows as Row[]), totals ?? {}].map((row) => row.amount_to_minor)
  return unitOf(data.inflow, amounts, measure, lang)
}

/** The same of the movement's views; the matrix says its own. */
export function movementUnit(data: Analyser, view: MovementView, measure: Measure, lang: Lang): string {
  if (view === 'bridge') {
    const amounts = bridgeRows(data.bridge, measure).map((row) => row.amount_minor)
    return unitOf(data.bridge, amounts, measure, lang)
  }
  if (view === 'matrix') return ''
  const keys = { stock: 'amount_minor', left: 'amount_from_minor' }
  const weeks = weeksOf(data.trend.rows as Row[], data.series.rows as Row[], data.stage ?? '', keys)
  return unitOf(
    data.trend,
    weeks.flatMap((week) => [week.opening, week.closing]),
    measure,
    lang,
  )
}

function unitOf(answer: Answer, amounts: unknown[], measure: Measure, lang: Lang): string {
  if (measure !== 'amount') return ''
  return unitName('amount_minor', amountScale(amounts, answer.decimals ?? 2, lang), answer.currency, lang)
}
