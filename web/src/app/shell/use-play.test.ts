import { describe, expect, it } from 'vitest'
import { nextSpeed, nextWeek, playStart } from './use-play'

describe('playing the weeks', () => {
  it('steps a week and stops at today', () => {
    expect(nextWeek('2026-11-02', '2026-11-24')).toBe('2026-11-09')
    expect(nextWeek('2026-11-16', '2026-11-24')).toBe('2026-11-23')
    expect(nextWeek('2026-11-17', '2026-11-24')).toBeNull()
    expect(nextWeek('2026-11-23', '2026-11-24')).toBeNull()
  })

  it('goes through its speeds and begins again', () => {
    expect([0.5, 1, 2, 4].map(nextSpeed)).toEqual([1, 2, 4, 0.5])
  })

  it('begins half a year back, but not before the first day known', () => {
    expect(playStart('2026-11-24', null)).toBe('2026-05-26')
    expect(playStart('2026-11-24', '2024-01-01')).toBe('2026-05-26')
    expect(playStart('2026-11-24', '2026-10-01')).toBe('2026-10-01')
  })
})
