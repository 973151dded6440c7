import { addDays } from '@/shared/format/dates'

const monthsOf = { month: 1, quarter: 3, year: 12 }
export type Every = keyof typeof monthsOf

/** Whether an interval is a part of its month, quarter or year: the period that one looks at begins or ends amid it. */
export function isPart(from: string, to: string, every: Every, fiscalStart: number): boolean {
  const begins = (day: string) =>
    day.slice(8) === '01' && (Number(day.slice(5, 7)) - fiscalStart + 12) % monthsOf[every] === 0
  return !begins(from) || !begins(addDays(to, 1))
}
