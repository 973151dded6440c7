import { type Extra, useAnswer } from '@/shared/api/queries'
import type { Column, Row } from '@/shared/api/types'
import { cellOf, type Drill } from '@/shared/drill/drill'
import { type Period, usePeriod } from '@/shared/ui/PeriodSelect'
import type { Chip } from '@/shared/url/search'
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
export function winRateDrill(lang: 'zh' | 'en', period: Period, memberOf?: (row: Row) => Chip) {
  return (row: Row, column: Column): Drill | undefined => {
    const outcome = outcomes[column.key]
    if (!outcome) return undefined
    const member = memberOf?.(row)
    const title = member?.value ? `${member.value} · ${column.label[lang]}` : column.label[lang]
    return { cell: cellOf('winrate', { outcome }), title, extra: { ...period }, member }
  }
}
