import { describe, expect, it } from 'vitest'
import type { Field, Need, PathStage, Reason } from '@/shared/api/records'
import { fieldsOf, isAskedElsewhere, isGated, nextStage, reasonWord, unfilled, untold, wayTo, withMet } from './missing'

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
    const last = { path: [stage('lead'), stage('close', { current: true })] }
    expect(
      ['forward', 'back', 'skip', 'won', 'lost', 'cancelled', 'parked'].map((one) => reasonWord(one as 'won', last)),
    ).toEqual([undefined, 'back', 'skip', undefined, 'lose', 'cancel', undefined])
    expect(reasonWord('won', page), 'before the last stage').toBe('skip')
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
  expect(withMet({ name: 'Wu', role: 'user' }, { economic: li }), 'an import may write one alone').toEqual([
    { name: 'Wu', role: 'user' },
    li,
  ])
  expect(withMet(['Wu', ' ', null, { name: 'He' }], { economic: li })).toEqual([{ name: 'Wu' }, { name: 'He' }, li])
  expect(withMet('Wu', { economic: li })).toEqual([{ name: 'Wu' }, li])
})

it('a move is made once it is told the reason, and what the reason asks for', () => {
  const reason = (needs: Reason['needs']) => ({ code: 'lost.x', needs }) as Reason
  expect(untold('lost', 'lose', undefined, {})).toEqual(['reason'])
  expect(untold('lost', 'lose', reason('competitor'), { reason: 'lost.x', competitor: ' ' })).toEqual(['competitor'])
  expect(untold('lost', 'lose', reason('obstacle'), { reason: 'lost.x', obstacle: 'obstacle.price' })).toEqual([])
  expect(untold('parked', undefined, undefined, {})).toEqual(['next_contact_on'])
  expect(untold('forward', undefined, undefined, { override_reason: '' })).toEqual(['override_reason'])
  expect(untold('forward', undefined, undefined, {})).toEqual([])
})

it('a gate marks what nothing was filled in for', () => {
  const need = (kind: string, key: string, fields?: string[]) => ({ kind, key, fields }) as unknown as Need
  const gate = [
    need('field', 'pain'),
    need('field', 'list'),
    need('action', 'visit'),
    need('role', 'coach'),
    need('condition', 'pain > 0', ['pain']),
  ]
  const keys = (filled: object, met = {}) => unfilled(gate, { ...filled }, met).map((one) => one.key)
  expect(keys({})).toEqual(['pain', 'list', 'visit', 'coach'])
  expect(keys({ pain: ' \u3000' }), 'blanks are trimmed').toContain('pain')
  expect(keys({ pain: 0, list: [], actions_done: ['visit'] })).toEqual(['list', 'coach'])
  expect(keys({ pain: 1, list: ['A'], actions_done: ['visit'] }, { coach: { name: 'Li' } })).toEqual([])
  const [, , , , condition] = gate as [Need, Need, Need, Need, Need]
  expect(isAskedElsewhere(condition, gate)).toBe(true)
  expect(isAskedElsewhere(condition, [condition])).toBe(false)
})
