import { describe, expect, it } from 'vitest'
import { addDays, date, dateShort, dateTick, isDay, week } from './dates'
import {
  amount,
  amountExact,
  amountScale,
  asNumber,
  count,
  currencySign,
  days,
  scaled,
  share,
  tableScale,
  signed,
  unitName,
} from './format'

const cny = { currency: 'CNY', decimals: 2 }
const jpy = { currency: 'JPY', decimals: 0 }

describe('amounts', () => {
  it.each([
    [1_234_500_000, 'zh', '¥1,234.5\u202f万'],
    [1_234_500_000, 'en', '¥12.3\u202fM'],
    [601_190_000_000, 'zh', '¥60.1\u202f亿'],
    [601_190_000_000, 'en', '¥6.01\u202fB'],
    [50_000, 'zh', '¥500'],
    [50_000, 'en', '¥500'],
    [150_000, 'en', '¥1.50\u202fK'],
    [-1_234_500_000, 'zh', '−¥1,234.5\u202f万'],
    [0, 'zh', '¥0'],
  ] as const)('%d in %s is %s', (minor, lang, text) => {
    expect(amount(minor, cny, lang)).toBe(text)
  })

  it('knows currencies without minor units', () => {
    expect(amount(12_345_678, jpy, 'en')).toMatch(/12\.3\u202fM$/)
    expect(amountExact(12_345_678, jpy, 'en')).toMatch(/12,345,678$/)
  })

  it('is exact to the minor unit where asked', () => {
    expect(amountExact(1_234_567_890, cny, 'zh')).toBe('¥12,345,678.90')
  })

  it('takes one scale for a column, the largest that is reached', () => {
    const scale = amountScale([100, 2_448_800_000, null], 2, 'zh')
    expect(scale.name).toBe('万')
    expect(scaled(100, scale, 'zh')).toBe('0.0')
    expect(scaled(2_448_800_000, scale, 'zh')).toBe('2,448.8')
    expect(unitName('amount_minor', scale, 'CNY', 'zh')).toBe('¥万')
  })

  it('never writes minus zero', () => {
    expect(scaled(-1, amountScale([2_448_800_000], 2, 'zh'), 'zh')).toBe('0.0')
    expect(amount(-1, cny, 'zh', amountScale([2_448_800_000], 2, 'zh'))).toBe('¥0.0\u202f万')
  })
})

describe('plain numbers', () => {
  it('groups counts', () => expect(count(20_000, 'en')).toBe('20,000'))
  it('writes shares with one decimal', () => expect(share(0.40732, 'zh')).toBe('40.7\u202f%'))
  it('writes days with a fraction only where there is one', () => {
    expect(days(14, 'en')).toBe('14')
    expect(days(8.3828, 'en')).toBe('8.4')
  })
  it('signs differences', () => {
    expect(signed('12', 12)).toBe('+12')
    expect(signed('−12', -12)).toBe('−12')
  })
  it('reads digits beyond 64 bits, and nothing else, out of texts', () => {
    expect(asNumber('12345678901234567890')).toBeGreaterThan(1e19)
    expect(asNumber('lead')).toBeNull()
    expect(asNumber(null)).toBeNull()
    expect(asNumber(Number.NaN)).toBeNull()
  })
  it('falls back to the code where a currency has no sign', () =>
    expect(currencySign('nonsense', 'en')).toBe('nonsense'))
})

describe('dates', () => {
  it.each([
    ['zh', '2026年11月23日', '11月23日', '11/23', '第48周'],
    ['en', '23 Nov 2026', '23 Nov', '23 Nov', 'W48'],
  ] as const)('are written in %s', (lang, long, short, tick, number) => {
    expect(date('2026-11-23', lang)).toBe(long)
    expect(dateShort('2026-11-23', lang)).toBe(short)
    expect(dateTick('2026-11-23', lang)).toBe(tick)
    expect(week('2026-11-23', lang)).toBe(number)
  })

  it.each([
    ['2026-01-01', 'W1'],
    ['2027-01-01', 'W53'],
    ['2025-12-29', 'W1'],
    ['2024-12-29', 'W52'],
  ])('%s lies in %s', (day, number) => expect(week(day, 'en')).toBe(number))

  it('steps over months, years and leap days', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29')
    expect(addDays('2026-01-03', -7)).toBe('2025-12-27')
  })

  it.each(['2026-02-30', '2026-1-1', '', 'today', null])('%s is no day', (text) => expect(isDay(text)).toBe(false))
})

it('a table is in the unit of its rows, whatever their total comes to', () => {
  expect(tableScale([1.7e9, 2e9], [1.2e10], 2, 'zh').name).toBe('万')
  expect(tableScale([2e10, 1e9], [3e10], 2, 'zh').name).toBe('亿')
  expect(tableScale([null, 0], [3e10], 2, 'zh').name).toBe('亿')
  expect(tableScale([], [], 2, 'zh').name).toBe('')
})
