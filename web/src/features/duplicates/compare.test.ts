import { describe, expect, it } from 'vitest'
import { asked, compareRows, firstChoice, going, tellingPair } from './compare'
import { cluster } from './testing'

describe('a group of records', () => {
  it('is laid out field by field, what differs first', () => {
    const rows = compareRows(cluster.records)
    expect(rows.map(({ name, differs, choosable }) => [name, differs, choosable])).toEqual([
      ['name', true, true],
      ['grade', true, true],
      ['aliases', false, false],
      ['domain', false, false],
    ])
    expect(rows[3]?.values).toEqual([null, 'acme.cn', 'acme.cn'])
  })

  it('is asked to be merged with versions, and without what was left out', () => {
    const choice = { ...firstChoice(cluster), left: [3], fields: { grade: 1, name: 3 } }
    expect(going(cluster, choice).map(({ id }) => id)).toEqual([1])
    expect(asked('customers', cluster, choice)).toEqual({
      kind: 'customers',
      survivor: { id: 2, version: 20 },
      records: [{ id: 1, version: 10 }],
      strategy: 'survivor',
      fields: { grade: 1 },
    })
  })

  it('is told by the surest pair of the record that stays', () => {
    expect(tellingPair(cluster, 2)?.score).toBe(0.97)
    expect(tellingPair(cluster, 9)?.score).toBe(0.97)
    expect(tellingPair({ ...cluster, pairs: [] }, 2)).toBeUndefined()
  })
})
