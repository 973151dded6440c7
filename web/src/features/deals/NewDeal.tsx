import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { App, Form, Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { useMeta } from '@/shared/api/queries'
import { type DealPage, type Named, newKey, recordsKeys, type Values } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { FieldInput } from '@/shared/records/FieldInput'
import { useFieldErrors } from '@/shared/records/field-errors'
import { RefSelect } from '@/shared/records/RefSelect'
import { ProblemLine } from '@/shared/ui/Notice'
import { useProcess } from '@/shared/url/use-question'
import { useView } from '@/shared/url/use-view'

type Fields = {
  name: string
  process: string
  account?: Named | null
  amount_minor?: number | string | null
  expected_close_on?: string | null
}

/** A new deal: only what it needs to be known; everything else is filled in on its page. */
export function NewDeal({ onClose }: { onClose: () => void }) {
  const { t, say } = useTexts()
  const { message } = App.useApp()
  const { processes, organisation } = useMeta()
  const process = useProcess()
  const view = useView()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [form] = Form.useForm<Fields>()
  const [key] = useState(newKey)
  const [amountProblem, setAmountProblem] = useState<string | null>(null)

  const make = useMutation({
    mutationFn: (fields: Fields) => {
      const values: Values = { name: fields.name, process: fields.process }
      if (fields.account) values.account = fields.account.id
      if (fields.amount_minor != null) values.amount_minor = fields.amount_minor
      if (fields.expected_close_on) values.expected_close_on = fields.expected_close_on
      return ok(
        api.POST('/api/v1/opportunities', { params: { header: { 'Idempotency-Key': key } }, body: values as never }),
      ) as Promise<DealPage | null>
    },
    onSuccess: (page) => {
      void queries.invalidateQueries({ queryKey: [recordsKeys.deals] })
      void queries.invalidateQueries({ queryKey: ['meta'] })
      void message.success(t('deals.made'))
      onClose()
      if (page) void navigate({ to: `/deals/${page.id}` as never, search: view as never })
    },
  })
  const errors = useFieldErrors(make.error)
  const at = (name: string) => (errors[name] ? { validateStatus: 'error' as const, help: errors[name] } : {})
  const money = { currency: organisation.currency, decimals: organisation.decimals }
  return (
    <Modal
      open
      title={t('deals.make')}
      okText={t('deals.makeIt')}
      confirmLoading={make.isPending}
      okButtonProps={{ disabled: amountProblem !== null }}
      onOk={form.submit}
      onCancel={onClose}
      mask={{ closable: false }}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ process: process?.key }}
        onFinish={(fields) => make.mutate(fields)}
      >
        <Form.Item
          name="name"
          label={t('dealColumns.name')}
          rules={[{ required: true, whitespace: true, message: t('account.required') }]}
          {...at('name')}
        >
          <Input autoFocus autoComplete="off" />
        </Form.Item>
        <Form.Item name="account" label={t('dealColumns.account')} {...at('account')}>
          <RefField kind="account" label={t('dealColumns.account')} />
        </Form.Item>
        <Form.Item
          name="amount_minor"
          label={t('dealColumns.amount_minor')}
          {...(amountProblem ? { validateStatus: 'error', help: amountProblem } : at('amount_minor'))}
        >
          <TypedField ty="amount_minor" label={t('dealColumns.amount_minor')} money={money} tell={setAmountProblem} />
        </Form.Item>
        <Form.Item name="expected_close_on" label={t('dealColumns.expected_close_on')} {...at('expected_close_on')}>
          <TypedField ty="day" label={t('dealColumns.expected_close_on')} money={money} />
        </Form.Item>
        {processes.length > 1 ? (
          <Form.Item name="process" label={t('frame.process')} {...at('process')}>
            <Select options={processes.map((one) => ({ value: one.key, label: say(one.name) }))} />
          </Form.Item>
        ) : (
          <Form.Item name="process" hidden>
            <Input />
          </Form.Item>
        )}
        {make.isError ? <ProblemLine error={make.error} /> : null}
      </Form>
    </Modal>
  )
}

/** A form hands its value and change to these. */
type Handed = { id?: string; value?: unknown; onChange?: (value: unknown) => void }

function RefField({ kind, label, value, onChange }: Handed & { kind: string; label: string }) {
  return (
    <RefSelect kind={kind} label={label} value={(value as Named | null) ?? null} onChange={(one) => onChange?.(one)} />
  )
}

type TypedProps = Handed & {
  ty: string
  label: string
  money: { currency: string | null; decimals: number }
  tell?: (problem: string | null) => void
}

function TypedField({ ty, label, money, tell, id, value, onChange }: TypedProps) {
  return (
    <FieldInput
      id={id}
      field={{ type: ty, of: null }}
      value={value ?? null}
      label={label}
      money={money}
      onChange={(next) => onChange?.(next)}
      onProblem={tell}
    />
  )
}
