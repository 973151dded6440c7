import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Form, Input } from 'antd'
import { api, ok } from '@/shared/api/client'
import { shortestPassword } from '@/shared/api/password'
import { device } from '@/shared/format/device'
import { undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Scroller } from '@/shared/ui/Scroller'
import { useInstant } from '@/shared/url/use-instant'
import { useFieldErrors } from '@/shared/records/field-errors'
import { ProblemLine } from '@/shared/ui/Notice'
import { Skeleton } from '@/shared/ui/Skeleton'
import styles from './Settings.module.css'
import { Tokens } from './Tokens'

export function Account() {
  return (
    <div className={styles.stack}>
      <Password />
      <Sessions />
      <Tokens />
    </div>
  )
}

function Password() {
  const { t } = useTexts()
  const { message } = App.useApp()
  const [form] = Form.useForm<{ current: string; new: string }>()
  const change = useMutation({
    mutationFn: (body: { current: string; new: string }) => ok(api.PUT('/api/v1/me/password', { body })),
    onSuccess: () => {
      form.resetFields()
      void message.success(t('account.passwordChanged'))
    },
  })
  const errors = useFieldErrors(change.error)
  const at = (name: string) => (errors[name] ? { validateStatus: 'error' as const, help: errors[name] } : {})
  const required = { required: true, message: t('account.required') }
  return (
    <section className={styles.panel} aria-label={t('account.changePassword')}>
      <div className={styles.head}>
        <h2>{t('account.changePassword')}</h2>
      </div>
      <Form
        form={form}
        className={styles.narrow}
        layout="vertical"
        requiredMark={false}
        onFinish={(body) => change.mutate(body)}
      >
        <Form.Item name="current" label={t('account.currentPassword')} rules={[required]} {...at('current')}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item
          name="new"
          label={t('account.newPassword')}
          extra={t('account.passwordHelp', { n: shortestPassword })}
          rules={[required, { min: shortestPassword, message: t('account.passwordShort', { n: shortestPassword }) }]}
          {...at('new')}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        {change.isError && Object.keys(errors).length === 0 ? <ProblemLine error={change.error} /> : null}
        <Button htmlType="submit" loading={change.isPending}>
          {t('account.changePassword')}
        </Button>
      </Form>
    </section>
  )
}

const sessionsKey = ['sessions']

function Sessions() {
  const { t } = useTexts()
  const at = useInstant()
  const queries = useQueryClient()
  const sessions = useQuery({ queryKey: sessionsKey, queryFn: () => ok(api.GET('/api/v1/sessions')) })
  const end = useMutation({
    mutationFn: (id: number) => ok(api.DELETE('/api/v1/sessions/{id}', { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: sessionsKey }),
  })
  const problem = sessions.error ?? end.error
  return (
    <section className={styles.panel} aria-label={t('settings.sessions')}>
      <div className={styles.head}>
        <h2>{t('settings.sessions')}</h2>
      </div>
      {problem ? <ProblemLine error={problem} /> : null}
      {sessions.isPending ? <Skeleton height={60} /> : null}
      <Scroller>
        <table className={styles.table}>
          <tbody>
            {sessions.data?.map((session) => (
              <tr key={session.id}>
                <th scope="row" title={session.agent ?? undefined}>
                  {device(session.agent ?? '') || undefinedMark}
                </th>
                <td>{session.address}</td>
                <td>{t('settings.sessionSince', { at: at(session.created_at) })}</td>
                <td>{t('settings.sessionSeen', { at: at(session.last_seen_at) })}</td>
                <td data-actions>
                  {session.current ? (
                    t('settings.sessionCurrent')
                  ) : (
                    <Button size="small" onClick={() => end.mutate(session.id)} loading={end.isPending}>
                      {t('settings.endSession')}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  )
}
