import { describe, expect, it } from 'vitest'
import type { Field, Missing, PathStage } from '@/shared/api/records'
import { isGated, needs, nextStage, reasonWord, wayTo } from './missing'

const stage = (key: string, more: Partial<PathStage> = {}) =>
  ({ key, kind: 'open', current: false, name: { zh: key, en: key }, days: 0, visits: 0, ...more }) as PathStage

const page = {
  path: [stage('lead'), stage('fit', { current: true }), stage('offer'), stage('close'), stage('won', { kind: 'won' })],
}

describe('ways', () => {
  it.each([
    ['lead', 'back'],
    ['offer', 'forward'],
    ['close', 'skip'],
  ])('to %s is %s', (key, way) => {
    expect(wayTo(page, key)).toBe(way)
  })

  it('lead to the next open stage, and no further than the last', () => {
    expect(nextStage(page)?.key).toBe('offer')
    expect(nextStage({ path: [stage('close', { current: true }), stage('won', { kind: 'won' })] })).toBeUndefined()
    expect(nextStage({ path: [stage('lead')] })).toBeUndefined()
  })

  it('ask for reasons when they skip, go back or end; gates stand forward only', () => {
    expect(
      ['forward', 'back', 'skip', 'won', 'lost', 'cancelled', 'parked'].map((one) => reasonWord(one as 'won')),
    ).toEqual([undefined, 'back', 'skip', undefined, 'lose', 'cancel', undefined])
    expect(['forward', 'skip', 'won', 'back', 'lost'].map((one) => isGated(one as 'won'))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })
})

it('needs are one thing each, fields with what the record knows of them', () => {
  const missing = {
    fields: ['amount_minor', 'own_thing'],
    actions: ['visit'],
    roles: ['economic'],
    metrics: [],
    condition: 'amount > 0',
    sentence: { zh: '金额大于零', en: 'the amount is above zero' },
  } as unknown as Missing
  const fields = [{ name: 'amount_minor' } as Field]
  expect(needs(missing, fields).map((need) => [need.kind, need.key])).toEqual([
    ['field', 'amount_minor'],
    ['field', 'own_thing'],
    ['action', 'visit'],
    ['role', 'economic'],
    ['condition', 'amount > 0'],
  ])
  expect(needs(missing, fields)[0]).toMatchObject({ field: { name: 'amount_minor' } })
  expect(needs(null, fields)).toEqual([])
})
