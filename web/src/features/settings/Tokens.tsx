import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input, Modal, Popconfirm, Select, Typography } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { useSession } from '@/shared/api/queries'
import type { May } from '@/shared/api/types'
import { useTexts } from '@/shared/i18n/i18n'
import { useInstant } from '@/shared/url/use-instant'
import { useFieldErrors } from '@/shared/records/field-errors'
import { ProblemLine } from '@/shared/ui/Notice'
import { Skeleton } from '@/shared/ui/Skeleton'
import { Scroller } from '@/shared/ui/Scroller'
import styles from './Settings.module.css'

const spans = [7, 30, 90, 365]

/** Access tokens: one's own, to be made and revoked; or everybody's, to be revoked. */
export function Tokens({ all = false }: { all?: boolean }) {
  const { t } = useTexts()
  const at = useInstant()
  const queries = useQueryClient()
  const [making, setMaking] = useState(false)
  const tokens = useQuery({
    queryKey: ['tokens', all],
    queryFn: () => ok(api.GET('/api/v1/tokens', { params: { query: all ? { all: true } : {} } })),
  })
  const revoke = useMutation({
    mutationFn: (id: number) => ok(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
  })
  const problem = tokens.error ?? revoke.error
  return (
    <section className={styles.panel} aria-label={t('settings.tokens')}>
      <div className={styles.head}>
        <h2>{t('settings.tokens')}</h2>
        {all ? null : <Button onClick={() => setMaking(true)}>{t('account.createToken')}</Button>}
      </div>
      <p className={styles.soft}>{t('account.tokensHelp')}</p>
      {problem ? <ProblemLine error={problem} /> : null}
      {tokens.isPending ? <Skeleton height={60} /> : null}
      {tokens.data?.length === 0 ? <p className={styles.soft}>{t('account.tokenNone')}</p> : null}
      {tokens.data?.length ? (
        <Scroller>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t('account.tokenName')}</th>
                {all ? <th scope="col">{t('settings.tokenUser')}</th> : null}
                <th scope="col">{t('settings.tokenCreated')}</th>
                <th scope="col">{t('settings.tokenUsed')}</th>
                <th scope="col">{t('settings.tokenExpiry')}</th>
                <th scope="col" aria-label={t('account.revoke')} />
              </tr>
            </thead>
            <tbody>
              {tokens.data.map((token) => (
                <tr key={token.id}>
                  <th scope="row">{token.name}</th>
                  {all ? <td>{token.user.name}</td> : null}
                  <td>{at(token.created_at)}</td>
                  <td>{token.last_used_at ? at(token.last_used_at) : t('settings.never')}</td>
                  <td>{at(token.expires_at)}</td>
                  <td data-actions>
                    <Popconfirm
                      title={t('settings.revokeSure', { name: token.name })}
                      okText={t('account.revoke')}
                      onConfirm={() => revoke.mutate(token.id)}
                    >
                      <Button size="small" danger>
                        {t('account.revoke')}
                      </Button>
                    </Popconfirm>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      ) : null}
      {making ? <NewToken onClose={() => setMaking(false)} /> : null}
    </section>
  )
}

type Wanted = { name: string; may: May[]; expires_in_days: number }

/** The secret is told once, before the dialog closes. */
function NewToken({ onClose }: { onClose: () => void }) {
  const { t } = useTexts()
  const { may } = useSession()
  const queries = useQueryClient()
  const [form] = Form.useForm<Wanted>()
  const create = useMutation({
    mutationFn: (body: Wanted) => ok(api.POST('/api/v1/tokens', { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
  })
  const errors = useFieldErrors(create.error)
  const required = { required: true, message: t('account.required') }
  const made = create.data
  return (
    <Modal
      open
      title={t('account.createToken')}
      okText={made ? t('settings.close') : t('account.createToken')}
      confirmLoading={create.isPending}
      cancelButtonProps={made ? { style: { display: 'none' } } : {}}
      mask={{ closable: false }}
      onOk={made ? onClose : form.submit}
      onCancel={onClose}
    >
      {made ? (
        <Secret token={made.token} />
      ) : (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ expires_in_days: 90, may: may.includes('analyse') ? ['analyse'] : [] }}
          onFinish={(body) => create.mutate(body)}
        >
          <Form.Item
            name="name"
            label={t('account.tokenName')}
            rules={[required]}
            {...(errors.name ? { validateStatus: 'error', help: errors.name } : {})}
          >
            <Input autoFocus autoComplete="off" />
          </Form.Item>
          <Form.Item name="may" label={t('account.tokenMay')} rules={[required]}>
            <Select
              mode="multiple"
              options={may.map((one) => ({
                value: one,
                label: t(`may.${one}` as 'may.analyse', { defaultValue: one }),
              }))}
            />
          </Form.Item>
          <Form.Item name="expires_in_days" label={t('account.tokenDays')}>
            <Select options={spans.map((days) => ({ value: days, label: String(days) }))} />
          </Form.Item>
          {create.isError && !errors.name ? <ProblemLine error={create.error} /> : null}
        </Form>
      )}
    </Modal>
  )
}

/** The secret of a new token. One that was told before is not told again, and has to be made anew. */
export function Secret({ token }: { token: string | null | undefined }) {
  const { t } = useTexts()
  return (
    <div className={styles.once} role="status">
      <p>{t(token ? 'account.tokenOnce' : 'account.tokenTold')}</p>
      {token ? (
        <Typography.Text code copyable>
          {token}
        </Typography.Text>
      ) : null}
    </div>
  )
}
