import { renderHook } from '@testing-library/react'
import { expect, it, vi } from 'vitest'
import type { Answer } from '../api/types'
import { i18n } from '../i18n/i18n'
import { useMemberName, useNamedMembers } from './use-member-name'

const stage = (zh: string, en: string) => ({ key: 'won', name: { zh, en } })
const first = { key: 'first', name: { zh: '甲', en: 'First' }, stages: [stage('成交', 'Signed')] }
const second = { key: 'second', name: { zh: '乙', en: 'Second' }, stages: [stage('签约', 'Contract')] }

const tier = { key: 'account_tier', choices: [{ key: 'gold', name: { zh: '金', en: 'Gold' } }] }

vi.mock('../api/queries', () => ({ useMeta: () => ({ processes: [first, second], dimensions: [tier] }) }))
vi.mock('../url/use-question', () => ({ useProcess: () => second }))

it('members whose values are keys are called by words, stages by those of the process in view', async () => {
  await i18n.changeLanguage('en')
  const { current: nameOf } = renderHook(() => useMemberName()).result
  expect(nameOf('outcome', 'lost')).toBe('Lost')
  expect(nameOf('stage', 'won')).toBe('Contract')
  expect(nameOf('process', 'first')).toBe('First')
  expect(nameOf('amount_class', '10M and more')).toBe('10 M and more')
  expect([nameOf('account_tier', 'gold'), nameOf('account_tier', 'tin')]).toEqual(['Gold', 'tin'])
  expect([nameOf('amount_class', 'other'), nameOf('region', 'lost')]).toEqual(['other', 'lost'])
})

it('an answer has its members’ names beside them, and keeps those that the server tells', async () => {
  await i18n.changeLanguage('zh')
  const rows = [{ outcome: 'won' }, { outcome: 'lost', outcome_zh: '失' }, { outcome: null }]
  const { current: named } = renderHook(() => useNamedMembers('outcome')).result
  expect(named({ rows } as unknown as Answer).rows).toEqual([
    { outcome: 'won', outcome_zh: '赢单' },
    { outcome: 'lost', outcome_zh: '失' },
    { outcome: null },
  ])
})
