import { useNavigate } from '@tanstack/react-router'
import { Button } from 'antd'
import { useEffect } from 'react'
import { problemOf } from '@/shared/api/problem'
import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { cancelJob, isEnd, type Job, useJob } from '@/shared/jobs/use-job'
import { ProblemLine } from '@/shared/ui/Notice'
import styles from './Sources.module.css'

/** A pull or run as it goes on, and what came of it. What was pulled opens in the import studio. */
export function Running({ id, onEnd }: { id: number; onEnd: () => void }) {
  const { t, lang, say } = useTexts()
  const { job, gone } = useJob(id)
  const ended = gone || (job !== null && isEnd(job))
  const upload = uploadOf(job)
  const navigate = useNavigate()
  useEffect(() => {
    if (ended) onEnd()
  }, [ended, onEnd])
  useEffect(() => {
    if (upload !== null) void navigate({ to: '/imports' as never, search: { upload: String(upload) } as never })
  }, [upload, navigate])
  if (gone) return <p role="status">{t('sources.jobGone')}</p>
  if (job && ended) return <Ended job={job} />
  return (
    <div className={styles.row} role="status" aria-busy="true">
      <strong>{t(job?.kind === 'run' ? 'sources.runningNow' : 'sources.pulling')}</strong>
      <span>{job ? say(job.step) : t('common.loading')}</span>
      {job?.rate_per_second && job.unit === 'rows' ? (
        <span className={styles.soft}>{t('sources.perSecond', { n: count(job.rate_per_second, lang) })}</span>
      ) : null}
      {job ? (
        <Button size="small" onClick={() => void cancelJob(job.id).catch(() => undefined)}>
          {t('common.cancel')}
        </Button>
      ) : null}
    </div>
  )
}

function Ended({ job }: { job: Job }) {
  const { t, lang, say } = useTexts()
  if (job.state === 'cancelled') return <p role="status">{t('sources.states.cancelled')}</p>
  if (job.problem) return <ProblemLine error={problemOf(job.problem.status, job.problem, null)} />
  const result = (job.result ?? {}) as { rows?: number; state?: string; message?: { zh: string; en: string } }
  const nothing = job.kind === 'pull' ? uploadOf(job) === null : result.state === 'nothing'
  return (
    <p role="status" className={styles.message}>
      {nothing ? t('sources.nothingNew') : `✓ ${t('sources.ran', { n: count(result.rows ?? 0, lang) })}`}{' '}
      {say(result.message)}
    </p>
  )
}

function uploadOf(job: Job | null): number | null {
  if (job?.kind !== 'pull' || job.state !== 'done') return null
  const upload = (job.result as { upload?: number | null } | null)?.upload
  return typeof upload === 'number' ? upload : null
}
