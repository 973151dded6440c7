import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Form, Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { shortestPassword } from '@/shared/api/password'
import { ApiProblem } from '@/shared/api/problem'
import { newKey, onVersion } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { useFieldErrors } from '@/shared/records/field-errors'
import { ProblemLine } from '@/shared/ui/Notice'
import { useTeams } from './Teams'
import { type User, usersKey } from './Users'

type Fields = {
  name: string
  person_name?: string
  roles: (typeof roles)[number][]
  team_id?: number | null
  password?: string
}

type Props = {
  user: User | null
  /** The user as the list has it now. */
  latest: (id: number) => User | undefined
  onClose: () => void
  /** Somebody was added without a password. The link is null where it was told before, in an answer that was lost. */
  onLink: (added: Pick<User, 'id' | 'name'>, path: string | null) => void
}

const roles = [
  'rep',
  'manager',
  'operations',
  'executive',
  'marketing',
  'presales',
  'customer_success',
  'service',
  'finance',
  'administrator',
] as const

export function UserDialog({ user, latest, onClose, onLink }: Props) {
  const { t } = useTexts()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const teams = useTeams()
  const [form] = Form.useForm<Fields>()
  // Sent again, the same adds nobody more; what was changed is sent anew.
  const [key, setKey] = useState(newKey)
  const save = useMutation({
    mutationFn: async ({ name, person_name, roles: chosen, team_id, password }: Fields) => {
      if (user) {
        const version = latest(user.id)?.version ?? user.version
        const params = { path: { id: user.id }, header: onVersion(version) }
        await ok(api.PATCH('/api/v1/users/{id}', { params, body: { roles: chosen, team_id: team_id ?? null } }))
        return
      }
      const body = {
        name,
        roles: chosen,
        ...(person_name ? { person_name } : {}),
        ...(team_id ? { team_id } : {}),
        ...(password ? { password } : {}),
      }
      const added = await ok(api.POST('/api/v1/users', { params: { header: { 'Idempotency-Key': key } }, body }))
      if (!password) onLink(added, added.one_time_link ?? null)
    },
    onSuccess: () => {
      void message.success(t('settings.userSaved'))
      onClose()
    },
    onSettled: () => queries.invalidateQueries({ queryKey: usersKey }),
  })
  const errors = useFieldErrors(save.error)
  const at = (name: string) => (errors[name] ? { validateStatus: 'error' as const, help: errors[name] } : {})
  const changed = save.error instanceof ApiProblem && save.error.code === 'changed-meanwhile'
  const required = { required: true, message: t('account.required') }
  return (
    <Modal
      open
      title={user ? t('settings.editUser', { name: user.name }) : t('settings.addUser')}
      okText={t('common.save')}
      confirmLoading={save.isPending}
      mask={{ closable: false }}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ name: user?.name, roles: user?.roles ?? ['rep'], team_id: user?.team?.id }}
        onValuesChange={() => setKey(newKey())}
        onFinish={(values) => save.mutate(values)}
      >
        {user ? null : (
          <>
            <Form.Item name="name" label={t('settings.userName')} rules={[required]} {...at('name')}>
              <Input autoFocus autoComplete="off" />
            </Form.Item>
            <Form.Item
              name="person_name"
              label={t('settings.personName')}
              extra={t('settings.personHelp')}
              {...at('person_name')}
            >
              <Input autoComplete="off" />
            </Form.Item>
          </>
        )}
        <Form.Item name="roles" label={t('settings.roles')} rules={[required]} {...at('roles')}>
          <Select mode="multiple" options={roles.map((role) => ({ value: role, label: t(`roles.${role}`) }))} />
        </Form.Item>
        <Form.Item name="team_id" label={t('settings.team')} {...at('team_id')}>
          <Select
            allowClear
            placeholder={t('settings.noTeam')}
            options={teams.data?.map((team) => ({ value: team.id, label: team.name })) ?? []}
          />
        </Form.Item>
        {user ? null : (
          <Form.Item
            name="password"
            label={t('settings.passwordOptional')}
            extra={t('settings.passwordOptionalHelp')}
            rules={[{ min: shortestPassword, message: t('account.passwordShort', { n: shortestPassword }) }]}
            {...at('password')}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
        )}
        {changed ? <p role="alert">{t('settings.changedMeanwhile')}</p> : null}
        {save.isError && !changed && Object.keys(errors).length === 0 ? <ProblemLine error={save.error} /> : null}
      </Form>
    </Modal>
  )
}
