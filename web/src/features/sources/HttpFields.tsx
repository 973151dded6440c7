import { Checkbox, Form, Input, InputNumber, Select } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import type { Fields } from './definition'
import styles from './Sources.module.css'

const pagings = ['none', 'page', 'offset', 'cursor', 'next', 'link'] as const

/** A list of JSON objects over HTTP. `locked` fields are its address, which takes an administrator. */
export function HttpFields({ locked }: { locked: boolean }) {
  const { t } = useTexts()
  const form = Form.useFormInstance<Fields>()
  const paging = Form.useWatch('paging', form)
  const required = { required: true, message: t('sources.form.required') }
  const hasParam = paging === 'page' || paging === 'offset' || paging === 'cursor'
  const hasPlace = paging === 'cursor' || paging === 'next'
  return (
    <>
      <Form.Item name="url" label={t('sources.form.url')} extra={t('sources.form.urlHelp')} rules={[required]}>
        <Input autoComplete="off" disabled={locked} placeholder="https://crm.example.com/api/v1/deals" />
      </Form.Item>
      <Form.Item name="list" label={t('sources.form.list')} extra={t('sources.form.listHelp')}>
        <Input autoComplete="off" placeholder="data.items" />
      </Form.Item>
      <div className={styles.pair}>
        <Form.Item name="tokenHeader" label={t('sources.form.tokenHeader')}>
          <Input autoComplete="off" disabled={locked} />
        </Form.Item>
        <Form.Item name="tokenPrefix" label={t('sources.form.tokenPrefix')}>
          <Input autoComplete="off" disabled={locked} />
        </Form.Item>
      </div>
      <Form.Item name="plain" valuePropName="checked">
        <Checkbox disabled={locked}>{t('sources.form.plain')}</Checkbox>
      </Form.Item>
      <div className={styles.pair}>
        <Form.Item name="paging" label={t('sources.form.paging')}>
          <Select options={pagings.map((value) => ({ value, label: t(`sources.form.pagings.${value}`) }))} />
        </Form.Item>
        {hasParam ? (
          <Form.Item name="pageParam" label={t('sources.form.pageParam')} rules={[required]}>
            <Input autoComplete="off" placeholder={paging} />
          </Form.Item>
        ) : null}
        {hasPlace ? (
          <Form.Item
            name="pageAt"
            label={t('sources.form.pageAt')}
            extra={t('sources.form.pageAtHelp')}
            rules={[required]}
          >
            <Input autoComplete="off" />
          </Form.Item>
        ) : null}
      </div>
      {paging === 'none' ? null : (
        <div className={styles.pair}>
          <Form.Item name="sizeParam" label={t('sources.form.sizeParam')}>
            <Input autoComplete="off" placeholder="per_page" />
          </Form.Item>
          <Form.Item name="size" label={t('sources.form.size')}>
            <InputNumber min={1} max={100_000} style={{ width: '100%' }} />
          </Form.Item>
        </div>
      )}
      <Form.Item name="params" label={t('sources.form.params')} extra={t('sources.form.paramsHelp')}>
        <Input.TextArea autoSize={{ minRows: 1, maxRows: 6 }} spellCheck={false} />
      </Form.Item>
    </>
  )
}
