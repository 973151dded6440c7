import { useMutation } from '@tanstack/react-query'
import { App } from 'antd'
import { api, ok } from '@/shared/api/client'
import { ApiProblem } from '@/shared/api/problem'
import { type DealPage, onVersion, type Values } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { sent } from '@/shared/records/values'
import type { Told } from './missing'

type Props = { page: DealPage; reread: () => Promise<DealPage>; onDone: () => void; onClose: () => void }

/** Moves with what was filled in for the gate: both are written, or neither. A change meanwhile is read first. */
export function useMove({ page, reread, onDone, onClose }: Props) {
  const { t } = useTexts()
  const { message } = App.useApp()
  return useMutation({
    mutationFn: ({ to, filled, told }: { to: string; filled: Values; told: Told }) => {
      const values = Object.fromEntries(Object.entries(filled).map(([name, value]) => [name, sent(value)]))
      return ok(
        api.POST('/api/v1/opportunities/{id}/move', {
          params: { path: { id: page.id }, header: onVersion(page.version) },
          body: { to, ...told, values: values as never },
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
