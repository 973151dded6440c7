import { expect, it } from 'vitest'
import { dateWritings, hasDecimalComma } from './guess'

it('knows a decimal comma where there is no doubt', () => {
  expect(hasDecimalComma(['€ 2.900,00', '1.000,5'])).toBe(true)
  for (const values of [['1,000', '2,500'], ['1,035.50', '3,5'], ['12'], []]) {
    expect(hasDecimalComma(values), values.join(' ')).toBe(false)
  }
})

it('knows the writings of dates that it sees, and takes no sides on 3/4', () => {
  expect(dateWritings(['2026-11-24', '2026-11-24T10:00:00Z'])).toEqual([])
  expect(dateWritings(['24.11.2026', '2025年3月', '46350'])).toEqual(['%d.%m.%Y', 'month', 'excel'])
  expect(dateWritings(['3/4/2026'])).toEqual([])
  expect(dateWritings(['3/4/2026', '25/4/2026'])).toEqual(['%d/%m/%Y'])
  expect(dateWritings(['3/14/2026'])).toEqual(['%m/%d/%Y'])
  expect(dateWritings(['3/14/2026', '14/3/2026'])).toEqual([])
})
