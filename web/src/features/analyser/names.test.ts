import { renderHook } from '@testing-library/react'
import { expect, it } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { useStateName } from './names'

// The states that the server tells of besides stages: origins, destinations, and the stage that nobody recorded.
const told = [
  'new',
  'reopened',
  'resumed',
  'transferred_in',
  'won',
  'lost',
  'cancelled',
  'parked',
  'deleted',
  'transferred_out',
  'unknown',
]

it.each(['zh', 'en'])('every state has a name in %s', async (lang) => {
  await i18n.changeLanguage(lang)
  const { result } = renderHook(() => useStateName([]))
  for (const state of told) {
    expect(result.current(state)).not.toBe(state)
    expect(result.current(state)).not.toMatch(/_/)
  }
})
