import type { Row } from '@/shared/api/types'

/** The trend's rows by day and stage, with the days in order. */
export function stockByDay(rows: readonly Row[]): {
  days: string[]
  at: (day: string, stage: string) => Row | undefined
} {
  const found = new Map<string, Row>()
  const days = new Set<string>()
  for (const row of rows) {
    days.add(String(row.day))
    found.set(`${row.day} ${row.stage}`, row)
  }
  return { days: [...days].sort(), at: (day, stage) => found.get(`${day} ${stage}`) }
}

/** The stages that the rows have, the process's own first and in its order, each with a row that tells its name. */
export function stagesOf(rows: readonly Row[], known: readonly { key: string }[]): { key: string; row: Row }[] {
  const found = new Map<string, Row>()
  for (const row of rows) if (!found.has(String(row.stage))) found.set(String(row.stage), row)
  const own = known.map((stage) => stage.key).filter((key) => found.has(key))
  const others = [...found.keys()].filter((key) => !own.includes(key))
  return [...own, ...others].map((key) => ({ key, row: found.get(key) as Row }))
}

/** One week of one stage: what stood there before and after, and what left to be won and lost. */
export type Week = {
  day: string
  opening: number | null
  closing: number | null
  won: number | null
  lost: number | null
}

/** The weeks of a stage out of the trend (stock at the ends) and the series of migrations (what left). */
export function weeksOf(
  trend: readonly Row[],
  series: readonly Row[],
  stage: string,
  keys: { stock: string; left: string },
): Week[] {
  const { days, at } = stockByDay(trend)
  const left = new Map<string, Row>()
  for (const row of series) if (row.from_stage === stage) left.set(`${row.to_day} ${row.to_stage}`, row)
  const number = (row: Row | undefined, key: string) => (typeof row?.[key] === 'number' ? (row[key] as number) : null)
  return days.slice(1).map((day, index) => ({
    day,
    opening: number(at(days[index] ?? '', stage), keys.stock),
    closing: number(at(day, stage), keys.stock),
    won: number(left.get(`${day} won`), keys.left),
    lost: number(left.get(`${day} lost`), keys.left),
  }))
}
