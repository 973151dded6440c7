import { useQuery } from '@tanstack/react-query'
import { importKey, type Preview, readImport, type Recipe, type Report } from './api'
import { newWarnings } from './issue-groups'

export type AtOnce =
  /** It is not known yet. */
  | 'open'
  | 'goes'
  /** Somebody has to look: rows would stay out, the ids came under another name before, or there are warnings of rules that the import of before had none of. */
  | { rules: string[] }

/**
 * Whether files that go in as those of an import of before may do so without a look. Warnings are what somebody has
 * accepted then; a report that is not kept here tells nothing against them.
 */
export function useAtOnce(isWanted: boolean, { saved }: Recipe, preview: Preview | null): AtOnce {
  const id = saved ?? null
  const before = useQuery({
    queryKey: importKey(id),
    queryFn: () => readImport(id ?? 0),
    enabled: isWanted && id !== null,
    retry: false,
  })
  if (!isWanted) return { rules: [] }
  if (!preview || (id !== null && before.isPending)) return 'open'
  const rules = newWarnings(preview.rules, before.data?.report as Report | null | undefined)
  const { rows_rejected, elsewhere } = preview.counts
  return rows_rejected > 0 || rules.length > 0 || elsewhere ? { rules } : 'goes'
}
