import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useRunJob } from '@/shared/jobs/use-job'
import { duplicatesKey, findDuplicates, type Kind, lookForDuplicates, pageSize } from './api'

/**
 * A page of what is likely one. The server looks first; what takes it long is a job (`at`: where it is), which is stopped where
 * nobody waits for the page any more.
 */
export function useFound(kind: Kind, score: number, page: number) {
  const { at, run } = useRunJob()
  const query = useQuery({
    queryKey: [duplicatesKey, kind, score, page],
    queryFn: async ({ signal }) => {
      const begun = await lookForDuplicates(kind, score)
      if (begun !== null) await run(begun, signal)
      return findDuplicates(kind, score, (page - 1) * pageSize)
    },
    placeholderData: keepPreviousData,
  })
  return { query, at }
}
