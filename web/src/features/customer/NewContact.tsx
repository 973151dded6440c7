import { Form, Input, Select } from 'antd'
import { api, ok } from '@/shared/api/client'
import { recordsKeys } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { NewRecord } from '@/shared/records/NewRecord'

type Props = { customer: number; onClose: () => void }

type Fields = { name: string } & Record<string, string | undefined>

const roles = ['economic', 'user', 'technical', 'coach'] as const
const texts = ['post', 'phone', 'email'] as const

/** Somebody on the customer's side, by name; the rest where it is known. */
export function NewContact({ customer, onClose }: Props) {
  const { t } = useTexts()
  return (
    <NewRecord<Fields, unknown>
      title={t('customers.addContact')}
      okText={t('customers.addContact')}
      nameLabel={t('customers.contactName')}
      done={t('customers.contactAdded')}
      stale={[recordsKeys.customer(customer), [recordsKeys.choices]]}
      make={(typed, key) => {
        const body = Object.fromEntries(Object.entries(typed).filter(([, text]) => text?.trim()))
        const params = { path: { id: customer }, header: { 'Idempotency-Key': key } }
        return ok(api.POST('/api/v1/customers/{id}/contacts', { params, body: body as never }))
      }}
      onClose={onClose}
    >
      {(at) => (
        <>
          {texts.map((name) => (
            <Form.Item key={name} name={name} label={t(`customers.${name}`)} {...at(name)}>
              <Input autoComplete="off" />
            </Form.Item>
          ))}
          <Form.Item name="role" label={t('customers.role')} {...at('role')}>
            <Select allowClear options={roles.map((role) => ({ value: role, label: t(`deal.roles.${role}`) }))} />
          </Form.Item>
        </>
      )}
    </NewRecord>
  )
}
