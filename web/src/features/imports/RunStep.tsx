import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { newKey } from '@/shared/api/records'
import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { type Counts, type Job, type Recipe, readImport, startImport, type Upload } from './api'
import styles from './Imports.module.css'
import { JobEnd } from './JobEnd'
import { JobProgress } from './JobProgress'
import { Figures } from './PreviewStep'
import { isEnd, useJob } from './use-job'

type Props = {
  upload: Upload
  recipe: Recipe
  skip: boolean
  onEnd: (done: boolean) => void
  onBack: () => void
  onClose: () => void
}

/** The import itself: begun once, watched to its end, and what came of it. */
export function RunStep({ upload, recipe, skip, onEnd, onBack, onClose }: Props) {
  const { t } = useTexts()
  const [key] = useState(newKey)
  const begun = useRef(false)
  const start = useMutation({
    mutationFn: () => startImport(upload.id, recipe, skip, key),
  })
  const { mutate } = start
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    mutate()
  }, [mutate])
  const { job, lost } = useJob(start.data?.job ?? null)
  const ended = job !== null && isEnd(job)
  const done = job?.state === 'done'
  useEffect(() => {
    if (ended) onEnd(done)
  }, [ended, done, onEnd])
  return (
    <>
      {start.isError ? <ProblemLine error={start.error} /> : null}
      {start.isError || ended ? null : <JobProgress job={job} lost={lost} title={t('imports.running')} />}
      {job && ended && !done ? <JobEnd job={job} /> : null}
      {job && done ? <Result job={job} /> : null}
      <div className={styles.end}>
        {done ? <span /> : <Button onClick={onBack}>{t('imports.back')}</Button>}
        {ended || start.isError ? <Button onClick={onClose}>{t('common.close')}</Button> : null}
      </div>
    </>
  )
}

function Result({ job }: { job: Job }) {
  const { t, lang } = useTexts()
  const result = (job.result ?? {}) as Partial<Counts>
  const id = result.import_id ?? null
  const page = useQuery({
    queryKey: ['imports', id],
    queryFn: () => readImport(id ?? 0),
    enabled: id !== null,
  })
  return (
    <section className={`${styles.panel} ${styles.stack}`} role="status">
      <h2>✓ {t('imports.done')}</h2>
      <p>
        {id === null
          ? t('imports.unchanged')
          : t('imports.doneDeals', {
              n: count(result.opportunities ?? 0, lang),
              entries: count(result.entries ?? 0, lang),
            })}
      </p>
      <Figures counts={result} />
      <div className={styles.row}>
        <Link to={'/' as never}>{t('imports.toAnalyser')}</Link>
        {(result.rows_rejected ?? 0) > 0 && page.data?.has_rejects ? (
          <a href={`/api/v1/imports/${id}/rejects`} download>
            {t('imports.rejects')}
          </a>
        ) : null}
      </div>
    </section>
  )
}
