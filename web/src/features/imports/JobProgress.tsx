import { Button } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import { JobBar, JobFigures } from '@/shared/jobs/JobFigures'
import { cancelJob, type Job } from './api'
import styles from './Imports.module.css'

/** Work that goes on: the step in words, how far it is, its rate and the time that is left; and a way to stop it. */
export function JobProgress({ job, lost, title }: { job: Job | null; lost: boolean; title: string }) {
  const { t, say } = useTexts()
  return (
    <section className={`${styles.panel} ${styles.stack}`} aria-busy="true" aria-live="polite">
      <h2>{title}</h2>
      <p>{job ? say(job.step) : t('common.loading')}</p>
      <JobBar job={job} title={title} />
      <div className={styles.end}>
        <JobFigures job={job} lost={lost} />
        {job ? (
          <Button onClick={() => void cancelJob(job.id).catch(() => undefined)}>{t('common.cancel')}</Button>
        ) : null}
      </div>
    </section>
  )
}
