import { expect, it } from 'vitest'
import type { Mapping, MappedRecords, Suggested, TableFound } from './api'
import { carried, keyless, kindsOf, withKind, withoutKind } from './tables'

const column = (name: string) => ({ name, filled: 1, sample: [] })
const records = (kind: string, file: string): MappedRecords => ({
  kind,
  table: { file },
  key: ['No'],
  fields: { number: { column: 'No' }, amount_minor: { column: 'Sum' } },
})
const found = (name: string, kinds: string[], columns = ['No', 'Sum']) =>
  ({
    file: { name, columns: columns.map(column), sheets: [] },
    kinds: kinds.map((kind) => ({ kind, records: records(kind, name), suggestions: [], notes: [] })),
  }) as unknown as TableFound
const deals = found('deals.csv', ['opportunity', 'contract'])
const payments = found('payments.csv', ['payment', 'invoice'])
const mapping = {
  name: 'crm',
  table: { file: 'deals.csv' },
  key: ['Id'],
  fields: { name: { column: 'Name' } },
  stages: { New: 'lead' },
  outcomes: {},
  history: { table: { file: 'changes.csv' }, deal: 'Id', at: 'On', fields: { stage: { column: 'Stage' } } },
  milestones: [{ column: 'Offer sent', stage: 'offer' }],
  records: [records('payment', 'payments.csv')],
} as unknown as Mapping

it('a table comes in as what is said of it, and as several kinds at once', () => {
  expect([kindsOf(mapping, deals), kindsOf(mapping, payments)]).toEqual([['opportunity'], ['payment']])
  const both = withKind(mapping, payments, 'invoice')
  expect(kindsOf(both, payments)).toEqual(['payment', 'invoice'])
  expect(kindsOf(withoutKind(both, payments, 'payment'), payments)).toEqual(['invoice'])
  expect(withKind(mapping, payments, 'horse')).toBe(mapping)
})

it('without its table of deals a mapping says nothing of deals', () => {
  const without = withoutKind(mapping, deals, 'opportunity')
  expect(without).not.toHaveProperty('table')
  expect(without).not.toHaveProperty('history')
  expect(without, 'no dates of stages either').not.toHaveProperty('milestones')
  expect([without.key, without.fields, without.stages]).toEqual([[], {}, {}])
  expect(kindsOf(without, payments)).toEqual(['payment'])
})

it('a table of changes is read as it is by now, and goes with the columns that tell deals and moments', () => {
  const before = { ...mapping, records: [] }
  const cleaned = { file: 'changes.csv', steps: [{ do: 'trim' }] }
  const history = { ...before.history, table: cleaned } as Mapping['history']
  const now = (columns: string[], proposed?: Mapping['history']) => {
    const suggested = {
      mapping: { ...before, history: proposed },
      file: null,
      tables: [found('changes.csv', [], columns)],
    }
    return carried(before, suggested as unknown as Suggested).history
  }
  expect(now(['Id', 'On', 'Stage'], history), 'with its steps').toEqual(history)
  expect(now(['Id', 'On'], history)?.fields).toEqual({})
  expect(now(['Id', 'Stage'])).toBeUndefined()
})

it('records without a key are told', () => {
  const bare = { ...records('payment', 'payments.csv'), key: [] }
  expect(keyless({ ...mapping, records: [bare] })).toEqual([bare])
  expect(keyless(mapping)).toEqual([])
})

it('what was said of records stays, as far as their columns are still there', () => {
  const { table: _table, ...without } = mapping
  const before = { ...without, records: [records('payment', 'payments.csv'), records('order', 'gone.csv')] } as Mapping
  const fewer = found('payments.csv', ['payment'], ['No'])
  const suggested = { mapping: { ...before, records: [] }, file: null, tables: [fewer] } as unknown as Suggested
  expect(carried(before, suggested).records).toEqual([
    { ...records('payment', 'payments.csv'), fields: { number: { column: 'No' } } },
  ])
  expect(carried(null, suggested)).toBe(suggested.mapping)
})
