import { expect, it } from 'vitest'
import type { CustomerRow, CustomersPage } from '@/shared/api/records'
import type { Names } from '@/shared/records/values'
import { copyOf } from '@/shared/table/tsv'
import { customerColumns } from './columns'

it.each([
  ['zh', 'open_minor（¥亿）', 'open_minor（CNY）'],
  ['en', 'open_minor (¥M)', 'open_minor (CNY)'],
] as const)('amounts are copied in %s under their currency, not under the unit of the screen', (lang, shown, plain) => {
  const row = { id: 1, name: 'A', open_minor: 12_345_678_900 } as CustomerRow
  const page = { currency: 'CNY', decimals: 2, rows: [row] } as CustomersPage
  const columns = customerColumns(page, {}, lang, (key) => key, {} as Names).filter(
    (column) => column.key === 'open_minor',
  )
  expect(columns[0]?.head).toBe(shown)
  expect(copyOf(columns, page.rows)).toBe(`${plain}\n123456789`)
})
