import { expect, it } from 'vitest'
import type { Column } from '../api/types'
import { cellOf, stockDrill } from './drill'

it.each([
  [cellOf('migration', { from_stage: 'lead', to_stage: 'won' }), 'migration;from_stage=lead;to_stage=won'],
  [cellOf('gauge', { dial: 4, part: undefined, x: null }), 'gauge;dial=4'],
  [cellOf('stock', {}), 'stock'],
  [
    cellOf('stock', { stage: 'lead' }, { dimension: 'region', value: '华东 East' }),
    'stock;stage=lead;by.region=华东 East',
  ],
  [cellOf('stock', {}, { dimension: 'team', value: null }), 'stock;by.team='],
  [cellOf('stock', {}, { dimension: 'product', value: 'a;b=50%' }), 'stock;by.product=a%3Bb%3D50%25'],
])('a cell that was clicked is a small word: %s', (cell, word) => expect(cell).toBe(word))

it('a figure of a stock opens the deals of its stage, a weighted one with what it says', () => {
  const row = { stage: 'lead', deals: 3, weighted_minor: 700, probability: 0.1 }
  const of = (key: string) => stockDrill(row, { key } as Column, 'Lead')
  expect(of('deals')).toEqual({ cell: 'stock;stage=lead', title: 'Lead', weighted: null })
  expect(of('weighted_minor')?.weighted).toBe(700)
  expect(of('probability')).toBeUndefined()
})
