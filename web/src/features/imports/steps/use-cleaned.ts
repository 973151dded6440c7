import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { type Cleaned, cleaned, type CleaningAsk, filesKey, type Upload } from '../api'
import { askedOf, type Cleaning } from './cleaning'
import type { Item } from './step'

/** What the server showed, and of which steps. */
export type Seen = { ids: string[]; answer: Cleaned }

const pause = 300

const askOf = ({ table, tables }: CleaningAsk): CleaningAsk => ({ table, tables })

/** The answer is one to these steps; a step that says the same under another id is another one. */
const queryOf = (upload: Upload, key: string, asked: ReturnType<typeof askedOf>) =>
  [...filesKey(upload.id), 'cleaned', key, asked] as const

/**
 * The first rows of a table after each of its steps. While one types nothing is asked; what was asked before and is no
 * longer wanted is broken off, and the rows of before stay until the new ones are there.
 */
export function useCleaned(upload: Upload, cleaning: Cleaning, key: string) {
  const asked = useMemo(() => askedOf(cleaning, upload, key), [cleaning, upload, key])
  const text = JSON.stringify(asked)
  const [settled, setSettled] = useState({ key, text })
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ key, text }), pause)
    return () => clearTimeout(timer)
  }, [key, text])
  // Another table is shown at once.
  const wanted = settled.key === key ? settled.text : text
  const now = useMemo(() => JSON.parse(wanted) as ReturnType<typeof askedOf>, [wanted])
  const query = useQuery({
    queryKey: queryOf(upload, key, now),
    queryFn: async ({ signal }): Promise<Seen> => ({
      ids: now.ids,
      answer: await cleaned(upload.id, askOf(now), signal),
    }),
    placeholderData: (before, of) => (of?.queryKey[3] === key ? before : undefined),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
  })
  return {
    seen: query.data ?? null,
    isBehind: query.isFetching || query.isPlaceholderData || wanted !== text,
    error: query.error,
    again: () => void query.refetch(),
  }
}

/** Asks what other steps would do, and keeps the answer for when they are taken. */
export function useTrial(upload: Upload) {
  const queries = useQueryClient()
  return async (cleaning: Cleaning, key: string, items: readonly Item[]): Promise<Seen> => {
    const asked = askedOf(cleaning, upload, key, items)
    const seen = { ids: asked.ids, answer: await cleaned(upload.id, askOf(asked)) }
    queries.setQueryData(queryOf(upload, key, asked), seen)
    return seen
  }
}
