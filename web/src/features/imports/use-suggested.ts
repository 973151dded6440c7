import { useQuery } from '@tanstack/react-query'
import { filesKey, type SuggestAsk, suggest, type Upload } from './api'

/** What the files of an upload seem to be; of a table that is cleaned, what it is afterwards. */
export function useSuggested(upload: Upload, ask: SuggestAsk, isWanted = true) {
  return useQuery({
    queryKey: [...filesKey(upload.id), 'suggest', ask],
    queryFn: () => suggest(upload.id, ask),
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
  })
}
