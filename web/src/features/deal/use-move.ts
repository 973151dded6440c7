import { useMutation } from '@tanstack/react-query'
import { App } from 'antd'
import { api, ok } from '@/shared/api/client'
import { ApiProblem } from '@/shared/api/problem'
import { type DealPage, onVersion, patchDeal, type Values } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { sent } from '@/shared/records/values'

/** What a move is told beside where it leads. */
export type Told = {
  reason?: string
  competitor?: string
  obstacle?: string
  next_contact_on?: string
  override_reason?: string
}

type Props = { page: DealPage; reread: () => Promise<DealPage>; onDone: () => void; onClose: () => void }

/** Fills in what the gate lacks, then moves, on the version that comes of it. A change meanwhile is read and moved on. */
export function useMove({ page, reread, onDone, onClose }: Props) {
  const { t } = useTexts()
  const { message } = App.useApp()
  return useMutation({
    mutationFn: async ({ to, filled, told }: { to: string; filled: Values; told: Told }) => {
      let version = page.version
      if (Object.keys(filled).length > 0) {
        const values = Object.fromEntries(Object.entries(filled).map(([name, value]) => [name, sent(value)]))
        const patched = await patchDeal(page.id, version, values)
        version = patched?.version ?? (await reread()).version
      }
      return ok(
        api.POST('/api/v1/opportunities/{id}/move', {
          params: { path: { id: page.id }, header: onVersion(version) },
          body: { to, ...told },
        }),
      )
    },
    onSuccess: () => {
      void message.success(t('deal.done'))
      onDone()
      onClose()
    },
    onError: async (error) => {
      // The page behind shows what is there now; what was typed stays.
      if (error instanceof ApiProblem && [409, 412].includes(error.status)) await reread()
    },
  })
}
