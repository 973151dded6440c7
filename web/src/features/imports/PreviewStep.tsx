import { Button, Checkbox } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import type { Preview, Recipe, Upload } from './api'
import { Figures } from './Figures'
import styles from './Imports.module.css'
import { IssuesTable } from './IssuesTable'
import { JobEnd } from './JobEnd'
import { JobProgress } from './JobProgress'
import { LeftOut } from './LeftOut'
import { columnsOf } from './mapping'
import { Samples } from './Samples'
import { useDryRun } from './use-dry-run'
import { isEnd } from './use-job'

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
  const check = useDryRun(upload, recipe, preview, onPreview)
  const { job } = check
  const failed = job !== null && isEnd(job) && job.state !== 'done'
  const rejected = preview?.counts.rows_rejected ?? 0
  return (
    <>
      {check.error ? <ProblemLine error={check.error} /> : null}
      {failed ? <JobEnd job={job} /> : null}
      {!preview && !check.error && !failed ? (
        <JobProgress job={job} lost={check.lost} title={t('imports.checking')} />
      ) : null}
      {preview ? (
        <>
          <section className={`${styles.panel} ${styles.stack}`}>
            <Figures counts={preview.counts} isAhead />
          </section>
          {recipe.mapping ? <LeftOut mapping={recipe.mapping} columns={columnsOf(upload, recipe.mapping)} /> : null}
          <Samples samples={preview.samples} mapping={recipe.mapping} />
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
