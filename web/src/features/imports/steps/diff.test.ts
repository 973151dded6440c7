import { describe, expect, it } from 'vitest'
import { marked, type Table } from './diff'

const table = (columns: string[], rows: (string | null)[][], row_count = rows.length): Table => ({
  columns,
  rows,
  row_count,
})
const before = table(
  ['Id', 'Name'],
  [
    ['1', ' a '],
    ['2', null],
    ['X', 'Sum'],
  ],
)

describe('what a step did', () => {
  it('is marked cell by cell where rows stay where they are', () => {
    const after = table(
      ['Id', 'Name', 'New'],
      [
        ['1', 'a', 'n'],
        ['2', null, 'n'],
        ['X', 'Sum', 'n'],
      ],
    )
    const { heads, gone, rows } = marked({ do: 'trim' }, before, after)
    expect(heads).toEqual([
      { name: 'Id', mark: null },
      { name: 'Name', mark: 'changed' },
      { name: 'New', mark: 'new' },
    ])
    expect(gone).toEqual([])
    expect(rows.map((row) => row.cells[1])).toEqual([{ text: 'a', was: ' a ' }, { text: null }, { text: 'Sum' }])
    expect(rows.every((row) => row.cells[2]?.was === undefined)).toBe(true)
  })

  it('calls columns by their old names, and names those that are gone', () => {
    const after = table(['No', 'Name'], before.rows as (string | null)[][])
    const renamed = marked({ do: 'rename', columns: { Id: 'No' } }, before, after)
    expect(renamed.heads[0]).toEqual({ name: 'No', mark: 'renamed', was: 'Id' })
    expect(renamed.gone).toEqual([])
    expect(marked({ do: 'drop', columns: ['Name'] }, before, table(['Id'], [['1'], ['2'], ['X']])).gone).toEqual([
      'Name',
    ])
  })

  it('shows rows that were taken out where they stood', () => {
    const { rows } = marked(
      { do: 'filter', where: '' },
      before,
      table(
        ['Id', 'Name'],
        [
          ['1', ' a '],
          ['X', 'Sum'],
        ],
      ),
    )
    expect(rows.map((row) => [row.cells[0]?.text, row.isGone])).toEqual([
      ['1', false],
      ['2', true],
      ['X', false],
    ])
  })

  it('takes equal rows one by one, and calls none gone that is only out of sight', () => {
    const equal = table(['Id'], [['1'], ['1'], ['2']], 90)
    const once = marked({ do: 'dedupe' }, equal, table(['Id'], [['1'], ['2']]))
    expect(once.rows.map((row) => row.isGone)).toEqual([false, true, false])
    const all = marked({ do: 'filter', where: '' }, equal, table(['Id'], [['1'], ['1']], 80))
    expect(all.rows.map((row) => row.isGone)).toEqual([false, false])
  })

  it('holds nothing against each other where rows are other rows', () => {
    const after = table(
      ['Id', 'Name'],
      [
        ['X', 'Sum'],
        ['1', ' a '],
        ['2', null],
      ],
    )
    const { rows, heads } = marked({ do: 'sort', by: ['-Id'] }, before, after)
    expect(rows.every((row) => !row.isGone && row.cells.every((cell) => cell.was === undefined))).toBe(true)
    expect(heads.every((head) => head.mark === null)).toBe(true)
  })
})
