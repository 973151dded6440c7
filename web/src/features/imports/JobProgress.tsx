import { Button, Progress } from 'antd'
import { count, share } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { cancelJob, type Job } from './api'
import styles from './Imports.module.css'

/** Work that goes on: the step in words, how far it is, its rate and the time that is left; and a way to stop it. */
export function JobProgress({ job, lost, title }: { job: Job | null; lost: boolean; title: string }) {
  const { t, lang, say } = useTexts()
  const part = job?.total ? Math.min(1, job.done / job.total) : 0
  const size = (n: number) => (job?.unit === 'bytes' ? bytes(n, lang) : count(n, lang))
  const seconds = job?.seconds_left ?? null
  const left =
    seconds === null
      ? null
      : seconds < 90
        ? t('imports.seconds', { n: seconds })
        : t('imports.minutes', { n: Math.round(seconds / 60) })
  return (
    <section className={`${styles.panel} ${styles.stack}`} aria-busy="true" aria-live="polite">
      <h2>{title}</h2>
      <p>{job ? say(job.step) : t('common.loading')}</p>
      <Progress
        percent={Math.round(part * 100)}
        status="active"
        format={() => (job?.total ? share(part, lang, 0) : '')}
        aria-label={title}
      />
      <div className={styles.end}>
        <span className={styles.soft}>
          {job?.total ? `${size(job.done)} / ${size(job.total)}` : null}
          {job?.rate_per_second ? ` · ${t('imports.rate', { n: size(job.rate_per_second) })}` : null}
          {left ? ` · ${t('imports.left', { time: left })}` : null}
          {lost ? ` · ${t('imports.connectionLost')}` : null}
        </span>
        {job ? (
          <Button onClick={() => void cancelJob(job.id).catch(() => undefined)}>{t('common.cancel')}</Button>
        ) : null}
      </div>
    </section>
  )
}

export function bytes(n: number, lang: 'zh' | 'en'): string {
  const [size, unit] = n >= 1e9 ? [n / 1e9, 'GB'] : n >= 1e6 ? [n / 1e6, 'MB'] : [n / 1e3, 'kB']
  return `${size.toLocaleString(lang === 'zh' ? 'zh-CN' : 'en-GB', { maximumFractionDigits: 1 })}\u202f${unit}`
}
