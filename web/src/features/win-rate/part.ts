import type { Row } from '@/shared/api/types'
import { addDays } from '@/shared/format/dates'

const monthsOf = { month: 1, quarter: 3, year: 12 }
export type Every = keyof typeof monthsOf

/** Whether an interval is a part of its month, quarter or year: the period that one looks at begins or ends amid it. */
export function isPart(from: string, to: string, every: Every, fiscalStart: number): boolean {
  const begins = (day: string) =>
    day.slice(8) === '01' && (Number(day.slice(5, 7)) - fiscalStart + 12) % monthsOf[every] === 0
  return !begins(from) || !begins(addDays(to, 1))
}

/**
 * The intervals to be drawn, each with whether it is a part: those that the period cuts off are left out, for their
 * rates are of a few days. The one that still runs on the day one looks from stays, and so does what there is alone.
 */
export function drawn(
  rows: readonly Row[],
  every: Every,
  fiscalStart: number,
  asOf: string,
): { row: Row; part: boolean }[] {
  const all = rows.map((row) => ({ row, part: isPart(String(row.from_day), String(row.day), every, fiscalStart) }))
  const runs = (row: Row) =>
    row.day === asOf && !isPart(String(row.from_day), addDays(nextStart(row), -1), every, fiscalStart)
  const nextStart = (row: Row) => {
    const [year, month] = [Number(String(row.from_day).slice(0, 4)), Number(String(row.from_day).slice(5, 7))]
    return new Date(Date.UTC(year, month - 1 + monthsOf[every], 1)).toISOString().slice(0, 10)
  }
  const kept = all.filter(({ row, part }) => !part || runs(row))
  return kept.length ? kept : all
}
