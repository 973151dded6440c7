import { Link, useLocation } from '@tanstack/react-router'
import { useTexts } from '@/shared/i18n/i18n'
import { useView } from '@/shared/url/use-view'
import styles from './Parts.module.css'
import { usePartsBeside } from './Rail'

/** Tabs that lead from one page to the others behind the same entry of the navigation. */
export function Parts() {
  const { t } = useTexts()
  const view = useView()
  const path = useLocation({ select: (location) => location.pathname })
  const parts = usePartsBeside(path)
  if (parts.length < 2) return null
  return (
    <nav className={styles.parts} aria-label={t('frame.parts')}>
      {parts.map(({ path: to, part }) => (
        <Link
          key={to}
          to={to as never}
          search={view as never}
          className={styles.part}
          activeProps={{ 'aria-current': 'page' }}
          activeOptions={{ exact: true, includeSearch: false }}
        >
          {t(`pages.${part.name}`)}
        </Link>
      ))}
    </nav>
  )
}
