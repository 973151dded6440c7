import { useQuery } from '@tanstack/react-query'
import { api, ok } from '@/shared/api/client'
import { useMeta } from '@/shared/api/queries'

/** A process that deals may come into, as far as a mapping has to know it. */
export type Importable = { key: string; name: Both; stages: readonly { key: string; name: Both }[] }
type Both = { zh: string; en: string }

/** The processes that deals may come into, ready-made ones too; until they are known those that deals live under. */
export function useProcesses(): readonly Importable[] {
  const { processes } = useMeta()
  const all = useQuery({
    queryKey: ['processes'],
    queryFn: () => ok(api.GET('/api/v1/processes')),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return all.data ?? processes
}
