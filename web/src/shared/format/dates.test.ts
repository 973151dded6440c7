import { expect, it } from 'vitest'
import { dayOf, instant } from './dates'

it('an instant has the day of its zone', () => {
  // Half past midnight of 1 July in Shanghai is still June in UTC.
  const at = '2026-06-30T16:30:00Z'
  expect(dayOf(at, 'Asia/Shanghai')).toBe('2026-07-01')
  expect(dayOf(at, 'UTC')).toBe('2026-06-30')
  expect(instant(at, 'en', 'Asia/Shanghai')).toBe('1 Jul 2026, 00:30')
})
