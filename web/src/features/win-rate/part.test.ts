import { describe, expect, it } from 'vitest'
import { drawn, isPart } from './part'

it.each([
  ['2026-11-01', '2026-11-30', 'month', 1, false],
  ['2025-11-29', '2025-11-30', 'month', 1, true],
  ['2026-11-01', '2026-11-29', 'month', 1, true],
  ['2026-10-01', '2026-12-31', 'quarter', 1, false],
  ['2026-11-01', '2026-12-31', 'quarter', 1, true],
  ['2026-11-01', '2027-01-31', 'quarter', 2, false],
  ['2026-01-01', '2026-12-31', 'year', 1, false],
  ['2026-01-01', '2026-12-31', 'year', 4, true],
  ['2026-04-01', '2027-03-31', 'year', 4, false],
] as const)('%s – %s as a %s of a year that begins in month %i', (from, to, every, start, part) =>
  expect(isPart(from, to, every, start)).toBe(part),
)

describe('what is drawn', () => {
  const row = (from_day: string, day: string) => ({ from_day, day })
  const months = [row('2026-09-30', '2026-09-30'), row('2026-10-01', '2026-10-31'), row('2026-11-01', '2026-11-29')]
  const days = (rows: typeof months, asOf: string) =>
    drawn(rows, 'month', 1, asOf).map(({ row, part }) => [row.from_day, part])

  it('is whole months, and the one that still runs', () => {
    expect(days(months, '2026-11-29')).toEqual([
      ['2026-10-01', false],
      ['2026-11-01', true],
    ])
    expect(days(months, '2026-12-24'), 'cut off at both ends').toEqual([['2026-10-01', false]])
  })

  it('is the part where there is nothing else', () => {
    expect(days([row('2026-11-10', '2026-11-20')], '2026-11-29')).toEqual([['2026-11-10', true]])
  })
})
