import { describe, expect, it } from 'vitest'
import { changed, changesOf, settingsOf, shownThreshold, storedThreshold } from './settings'

const silent = {
  key: 'silent',
  on: true,
  weight: 2,
  built_in_weight: 2,
  threshold: 0,
  built_in_threshold: 0,
  unit: 'days',
}
const twin = {
  key: 'twin',
  on: false,
  weight: 3,
  built_in_weight: 3,
  threshold: null,
  built_in_threshold: null,
  unit: null,
}
const high = {
  key: 'probability_high',
  on: true,
  weight: 2,
  built_in_weight: 2,
  threshold: 300_000,
  built_in_threshold: 300_000,
  unit: 'ppm',
}

describe('rules of quality', () => {
  it('sends only what is otherwise than built in', () => {
    const rules = [silent, twin, high]
    const changes = changesOf(rules)
    expect(changed(rules, changes)).toBe(false)
    expect(settingsOf(rules, changes)).toEqual({ twin: { off: true, weight: undefined, threshold: undefined } })
    const next = { ...changes, silent: { on: true, weight: 2, threshold: 30 } }
    expect(changed(rules, next)).toBe(true)
    expect(settingsOf(rules, next).silent).toEqual({ off: false, weight: undefined, threshold: 30 })
  })

  it('writes shares in per cent', () => {
    expect(shownThreshold(high, 300_000)).toBe(30)
    expect(storedThreshold(high, 25)).toBe(250_000)
    expect(storedThreshold(high, null)).toBe(300_000)
    expect(storedThreshold(silent, 10)).toBe(10)
  })
})
