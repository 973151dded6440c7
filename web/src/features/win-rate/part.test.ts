import { expect, it } from 'vitest'
import { isPart } from './part'

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
