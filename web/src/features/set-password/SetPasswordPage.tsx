import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { Button, Form, Input } from 'antd'
import { useState } from 'react'
import { api, ok, setCsrf } from '@/shared/api/client'
import { shortestPassword } from '@/shared/api/password'
import { sessionQuery } from '@/shared/api/queries'
import { useTexts } from '@/shared/i18n/i18n'
import { Door } from '@/shared/ui/Door'
import { ProblemLine } from '@/shared/ui/Notice'

/** Where a one-time link leads that an administrator has made for a user. */
export function SetPasswordPage() {
  const { t } = useTexts()
  const router = useRouter()
  const queries = useQueryClient()
  const [code] = useState(() => new URLSearchParams(router.state.location.hash).get('code') ?? '')
  const set = useMutation({
    mutationFn: ({ password }: { password: string }) =>
      ok(api.POST('/api/v1/set-password', { body: { code, password } })),
    onSuccess: (session) => {
      queries.clear()
      setCsrf(session.csrf)
      queries.setQueryData(sessionQuery.queryKey, session)
      router.history.push('/')
    },
  })
  const required = { required: true, message: t('account.required') }
  return (
    <Door title={t('account.setPassword')} line={code ? t('account.setPasswordLine') : t('account.setPasswordNoCode')}>
      {code ? (
        <Form layout="vertical" requiredMark={false} onFinish={(values) => set.mutate(values)}>
          <Form.Item
            name="password"
            label={t('account.newPassword')}
            extra={t('account.passwordHelp', { n: shortestPassword })}
            rules={[required, { min: shortestPassword, message: t('account.passwordShort', { n: shortestPassword }) }]}
          >
            <Input.Password autoComplete="new-password" autoFocus />
          </Form.Item>
          {set.isError ? <ProblemLine error={set.error} /> : null}
          <Button type="primary" htmlType="submit" size="large" block loading={set.isPending} style={{ marginTop: 12 }}>
            {t('account.setPassword')}
          </Button>
        </Form>
      ) : null}
    </Door>
  )
}
