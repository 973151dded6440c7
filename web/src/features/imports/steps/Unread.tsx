import { count, counted } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Scroller } from '@/shared/ui/Scroller'
import type { Cleaned } from '../api'
import styles from '../Imports.module.css'
import own from './Studio.module.css'

const most = 20

/** The values that a step could not read, with their row in the file. */
export function Unread({ issues }: { issues: Cleaned['issues'] }) {
  const { t, lang, say } = useTexts()
  if (issues.length === 0) return null
  return (
    <section className={own.unread} aria-label={t('studio.unread', counted(issues.length, lang))}>
      <h3>● {t('studio.unread', counted(issues.length, lang))}</h3>
      {issues.length > most ? (
        <p className={styles.soft}>
          {t('studio.unreadMore', { n: count(most, lang), total: count(issues.length, lang) })}
        </p>
      ) : null}
      <Scroller style={{ maxHeight: 240 }}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col" data-numeric>
                {t('imports.row')}
              </th>
              <th scope="col">{t('imports.column')}</th>
              <th scope="col">{t('imports.value')}</th>
              <th scope="col">{t('imports.message')}</th>
            </tr>
          </thead>
          <tbody>
            {issues.slice(0, most).map((issue) => (
              <tr key={`${issue.row}${issue.column}${issue.value}`}>
                <td data-numeric>{issue.row ? count(issue.row, lang) : null}</td>
                <td>{issue.column}</td>
                <td className={styles.mono}>{issue.value}</td>
                <td>{say(issue.message)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  )
}
