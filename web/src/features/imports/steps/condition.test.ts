import { describe, expect, it } from 'vitest'
import {
  aggregateOf,
  aggregateSql,
  casesOf,
  casesSql,
  comparisons,
  type Condition,
  conditionsOf,
  conditionsSql,
  wantsMany,
  wantsNothing,
} from './condition'

const odd = `O'Brien, "Sons" and Co (x) or 5`
const column = `Deal "No"`

describe('a condition', () => {
  it('is understood again as it was written, whatever stands in it', () => {
    for (const is of comparisons) {
      const values = wantsNothing(is) ? [] : wantsMany(is) ? [odd, '', "b', 'c"] : [odd]
      const list: Condition[] = [{ column, is, values }]
      expect(conditionsOf(conditionsSql({ all: true, list })), is).toEqual({ all: true, list })
    }
  })

  it('keeps rows where nothing stands when something else is taken out', () => {
    expect(conditionsSql({ all: true, list: [{ column: 'Region', is: 'ne', values: ['Total'] }] })).toBe(
      `"Region" is distinct from 'Total'`,
    )
    expect(conditionsSql({ all: true, list: [{ column: 'Region', is: 'not-in', values: ['A', 'B'] }] })).toBe(
      `("Region" is null or "Region" not in ('A', 'B'))`,
    )
  })

  it('compares with numbers as numbers, and with anything else as texts', () => {
    const sql = (value: string) => conditionsSql({ all: true, list: [{ column: 'A', is: 'ge', values: [value] }] })
    expect([sql('-1.5'), sql('2026-01-01')]).toEqual(['"A" >= -1.5', `"A" >= '2026-01-01'`])
  })

  it('comes with others, all or any; what is not whole is left out', () => {
    const list: Condition[] = [
      { column: 'A', is: 'gt', values: ['5'] },
      { column: 'B', is: 'empty', values: [] },
    ]
    const open: Condition = { column: 'C', is: 'eq', values: [] }
    const sql = conditionsSql({ all: false, list: [...list, open] })
    expect(sql).toBe('"A" > 5 or "B" is null')
    expect(conditionsOf(sql)).toEqual({ all: false, list })
  })

  it('does not take SQL for something that it does not say', () => {
    for (const sql of [
      '"A" > 5 and "B" is null or "C" is null',
      '"A" > "B"',
      'length("A") > 3',
      `"A" = 'x' -- and so on`,
      `("A" is null or "B" not in ('x'))`,
      '"A" > 5 and ',
    ]) {
      expect(conditionsOf(sql), sql).toBeNull()
    }
    expect(conditionsOf('')).toEqual({ all: true, list: [] })
  })
})

it('a column by cases is understood again, and anything else is not', () => {
  const cases = {
    list: [
      { when: { column, is: 'gt' as const, values: ['5'] }, then: odd },
      { when: { column: 'B', is: 'empty' as const, values: [] }, then: '' },
    ],
    otherwise: `end' when`,
  }
  expect(casesOf(casesSql(cases))).toEqual(cases)
  expect(casesSql({ list: [{ when: { column: '', is: 'eq', values: [] }, then: 'x' }], otherwise: '' })).toBe('')
  for (const sql of ['"A" * 2', `case when "A" > 5 then "B" else null end`, 'case  end', `case else 'x' end`]) {
    expect(casesOf(sql), sql).toBeNull()
  }
})

it('what is summed up is understood again, and other SQL is not', () => {
  for (const one of [
    { take: 'count', column: '' },
    { take: 'count-distinct', column },
    { take: 'avg', column },
  ] as const) {
    expect(aggregateOf(aggregateSql(one))).toEqual(one)
  }
  for (const sql of ['sum("A") / 2', 'sum(distinct "A")', 'count("A")', '']) expect(aggregateOf(sql), sql).toBeNull()
  expect(aggregateSql({ take: 'sum', column: '' })).toBe('')
})
