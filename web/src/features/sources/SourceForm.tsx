import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Checkbox, Form, Input, Modal, Segmented } from 'antd'
import { useState } from 'react'
import { useMay } from '@/shared/api/queries'
import { newKey } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { addSource, changeSource, type Source, sourcesKey } from './api'
import { blank, definitionOf, type Fields, fieldsOf, type Kind, scheduleOf } from './definition'
import { FilesFields } from './FilesFields'
import { HttpFields } from './HttpFields'
import { IncrementalFields } from './IncrementalFields'
import styles from './Sources.module.css'
import { SqlFields } from './SqlFields'
import { WhenFields } from './WhenFields'

type Props = { source: Source | null; onClose: () => void; onSaved: (source: Source) => void }

const kinds: readonly Kind[] = ['files', 'sql', 'http']

/** Makes or changes a source. Addresses are an administrator's: the others see them, and change what is asked there. */
export function SourceForm({ source, onClose, onSaved }: Props) {
  const { t } = useTexts()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const mayAdminister = useMay('administer')
  const [form] = Form.useForm<Fields>()
  const [initial] = useState(() => (source ? fieldsOf(source) : blank))
  // Sent again, the same makes nothing more; what was changed is sent anew.
  const [key, setKey] = useState(newKey)
  const kind = Form.useWatch('kind', form) ?? initial.kind
  const save = useMutation({
    mutationFn: async () => {
      // Fields that are not shown keep what they had.
      const fields = { ...initial, ...(form.getFieldsValue(true) as Partial<Fields>) }
      const definition = definitionOf(fields, source?.definition)
      const said = { name: fields.name, schedule: scheduleOf(fields.when), skip_rejected: fields.skip }
      return source ? changeSource(source, { ...said, definition }) : addSource({ ...said, definition }, key)
    },
    onSuccess: (saved) => {
      void message.success(t('sources.saved'))
      onSaved(saved)
    },
    onSettled: () => queries.invalidateQueries({ queryKey: sourcesKey }),
  })
  const required = { required: true, message: t('sources.form.required') }
  const locked = !mayAdminister
  return (
    <Modal
      open
      width={680}
      title={source ? t('sources.form.titleOf', { name: source.name }) : t('sources.form.title')}
      okText={t('common.save')}
      confirmLoading={save.isPending}
      mask={{ closable: false }}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={initial}
        onValuesChange={() => setKey(newKey())}
        onFinish={() => save.mutate()}
      >
        <Form.Item name="kind" label={t('sources.kind')} hidden={source !== null}>
          <Segmented
            options={kinds.map((value) => ({
              value,
              label: t(`sources.kinds.${value}`),
              // Without an address there is nothing to be made of these.
              disabled: locked && value === 'http',
            }))}
          />
        </Form.Item>
        <Form.Item name="name" label={t('sources.name')} rules={[required]}>
          <Input autoFocus autoComplete="off" />
        </Form.Item>
        {kind === 'files' ? <FilesFields /> : null}
        {kind === 'sql' ? <SqlFields locked={locked} /> : null}
        {kind === 'http' ? <HttpFields locked={locked} /> : null}
        {kind === 'files' ? null : <IncrementalFields kind={kind} />}
        <WhenFields />
        <Form.Item name="skip" valuePropName="checked" extra={t('sources.form.skipHelp')}>
          <Checkbox>{t('sources.form.skip')}</Checkbox>
        </Form.Item>
        {locked && kind !== 'files' ? <p className={styles.soft}>{t('sources.form.addressByAdmin')}</p> : null}
        {save.isError ? <ProblemLine error={save.error} /> : null}
      </Form>
    </Modal>
  )
}
