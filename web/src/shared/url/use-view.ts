import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import { useMeta } from '../api/queries'
import { type Search, type View, viewOf } from './search'

/** Everything that the address's query holds. */
export function useAddress(): Search {
  return useSearch({ strict: false }) as Search
}

/** The frame's part of the address: process, as-of date, scope, filters. */
export function useView(): View {
  const search = useAddress()
  const { today } = useMeta()
  return useMemo(() => viewOf(search, today), [search, today])
}

/** Changes parts of the address; `undefined` removes one. `replace` leaves no step for the back button. */
export function useSetAddress() {
  const navigate = useNavigate()
  return useCallback(
    (change: Search, options: { replace?: boolean } = {}) =>
      navigate({
        to: '.',
        search: ((before: Search) => ({ ...before, ...change })) as never,
        replace: options.replace ?? false,
        resetScroll: false,
      }),
    [navigate],
  )
}

/** One value of a page's own in the address. */
export function useAddressValue(key: string): [string | undefined, (value: string | undefined) => void] {
  const search = useAddress()
  const set = useSetAddress()
  const value = search[key]
  return [
    typeof value === 'string' ? value : undefined,
    useCallback((next) => void set({ [key]: next }, { replace: true }), [key, set]),
  ]
}
