import { UserOutlined } from '@ant-design/icons'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { App, Button, Dropdown, type MenuProps } from 'antd'
import { api, ok, setCsrf } from '@/shared/api/client'
import { useSession } from '@/shared/api/queries'
import { setLang, useTexts } from '@/shared/i18n/i18n'
import { useTheme } from '@/shared/theme/theme'
import { useView } from '@/shared/url/use-view'
import styles from './PersonMenu.module.css'

/** Who is signed in, and what one does with one's own account. On a phone it holds language and theme too. */
export function PersonMenu({ preferences }: { preferences: boolean }) {
  const { t, lang } = useTexts()
  const { theme, setTheme } = useTheme()
  const { user } = useSession()
  const { message } = App.useApp()
  const view = useView()
  const router = useRouter()
  const leave = useLeave()

  const run: Record<string, () => void> = {
    language: () => setLang(lang === 'zh' ? 'en' : 'zh'),
    theme: () => setTheme(theme === 'dark' ? 'light' : 'dark'),
    account: () => void router.navigate({ to: '/settings' as never, search: view as never }),
    out: () => leave.mutate('here'),
    everywhere: () =>
      leave.mutate('everywhere', { onSuccess: () => void message.success(t('account.signedOutEverywhere')) }),
  }
  const items: MenuProps['items'] = [
    {
      key: 'who',
      type: 'group',
      label: (
        <span className={styles.who}>
          <strong>{user.name}</strong>
          <span>{user.roles.map((role) => t(`roles.${role}` as 'roles.rep', { defaultValue: role })).join(' · ')}</span>
        </span>
      ),
    },
    ...(preferences
      ? [
          { key: 'language', label: t('frame.switchLanguage') },
          { key: 'theme', label: theme === 'dark' ? t('frame.light') : t('frame.dark') },
          { type: 'divider' as const },
        ]
      : []),
    { key: 'account', label: t('settings.account') },
    { type: 'divider' },
    { key: 'out', label: t('account.signOut') },
    { key: 'everywhere', label: t('account.signOutEverywhere') },
  ]
  return (
    <Dropdown trigger={['click']} placement="bottomRight" menu={{ items, onClick: ({ key }) => run[key]?.() }}>
      <Button type="text" icon={<UserOutlined />} aria-label={t('frame.person')} />
    </Dropdown>
  )
}

function useLeave() {
  const router = useRouter()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (where: 'here' | 'everywhere') =>
      ok(where === 'here' ? api.DELETE('/api/v1/session') : api.DELETE('/api/v1/sessions')),
    onSuccess: async () => {
      setCsrf(null)
      await router.navigate({ to: '/sign-in' as never, search: {} as never })
      queries.clear()
    },
  })
}
