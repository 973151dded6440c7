import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Navigate, useRouter } from '@tanstack/react-router'
import { Button, Form, Input } from 'antd'
import { api, ok, setCsrf } from '@/shared/api/client'
import { sessionQuery, welcomeQuery } from '@/shared/api/queries'
import { useTexts } from '@/shared/i18n/i18n'
import { Door } from '@/shared/ui/Door'
import { ProblemLine } from '@/shared/ui/Notice'
import { useAddress } from '@/shared/url/use-view'
import styles from './SignInPage.module.css'

type Credentials = { name: string; password: string }

export function SignInPage() {
  const { t } = useTexts()
  const { to, ended } = useAddress()
  const router = useRouter()
  const queries = useQueryClient()
  const welcome = useQuery(welcomeQuery).data
  const [form] = Form.useForm<Credentials>()

  const signIn = useMutation({
    mutationFn: (body: Credentials) => ok(api.POST('/api/v1/session', { body })),
    onSuccess: (session) => {
      queries.clear()
      setCsrf(session.csrf)
      queries.setQueryData(sessionQuery.queryKey, session)
      router.history.push(safeTarget(to))
    },
  })

  if (welcome?.first_run) return <Navigate to={'/first-run' as never} />
  const title = welcome?.organisation
    ? t('account.welcome', { organisation: welcome.organisation })
    : t('account.welcomePlain')
  return (
    <Door title={title} line={t('account.line')}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => signIn.mutate(values)}>
        <Form.Item name="name" label={t('account.name')} rules={[{ required: true, message: t('account.required') }]}>
          <Input autoComplete="username" autoFocus size="large" />
        </Form.Item>
        <Form.Item
          name="password"
          label={t('account.password')}
          rules={[{ required: true, message: t('account.required') }]}
        >
          <Input.Password autoComplete="current-password" size="large" />
        </Form.Item>
        <Button type="primary" htmlType="submit" size="large" block loading={signIn.isPending}>
          {signIn.isPending ? t('account.signingIn') : t('account.signIn')}
        </Button>
        <div className={styles.told} aria-live="polite">
          {signIn.isError ? <ProblemLine error={signIn.error} /> : ended ? <p>{t('account.sessionEnded')}</p> : null}
        </div>
        {welcome?.demo ? (
          <div className={styles.demo}>
            <p>{t('account.demo')}</p>
            <p>
              <code>{welcome.demo.name}</code> · <code>{welcome.demo.password}</code>
            </p>
            <Button onClick={() => welcome.demo && signIn.mutate(welcome.demo)} disabled={signIn.isPending}>
              {t('account.useDemo')}
            </Button>
          </div>
        ) : null}
      </Form>
    </Door>
  )
}

/** Back to where one was, if that is a page of ours. */
export function safeTarget(to: unknown): string {
  return typeof to === 'string' && /^\/(?![/\\])/.test(to) ? to : '/'
}
