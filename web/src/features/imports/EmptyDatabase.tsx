import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button } from 'antd'
import { useEffect } from 'react'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { startDemo } from './api'
import styles from './Imports.module.css'
import { JobEnd } from './JobEnd'
import { JobProgress } from './JobProgress'
import { isEnd, useJob } from './use-job'

/** Nothing is there yet: one's own data, or the demo company. */
export function EmptyDatabase({ onImport, onChanged }: { onImport: () => void; onChanged: () => void }) {
  const { t } = useTexts()
  const navigate = useNavigate()
  const demo = useMutation({ mutationFn: startDemo })
  const { job, lost } = useJob(demo.data?.job ?? null)
  const done = job?.state === 'done'
  useEffect(() => {
    if (!done) return
    onChanged()
    void navigate({ to: '/' as never })
  }, [done, onChanged, navigate])
  if (demo.data && !(job && isEnd(job))) return <JobProgress job={job} lost={lost} title={t('imports.demoRunning')} />
  return (
    <div className={styles.stack}>
      {job && !done ? <JobEnd job={job} /> : null}
      {demo.isError ? <ProblemLine error={demo.error} /> : null}
      <div className={styles.choices}>
        <section className={styles.panel}>
          <h2>{t('imports.emptyTitle')}</h2>
          <p className={styles.soft}>{t('imports.emptyText')}</p>
          <Button type="primary" onClick={onImport}>
            {t('imports.start')}
          </Button>
        </section>
        <section className={styles.panel}>
          <h2>{t('imports.demo')}</h2>
          <p className={styles.soft}>{t('imports.demoText')}</p>
          <Button onClick={() => demo.mutate()} loading={demo.isPending}>
            {t('imports.demo')}
          </Button>
        </section>
      </div>
    </div>
  )
}
