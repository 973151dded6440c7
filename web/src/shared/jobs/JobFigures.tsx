import { Progress } from 'antd'
import { bytes, count, share } from '../format/format'
import { useTexts } from '../i18n/i18n'
import styles from './Jobs.module.css'
import type { Watched } from './use-job'

/** How far work is, as a bar. */
export function JobBar({ job, title }: { job: Watched['job']; title: string }) {
  const { lang } = useTexts()
  const part = job?.total ? Math.min(1, job.done / job.total) : 0
  return (
    <Progress
      percent={Math.round(part * 100)}
      status="active"
      format={() => (job?.total ? share(part, lang, 0) : '')}
      aria-label={title}
    />
  )
}

/** How much of it is done, its rate, the time that is left, and whether the connection is lost. */
export function JobFigures({ job, lost }: Pick<Watched, 'job' | 'lost'>) {
  const { t, lang } = useTexts()
  const size = (n: number) => (job?.unit === 'bytes' ? bytes(n, lang) : count(n, lang))
  const seconds = job?.seconds_left ?? null
  const left =
    seconds === null
      ? null
      : seconds < 90
        ? t('imports.seconds', { n: seconds })
        : t('imports.minutes', { n: Math.round(seconds / 60) })
  return (
    <span className={styles.soft}>
      {job?.total ? `${size(job.done)} / ${size(job.total)}` : null}
      {job?.rate_per_second ? ` · ${t('imports.rate', { n: size(job.rate_per_second) })}` : null}
      {left ? ` · ${t('imports.left', { time: left })}` : null}
      {lost ? ` · ${t('imports.connectionLost')}` : null}
    </span>
  )
}
