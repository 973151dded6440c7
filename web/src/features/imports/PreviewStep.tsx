import { Button, Checkbox } from 'antd'
import { useEffect } from 'react'
import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { jobRejects, type Mapping, type Preview, type Recipe, type Upload, type UploadFile } from './api'
import { Figures } from './Figures'
import styles from './Imports.module.css'
import { IssueGroups } from './IssueGroups'
import { JobEnd } from './JobEnd'
import { JobProgress } from './JobProgress'
import { LeftOut } from './LeftOut'
import { OtherSamples } from './OtherSamples'
import { Samples } from './Samples'
import { ruleName } from './issue-groups'
import { useAdjust } from './SavedMatches'
import { useAtOnce } from './use-at-once'
import { useDryRun } from './use-dry-run'
import { isEnd } from './use-job'

type Props = {
  upload: Upload
  recipe: Recipe
  /** The columns that were mapped. */
  columns: UploadFile['columns']
  preview: Preview | null
  onPreview: (preview: Preview) => void
  /** Whether the import begins by itself where nobody has to look. */
  isAtOnce?: boolean
  skip: boolean
  onSkip: (skip: boolean) => void
  /** The mapping of an import of before, to be changed. */
  onAdjust: (mapping: Mapping) => void
  onBack: () => void
  onNext: () => void
}

/** A dry run: what would come in, what is wrong with which rows. Large files are read as a job. */
export function PreviewStep({ upload, recipe, columns, preview, isAtOnce = false, skip, onSkip, ...on }: Props) {
  const { t, lang } = useTexts()
  const check = useDryRun(upload, recipe, preview, on.onPreview)
  const adjust = useAdjust(upload, on.onAdjust)
  const { job } = check
  const failed = job !== null && isEnd(job) && job.state !== 'done'
  const rejected = preview?.counts.rows_rejected ?? 0
  const atOnce = useAtOnce(isAtOnce, recipe, preview)
  const goesOn = atOnce === 'goes'
  const unseen = typeof atOnce === 'object' ? atOnce.rules : []
  const shown = isAtOnce && typeof atOnce !== 'object' ? null : preview
  const { onNext } = on
  const { saved } = recipe
  useEffect(() => {
    if (goesOn) onNext()
    // Once: the way back from the import leads here.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [goesOn])
  return (
    <>
      {check.error ? <ProblemLine error={check.error} /> : null}
      {failed ? <JobEnd job={job} /> : null}
      {!shown && !goesOn && !check.error && !failed ? (
        <JobProgress job={job} lost={check.lost} title={t('imports.checking')} />
      ) : null}
      {goesOn ? <p role="status">{t('studio.saved.clean')}</p> : null}
      {shown ? (
        <>
          {unseen.length ? (
            <p className={styles.warn} role="status">
              ●{' '}
              {t('studio.saved.unseen', {
                id: saved,
                rules: unseen.map((rule) => ruleName(rule, lang)).join(lang === 'zh' ? '；' : '; '),
              })}
            </p>
          ) : null}
          <section className={`${styles.panel} ${styles.stack}`}>
            <Figures counts={shown.counts} isAhead />
            {shown.counts.elsewhere ? <Elsewhere {...shown.counts.elsewhere} /> : null}
          </section>
          {recipe.mapping?.table ? <LeftOut mapped={recipe.mapping} columns={columns} /> : null}
          <Samples samples={shown.samples} mapping={recipe.mapping} />
          <OtherSamples samples={shown.samples} labels={shown.labels} />
          <IssueGroups issues={shown} rejects={jobRejects(shown.job)} />
          {rejected > 0 ? (
            <Checkbox checked={skip} onChange={(event) => onSkip(event.target.checked)}>
              {t('imports.skip')}
            </Checkbox>
          ) : null}
          {rejected > 0 && !skip ? <p className={styles.warn}>{t('imports.skipNeeded')}</p> : null}
        </>
      ) : null}
      {adjust.isError ? <ProblemLine error={adjust.error} /> : null}
      <div className={styles.end}>
        <Button onClick={on.onBack}>{t('imports.back')}</Button>
        <span className={styles.row}>
          {typeof saved === 'number' ? (
            <Button loading={adjust.isPending} onClick={() => adjust.mutate(saved)}>
              {t('studio.saved.adjustMapping')}
            </Button>
          ) : null}
          <Button type="primary" disabled={!shown || (rejected > 0 && !skip)} onClick={onNext}>
            {t('imports.run')}
          </Button>
        </span>
      </div>
    </>
  )
}

/** Ids that another source brought: under another name the same deals would count twice. */
function Elsewhere({ source, found, of }: NonNullable<Preview['counts']['elsewhere']>) {
  const { t, lang } = useTexts()
  return (
    <p className={styles.warn} role="alert">
      ● {t('imports.elsewhere', { source, found: count(found, lang), of: count(of, lang) })}
    </p>
  )
}
