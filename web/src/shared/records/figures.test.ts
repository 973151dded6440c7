import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { type Fault, majorText, moneyRange, mostMinor, readFigures, shareRange } from './figures'

it.each<[string, number, number | null]>([
  ['12345.67', 2, 1234567],
  ['1,234', 2, 123400],
  ['1,234,567.8', 2, 123456780],
  ['1、234', 2, 123400],
  ['1,234万', 2, 1234000000],
  ['12 345', 2, 1234500],
  ['１２３，４５６．７', 2, 12345670],
  ['￥５０万', 2, 50000000],
  ['1，234。5', 2, 123450],
  ['¥ 50万', 2, 50000000],
  ['1.25亿', 2, 12500000000],
  ['1.5m', 2, 150000000],
  ['120', 0, 120],
  ['0', 2, 0],
  ['-0', 2, 0],
  ['', 2, null],
  ['10000000000000', 2, mostMinor],
])('the amount %s with %i decimals is %s', (typed, decimals, value) => {
  expect(readFigures(typed, moneyRange(decimals, 0))).toEqual({ value })
})

it.each<[string, number, Fault]>([
  ['twelve', 2, 'noNumber'],
  ['1e30', 2, 'noNumber'],
  ['.', 2, 'noNumber'],
  ['1.2.3', 2, 'noNumber'],
  ['twelve, or so', 2, 'noNumber'],
  ['1234,5', 2, 'comma'],
  ['12,34', 2, 'comma'],
  ['１２，３４', 2, 'comma'],
  ['1234,567', 2, 'comma'],
  ['0,500', 2, 'comma'],
  ['1,23,456', 2, 'comma'],
  ['1,2345', 2, 'comma'],
  ['1,234,5', 2, 'comma'],
  ['1,,234', 2, 'comma'],
  ['1.234,56', 2, 'comma'],
  ['1.234', 2, 'decimals'],
  ['1.5', 0, 'decimals'],
  ['10000000000000.01', 2, 'tooLarge'],
  ['12345678901234567890', 2, 'tooLarge'],
  ['9999999亿', 2, 'tooLarge'],
  ['-0.5', 2, 'negative'],
  ['−１', 2, 'negative'],
])('%s with %i decimals is no amount: %s', (typed, decimals, fault) => {
  expect(readFigures(typed, moneyRange(decimals, 0))).toEqual({ fault })
})

it('an amount without a least one may be below zero, as far as above it', () => {
  expect(readFigures('-0.5', moneyRange(2))).toEqual({ value: -50 })
  expect(readFigures('-10000000000000', moneyRange(2))).toEqual({ value: -mostMinor })
  expect(readFigures('-10000000000000.01', moneyRange(2))).toEqual({ fault: 'tooLarge' })
})

it('a share is within 100 %, a plain number within 64 bits and of either sign', () => {
  expect(readFigures('12.5', shareRange)).toEqual({ value: 125_000 })
  expect(readFigures('100.1', shareRange)).toEqual({ fault: 'tooLarge' })
  expect(readFigures('-3', { places: 0 })).toEqual({ value: -3 })
  expect(readFigures('9007199254740993', { places: 0 })).toEqual({ value: '9007199254740993' })
  expect(readFigures('9999999999999999999', { places: 0 })).toEqual({ fault: 'tooLarge' })
})

it('figures come back as they went', () => {
  for (const [minor, decimals, text] of [
    [1234567, 2, '12345.67'],
    [1234500, 2, '12345'],
    [5, 2, '0.05'],
    [-50, 2, '-0.5'],
    [120, 0, '120'],
    ['9007199254740993', 2, '90071992547409.93'],
  ] as const) {
    expect(majorText(minor, decimals)).toBe(text)
    expect(String(readFigures(text, { places: decimals }).value)).toBe(String(minor))
  }
  expect(majorText(null, 2)).toBe('')
})

it('the largest amount is the one that the server takes', () => {
  const money = join(dirname(fileURLToPath(import.meta.url)), '../../../../crates/domain/src/money.rs')
  const told = /pub const MOST_MINOR: i64 = ([\d_]+);/.exec(readFileSync(money, 'utf8'))?.[1]
  expect(Number(told?.replaceAll('_', ''))).toBe(mostMinor)
})
