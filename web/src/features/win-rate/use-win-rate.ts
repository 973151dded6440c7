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
}

/** The deals behind a count of a win rate. A rate rests on two counts, and so has no deals of its own. */
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
      title: by ? `${row[by] ?? t('common.notRecorded')} · ${name}` : name,
      extra: { ...period },
    }
  }
}
