import { Button, Progress } from 'antd'
import { count, share } from '../format/format'
import { useTexts } from '../i18n/i18n'
import styles from './Jobs.module.css'
import { cancelJob, type Watched } from './use-job'

/** Work over records that goes on: its step, how far it is, its rate and the time that is left; and a way to stop it. */
export function JobLine({ at: { job, lost }, title }: { at: Watched; title: string }) {
  const { t, lang, say } = useTexts()
  const part = job?.total ? Math.min(1, job.done / job.total) : 0
  const seconds = job?.seconds_left ?? null
  const left = seconds === null ? null : seconds < 90 ? seconds : Math.round(seconds / 60)
  return (
    <section className={styles.line} aria-busy="true" aria-live="polite" aria-label={title}>
      <span>
        {title} · {job ? say(job.step) : t('common.loading')}
      </span>
      <Progress
        percent={Math.round(part * 100)}
        status="active"
        format={() => (job?.total ? share(part, lang, 0) : '')}
        aria-label={title}
      />
      <div className={styles.foot}>
        <span className={styles.soft}>
          {job?.total ? `${count(job.done, lang)} / ${count(job.total, lang)}` : null}
          {job?.rate_per_second ? ` · ${t('imports.rate', { n: count(job.rate_per_second, lang) })}` : null}
          {left === null || seconds === null
            ? null
            : ` · ${t('imports.left', { time: t(seconds < 90 ? 'imports.seconds' : 'imports.minutes', { n: left }) })}`}
          {lost ? ` · ${t('imports.connectionLost')}` : null}
        </span>
        <Button size="small" disabled={!job} onClick={() => job && void cancelJob(job.id).catch(() => undefined)}>
          {t('common.cancel')}
        </Button>
      </div>
    </section>
  )
}
