import { expect, it } from 'vitest'
import type { Item } from './step'
import type { Seen } from './use-cleaned'
import { reason, tableBefore, valuesIn, viewOf } from './view'

const table = (name: string) => ({ columns: [name], rows: [['x'], [null], ['x'], ['y']], row_count: 4 })
const item = (id: string, off = false): Item => ({ id, off, step: { do: 'trim' } })
const items: Item[] = [
  item('a'),
  item('off', true),
  { id: 'open', step: { do: 'drop', columns: [] } },
  item('b'),
  item('c'),
]
const problem = {
  detail: 'step 2 (trim, “b”): it is so',
  detail_zh: '第 2 步（trim，“b”）：如此',
  code: 'x',
  status: 422,
}
const seen = {
  ids: ['a', 'b', 'c'],
  answer: {
    tables: [table('raw'), table('after a'), table('after a'), table('after c')],
    failed: [{ step: 2, problem }],
    issues: [{ step: 1, row: 3, column: 'raw', value: '?', message: { zh: '', en: '' } }],
    looked_at: 1000,
    text: '',
  },
} as unknown as Seen

it('shows each step by what the server knows of it', () => {
  const states = ['a', 'off', 'open', 'b', 'c', null].map((id) => viewOf(items, id, seen).state)
  expect(states).toEqual(['taken', 'off', 'incomplete', 'failed', 'taken', 'source'])
  expect(viewOf(items, 'a', seen)).toMatchObject({ before: { columns: ['raw'] }, after: { columns: ['after a'] } })
  expect(viewOf(items, 'a', seen).issues).toHaveLength(1)
  expect(viewOf(items, 'b', seen)).toMatchObject({ after: { columns: ['after a'] }, problem })
  expect(viewOf(items, 'c', seen)).toMatchObject({ after: { columns: ['after c'] }, without: [2] })
  const cut = { ...seen, answer: { ...seen.answer, tables: seen.answer.tables.slice(0, 2) } }
  expect(viewOf(items, 'c', cut).state).toBe('behind')
  expect(viewOf([item('new')], 'new', seen).state).toBe('coming')
  expect(viewOf(items, 'a', null).state).toBe('coming')
})

it('offers a form the columns that come to its step', () => {
  expect(items.map((_, at) => tableBefore(items, at, seen)?.columns[0])).toEqual([
    'raw',
    'after a',
    'after a',
    'after a',
    'after a',
  ])
  expect(valuesIn(table('raw'), 'raw')).toEqual(['x', 'y'])
  expect(valuesIn(table('raw'), 'other')).toEqual([])
})

it('tells the reason without the number of the step, which may stand elsewhere in the list', () => {
  const told = (lang: 'zh' | 'en') => reason(problem as never, lang)
  expect([told('en'), told('zh')]).toEqual(['it is so', '如此'])
})
