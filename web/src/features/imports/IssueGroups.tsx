import { Button } from 'antd'
import { useState } from 'react'
import { capital, count, counted, nameValue } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Scroller } from '@/shared/ui/Scroller'
import type { Issues } from './api'
import styles from './Imports.module.css'
import { groupsOf, type Issue, type IssueGroup, ruleName } from './issue-groups'

type Props = {
  issues: Pick<Issues, 'issues' | 'issues_total' | 'rules'>
  /** Where the list of all rows that stay out is. */
  rejects?: string
}

/** So few are shown at once. */
const few = 10
const firstRows = 5

/** What is wrong with rows, by rule and column; opened, the rows of each and what to do. */
export function IssueGroups({ issues, rejects }: Props) {
  const { t, lang } = useTexts()
  const { issues: listed, issues_total: total, rules } = issues
  if (total === 0) return <p>✓ {t('imports.noIssues')}</p>
  const groups = groupsOf(listed, rules)
  // Where there is one file, all of it is about that.
  const isOfMany = new Set(listed.map((issue) => issue.file)).size > 1
  const kinds = [
    { title: t('imports.stayOut'), groups: groups.filter((group) => group.isRejected) },
    { title: t('imports.comeIn'), groups: groups.filter((group) => !group.isRejected) },
  ]
  return (
    <section className={`${styles.panel} ${styles.stack}`} aria-label={t('imports.issues')}>
      <h2>{t('imports.issues')}</h2>
      {kinds.map((kind) =>
        kind.groups.length ? (
          <div key={kind.title}>
            <h3 className={styles.soft}>{kind.title}</h3>
            <ul className={styles.groups}>
              {kind.groups.map((group) => (
                <li key={group.key}>
                  <Group group={group} isOpen={total <= few} withFile={isOfMany} />
                </li>
              ))}
            </ul>
          </div>
        ) : null,
      )}
      {listed.length > 0 && listed.length < total ? (
        <p className={styles.soft}>
          {t('imports.issuesFirst', { n: count(listed.length, lang), total: count(total, lang) })}
        </p>
      ) : null}
      {rejects && groups.some((group) => group.isRejected) ? (
        <a href={rejects} download>
          {t('imports.rejects')}
        </a>
      ) : null}
    </section>
  )
}

function Group({ group, isOpen, withFile }: { group: IssueGroup; isOpen: boolean; withFile: boolean }) {
  const { t, lang, say } = useTexts()
  const first = group.rows[0]
  const words = (
    <>
      <span className={group.isRejected ? styles.bad : styles.warn}>
        {group.isRejected ? '▼' : '●'} {group.isAtLeast ? '≥ ' : ''}
        {count(group.count, lang)}
      </span>{' '}
      <strong title={group.rule}>{capital(ruleName(group.rule, lang))}</strong>
      {group.isRest ? <span className={styles.soft}> · {t('imports.notListed')}</span> : null}
      {group.column ? <span> · {nameValue(t('imports.column'), group.column, lang)}</span> : null}
      {withFile && group.file ? <span className={styles.soft}> · {group.file}</span> : null}
    </>
  )
  if (!first) return words
  return (
    <details open={isOpen}>
      <summary>{words}</summary>
      <p className={styles.soft}>{say(first.hint)}</p>
      <Rows rows={group.rows} name={capital(ruleName(group.rule, lang))} />
    </details>
  )
}

function Rows({ rows, name }: { rows: readonly Issue[]; name: string }) {
  const { t, lang, say } = useTexts()
  const [isWhole, setIsWhole] = useState(false)
  // What is the same of all rows stands above them, unless it is what the rule is called.
  const said = capital(say(rows[0]?.message))
  const isTold = new Set(rows.map((row) => say(row.message))).size > 1
  const shown = isWhole ? rows : rows.slice(0, firstRows)
  return (
    <>
      {isTold || said === name ? null : <p>{said}</p>}
      <Scroller>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col" data-numeric>
                {t('imports.row')}
              </th>
              <th scope="col">{t('imports.value')}</th>
              {isTold ? <th scope="col">{t('imports.message')}</th> : null}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, at) => (
              <tr key={`${row.row} ${at}`}>
                <td data-numeric>{count(row.row, lang)}</td>
                <td className={styles.mono}>{row.value}</td>
                {isTold ? <td className={styles.told}>{say(row.message)}</td> : null}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      {shown.length < rows.length ? (
        <Button type="link" size="small" onClick={() => setIsWhole(true)}>
          {t('imports.moreRows', counted(rows.length - shown.length, lang))}
        </Button>
      ) : null}
    </>
  )
}
