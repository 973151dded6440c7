import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api, ok } from '@/shared/api/client'
import { fileAddress } from '@/shared/api/queries'
import { type DealRow, type DealsPage, recordsKeys } from '@/shared/api/records'
import { useQuestion } from '@/shared/url/use-question'
import { useAddress } from '@/shared/url/use-view'

const pageSize = 200
const firstSort = '-amount_minor'

/** Terms that come along from a number that was clicked. */
const drillKeys = ['cell', 'from', 'to'] as const

/** What the list asks: the frame's view, the text, the switch, the order, and the cell that was clicked. */
export function useDealsAsk() {
  const question = useQuestion()
  const address = useAddress()
  return useMemo(() => {
    const text = (key: string) => (typeof address[key] === 'string' ? (address[key] as string) : undefined)
    const drill = Object.fromEntries(drillKeys.map((key) => [key, text(key)]))
    const cell = drill.cell
    const sort = text('sort') ?? (cell ? '-cell_minor' : firstSort)
    const withClosed = text('closed') === 'true'
    return {
      cell,
      sort: !cell && sort.endsWith('cell_minor') ? firstSort : sort,
      q: text('q') ?? '',
      withClosed,
      view: question,
      // A cell says itself which deals are behind it, closed ones among them.
      extra: { ...drill, q: text('q'), open: cell || withClosed ? undefined : 'true' },
    }
  }, [question, address])
}

export type DealsAsk = ReturnType<typeof useDealsAsk>

export function useDeals({ view, extra, sort }: DealsAsk) {
  const query = { ...view, ...extra, sort }
  const pages = useInfiniteQuery({
    queryKey: [recordsKeys.deals, 'list', query],
    queryFn: ({ pageParam, signal }) =>
      ok(
        api.GET('/api/v1/opportunities', {
          params: { query: { ...query, limit: pageSize, cursor: pageParam } as never },
          signal,
        }),
      ) as Promise<DealsPage>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  const rows = useMemo<DealRow[]>(() => pages.data?.pages.flatMap((page) => page.rows) ?? [], [pages.data])
  return { pages, rows, first: pages.data?.pages[0] }
}

/** Where the same list is to be had as a file. */
export function dealsFile({ view, extra, sort }: DealsAsk, format: 'csv' | 'xlsx'): string {
  return fileAddress('opportunities', view, { ...extra, sort }, format)
}
