import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, ok } from '../api/client'
import { useQuestion } from '../url/use-question'

/** What each cell of a pivot shows; attainment is undefined, with its reason, where a dimension has no targets. */
export const pivotMeasures = 'deals,amount_minor,weighted_minor,won_minor,win_rate,target_share'

/** Rows by columns under the frame's conditions. */
export function usePivot(rows: string, columns: string | undefined) {
  const query = { ...useQuestion(), rows, columns: columns ?? '', measures: pivotMeasures }
  return useQuery({
    queryKey: ['pivot', query],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/pivot', { params: { query }, signal })),
    placeholderData: keepPreviousData,
    enabled: rows !== '',
  })
}
