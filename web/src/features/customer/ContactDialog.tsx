import { Form, Input, Select } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { type Contact, patchContact, recordsKeys } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { qualityKey } from '@/shared/quality/quality-key'
import { RecordDialog } from '@/shared/records/RecordDialog'

type Props = {
  customer: number
  /** Whose facts are changed; absent: somebody new. */
  contact?: Contact
  onClose: () => void
}

type Fields = { name: string } & Record<string, string | undefined>

const roles = ['economic', 'user', 'technical', 'coach'] as const
const texts = ['post', 'phone', 'email'] as const
const all = ['name', ...texts, 'role'] as const

/** Somebody on the customer's side, by name; the rest where it is known. */
export function ContactDialog({ customer, contact, onClose }: Props) {
  const { t } = useTexts()
  // What was typed is held against what was read at first: what somebody else changed meanwhile stays theirs.
  const [before] = useState(contact)
  const title = before
    ? t('customers.editContact', { name: before.name ?? `#${before.id}` })
    : t('customers.addContact')
  return (
    <RecordDialog<Fields, unknown>
      title={title}
      okText={before ? t('common.save') : title}
      nameLabel={t('customers.contactName')}
      done={before ? t('record.saved') : t('customers.contactAdded')}
      initial={before ? initialOf(before) : undefined}
      stale={[recordsKeys.customer(customer), [recordsKeys.choices], [qualityKey]]}
      send={(typed, key) => {
        // Merged or deleted meanwhile, it is no reason to add another one: the server says that it is gone.
        if (before) return patchContact(before.id, (contact ?? before).version, changed(before, typed))
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
    </RecordDialog>
  )
}

function initialOf(contact: Contact): Fields {
  return Object.fromEntries(all.map((name) => [name, contact[name] ?? undefined])) as Fields
}

/** What was typed otherwise than it stands; null where it was emptied. */
export function changed(contact: Contact, typed: Fields): Record<string, string | null> {
  const told = all.map((name) => [name, typed[name]?.trim() || null] as const)
  return Object.fromEntries(told.filter(([name, text]) => text !== (contact[name] ?? null)))
}
