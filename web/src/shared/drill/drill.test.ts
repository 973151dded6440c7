import { describe, expect, it } from 'vitest'
import { cellOf, narrowed } from './drill'

describe('a cell that was clicked', () => {
  it('is a small word', () => {
    expect(cellOf('migration', { from_stage: 'lead', to_stage: 'won' })).toBe('migration;from_stage=lead;to_stage=won')
    expect(cellOf('gauge', { dial: 4, stage: undefined, x: null })).toBe('gauge;dial=4')
    expect(cellOf('stock', {})).toBe('stock')
  })

  it('of one member takes the place of other members of its dimension', () => {
    const view = { process: 'p', f: ['region:East', 'region:North', 'team:One'] }
    expect(narrowed(view, { dimension: 'region', value: 'North' }).f).toEqual(['team:One', 'region:North'])
    expect(narrowed(view, undefined)).toBe(view)
  })
})
