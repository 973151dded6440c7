import { useQuery } from '@tanstack/react-query'
import { asNumber } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { RecordPage, recordStyles } from '@/shared/records/RecordPage'
import { profileName } from '@/shared/records/profile-name'
import { useInstant } from '@/shared/url/use-instant'
import { type Counts, type ImportPage, importKey, importProfile, importRejects, type Report, readImport } from './api'
import { Figures } from './Figures'
import styles from './Imports.module.css'
import { IssueGroups } from './IssueGroups'
import { rulesOf } from './issue-groups'
import { UndoButton } from './UndoButton'
import { useUndo } from './use-undo'

/** The page of an import: where it came from, what it did, what was wrong, what can be taken from it; and taking it back. */
export function ImportView({ id, onChanged }: { id: number; onChanged: () => void }) {
  const { t } = useTexts()
  const page = useQuery({ queryKey: importKey(id), queryFn: () => readImport(id) })
  return (
    <RecordPage list={{ path: '/imports', name: t('imports.history') }} record={page} shape={[120, 200]}>
      {(found) => <Told key={id} page={found} onChanged={onChanged} />}
    </RecordPage>
  )
}

function Told({ page, onChanged }: { page: ImportPage; onChanged: () => void }) {
  const { t } = useTexts()
  const at = useInstant()
  const undo = useUndo(onChanged)
  const report = page.report as Report | null | undefined
  const rules = rulesOf(report)
  const facts: [string, string][] = [
    [t('imports.at'), at(page.at)],
    [t('imports.by'), page.actor ?? t('record.bySystem')],
    [t('imports.source'), profileName(page.source, t)],
    [t('imports.profile'), profileName(page.profile, t)],
    [t('imports.state'), t(page.state === 'undone' ? 'imports.undone' : 'imports.valid')],
  ]
  return (
    <>
      <header className={recordStyles.head}>
        <h1>{t('imports.pageTitle', { id: page.id })}</h1>
        <div className={recordStyles.actions}>
          <UndoButton row={page} undo={undo} />
        </div>
      </header>
      {page.state === 'done' && page.blocked_by.length > 0 ? (
        <p className={styles.soft}>{t('imports.undoBlocked', { ids: page.blocked_by.join(', ') })}</p>
      ) : null}
      {undo.told}
      <section className={styles.panel}>
        <dl className={styles.facts}>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          {page.files.length > 0 ? (
            <div data-files>
              <dt>{t('imports.files')}</dt>
              {page.files.map((file) => (
                <dd key={file}>{file}</dd>
              ))}
            </div>
          ) : null}
        </dl>
      </section>
      <section className={`${styles.panel} ${styles.stack}`} aria-label={t('imports.cameIn')}>
        <h2>{t('imports.cameIn')}</h2>
        <Figures counts={report ?? plain(page.counts)} />
        {report ? null : <p className={styles.soft}>{t('imports.noReport')}</p>}
      </section>
      {report ? (
        <IssueGroups issues={{ issues: [], rules, issues_total: rules.reduce((sum, one) => sum + one.count, 0) }} />
      ) : null}
      {page.has_profile || page.has_rejects ? (
        <section className={`${styles.panel} ${styles.stack}`} aria-label={t('imports.downloads')}>
          <h2>{t('imports.downloads')}</h2>
          {page.has_rejects ? (
            <a href={importRejects(page.id)} download>
              {t('imports.rejects')}
            </a>
          ) : null}
          {page.has_profile ? (
            <div>
              <a href={importProfile(page.id)} download>
                {t('imports.takeProfile')}
              </a>
              <p className={styles.soft}>{t('imports.profileHelp')}</p>
              <code className={styles.mono}>
                loudou import run ./import-{page.id}.toml {t('imports.folder')}
              </code>
            </div>
          ) : null}
        </section>
      ) : null}
    </>
  )
}

/** The counts that stand beside an import itself: without its report nobody knows of which kinds its records were. */
function plain(counts: ImportPage['counts']): Partial<Counts> {
  const number = (name: string) => asNumber((counts as Record<string, unknown>)[name]) ?? 0
  return {
    opportunities: number('opportunities'),
    rows_read: number('rows_read'),
    rows_rejected: number('rows_rejected'),
    warnings: number('warnings'),
  }
}
