import { useNavigate } from '@tanstack/react-router'
import { api, ok } from '@/shared/api/client'
import { useMeta } from '@/shared/api/queries'
import { type CustomerPage, recordsKeys, type Values } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { RecordDialog } from '@/shared/records/RecordDialog'
import { OwnInputs } from '@/shared/records/OwnInputs'
import { sent } from '@/shared/records/values'
import { useView } from '@/shared/url/use-view'

/** A new customer by its name; the rest is filled in on its page. */
export function NewCustomer({ onClose }: { onClose: () => void }) {
  const { t } = useTexts()
  const { organisation } = useMeta()
  const money = { currency: organisation.currency, decimals: organisation.decimals }
  const view = useView()
  const navigate = useNavigate()
  return (
    <RecordDialog<{ name: string } & Values, CustomerPage | null>
      title={t('customers.make')}
      okText={t('deals.makeIt')}
      nameLabel={t('customers.name')}
      done={t('customers.made')}
      stale={[[recordsKeys.customers]]}
      send={(fields, key) => {
        const body = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, sent(value)]))
        const params = { header: { 'Idempotency-Key': key } }
        return ok(api.POST('/api/v1/customers', { params, body: body as never })) as Promise<CustomerPage | null>
      }}
      onSent={(page) => {
        if (page) void navigate({ to: `/customers/${page.id}` as never, search: view as never })
      }}
      onClose={onClose}
    >
      {(at) => <OwnInputs kind="account" money={money} at={at} />}
    </RecordDialog>
  )
}
