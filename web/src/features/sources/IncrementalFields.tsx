import { Checkbox, Form, Input, Select } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import type { Fields, Kind } from './definition'
import styles from './Sources.module.css'

const types = ['time', 'number', 'text'] as const

/** How new rows are told from those that came before. */
export function IncrementalFields({ kind }: { kind: Kind }) {
  const { t } = useTexts()
  const form = Form.useFormInstance<Fields>()
  const on = Form.useWatch('incremental', form)
  return (
    <>
      <Form.Item name="incremental" valuePropName="checked">
        <Checkbox>{t('sources.form.incremental')}</Checkbox>
      </Form.Item>
      {on ? (
        <>
          <div className={styles.pair}>
            <Form.Item name="key" label={t('sources.form.key')}>
              <Input autoComplete="off" placeholder="id" />
            </Form.Item>
            <Form.Item name="updated" label={t('sources.form.updated')}>
              <Input autoComplete="off" placeholder="updated_at" />
            </Form.Item>
            <Form.Item name="updatedType" label={t('sources.form.updatedType')}>
              <Select options={types.map((value) => ({ value, label: t(`sources.form.markTypes.${value}`) }))} />
            </Form.Item>
          </div>
          {kind === 'http' ? (
            <Form.Item name="sinceParam" label={t('sources.form.sinceParam')} extra={t('sources.form.sinceParamHelp')}>
              <Input autoComplete="off" placeholder="updated_since" />
            </Form.Item>
          ) : null}
        </>
      ) : null}
    </>
  )
}
