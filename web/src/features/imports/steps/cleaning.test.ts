import { describe, expect, it } from 'vitest'
import type { Mapping, Upload } from '../api'
import {
  askedOf,
  brokenBy,
  type Cleaning,
  cleaningOf,
  copied,
  moved,
  nothingToClean,
  othersOf,
  soundCleaning,
  tablesOf,
} from './cleaning'
import type { Item, Step } from './step'

const upload = {
  id: 1,
  files: [
    { name: 'oct.csv', sheets: [], header_row: 1 },
    { name: 'book.xlsx', sheets: ['Deals', 'Regions'], sheet: 'Deals', header_row: 3 },
    { name: 'notes.pdf', sheets: [], problem: {} },
    { name: 'deals.csv', sheets: [], header_row: 1 },
  ],
} as unknown as Upload

const item = (id: string, step: Step, off?: boolean): Item => ({ id, step, ...(off ? { off } : {}) })
const trim: Step = { do: 'trim' }
const join: Step = { do: 'join', with: 'book Regions', on: { Region: 'Code' }, kind: 'left' }

describe('the tables of an upload', () => {
  it('are its readable files, every sheet for itself', () => {
    expect(tablesOf(upload)).toEqual([
      { file: 'oct.csv' },
      { file: 'book.xlsx' },
      { file: 'book.xlsx', sheet: 'Regions' },
      { file: 'deals.csv' },
    ])
  })

  it('go by names of their own, and by none that the mapping has itself', () => {
    expect(Object.keys(othersOf(upload, 'oct.csv'))).toEqual(['book', 'book Regions', 'deals.csv'])
  })
})

describe('what the server is asked', () => {
  const cleaning: Cleaning = {
    main: 'oct.csv',
    tables: {
      'oct.csv': {
        file: 'oct.csv',
        header_row: 2,
        items: [item('a', trim), item('b', join), item('c', { do: 'drop', columns: ['X'] }, true)],
      },
      'book.xlsx · Regions': { file: 'book.xlsx', sheet: 'Regions', items: [item('d', trim)] },
    },
  }

  it('leaves out what is switched off or not filled in, and brings other tables with their own steps', () => {
    const open = item('e', { do: 'drop', columns: [] })
    const items = [...(cleaning.tables['oct.csv']?.items ?? []), open]
    expect(askedOf(cleaning, upload, 'oct.csv', items)).toEqual({
      ids: ['a', 'b'],
      table: { file: 'oct.csv', header_row: 2, steps: [trim, join] },
      tables: { 'book Regions': { file: 'book.xlsx', sheet: 'Regions', steps: [trim] } },
    })
  })

  it('names no other table where no step does', () => {
    expect(askedOf(cleaning, upload, 'oct.csv', [item('a', trim)]).tables).toEqual({})
    expect(askedOf(nothingToClean, upload, 'oct.csv')).toEqual({ ids: [], table: { file: 'oct.csv' }, tables: {} })
  })

  it('is the same again when a mapping that holds it is taken up', () => {
    const asked = askedOf(cleaning, upload, 'oct.csv')
    const mapping = { table: asked.table, tables: asked.tables } as unknown as Mapping
    const again = cleaningOf(mapping, upload)
    expect(again.main).toBe('oct.csv')
    const { table, tables } = askedOf(again, upload, 'oct.csv')
    expect({ table, tables }).toEqual({ table: asked.table, tables: asked.tables })
  })

  it('calls a table by its name in this upload, whatever the mapping of before called it', () => {
    const mapping = {
      table: { file: 'oct.csv', header_row: 1, steps: [{ ...join, with: 'regions' }] },
      tables: { regions: { file: 'book.xlsx', sheet: 'Regions' } },
    } as unknown as Mapping
    const { table, tables } = askedOf(cleaningOf(mapping, upload), upload, 'oct.csv')
    expect(table).toEqual({ file: 'oct.csv', steps: [join] })
    expect(Object.keys(tables)).toEqual(['book Regions'])
  })
})

it('of what was kept it takes what is a cleaning of this upload', () => {
  const items = [item('a', trim)]
  const kept = {
    main: 'gone.csv',
    tables: { 'gone.csv': { file: 'gone.csv', items }, 'oct.csv': { file: 'oct.csv', items } },
  }
  expect(soundCleaning(kept, upload)).toEqual({ main: null, tables: { 'oct.csv': { file: 'oct.csv', items } } })
})

describe('another order', () => {
  it('is refused where it breaks a step that fitted before', () => {
    const before = { ids: ['filter', 'drop', 'sort'], failed: [] }
    expect(brokenBy(before, { ids: ['drop', 'filter', 'sort'], failed: [2] })).toBe('filter')
    expect(brokenBy(before, { ids: ['drop', 'filter', 'sort'], failed: [] })).toBeNull()
  })

  it('is refused where another step failed before and still does', () => {
    const before = { ids: ['bad', 'filter', 'drop'], failed: [1] }
    expect(brokenBy(before, { ids: ['bad', 'drop', 'filter'], failed: [1, 3] })).toBe('filter')
  })

  it('is taken where what fails did so before, or was not tried', () => {
    const before = { ids: ['a', 'bad'], failed: [2] }
    expect(brokenBy(before, { ids: ['bad', 'a', 'c'], failed: [1] })).toBeNull()
    expect(brokenBy(before, { ids: ['c', 'a', 'bad'], failed: [1, 3] })).toBeNull()
    expect(brokenBy(before, { ids: ['bad', 'c', 'a'], failed: [1, 3] })).toBe('a')
  })

  it('moves one and leaves the others as they stand', () => {
    const items = [item('a', trim), item('b', trim), item('c', trim)]
    expect(moved(items, 2, 0).map((one) => one.id)).toEqual(['c', 'a', 'b'])
    const twice = copied(items, 'b')
    expect(twice.map((one) => one.step)).toEqual([trim, trim, trim, trim])
    expect(new Set(twice.map((one) => one.id)).size).toBe(4)
  })
})
