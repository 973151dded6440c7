import { expect, it } from 'vitest'
import { quarterOf } from './use-won-period'

it.each([
  ['2026-10-01', '2026-12-31', 1, 4],
  ['2026-01-01', '2026-03-31', 1, 1],
  ['2026-10-01', '2026-12-31', 4, 3],
  ['2027-01-01', '2027-03-31', 4, 4],
  ['2026-12-01', '2027-02-28', 3, 4],
  ['2026-10-01', '2026-12-30', 1, null],
  ['2026-11-01', '2027-01-31', 1, null],
  ['2026-01-01', '2026-12-31', 1, null],
])('%s – %s of a year that begins in month %i is quarter %s', (from, to, start, quarter) =>
  expect(quarterOf(from, to, start)).toBe(quarter),
)
