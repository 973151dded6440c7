import { nameIn } from '@/shared/answer/cells'
import { type Extra, useAnswer } from '@/shared/api/queries'
import type { Column, Row } from '@/shared/api/types'
import { cellOf, type Drill } from '@/shared/drill/drill'
import { useTexts } from '@/shared/i18n/i18n'
import { type Period, usePeriod } from '@/shared/ui/PeriodSelect'
import { useQuestion } from '@/shared/url/use-question'
import { useAddress } from '@/shared/url/use-view'

export const createdKey = 'by_created'

/** Win rates of the page's period: the whole, by interval or by dimension. */
export function useWinRate(more: Extra = {}) {
  const question = useQuestion()
  const period = usePeriod()
  const created = useAddress()[createdKey]
  const extra: Extra = { ...period, by_created: typeof created === 'string' ? created : undefined, ...more }
  return { query: useAnswer('winrate', question, extra), file: { path: 'winrate', extra }, period }
}

const outcomes: Record<string, string> = {
  won: 'won',
  lost: 'lost',
  cancelled: 'cancelled',
  parked: 'parked',
  open: 'open',
  won_amount_minor: 'won',
  lost_amount_minor: 'lost',
  win_rate: 'decided',
  win_rate_lower: 'decided',
  win_rate_upper: 'decided',
  win_rate_amount: 'decided',
  win_rate_with_cancelled: 'ended',
  cycle_median_days: 'won',
  cycle_mean_days: 'won',
}

/** The deals behind a figure of a win rate: those counted, or those that the rate is of. An interval names its days. */
export function useWinRateDrill(period: Period, by?: string) {
  const { lang, t } = useTexts()
  const created = useAddress()[createdKey] === 'true' ? 'yes' : undefined
  return (row: Row, column: Column): Drill | undefined => {
    const outcome = outcomes[column.key]
    if (!outcome) return undefined
    const groups = by ? [{ dimension: by, value: row[by] }] : []
    const name = column.label[lang]
    return {
      cell: cellOf('winrate', { outcome, by_created: created }, ...groups),
      title: by ? `${nameIn(row, by, lang) ?? t('common.notRecorded')} · ${name}` : name,
      extra: typeof row.from_day === 'string' ? { from: row.from_day, to: String(row.day) } : { ...period },
    }
  }
}
