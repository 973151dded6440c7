import { describe, expect, it } from 'vitest'
import type { Target } from '@/shared/api/records'
import { fiscalYear, layOut, periodsOf, yearsAround } from './periods'

describe('periods', () => {
  it('cover a fiscal year without a gap', () => {
    for (const span of ['months', 'quarters', 'year'] as const) {
      const periods = periodsOf(2026, 4, span)
      expect(periods[0]?.from).toBe('2026-04-01')
      expect(periods.at(-1)?.to).toBe('2027-03-31')
      for (let at = 1; at < periods.length; at++) {
        const day = new Date(`${periods[at - 1]?.to}T00:00:00Z`)
        day.setUTCDate(day.getUTCDate() + 1)
        expect(day.toISOString().slice(0, 10)).toBe(periods[at]?.from)
      }
    }
    expect(periodsOf(2028, 1, 'months')[1]?.to).toBe('2028-02-29')
    expect(periodsOf(2026, 1, 'quarters').map((one) => one.to)).toEqual([
      '2026-03-31',
      '2026-06-30',
      '2026-09-30',
      '2026-12-31',
    ])
  })
})

describe('a grid', () => {
  const periods = periodsOf(2026, 1, 'quarters')
  const target = (id: number, more: Partial<Target>) =>
    ({ id, from_on: '2026-01-01', to_on: '2026-03-31', version: 1, amount_minor: 1, ...more }) as Target
  const east = { id: 7, name: 'East' }

  it('shows a target where its member and its days fit exactly, and all others beside', () => {
    const { rows, others } = layOut(
      [
        target(1, { region: east }),
        target(2, { region: east, from_on: '2026-04-01', to_on: '2026-06-30' }),
        target(3, { region: east, product: { id: 1, name: 'A' } }),
        target(4, { region: east, to_on: '2026-01-31' }),
        target(5, {}),
        target(6, { region: east, process: 'other' }),
      ],
      'region',
      periods,
      'own',
    )
    expect(rows).toHaveLength(1)
    expect([...(rows[0]?.cells.values() ?? [])].flat().map((one) => one.id)).toEqual([1, 2])
    expect(others.map((one) => one.id)).toEqual([3, 4, 5, 6])
  })

  it('of the whole holds targets of nobody in particular', () => {
    const { rows } = layOut([target(5, { process: 'own' }), target(1, { region: east })], 'whole', periods, 'own')
    expect(rows.map((row) => row.member)).toEqual([null])
  })
})

describe('fiscal years', () => {
  it('are named by the calendar year that they begin in', () => {
    expect([fiscalYear('2026-03-31', 4), fiscalYear('2026-04-01', 4)]).toEqual([2025, 2026])
  })

  it('to choose from hold the one that is shown', () => {
    expect(yearsAround(2026, 2027)).toEqual([2024, 2025, 2026, 2027, 2028])
    expect(yearsAround(2026, 2021)).toEqual([2021, 2024, 2025, 2026, 2027, 2028])
  })
})
