import { describe, expect, it } from 'vitest'
import { box, boxes, lines, type Model, type Table } from './layout'

const table = (kind: string, is_fact: boolean) => ({ kind, is_fact, fields: [], joins: [] }) as unknown as Table
const model = {
  tables: [
    table('deal', true),
    table('order', true),
    table('region', false),
    table('product', false),
    table('team', false),
  ],
  lines: [
    { from: 'deal', to: 'region', found: 5, loose: 1 },
    { from: 'order', to: 'deal', found: 2, loose: 0 },
    { from: 'deal', to: 'date', found: null, loose: null },
    { from: 'deal', to: 'nothing', found: 1, loose: 0 },
  ],
} as unknown as Model

describe('the star', () => {
  const placed = boxes(model)

  it('has facts in the middle, and dimensions with the dates on both sides', () => {
    const at = (kind: string) => placed.boxes.find((one) => one.kind === kind)
    expect(placed.boxes).toHaveLength(6)
    const facts = placed.boxes.filter((one) => one.fact)
    expect(facts.map((one) => one.kind)).toEqual(['deal', 'order'])
    for (const fact of facts) {
      expect(at('region')?.x).toBeLessThan(fact.x)
      expect(at('date')?.x).toBeGreaterThan(fact.x)
    }
  })

  it('lays no box over another, and all within its height', () => {
    for (const one of placed.boxes) {
      expect(one.y).toBeGreaterThanOrEqual(0)
      expect(one.y + box.height).toBeLessThanOrEqual(placed.height)
      const others = placed.boxes.filter((other) => other !== one && other.x === one.x)
      for (const other of others) expect(Math.abs(other.y - one.y)).toBeGreaterThan(box.height)
    }
  })

  it('draws the lines whose both ends are there', () => {
    const drawn = lines(model, placed.boxes)
    expect(drawn.map((line) => `${line.from}-${line.to}`)).toEqual(['deal-region', 'order-deal', 'deal-date'])
    expect(drawn.every((line) => !line.path.includes('NaN'))).toBe(true)
  })
})
