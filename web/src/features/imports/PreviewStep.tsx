import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox } from 'antd'
import { useEffect, useRef } from 'react'
import { instant } from '@/shared/format/dates'
import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { type Counts, issuesOf, type Preview, preview as dryRun, type Recipe, type Upload } from './api'
import styles from './Imports.module.css'
import { IssuesTable } from './IssuesTable'
import { JobEnd } from './JobEnd'
import { JobProgress } from './JobProgress'
import { isEnd, useJob } from './use-job'

type Props = {
  upload: Upload
  recipe: Recipe
  preview: Preview | null
  onPreview: (preview: Preview) => void
  skip: boolean
  onSkip: (skip: boolean) => void
  onBack: () => void
  onNext: () => void
}

/** A dry run: what would come in, what is wrong with which rows. Large files are read as a job. */
export function PreviewStep({ upload, recipe, preview, onPreview, skip, onSkip, onBack, onNext }: Props) {
  const { t } = useTexts()
  const queries = useQueryClient()
  const begun = useRef(false)
  const check = useMutation({
    mutationFn: () => dryRun(upload.id, recipe),
    onSuccess: (answer) => {
      if ('counts' in answer) onPreview({ ...answer, counts: answer.counts as Counts })
    },
  })
  const jobId = check.data && !('counts' in check.data) ? check.data.job : null
  const { job, lost } = useJob(jobId)
  const { mutate } = check
  useEffect(() => {
    if (preview || begun.current) return
    begun.current = true
    mutate()
  }, [preview, mutate])
  const done = job?.state === 'done' ? job : null
  useEffect(() => {
    if (!done?.result) return
    const result = done.result as Counts
    void queries
      .fetchQuery({
        queryKey: ['job-issues', done.id],
        queryFn: () => issuesOf(done.id),
      })
      .then((issues) => onPreview({ counts: result, samples: {}, ...issues }))
  }, [done, onPreview, queries])

  const rejected = preview?.counts.rows_rejected ?? 0
  return (
    <>
      {check.isError ? <ProblemLine error={check.error} /> : null}
      {job && isEnd(job) && !done ? <JobEnd job={job} /> : null}
      {!preview && !check.isError && !(job && isEnd(job) && !done) ? (
        <JobProgress job={job} lost={lost} title={t('imports.checking')} />
      ) : null}
      {preview ? (
        <>
          <section className={`${styles.panel} ${styles.stack}`}>
            <Figures counts={preview.counts} isAhead />
          </section>
          <Samples samples={preview.samples} />
          <IssuesTable issues={preview} />
          {rejected > 0 ? (
            <Checkbox checked={skip} onChange={(event) => onSkip(event.target.checked)}>
              {t('imports.skip')}
            </Checkbox>
          ) : null}
          {rejected > 0 && !skip ? <p className={styles.warn}>{t('imports.skipNeeded')}</p> : null}
        </>
      ) : null}
      <div className={styles.end}>
        <Button onClick={onBack}>{t('imports.back')}</Button>
        <Button type="primary" disabled={!preview || (rejected > 0 && !skip)} onClick={onNext}>
          {t('imports.run')}
        </Button>
      </div>
    </>
  )
}

/** What a report counts; ahead of the import also how many deals would come in. */
export function Figures({ counts, isAhead = false }: { counts: Partial<Counts>; isAhead?: boolean }) {
  const { t, lang } = useTexts()
  const n = (value: number | null | undefined) => count(value ?? 0, lang)
  return (
    <ul className={styles.figures}>
      {isAhead ? (
        <li>
          <strong>{t('imports.wouldImport', { n: n(counts.opportunities) })}</strong>
        </li>
      ) : null}
      {Object.entries(counts.outcomes ?? {}).map(([outcome, deals]) => (
        <li key={outcome}>
          {t('imports.outcomeCounts', {
            name: t(`states.${outcome as 'open'}`, { defaultValue: outcome }),
            n: n(deals),
          })}
        </li>
      ))}
      <li>{t('imports.read', { n: n(counts.rows_read) })}</li>
      {(counts.rows_rejected ?? 0) > 0 ? (
        <li className={styles.bad}>▼ {t('imports.rejected', { n: n(counts.rows_rejected) })}</li>
      ) : null}
      {(counts.warnings ?? 0) > 0 ? (
        <li className={styles.warn}>● {t('imports.warnings', { n: n(counts.warnings) })}</li>
      ) : null}
    </ul>
  )
}

const sampled = 5

function Samples({ samples }: { samples: Preview['samples'] }) {
  const { t, lang } = useTexts()
  const deals = samples.opportunities?.slice(0, sampled) ?? []
  if (deals.length === 0) return null
  const names = [...new Set(deals.flatMap((deal) => Object.keys(deal.fields)))]
  return (
    <section className={styles.panel} aria-label={t('imports.samples')}>
      <h2>{t('imports.samples')}</h2>
      <div className={styles.scroller}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('dealColumns.external_id')}</th>
              <th scope="col">{t('imports.since')}</th>
              {names.map((name) => (
                <th key={name} scope="col">
                  {t(`dealColumns.${name === 'amount' ? 'amount_minor' : (name as 'name')}`, { defaultValue: name })}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {deals.map((deal) => (
              <tr key={`${deal.key}${deal.at}`}>
                <th scope="row">{deal.key}</th>
                <td>{instant(deal.at, lang)}</td>
                {names.map((name) => (
                  <td key={name} className={styles.samples}>
                    {deal.fields[name]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
