import { describe, expect, it } from 'vitest'
import type { Field, Need, PathStage } from '@/shared/api/records'
import { fieldsOf, isGated, nextStage, reasonWord, wayTo, withMet } from './missing'

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

it('a need is filled in by its field, or by those of its condition', () => {
  const fields = [
    { name: 'amount_minor', editable: true },
    { name: 'expected_close_on', editable: true },
    { name: 'stage', editable: false },
  ] as Field[]
  const need = (kind: string, key: string, names?: string[]) => ({ kind, key, fields: names }) as unknown as Need
  const names = (one: Need) => fieldsOf(one, fields).map((field) => field.name)
  expect(names(need('field', 'amount_minor'))).toEqual(['amount_minor'])
  expect(names(need('condition', 'a > 0', ['amount_minor', 'expected_close_on', 'stage']))).toEqual([
    'amount_minor',
    'expected_close_on',
  ])
  expect(names(need('action', 'visit'))).toEqual([])
})

it('whoever was met comes after those who were known', () => {
  const li = { name: 'Li', role: 'economic', met_on: '2026-11-24' }
  expect(withMet(null, { economic: li })).toEqual([li])
  expect(withMet([{ name: 'Wu' }], { economic: li })).toEqual([{ name: 'Wu' }, li])
})
