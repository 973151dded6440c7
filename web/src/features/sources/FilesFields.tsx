import { Checkbox, Form, Input } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'

/** Files in the folder that the server names for sources. */
export function FilesFields() {
  const { t } = useTexts()
  const required = { required: true, message: t('sources.form.required') }
  return (
    <>
      <Form.Item name="path" label={t('sources.form.path')} extra={t('sources.form.pathHelp')} rules={[required]}>
        <Input autoComplete="off" />
      </Form.Item>
      <Form.Item name="names" label={t('sources.form.names')} extra={t('sources.form.namesHelp')}>
        <Input autoComplete="off" placeholder="*.xlsx" />
      </Form.Item>
      <Form.Item name="together" valuePropName="checked" extra={t('sources.form.togetherHelp')}>
        <Checkbox>{t('sources.form.together')}</Checkbox>
      </Form.Item>
    </>
  )
}
