import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input, Modal, Popconfirm, Select } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { newKey, onVersion } from '@/shared/api/records'
import type { components } from '@/shared/api/schema'
import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { useFieldErrors } from '@/shared/records/field-errors'
import { ProblemLine } from '@/shared/ui/Notice'
import { Scroller } from '@/shared/ui/Scroller'
import { Skeleton } from '@/shared/ui/Skeleton'
import styles from './Settings.module.css'

type Team = components['schemas']['TeamBody']

export const teamsKey = ['teams']

export function useTeams() {
  return useQuery({ queryKey: teamsKey, queryFn: () => ok(api.GET('/api/v1/teams')) })
}

/** Teams and which stands above which: that decides who sees whose deals. */
export function Teams() {
  const { t, lang } = useTexts()
  const queries = useQueryClient()
  const teams = useTeams()
  const [open, setOpen] = useState<Team | 'new' | null>(null)
  const remove = useMutation({
    mutationFn: (team: Team) =>
      ok(api.DELETE('/api/v1/teams/{id}', { params: { path: { id: team.id }, header: onVersion(team.version) } })),
    onSettled: () => queries.invalidateQueries({ queryKey: teamsKey }),
  })
  const nameOf = (id: number | null | undefined) => teams.data?.find((one) => one.id === id)?.name ?? '–'
  const problem = teams.error ?? remove.error
  return (
    <section className={styles.panel} aria-label={t('settings.teams')}>
      <div className={styles.head}>
        <h2>{t('settings.teams')}</h2>
        <Button type="primary" onClick={() => setOpen('new')}>
          {t('settings.addTeam')}
        </Button>
      </div>
      {problem ? <ProblemLine error={problem} /> : null}
      {teams.isPending ? <Skeleton height={120} /> : null}
      {teams.data?.length === 0 ? <p className={styles.soft}>{t('settings.teamsNone')}</p> : null}
      {teams.data?.length ? (
        <Scroller>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t('settings.teamName')}</th>
                <th scope="col">{t('settings.parent')}</th>
                <th scope="col" data-numeric>
                  {t('settings.people')}
                </th>
                <th scope="col" aria-label={t('common.more')} />
              </tr>
            </thead>
            <tbody>
              {teams.data.map((team) => (
                <tr key={team.id}>
                  <th scope="row">{team.name}</th>
                  <td>{team.parent_id == null ? t('settings.top') : nameOf(team.parent_id)}</td>
                  <td data-numeric>{count(team.people, lang)}</td>
                  <td data-actions>
                    <Button size="small" type="link" onClick={() => setOpen(team)}>
                      {t('settings.editTeam', { name: '' })}
                    </Button>
                    <Popconfirm
                      title={t('settings.removeTeamSure', { name: team.name })}
                      okText={t('settings.removeTeam')}
                      onConfirm={() => remove.mutate(team)}
                    >
                      <Button size="small" type="text" danger>
                        {t('settings.removeTeam')}
                      </Button>
                    </Popconfirm>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      ) : null}
      {open ? (
        <TeamDialog team={open === 'new' ? null : open} teams={teams.data ?? []} onClose={() => setOpen(null)} />
      ) : null}
    </section>
  )
}

type DialogProps = { team: Team | null; teams: readonly Team[]; onClose: () => void }

function TeamDialog({ team, teams, onClose }: DialogProps) {
  const { t } = useTexts()
  const queries = useQueryClient()
  const [form] = Form.useForm<{ name: string; parent_id: number | null }>()
  const [key] = useState(newKey)
  const save = useMutation({
    mutationFn: async ({ name, parent_id }: { name: string; parent_id?: number | null }) => {
      const body = { name, parent_id: parent_id ?? null }
      if (!team) return ok(api.POST('/api/v1/teams', { params: { header: { 'Idempotency-Key': key } }, body }))
      const version = teams.find((one) => one.id === team.id)?.version ?? team.version
      const params = { path: { id: team.id }, header: onVersion(version) }
      return ok(api.PATCH('/api/v1/teams/{id}', { params, body }))
    },
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: teamsKey }),
  })
  const errors = useFieldErrors(save.error)
  return (
    <Modal
      open
      title={team ? t('settings.editTeam', { name: team.name }) : t('settings.addTeam')}
      okText={t('common.save')}
      confirmLoading={save.isPending}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ name: team?.name, parent_id: team?.parent_id ?? undefined }}
        onFinish={(values) => save.mutate(values)}
      >
        <Form.Item
          name="name"
          label={t('settings.teamName')}
          rules={[{ required: true, whitespace: true, message: t('account.required') }]}
          {...(errors.name ? { validateStatus: 'error', help: errors.name } : {})}
        >
          <Input autoFocus autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="parent_id"
          label={t('settings.parent')}
          {...(errors.parent_id ? { validateStatus: 'error', help: errors.parent_id } : {})}
        >
          <Select
            allowClear
            placeholder={t('settings.top')}
            options={teams.filter((one) => one.id !== team?.id).map((one) => ({ value: one.id, label: one.name }))}
          />
        </Form.Item>
        {save.isError && Object.keys(errors).length === 0 ? <ProblemLine error={save.error} /> : null}
      </Form>
    </Modal>
  )
}
