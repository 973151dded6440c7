import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { api, ok } from '@/shared/api/client'
import type { Fix, FixesPage } from '@/shared/api/quality'
import { useRunJob } from '@/shared/jobs/use-job'
import { qualityKey } from '@/shared/quality/quality-key'
import { useAddress, useSetAddress, useView } from '@/shared/url/use-view'

/** What scores are told by. */
export const perWords = ['rule', 'class', 'person', 'team', 'source', 'process'] as const
export type Per = (typeof perWords)[number]

/** The address's names for what the list of things to mend is narrowed by. */
export const filterKeys = ['q_rule', 'q_class', 'q_person', 'q_team', 'q_source', 'q_stage', 'q_of'] as const
export type FilterKey = (typeof filterKeys)[number]

export function useScores(per?: Per) {
  const view = useView()
  const query = { ...view, per }
  return useQuery({
    queryKey: [qualityKey, 'scores', query],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/quality', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  })
}

export function useTrend() {
  const view = useView()
  return useQuery({
    queryKey: [qualityKey, 'trend', view],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/quality/trend', { params: { query: view }, signal })),
    placeholderData: keepPreviousData,
  })
}

/** What the list is narrowed by, and narrowing it: the choices stand in the address. */
export function useFilters() {
  const address = useAddress()
  const set = useSetAddress()
  const filters = useMemo(() => {
    const told = filterKeys.flatMap((key) => {
      const value = address[key]
      return value === undefined ? [] : [[key, String(value)] as const]
    })
    return Object.fromEntries(told) as Partial<Record<FilterKey, string>>
  }, [address])
  const choose = useCallback(
    (change: Partial<Record<FilterKey, string | undefined>>) => void set(change as never, { replace: true }),
    [set],
  )
  /** These choices instead of all there were. */
  const only = useCallback(
    (chosen: Partial<Record<FilterKey, string>>) =>
      choose({ ...Object.fromEntries(filterKeys.map((key) => [key, undefined])), ...chosen }),
    [choose],
  )
  return { filters, choose, only }
}

function asked(filters: Partial<Record<FilterKey, string>>) {
  const { q_rule, q_class, q_person, q_team, q_source, q_stage, q_of } = filters
  return {
    rule: q_rule,
    class: q_class as never,
    person: q_person === undefined ? undefined : Number(q_person),
    team: q_team === undefined ? undefined : Number(q_team),
    source: q_source,
    stage: q_stage,
    of: q_of as never,
  }
}

export function useFixes() {
  const view = useView()
  const { filters } = useFilters()
  const query = { ...view, ...asked(filters), limit: 20 }
  const pages = useInfiniteQuery({
    queryKey: [qualityKey, 'fixes', query],
    queryFn: ({ pageParam, signal }): Promise<FixesPage> =>
      ok(api.GET('/api/v1/quality/fixes', { params: { query: { ...query, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  const rows = useMemo<Fix[]>(() => pages.data?.pages.flatMap((page) => page.rows) ?? [], [pages.data])
  return { pages, rows, records: pages.data?.pages[0]?.records ?? 0 }
}

export function useRules() {
  return useQuery({
    queryKey: [qualityKey, 'rules'],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/quality/rules', { signal })),
  })
}

/** Industries that are inferred. The server learns first; what takes it long is a job (`at`: where it is). */
export function useInferred(accuracy: number) {
  const { at, run } = useRunJob()
  const params = { query: { accuracy } }
  const query = useQuery({
    queryKey: [qualityKey, 'inferred', accuracy],
    queryFn: async ({ signal }) => {
      const { job } = await ok(api.POST('/api/v1/quality/inferred/look', { params }))
      if (typeof job === 'number') await run(job, signal)
      return ok(api.GET('/api/v1/quality/inferred', { params, signal }))
    },
    placeholderData: keepPreviousData,
  })
  return { query, at }
}
