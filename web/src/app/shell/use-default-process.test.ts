import { act, renderHook } from '@testing-library/react'
import { beforeEach, expect, it, vi } from 'vitest'
import type { Search } from '@/shared/url/search'
import { useDefaultProcess } from './use-default-process'

const address = vi.hoisted(() => ({ search: {} as Search }))
const meta = vi.hoisted(() => ({
  today: '2026-11-24',
  processes: ['own', 'other'].map((key, at) => ({ key, deals: 9 - at, last_day: '2026-11-24' })),
}))
vi.mock('@tanstack/react-router', () => ({
  useSearch: () => address.search,
  useNavigate:
    () =>
    ({ search }: { search: (before: Search) => Search }) => {
      address.search = search(address.search)
    },
}))
vi.mock('@/shared/api/queries', () => ({ useMeta: () => meta }))

beforeEach(() => {
  address.search = {}
})

function show(process?: string) {
  address.search = process ? { process } : {}
  const { result, rerender } = renderHook(() => useDefaultProcess())
  const wrong = () => {
    rerender()
    return result.current[0]
  }
  const go = (to: string) => {
    address.search = { ...address.search, process: to }
    return wrong()
  }
  return { wrong, go, dismiss: () => act(() => result.current[1]()) }
}

it('puts the process that is shown into an address without one, and finds nothing wrong', () => {
  const { wrong } = show()
  expect(wrong()).toBeNull()
  expect(address.search.process).toBe('own')
})

it('a process that does not exist is told until another one is chosen, and never again', () => {
  const { wrong, go } = show('xyz')
  expect(wrong()).toEqual({ named: 'xyz', shown: 'own' })
  expect(address.search.process).toBe('own')
  expect(wrong(), 'it stays while the process stays').not.toBeNull()
  expect(go('other')).toBeNull()
  expect(go('own'), 'the one that was shown at first is chosen').toBeNull()
})

it('a second wrong name is told in the place of the first, and one that is dismissed is gone', () => {
  const { wrong, go, dismiss } = show('xyz')
  expect(wrong()?.named).toBe('xyz')
  go('abc')
  expect(wrong()).toEqual({ named: 'abc', shown: 'own' })
  dismiss()
  expect(wrong()).toBeNull()
})
