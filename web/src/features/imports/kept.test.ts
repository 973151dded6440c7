import { afterEach, expect, it, vi } from 'vitest'
import type { Mapping, Upload } from './api'
import { forgetOldWork, forgetWork, keepWork, keptWork, nothingSaid, type Work } from './kept'

const mapping = { name: 'crm', table: { file: 'deals.csv' } } as Mapping
const upload = (id: number, file = 'deals.csv') => ({ id, files: [{ name: file }] }) as Upload
const hour = 3600 * 1000

const items = [
  { id: 'a', step: { do: 'trim' as const } },
  { id: 'b', off: true, step: { do: 'drop' as const, columns: ['Note'] } },
]
const work: Work = {
  place: 'mapping',
  recipe: { mapping },
  cleaning: { main: 'deals.csv', tables: { 'deals.csv': { file: 'deals.csv', items } } },
}

afterEach(() => vi.unstubAllGlobals())

it('keeps how an upload is read under its number, steps that are switched off too, until it is forgotten', () => {
  keepWork(7, work)
  keepWork(8, { ...nothingSaid, recipe: { profile: 'pipedrive' } })
  expect(keptWork(upload(7))).toEqual(work)
  expect(keptWork(upload(8)).recipe).toEqual({ profile: 'pipedrive' })
  expect(keptWork(upload(7, 'others.csv')), 'it is of other files').toEqual({ ...nothingSaid, place: 'mapping' })
  forgetWork(7)
  expect([keptWork(upload(7)), keptWork(upload(9))]).toEqual([nothingSaid, nothingSaid])
})

it('keeps it beyond the tab, and for two days', () => {
  keepWork(7, work, 0)
  keepWork(8, work, 24 * hour)
  localStorage.setItem('loudou.theme', 'dark')
  expect(Object.keys(sessionStorage)).toEqual([])
  expect(keptWork(upload(7), 48 * hour)).toEqual(work)
  expect(keptWork(upload(7), 49 * hour)).toEqual(nothingSaid)
  forgetOldWork(49 * hour)
  expect(Object.keys(localStorage).sort()).toEqual(['loudou.import.8', 'loudou.theme'])
})

it('takes nothing that is no work', () => {
  const odd = [
    '{',
    '5',
    '{}',
    '{"work":{}}',
    '{"at":9e15,"work":null}',
    '{"at":9e15,"work":{}}',
    '{"at":9e15,"work":{"place":"run","recipe":{"mapping":{}},"cleaning":{"main":5,"tables":null}}}',
    '{"at":9e15,"work":{"cleaning":{"tables":{"deals.csv":{"items":[{"id":"a","step":{"do":"dance"}}]}}}}}',
    '{"at":9e15,"work":{"cleaning":{"tables":{"deals.csv":{"items":[null]},"gone.csv":{"items":[]}}}}}',
  ]
  for (const text of odd) {
    localStorage.setItem('loudou.import.7', text)
    expect(keptWork(upload(7)), text).toEqual(nothingSaid)
  }
})

it('does without a storage that is full or forbidden', () => {
  const no = () => {
    throw new Error('QuotaExceededError')
  }
  vi.stubGlobal('localStorage', { getItem: no, setItem: no, removeItem: no })
  keepWork(7, work)
  forgetWork(7)
  forgetOldWork()
  expect(keptWork(upload(7))).toEqual(nothingSaid)
})
