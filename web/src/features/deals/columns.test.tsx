import { describe, expect, it } from 'vitest'
import type { DealRow, DealsPage } from '@/shared/api/records'
import type { Names } from '@/shared/records/values'
import { copyOf } from '@/shared/table/tsv'
import { dealColumns, outcomesText } from './columns'

const row = (more: Partial<DealRow>) =>
  ({ id: 1, name: 'A', outcome: 'open', currency: 'CNY', decimals: 2, ...more }) as DealRow
const page = {
  currency: 'CNY',
  decimals: 2,
  rows: [row({ amount_minor: 1_234_567_800, cell_minor: 100 }), row({ amount_minor: 5000, currency: 'USD' })],
} as DealsPage

const copied = (lang: 'zh' | 'en', key: string) => {
  const names = {} as Names
  const words = {
    lang,
    names,
    head: (one: string) => one,
    outcome: (one: string) => one,
    process: (one: string) => one,
  }
  const columns = dealColumns(page, {}, words).filter((column) => column.key === key)
  return { head: columns[0]?.head, lines: copyOf(columns, page.rows).split('\n') }
}

describe('amounts that are copied', () => {
  it.each([
    ['zh', 'amount_minor（¥万）', 'amount_minor（CNY）'],
    ['en', 'amount_minor (¥M)', 'amount_minor (CNY)'],
  ] as const)('stand in %s under their currency, not under the unit of the screen', (lang, shown, plain) => {
    const { head, lines } = copied(lang, 'amount_minor')
    expect(head).toBe(shown)
    expect(lines.slice(0, 2)).toEqual([plain, '12345678'])
  })

  it('carry their own currency where it is another one', () => {
    expect(copied('en', 'amount_minor').lines[2]).toBe('50 USD')
    expect(copied('en', 'cell_minor').lines[1]).toBe('1')
  })
})

describe('the outcomes in a total', () => {
  const words = { lang: 'en' as const, outcome: (one: string) => one.toUpperCase() }
  const of = (more: object) =>
    outcomesText({ by_outcome: { open: 290, won: 0, lost: 0, cancelled: 0, parked: 0, ...more } } as never, words)

  it('are told where there are several', () => {
    expect(of({ parked: 1346 })).toBe('OPEN 290, PARKED 1,346')
    expect(of({})).toBeNull()
  })
})
