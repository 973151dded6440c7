import { keepPreviousData, QueryClient, queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { i18n } from '../i18n/i18n'
import type { View } from '../url/search'
import { stringifySearch } from '../url/search'
import { api, ok, setCsrf } from './client'
import { ApiProblem } from './problem'
import type { paths } from './schema'
import type { Answer, May } from './types'

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        // What the server refuses it refuses again; only what did not reach it is worth a second try.
        retry: (failures, error) => failures < 1 && error instanceof ApiProblem && [0, 503].includes(error.status),
        retryDelay: 500,
      },
    },
  })
}

export const welcomeQuery = queryOptions({
  queryKey: ['welcome'],
  queryFn: () => ok(api.GET('/api/v1/welcome')),
})

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async () => {
    const session = await ok(api.GET('/api/v1/session'))
    setCsrf(session.csrf)
    return session
  },
  staleTime: 5 * 60_000,
})

export const metaQuery = queryOptions({
  queryKey: ['meta'],
  queryFn: () => ok(api.GET('/api/v1/meta')),
  staleTime: 60_000,
})

/** The signed-in user. The frame is shown only with one. */
export function useSession() {
  return useSuspenseQuery(sessionQuery).data
}

export function useMay(what: May): boolean {
  return useSession().may.includes(what)
}

/** Organisation, processes, dimensions. The frame has them before a page is shown. */
export function useMeta() {
  return useSuspenseQuery(metaQuery).data
}

/** The analyses that answer with rows. */
export type Question = 'funnel' | 'trend' | 'migration' | 'bridge' | 'conversion' | 'dwell' | 'winrate' | 'gauges'

export type Extra = Record<string, string | undefined>

export function answerQuery(question: Question, view: View, extra: Extra = {}) {
  const query = { ...view, ...extra }
  return queryOptions({
    queryKey: ['answer', question, query],
    queryFn: ({ signal }): Promise<Answer> => {
      const path = `/api/v1/${question}` as Extract<keyof paths, '/api/v1/funnel'>
      return ok(api.GET(path, { params: { query }, signal }))
    },
    placeholderData: keepPreviousData,
  })
}

export function useAnswer(question: Question, view: View, extra: Extra = {}, enabled = true) {
  return useQuery({ ...answerQuery(question, view, extra), enabled })
}

/** Where the same answer is to be had as a file, its heads and names in the reader's language. */
export function fileAddress(path: string, view: View, extra: Extra, format: 'csv' | 'xlsx' | 'parquet'): string {
  return `/api/v1/${path}${stringifySearch({ ...view, ...extra, format, lang: i18n.language })}`
}
