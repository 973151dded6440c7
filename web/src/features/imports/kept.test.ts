import { afterEach, expect, it, vi } from 'vitest'
import type { Mapping, Upload } from './api'
import { forgetOldRecipes, forgetRecipe, keepRecipe, keptRecipe } from './kept'

const mapping = { name: 'crm', table: { file: 'deals.csv' } } as Mapping
const upload = (id: number, file = 'deals.csv') => ({ id, files: [{ name: file }] }) as Upload
const hour = 3600 * 1000

afterEach(() => vi.unstubAllGlobals())

it('keeps how an upload is read under its number, until it is forgotten', () => {
  keepRecipe(7, { mapping })
  keepRecipe(8, { profile: 'pipedrive' })
  expect(keptRecipe(upload(7))).toEqual({ mapping })
  expect(keptRecipe(upload(8))).toEqual({ profile: 'pipedrive' })
  expect(keptRecipe(upload(7, 'others.csv')), 'it is of other files').toBeNull()
  forgetRecipe(7)
  expect([keptRecipe(upload(7)), keptRecipe(upload(9))]).toEqual([null, null])
})

it('keeps it beyond the tab, and for two days', () => {
  keepRecipe(7, { mapping }, 0)
  keepRecipe(8, { mapping }, 24 * hour)
  localStorage.setItem('loudou.theme', 'dark')
  expect(Object.keys(sessionStorage)).toEqual([])
  expect(keptRecipe(upload(7), 48 * hour)).toEqual({ mapping })
  expect(keptRecipe(upload(7), 49 * hour)).toBeNull()
  forgetOldRecipes(49 * hour)
  expect(Object.keys(localStorage).sort()).toEqual(['loudou.import.8', 'loudou.theme'])
})

it('takes nothing that is no recipe', () => {
  for (const text of ['{', '5', '{}', '{"mapping":{}}', '{"at":9e15,"recipe":{}}', '{"at":9e15,"recipe":null}']) {
    localStorage.setItem('loudou.import.7', text)
    expect(keptRecipe(upload(7)), text).toBeNull()
  }
})

it('costs nothing where storage is forbidden', () => {
  const forbidden = () => {
    throw new DOMException('The operation is insecure.', 'SecurityError')
  }
  vi.stubGlobal('localStorage', { getItem: forbidden, setItem: forbidden, removeItem: forbidden })
  keepRecipe(7, { mapping })
  forgetRecipe(7)
  forgetOldRecipes()
  expect(keptRecipe(upload(7))).toBeNull()
  vi.unstubAllGlobals()
})
