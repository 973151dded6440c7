import { Form, Input, InputNumber, Select } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import { type Fields, weekdays } from './definition'
import styles from './Sources.module.css'

const modes = ['none', 'minutes', 'hourly', 'daily', 'weekly'] as const

/** When a source runs by itself. */
export function WhenFields() {
  const { t } = useTexts()
  const form = Form.useFormInstance<Fields>()
  const mode = Form.useWatch(['when', 'mode'], form)
  const required = { required: true, message: t('sources.form.required') }
  return (
    <div className={styles.pair}>
      <Form.Item name={['when', 'mode']} label={t('sources.form.schedule')}>
        <Select options={modes.map((value) => ({ value, label: t(`sources.form.schedules.${value}`) }))} />
      </Form.Item>
      {mode === 'minutes' ? (
        <Form.Item name={['when', 'minutes']} label={t('sources.form.every')} rules={[required]}>
          <InputNumber min={5} max={1440} style={{ width: '100%' }} />
        </Form.Item>
      ) : null}
      {mode === 'weekly' ? (
        <Form.Item name={['when', 'day']} label={t('sources.form.day')}>
          <Select options={weekdays.map((value) => ({ value, label: t(`sources.form.days.${value}`) }))} />
        </Form.Item>
      ) : null}
      {mode === 'daily' || mode === 'weekly' ? (
        <Form.Item name={['when', 'at']} label={t('sources.form.at')} rules={[required]}>
          <Input type="time" />
        </Form.Item>
      ) : null}
    </div>
  )
}
