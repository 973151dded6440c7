import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Dropdown, Modal, Typography } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { onVersion } from '@/shared/api/records'
import type { components } from '@/shared/api/schema'
import { nameValue } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Scroller } from '@/shared/ui/Scroller'
import { useInstant } from '@/shared/url/use-instant'
import { ProblemLine } from '@/shared/ui/Notice'
import { Skeleton } from '@/shared/ui/Skeleton'
import styles from './Settings.module.css'
import { UserDialog } from './UserDialog'

export type User = components['schemas']['UserBody']

export const usersKey = ['users']

/** Who may sign in, as what, and in which team. */
export function Users() {
  const { t, lang } = useTexts()
  const at = useInstant()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const users = useQuery({ queryKey: usersKey, queryFn: () => ok(api.GET('/api/v1/users')) })
  const [open, setOpen] = useState<User | 'new' | null>(null)
  const [link, setLink] = useState<{ user: Pick<User, 'id' | 'name'>; path: string | null } | null>(null)
  const makeLink = async (user: Pick<User, 'id' | 'name'>) => {
    const params = { path: { id: user.id } }
    const made = await ok(api.POST('/api/v1/users/{id}/password-link', { params }))
    setLink({ user, path: made.one_time_link })
  }
  const again = useMutation({ mutationFn: makeLink })
  const act = useMutation({
    mutationFn: async ({ user, what }: { user: User; what: string }) => {
      const path = { id: user.id }
      if (what === 'link') {
        await makeLink(user)
      } else if (what === 'sessions') {
        await ok(api.DELETE('/api/v1/users/{id}/sessions', { params: { path } }))
        void message.success(t('settings.endedUserSessions', { name: user.name }))
      } else {
        const params = { path, header: onVersion(user.version) }
        await ok(api.PATCH('/api/v1/users/{id}', { params, body: { active: !user.active } }))
      }
    },
    onSettled: () => queries.invalidateQueries({ queryKey: usersKey }),
  })
  const problem = users.error ?? act.error
  const roleName = (role: string) => t(`roles.${role as 'rep'}`, { defaultValue: role })
  return (
    <section className={styles.panel} aria-label={t('settings.users')}>
      <div className={styles.head}>
        <h2>{t('settings.users')}</h2>
        <Button type="primary" onClick={() => setOpen('new')}>
          {t('settings.addUser')}
        </Button>
      </div>
      {problem ? <ProblemLine error={problem} /> : null}
      {users.isPending ? <Skeleton height={160} /> : null}
      {users.data ? (
        <Scroller>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t('settings.userName')}</th>
                <th scope="col">{t('settings.personName')}</th>
                <th scope="col">{t('settings.roles')}</th>
                <th scope="col">{t('settings.team')}</th>
                <th scope="col">{t('settings.active')}</th>
                <th scope="col">{t('settings.lastSignIn')}</th>
                <th scope="col" aria-label={t('common.more')} />
              </tr>
            </thead>
            <tbody>
              {users.data.map((user) => (
                <tr key={user.id}>
                  <th scope="row">{user.name}</th>
                  <td>{user.person.name ?? '–'}</td>
                  <td>{user.roles.map(roleName).join(' · ')}</td>
                  <td>{user.team?.name ?? t('settings.noTeam')}</td>
                  <td>
                    {user.active
                      ? user.has_password
                        ? t('common.yes')
                        : t('settings.noPassword')
                      : t('settings.inactive')}
                  </td>
                  <td>{user.last_sign_in_at ? at(user.last_sign_in_at) : t('settings.never')}</td>
                  <td data-actions>
                    <Button size="small" type="link" onClick={() => setOpen(user)}>
                      {t('settings.editUser', { name: '' })}
                    </Button>
                    <Dropdown
                      trigger={['click']}
                      placement="bottomRight"
                      menu={{
                        items: [
                          { key: 'link', label: t('settings.newLink') },
                          { key: 'sessions', label: t('settings.endUserSessions') },
                          { key: 'active', label: t(user.active ? 'settings.deactivate' : 'settings.activate') },
                        ],
                        onClick: ({ key }) => act.mutate({ user, what: key }),
                      }}
                    >
                      <Button size="small" type="text" aria-label={nameValue(t('common.more'), user.name, lang)}>
                        ⋯
                      </Button>
                    </Dropdown>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      ) : null}
      {open ? (
        <UserDialog
          user={open === 'new' ? null : open}
          latest={(id) => users.data?.find((one) => one.id === id)}
          onClose={() => setOpen(null)}
          onLink={(user, path) => setLink({ user, path })}
        />
      ) : null}
      {link ? (
        <Modal
          open
          title={t('settings.link')}
          okText={t('settings.close')}
          cancelButtonProps={{ style: { display: 'none' } }}
          mask={{ closable: false }}
          onOk={() => setLink(null)}
          onCancel={() => setLink(null)}
        >
          {link.path === null ? (
            <div role="status">
              <p>{t('settings.linkTold', { name: link.user.name })}</p>
              {again.isError ? <ProblemLine error={again.error} /> : null}
              <Button loading={again.isPending} onClick={() => again.mutate(link.user)}>
                {t('settings.newLink')}
              </Button>
            </div>
          ) : (
            <div className={styles.once} role="status">
              <p>{t('settings.linkHelp', { name: link.user.name })}</p>
              <Typography.Text code copyable>
                {`${window.location.origin}${link.path}`}
              </Typography.Text>
            </div>
          )}
        </Modal>
      ) : null}
    </section>
  )
}
