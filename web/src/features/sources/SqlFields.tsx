import { Form, Input, InputNumber, Select } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import type { Fields } from './definition'
import styles from './Sources.module.css'

const engines = [
  { value: 'postgres', label: 'PostgreSQL' },
  { value: 'mysql', label: 'MySQL / MariaDB' },
  { value: 'sqlite', label: 'SQLite' },
]
const tls = ['verify', 'require', 'off'] as const

/** A query on another database. `locked` fields are its address, which takes an administrator. */
export function SqlFields({ locked }: { locked: boolean }) {
  const { t } = useTexts()
  const form = Form.useFormInstance<Fields>()
  const engine = Form.useWatch('engine', form)
  const required = { required: true, message: t('sources.form.required') }
  const isFile = engine === 'sqlite'
  return (
    <>
      <div className={styles.pair}>
        <Form.Item name="engine" label={t('sources.form.engine')}>
          <Select options={engines} />
        </Form.Item>
        <Form.Item name="database" label={t(isFile ? 'sources.form.file' : 'sources.form.database')} rules={[required]}>
          <Input autoComplete="off" disabled={locked && !isFile} />
        </Form.Item>
      </div>
      {isFile ? null : (
        <>
          <div className={styles.pair}>
            <Form.Item name="host" label={t('sources.form.host')} extra={t('sources.form.hostHelp')} rules={[required]}>
              <Input autoComplete="off" disabled={locked} />
            </Form.Item>
            <Form.Item name="port" label={t('sources.form.port')}>
              <InputNumber
                min={1}
                max={65_535}
                placeholder={engine === 'mysql' ? '3306' : '5432'}
                disabled={locked}
                style={{ width: '100%' }}
              />
            </Form.Item>
          </div>
          <div className={styles.pair}>
            <Form.Item name="user" label={t('sources.form.user')} extra={t('sources.form.userHelp')} rules={[required]}>
              <Input autoComplete="off" disabled={locked} />
            </Form.Item>
            <Form.Item name="tls" label={t('sources.form.tls')}>
              <Select
                disabled={locked}
                options={tls.map((value) => ({ value, label: t(`sources.form.tlsKinds.${value}`) }))}
              />
            </Form.Item>
          </div>
        </>
      )}
      <Form.Item name="query" label={t('sources.form.query')} extra={t('sources.form.queryHelp')} rules={[required]}>
        <Input.TextArea
          autoSize={{ minRows: 4, maxRows: 14 }}
          spellCheck={false}
          style={{ fontFamily: 'monospace' }}
          placeholder="SELECT id, name, amount, stage, updated_at FROM deals"
        />
      </Form.Item>
    </>
  )
}
