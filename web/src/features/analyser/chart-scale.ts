import type { Analyser, Answer, Row } from '@/shared/api/types'
import { amountScale, type Lang, type Scale, unitName } from '@/shared/format/format'
import { bridgeRows } from './bridge-rows'
import type { MovementView } from './movement-view'
import { type Week, weeksOf } from './stock-by-day'
import type { Measure } from './use-analyser'

/** The weeks of the stage that is looked into. */
export function weeksIn(data: Analyser, measure: Measure): Week[] {
  const keys =
    measure === 'amount' ? { stock: 'amount_minor', left: 'amount_from_minor' } : { stock: 'deals', left: 'deals' }
  return weeksOf(data.trend.rows as Row[], data.series.rows as Row[], data.stage ?? '', keys)
}

/** In what the inflow writes its amounts: in its title and at its bars alike. */
export function inflowScale({ inflow }: Analyser, lang: Lang): Scale {
  const amounts = [...(inflow.rows as Row[]), inflow.totals ?? {}].map((row) => row.amount_to_minor)
  return scaleOf(inflow, amounts, lang)
}

/** The same of the weeks. */
export function weeksScale(data: Analyser, weeks: readonly Week[], lang: Lang): Scale {
  const amounts = weeks.flatMap((week) => [week.opening, week.closing])
  return scaleOf(data.trend, amounts, lang)
}

/** The same of the bridge. */
export function bridgeScale(bridge: Analyser['bridge'], lang: Lang): Scale {
  const amounts = bridgeRows(bridge, 'amount').map((row) => row.amount_minor)
  return scaleOf(bridge, amounts, lang)
}

/** What the inflow is counted in, for its title; nothing where deals are counted. */
export function inflowUnit(data: Analyser, measure: Measure, lang: Lang): string {
  return measure === 'amount' ? unitOf(data.inflow, inflowScale(data, lang), lang) : ''
}

/** The same of the movement's views; the matrix says its own. */
export function movementUnit(data: Analyser, view: MovementView, measure: Measure, lang: Lang): string {
  if (measure !== 'amount' || view === 'matrix') return ''
  if (view === 'bridge') return unitOf(data.bridge, bridgeScale(data.bridge, lang), lang)
  return unitOf(data.trend, weeksScale(data, weeksIn(data, measure), lang), lang)
}

function scaleOf(answer: Answer, amounts: unknown[], lang: Lang): Scale {
  return amountScale(amounts, answer.decimals ?? 2, lang)
}

function unitOf(answer: Answer, scale: Scale, lang: Lang): string {
  return unitName('amount_minor', scale, answer.currency, lang)
}
