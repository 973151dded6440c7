import { useMeta } from '../api/queries'
import type { Pivot } from '../api/types'
import { addDays, date, isDay } from '../format/dates'
import { useTexts } from '../i18n/i18n'

/** The quarter of the fiscal year that two days bound, from 1 on; null where they bound anything else. */
export function quarterOf(from: string, to: string, fiscalStart: number): number | null {
  const [first, after] = [from, addDays(to, 1)]
  const monthOf = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - fiscalStart
  const whole = first.endsWith('-01') && after.endsWith('-01') && monthOf(after) - monthOf(first) === 3
  const month = ((monthOf(first) % 12) + 12) % 12
  return whole && month % 3 === 0 ? month / 3 + 1 : null
}

/** Of which days a pivot's won deals, rates and attainment are: its stock is of one day, and these are of a period. */
export function useWonPeriod(pivot: Pivot | null | undefined): string | undefined {
  const { t, lang } = useTexts()
  const start = useMeta().organisation.fiscal_start_month
  const { from, to, as_of: asOf } = pivot?.terms ?? {}
  if (!isDay(from) || !isDay(to)) return undefined
  const n = quarterOf(from, to, start)
  const runs = isDay(asOf) && asOf < to
  if (n !== null) return t(runs ? 'pivot.wonQuarterToDate' : 'pivot.wonQuarter', { n: quarterName(n, lang) })
  return t('pivot.wonDays', { from: date(from, lang), to: date(runs ? asOf : to, lang) })
}

function quarterName(n: number, lang: 'zh' | 'en'): string {
  return lang === 'zh' ? `${'一二三四'.charAt(n - 1)}季度` : `Q${n}`
}
