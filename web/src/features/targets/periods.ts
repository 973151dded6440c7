import type { Target } from '@/shared/api/records'
import { addDays } from '@/shared/format/dates'

export type Span = 'months' | 'quarters' | 'year'
export type Period = { key: string; from: string; to: string; months: number }

const monthsOf: Record<Span, number> = { months: 1, quarters: 3, year: 12 }

/** The periods of a fiscal year: it begins in `year` with the organisation's first month. */
export function periodsOf(year: number, startMonth: number, span: Span): Period[] {
  const months = monthsOf[span]
  return Array.from({ length: 12 / months }, (_, index) => {
    const from = firstOf(year, startMonth - 1 + index * months)
    const to = addDays(firstOf(year, startMonth - 1 + (index + 1) * months), -1)
    return { key: `${from}/${to}`, from, to, months }
  })
}

function firstOf(year: number, month: number): string {
  return `${year + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}-01`
}

/** The fiscal year of a day, named by the calendar year that it begins in. */
export function fiscalYear(day: string, startMonth: number): number {
  return Number(day.slice(0, 4)) - (Number(day.slice(5, 7)) < startMonth ? 1 : 0)
}

/** The fiscal years to choose from: two to each side of the current one, and the one that is shown wherever it lies. */
export function yearsAround(current: number, shown: number): number[] {
  const near = [-2, -1, 0, 1, 2].map((step) => current + step)
  return near.includes(shown) ? near : [...near, shown].sort((a, b) => a - b)
}

export const dimensions = ['owner', 'team', 'region', 'product', 'industry', 'channel'] as const
export type TargetDimension = (typeof dimensions)[number]
export type By = TargetDimension | 'whole'

export type Member = { id: number; name: string } | null

/** A row of the grid: a member, with its targets by period. */
export type GridRow = { member: Member; cells: Map<string, Target[]> }

/** Targets laid out by member and period, and those that fit into no cell: they are shown beside. */
export function layOut(
  targets: readonly Target[],
  by: By,
  periods: readonly Period[],
  process: string | undefined,
): { rows: GridRow[]; others: Target[] } {
  const rows = new Map<number, GridRow>()
  const others: Target[] = []
  for (const target of targets) {
    const period = periods.find((one) => one.from === target.from_on && one.to === target.to_on)
    const named = dimensions.filter((dimension) => target[dimension])
    const fits = by === 'whole' ? named.length === 0 : named.length === 1 && named[0] === by
    const ofProcess = !target.process || target.process === process
    if (!period || !fits || !ofProcess) {
      others.push(target)
      continue
    }
    const member = by === 'whole' ? null : (target[by] ?? null)
    const id = member?.id ?? 0
    const row = rows.get(id) ?? { member, cells: new Map() }
    row.cells.set(period.key, [...(row.cells.get(period.key) ?? []), target])
    rows.set(id, row)
  }
  const sorted = [...rows.values()].sort((a, b) => (a.member?.name ?? '').localeCompare(b.member?.name ?? ''))
  return { rows: sorted, others }
}
