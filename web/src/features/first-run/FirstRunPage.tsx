import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Navigate, useRouter } from '@tanstack/react-router'
import { Button, Form, Input, Select } from 'antd'
import { useMemo, useState } from 'react'
import { api, ok, setCsrf } from '@/shared/api/client'
import { shortestPassword } from '@/shared/api/password'
import { sessionQuery, welcomeQuery } from '@/shared/api/queries'
import { useTexts } from '@/shared/i18n/i18n'
import { Door } from '@/shared/ui/Door'
import { ProblemLine } from '@/shared/ui/Notice'
import { currencies, months, zones } from './choices'

type Fields = {
  organisation: string
  zone: string
  currency: string
  fiscal_start_month: number
  name: string
  password: string
  repeat: string
}

export function FirstRunPage() {
  const { t, lang } = useTexts()
  const router = useRouter()
  const queries = useQueryClient()
  const welcome = useQuery(welcomeQuery).data
  const [code] = useState(() => new URLSearchParams(router.state.location.hash).get('code') ?? '')
  const choices = useMemo(() => ({ zones: zones(), currencies: currencies(lang), months: months(lang) }), [lang])

  const create = useMutation({
    mutationFn: ({ organisation, zone, currency, fiscal_start_month, name, password }: Fields) =>
      ok(
        api.POST('/api/v1/first-run', {
          body: {
            code,
            name,
            password,
            language: lang,
            ...(welcome?.organisation
              ? {}
              : { organisation: { name: organisation, zone, currency, fiscal_start_month } }),
          },
        }),
      ),
    onSuccess: (session) => {
      queries.clear()
      setCsrf(session.csrf)
      queries.setQueryData(sessionQuery.queryKey, session)
      router.history.push('/')
    },
  })

  // Whoever has just been made is on the way in, not to the door.
  if (welcome && !welcome.first_run && !create.isPending && !create.isSuccess)
    return <Navigate to={'/sign-in' as never} />
  const required = { required: true, message: t('account.required') }
  return (
    <Door title={t('firstRun.title')} line={code ? t('firstRun.line') : t('firstRun.noCode')}>
      {code && welcome ? (
        <Form<Fields>
          layout="vertical"
          requiredMark={false}
          initialValues={{
            zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
            currency: lang === 'zh' ? 'CNY' : undefined,
            fiscal_start_month: 1,
          }}
          onFinish={(values) => create.mutate(values)}
          scrollToFirstError
        >
          {welcome.organisation ? null : (
            <>
              <Form.Item name="organisation" label={t('firstRun.organisation')} rules={[required]}>
                <Input autoComplete="organization" />
              </Form.Item>
              <Form.Item name="zone" label={t('firstRun.zone')} extra={t('firstRun.zoneHelp')} rules={[required]}>
                <Select showSearch options={choices.zones} />
              </Form.Item>
              <Form.Item name="currency" label={t('firstRun.currency')} rules={[required]}>
                <Select showSearch={{ optionFilterProp: 'label' }} options={choices.currencies} />
              </Form.Item>
              <Form.Item name="fiscal_start_month" label={t('firstRun.fiscal')} rules={[required]}>
                <Select options={choices.months} />
              </Form.Item>
            </>
          )}
          <Form.Item name="name" label={t('firstRun.you')} rules={[required]}>
            <Input autoComplete="username" />
          </Form.Item>
          <Form.Item
            name="password"
            label={t('firstRun.password')}
            extra={t('account.passwordHelp', { n: shortestPassword })}
            rules={[required, { min: shortestPassword, message: t('account.passwordShort', { n: shortestPassword }) }]}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          <Form.Item
            name="repeat"
            label={t('firstRun.repeat')}
            dependencies={['password']}
            rules={[
              required,
              ({ getFieldValue }) => ({
                validator: (_, value) =>
                  !value || value === getFieldValue('password')
                    ? Promise.resolve()
                    : Promise.reject(new Error(t('firstRun.differs'))),
              }),
            ]}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          {create.isError ? <ProblemLine error={create.error} /> : null}
          <Button
            type="primary"
            htmlType="submit"
            size="large"
            block
            loading={create.isPending}
            style={{ marginTop: 12 }}
          >
            {t('firstRun.create')}
          </Button>
        </Form>
      ) : null}
    </Door>
  )
}
