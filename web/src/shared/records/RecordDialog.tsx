import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Form, type FormItemProps, Input, Modal } from 'antd'
import { type ReactNode, useState } from 'react'
import { newKey } from '../api/records'
import { useTexts } from '../i18n/i18n'
import { ProblemLine } from '../ui/Notice'
import { useFieldErrors } from './field-errors'

/** What is wrong at a field, for its item. */
export type At = (field: string) => Pick<FormItemProps, 'validateStatus' | 'help'>

type Props<Fields, Made> = {
  title: string
  okText: string
  /** What the name is called; every record begins with one. */
  nameLabel: string
  /** What is said once it is made or changed. */
  done: string
  initial?: Partial<Fields>
  disabled?: boolean
  /** Makes the record, or changes it; made again under the same key it makes nothing more. */
  send: (fields: Fields, key: string) => Promise<Made>
  /** What is to be read anew after. */
  stale: readonly QueryKey[]
  onSent?: (made: Made) => void
  onClose: () => void
  /** The fields beyond the name. */
  children?: (at: At) => ReactNode
}

/** A record in a small form: its name, and little else. What the server refuses is said at the field. */
export function RecordDialog<Fields extends { name: string }, Made>(props: Props<Fields, Made>) {
  const { t } = useTexts()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const [form] = Form.useForm<Fields>()
  const [key] = useState(newKey)
  const sending = useMutation({
    mutationFn: (fields: Fields) => props.send(fields, key),
    // After a refusal as well: where somebody else was quicker, what they made of it is read.
    onSettled: () => {
      for (const queryKey of props.stale) void queries.invalidateQueries({ queryKey })
    },
    onSuccess: (made) => {
      void message.success(props.done)
      props.onClose()
      props.onSent?.(made)
    },
  })
  const errors = useFieldErrors(sending.error)
  const at: At = (field) => (errors[field] ? { validateStatus: 'error', help: errors[field] } : {})
  const fields = Object.keys(sending.isError ? form.getFieldsValue() : {})
  const isAtFields = Object.keys(errors).length > 0 && Object.keys(errors).every((field) => fields.includes(field))
  return (
    <Modal
      open
      title={props.title}
      okText={props.okText}
      confirmLoading={sending.isPending}
      okButtonProps={{ disabled: props.disabled }}
      onOk={form.submit}
      onCancel={props.onClose}
      mask={{ closable: false }}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={props.initial}
        onFinish={(typed) => sending.mutate(typed)}
      >
        <Form.Item
          name="name"
          label={props.nameLabel}
          rules={[{ required: true, whitespace: true, message: t('account.required') }]}
          {...at('name')}
        >
          <Input autoFocus autoComplete="off" />
        </Form.Item>
        {props.children?.(at)}
        {sending.isError && !isAtFields ? <ProblemLine error={sending.error} /> : null}
      </Form>
    </Modal>
  )
}
