import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '@/shared/api/client'
import { onVersion, recordsKeys, type Target, type Values } from '@/shared/api/records'

/** The targets that touch a fiscal year, and the currency they are held against: a year that begins in April lies in two calendar years. */
export function useTargets(year: number, startMonth: number, process: string | undefined) {
  return useQuery({
    queryKey: [recordsKeys.targets, year, startMonth, process],
    queryFn: async ({ signal }) => {
      const years = startMonth === 1 ? [year] : [year, year + 1]
      const pages = await Promise.all(
        years.map((one) => ok(api.GET('/api/v1/targets', { params: { query: { year: one, process } }, signal }))),
      )
      const byId = new Map<number, Target>()
      for (const page of pages) for (const target of page.rows) byId.set(target.id, target)
      const [first] = pages
      const money = first?.currency ? { currency: first.currency, decimals: first.decimals ?? 2 } : null
      return { rows: [...byId.values()], money }
    },
  })
}

/** A change goes under the `key` of the cell that it was typed into, so that it makes one target however often sent. */
export type TargetChange = { target: Target | null; values: Values | null; key: string }

/** Sets a target, changes it on the version that was read, or takes it away where nothing is left. */
export function useTargetChange() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ target, values, key }: TargetChange) => {
      if (!target) {
        const header = { 'Idempotency-Key': key }
        await ok(api.POST('/api/v1/targets', { params: { header }, body: values as never }))
        return
      }
      const params = { path: { id: target.id }, header: onVersion(target.version) }
      if (values) await ok(api.PATCH('/api/v1/targets/{id}', { params, body: values as never }))
      else await ok(api.DELETE('/api/v1/targets/{id}', { params }))
    },
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: [recordsKeys.targets] })
      void queries.invalidateQueries({ queryKey: ['analyser'] })
      void queries.invalidateQueries({ queryKey: ['answer'] })
    },
  })
}
