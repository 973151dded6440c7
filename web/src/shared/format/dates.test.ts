import { expect, it } from 'vitest'
import { date, dateShort, dayOf, instant, monthName, monthsUpTo } from './dates'

it('an instant has the day of its zone', () => {
  // Half past midnight of 1 July in Shanghai is still June in UTC.
  const at = '2026-06-30T16:30:00Z'
  expect(dayOf(at, 'Asia/Shanghai')).toBe('2026-07-01')
  expect(dayOf(at, 'UTC')).toBe('2026-06-30')
  expect(instant(at, 'en', 'Asia/Shanghai')).toBe('1 Jul 2026, 00:30')
})

it.each([
  ['2026-11-29', 12, '2025-11-30'],
  ['2026-12-31', 12, '2026-01-01'],
  ['2024-02-29', 12, '2023-03-01'],
  ['2026-08-31', 6, '2026-03-01'],
  ['2026-03-15', 6, '2025-09-16'],
])('up to %s, %i months begin on %s', (day, months, first) => expect(monthsUpTo(day, months)).toBe(first))

it('September is Sep everywhere', () => {
  expect(date('2026-09-27', 'en')).toBe('27 Sep 2026')
  expect(dateShort('2026-09-18', 'en')).toBe('18 Sep')
  expect(instant('2026-09-18T10:00:00Z', 'en', 'UTC')).toBe('18 Sep 2026, 10:00')
  expect(monthName('2026-09-01', 'en')).toBe('Sep')
})
