import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useEffect } from 'react'
import { count, counted } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { type Counts, importKey, importRejects, issuesOf, type Job, readImport } from './api'
import { Figures } from './Figures'
import { ImportLink } from './ImportLink'
import styles from './Imports.module.css'
import { IssueGroups } from './IssueGroups'
import { JobEnd } from './JobEnd'
import { JobProgress } from './JobProgress'
import { isEnd, useJob } from './use-job'

/** An import that was begun, watched to its end, and what came of it; `id` is null until the server has told it. */
export function RunView({ id, onEnd }: { id: number | null; onEnd: (done: boolean) => void }) {
  const { t } = useTexts()
  const { job, lost, gone } = useJob(id)
  const ended = gone || (job !== null && isEnd(job))
  const done = job?.state === 'done'
  useEffect(() => {
    if (ended) onEnd(done)
  }, [ended, done, onEnd])
  if (gone) return <p role="status">{t('imports.jobGone')}</p>
  if (!job || !ended) return <JobProgress job={job} lost={lost} title={t('imports.running')} />
  return done ? <Result job={job} /> : <JobEnd job={job} />
}

/** An import that went on while the page was loaded anew. */
export function Watched({ id, onEnd, onClose }: { id: number; onEnd: (done: boolean) => void; onClose: () => void }) {
  const { t } = useTexts()
  return (
    <div className={styles.stack}>
      <RunView id={id} onEnd={onEnd} />
      <div className={styles.end}>
        <span />
        <Button onClick={onClose}>{t('common.close')}</Button>
      </div>
    </div>
  )
}

function Result({ job }: { job: Job }) {
  const { t, lang } = useTexts()
  const result = (job.result ?? {}) as Partial<Counts>
  const id = result.import_id ?? null
  const isOfDeals = (result.opportunities ?? 0) > 0 || Object.keys(result.records ?? {}).length === 0
  const page = useQuery({
    queryKey: importKey(id),
    queryFn: () => readImport(id ?? 0),
    enabled: id !== null,
  })
  const issues = useQuery({
    queryKey: ['job-issues', job.id],
    queryFn: () => issuesOf(job.id),
    enabled: (job.issues_total ?? 0) > 0,
  })
  return (
    <>
      <section className={`${styles.panel} ${styles.stack}`} role="status">
        <h2>✓ {t('imports.done')}</h2>
        <p>
          {id === null
            ? t('imports.unchanged')
            : t(isOfDeals ? 'imports.doneDeals' : 'kinds.done', {
                ...counted(result.opportunities ?? 0, lang),
                entries: count(result.entries ?? 0, lang),
              })}
        </p>
        <Figures counts={result} />
        <div className={styles.row}>
          <Link to={'/' as never}>{t('imports.toAnalyser')}</Link>
          {id === null ? null : <ImportLink id={id}>{t('imports.toPage')}</ImportLink>}
        </div>
      </section>
      {issues.data ? (
        <IssueGroups
          issues={issues.data}
          rejects={id !== null && page.data?.has_rejects ? importRejects(id) : undefined}
        />
      ) : null}
    </>
  )
}
