import { Button } from 'antd'
import { useTexts } from '../i18n/i18n'
import { JobBar, JobFigures } from './JobFigures'
import styles from './Jobs.module.css'
import { cancelJob, type Watched } from './use-job'

/** Work over records that goes on: its step, how far it is, its rate and the time that is left; and a way to stop it. */
export function JobLine({ at: { job, lost }, title }: { at: Watched; title: string }) {
  const { t, say } = useTexts()
  return (
    <section className={styles.line} aria-busy="true" aria-live="polite" aria-label={title}>
      <span>
        {title} · {job ? say(job.step) : t('common.loading')}
      </span>
      <JobBar job={job} title={title} />
      <div className={styles.foot}>
        <JobFigures job={job} lost={lost} />
        <Button size="small" disabled={!job} onClick={() => job && void cancelJob(job.id).catch(() => undefined)}>
          {t('common.cancel')}
        </Button>
      </div>
    </section>
  )
}
