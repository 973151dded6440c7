import { expect, it } from 'vitest'
import type { Mapping } from './api'
import { forgetRecipe, keepRecipe, keptRecipe } from './kept'

it('keeps how an upload is read under its number, until it is forgotten', () => {
  const mapping = { name: 'crm', table: { file: 'deals.csv' } } as Mapping
  keepRecipe(7, { mapping })
  keepRecipe(8, { profile: 'pipedrive' })
  expect(keptRecipe(7)).toEqual({ mapping })
  expect(keptRecipe(8)).toEqual({ profile: 'pipedrive' })
  forgetRecipe(7)
  expect([keptRecipe(7), keptRecipe(9)]).toEqual([null, null])
})

it('takes nothing that is no recipe', () => {
  for (const text of ['{', '5', '{}', '{"mapping":{}}']) {
    sessionStorage.setItem('loudou.import.7', text)
    expect(keptRecipe(7), text).toBeNull()
  }
})
