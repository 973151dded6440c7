import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { App, Form, Input, Modal } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { type CustomerPage, newKey, recordsKeys } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { useFieldErrors } from '@/shared/records/field-errors'
import { ProblemLine } from '@/shared/ui/Notice'
import { useView } from '@/shared/url/use-view'

/** A new customer by its name; the rest is filled in on its page. */
export function NewCustomer({ onClose }: { onClose: () => void }) {
  const { t } = useTexts()
  const { message } = App.useApp()
  const view = useView()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [form] = Form.useForm<{ name: string }>()
  const [key] = useState(newKey)
  const make = useMutation({
    mutationFn: (body: { name: string }) =>
      ok(
        api.POST('/api/v1/customers', { params: { header: { 'Idempotency-Key': key } }, body: body as never }),
      ) as Promise<CustomerPage | null>,
    onSuccess: (page) => {
      void queries.invalidateQueries({ queryKey: [recordsKeys.customers] })
      void message.success(t('customers.made'))
      onClose()
      if (page) void navigate({ to: `/customers/${page.id}` as never, search: view as never })
    },
  })
  const error = useFieldErrors(make.error).name
  return (
    <Modal
      open
      title={t('customers.make')}
      okText={t('deals.makeIt')}
      confirmLoading={make.isPending}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => make.mutate(values)}>
        <Form.Item
          name="name"
          label={t('customers.name')}
          rules={[{ required: true, whitespace: true, message: t('account.required') }]}
          {...(error ? { validateStatus: 'error', help: error } : {})}
        >
          <Input autoFocus autoComplete="off" />
        </Form.Item>
        {make.isError && !error ? <ProblemLine error={make.error} /> : null}
      </Form>
    </Modal>
  )
}
