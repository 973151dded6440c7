import { expect, it } from 'vitest'
import { cellOf } from './drill'

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
