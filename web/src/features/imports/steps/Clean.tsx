import { Button } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import type { Suggested, Upload } from '../api'
import styles from '../Imports.module.css'
import { useSuggested } from '../use-suggested'
import { type Cleaning, keyOf, refOf } from './cleaning'
import { CleanStep } from './CleanStep'

type Props = {
  upload: Upload
  cleaning: Cleaning
  onCleaning: (cleaning: Cleaning) => void
  onBack: () => void
  onNext: () => void
}

/** The studio, once it is known which table comes in: the one that was chosen, else the likeliest. */
export function Clean({ upload, cleaning, ...on }: Props) {
  const { t } = useTexts()
  const likeliest = useSuggested(upload, {}, cleaning.main === null)
  const main = cleaning.main ?? (likeliest.data ? firstOf(likeliest.data, upload) : null)
  if (main !== null) {
    // What is cleaned is from now on what comes in first, whatever seems likelier without its odd rows.
    const change = (next: Cleaning) => on.onCleaning({ ...next, main: next.main ?? main })
    return <CleanStep upload={upload} cleaning={cleaning} main={main} {...on} onCleaning={change} />
  }
  return (
    <>
      {likeliest.isError ? (
        <ProblemLine error={likeliest.error} />
      ) : (
        <Waiting>
          <Skeleton height={320} />
        </Waiting>
      )}
      <div className={styles.end}>
        <Button onClick={on.onBack}>{t('imports.back')}</Button>
      </div>
    </>
  )
}

/** The table of deals, else the first of other records, else the first of all. */
function firstOf({ mapping, tables }: Suggested, upload: Upload): string | null {
  const file = tables[0]?.file.name
  const first = mapping.table ?? mapping.records?.[0]?.table ?? (file === undefined ? null : { file })
  return first ? keyOf(refOf(first, upload)) : null
}
