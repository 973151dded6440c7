import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Form, Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { newKey, recordsKeys } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { useFieldErrors } from '@/shared/records/field-errors'
import { ProblemLine } from '@/shared/ui/Notice'

type Props = { customer: number; onClose: () => void }

const roles = ['economic', 'user', 'technical', 'coach'] as const
const texts = ['post', 'phone', 'email'] as const

/** Somebody on the customer's side, by name; the rest where it is known. */
export function NewContact({ customer, onClose }: Props) {
  const { t } = useTexts()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const [form] = Form.useForm<Record<string, string | undefined>>()
  const [key] = useState(newKey)
  const add = useMutation({
    mutationFn: (typed: Record<string, string | undefined>) => {
      const body = Object.fromEntries(Object.entries(typed).filter(([, text]) => text?.trim()))
      const params = { path: { id: customer }, header: { 'Idempotency-Key': key } }
      return ok(api.POST('/api/v1/customers/{id}/contacts', { params, body: body as never }))
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: recordsKeys.customer(customer) })
      void queries.invalidateQueries({ queryKey: [recordsKeys.choices] })
      void message.success(t('customers.contactAdded'))
      onClose()
    },
  })
  const errors = useFieldErrors(add.error)
  const at = (name: string) => (errors[name] ? { validateStatus: 'error' as const, help: errors[name] } : {})
  return (
    <Modal
      open
      title={t('customers.addContact')}
      okText={t('customers.addContact')}
      confirmLoading={add.isPending}
      onOk={form.submit}
      onCancel={onClose}
      mask={{ closable: false }}
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(typed) => add.mutate(typed)}>
        <Form.Item
          name="name"
          label={t('customers.contactName')}
          rules={[{ required: true, whitespace: true, message: t('account.required') }]}
          {...at('name')}
        >
          <Input autoFocus autoComplete="off" />
        </Form.Item>
        {texts.map((name) => (
          <Form.Item key={name} name={name} label={t(`customers.${name}`)} {...at(name)}>
            <Input autoComplete="off" />
          </Form.Item>
        ))}
        <Form.Item name="role" label={t('customers.role')} {...at('role')}>
          <Select allowClear options={roles.map((role) => ({ value: role, label: t(`deal.roles.${role}`) }))} />
        </Form.Item>
        {add.isError && Object.keys(errors).length === 0 ? <ProblemLine error={add.error} /> : null}
      </Form>
    </Modal>
  )
}
