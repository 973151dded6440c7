import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Scroller } from '@/shared/ui/Scroller'
import type { Issues } from './api'
import styles from './Imports.module.css'

/** What is wrong with which row: file, row, column, value, rule, and what to do. */
export function IssuesTable({ issues }: { issues: Issues }) {
  const { t, lang, say } = useTexts()
  if (issues.issues_total === 0) return <p>✓ {t('imports.noIssues')}</p>
  return (
    <section className={styles.panel} aria-label={t('imports.issues')}>
      <h2>{t('imports.issues')}</h2>
      {issues.issues_total > issues.issues.length ? (
        <p className={styles.soft}>
          {t('imports.issuesFirst', { n: count(issues.issues.length, lang), total: count(issues.issues_total, lang) })}
        </p>
      ) : null}
      <Scroller>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('imports.file')}</th>
              <th scope="col" data-numeric>
                {t('imports.row')}
              </th>
              <th scope="col">{t('imports.column')}</th>
              <th scope="col">{t('imports.value')}</th>
              <th scope="col">{t('imports.message')}</th>
            </tr>
          </thead>
          <tbody>
            {issues.issues.map((issue) => (
              <tr key={`${issue.file}${issue.row}${issue.column}${issue.rule}`}>
                <td>{issue.file}</td>
                <td data-numeric>{count(issue.row, lang)}</td>
                <td>{issue.column}</td>
                <td className={styles.mono}>{issue.value}</td>
                <td className={styles.told} title={issue.rule}>
                  <span className={issue.is_rejected ? styles.bad : styles.warn}>
                    {issue.is_rejected ? '▼' : '●'} {say(issue.message)}
                  </span>
                  <br />
                  <span className={styles.soft}>{say(issue.hint)}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  )
}
