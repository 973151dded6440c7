import { problemOf, told } from '@/shared/api/problem'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import type { Job } from './api'
import styles from './Imports.module.css'

/** Why a job ended without a result. */
export function JobEnd({ job }: { job: Job }) {
  const { t, lang } = useTexts()
  if (job.state === 'cancelled') return <p role="status">{t('imports.cancelled')}</p>
  if (job.state !== 'failed') return null
  const problem = problemOf(job.problem?.status ?? 500, job.problem, null)
  const { errors } = told(problem.problem, lang)
  return (
    <div>
      <ProblemLine error={problem} />
      {errors.length ? (
        <ul className={styles.notes}>
          {errors.map((one) => (
            <li key={one.message}>{one.message}</li>
          ))}
        </ul>
      ) : null}
      <p className={styles.soft}>{t('imports.failed')}</p>
    </div>
  )
}
