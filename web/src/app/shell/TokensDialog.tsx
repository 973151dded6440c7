import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input, Modal, Select, Typography } from 'antd'
import { api, ok } from '@/shared/api/client'
import { useSession } from '@/shared/api/queries'
import { instant } from '@/shared/format/dates'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { Skeleton } from '@/shared/ui/Skeleton'
import styles from './TokensDialog.module.css'

type Wanted = { name: string; may: string[]; expires_in_days: number }

const tokensKey = ['tokens']
const spans = [7, 30, 90, 365]

/** One's own access tokens: made with a subset of one's rights, shown once, revoked at any time. */
export function TokensDialog({ onClose }: { onClose: () => void }) {
  const { t, lang } = useTexts()
  const { may } = useSession()
  const queries = useQueryClient()
  const [form] = Form.useForm<Wanted>()
  const tokens = useQuery({ queryKey: tokensKey, queryFn: () => ok(api.GET('/api/v1/tokens')) })
  const changed = () => queries.invalidateQueries({ queryKey: tokensKey })
  const create = useMutation({
    mutationFn: (body: Wanted) => ok(api.POST('/api/v1/tokens', { body })),
    onSuccess: () => {
      form.resetFields()
      void changed()
    },
  })
  const revoke = useMutation({
    mutationFn: (id: number) => ok(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } })),
    onSuccess: changed,
  })
  const required = { required: true, message: t('account.required') }
  const problem = create.error ?? revoke.error ?? tokens.error
  return (
    <Modal open title={t('account.tokens')} footer={null} onCancel={onClose}>
      <p className={styles.help}>{t('account.tokensHelp')}</p>
      {tokens.isPending ? <Skeleton height={40} /> : null}
      {tokens.data?.length === 0 ? <p className={styles.help}>{t('account.tokenNone')}</p> : null}
      <ul className={styles.list}>
        {tokens.data?.map((token) => (
          <li key={token.id}>
            <span>
              <strong>{token.name}</strong>
              <span className={styles.help}>
                {token.expires_at ? t('account.tokenExpires', { day: instant(token.expires_at, lang) }) : null}
              </span>
            </span>
            <Button danger type="text" size="small" onClick={() => revoke.mutate(token.id)} loading={revoke.isPending}>
              {t('account.revoke')}
            </Button>
          </li>
        ))}
      </ul>
      {create.data?.token ? (
        <div className={styles.once} role="status">
          <p>{t('account.tokenOnce')}</p>
          <Typography.Text code copyable>
            {create.data.token}
          </Typography.Text>
        </div>
      ) : null}
      {problem ? <ProblemLine error={problem} /> : null}
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ expires_in_days: 90, may: may.includes('analyse') ? ['analyse'] : [] }}
        onFinish={(body) => create.mutate(body)}
      >
        <Form.Item name="name" label={t('account.tokenName')} rules={[required]}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="may" label={t('account.tokenMay')} rules={[required]}>
          <Select
            mode="multiple"
            options={may.map((one) => ({ value: one, label: t(`may.${one}` as 'may.analyse', { defaultValue: one }) }))}
          />
        </Form.Item>
        <Form.Item name="expires_in_days" label={t('account.tokenDays')}>
          <Select options={spans.map((days) => ({ value: days, label: String(days) }))} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={create.isPending}>
          {t('account.createToken')}
        </Button>
      </Form>
    </Modal>
  )
}
