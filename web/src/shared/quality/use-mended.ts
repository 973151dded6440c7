import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'

/** After a record was changed: whatever shows it, or counts it, is asked for anew. */
export function useMended() {
  const queries = useQueryClient()
  return useCallback(
    () => queries.invalidateQueries({ predicate: (query) => !['session', 'meta'].includes(String(query.queryKey[0])) }),
    [queries],
  )
}
