import { Button, Select } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import type { Upload } from '../api'
import styles from '../Imports.module.css'
import { Labelled } from '../Labelled'
import { type Cleaning, isCleaned, keyOf, tablesOf } from './cleaning'

type Props = {
  upload: Upload
  cleaning: Cleaning
  main: string
  chosen: string
  onChosen: (key: string) => void
  onMain: (key: string) => void
}

/** Which of the tables is put in order at present, and which of them comes in. */
export function TableBar({ upload, cleaning, main, chosen, onChosen, onMain }: Props) {
  const { t } = useTexts()
  const options = tablesOf(upload).map((ref) => {
    const key = keyOf(ref)
    const name = key === main ? t('studio.isMain', { name: key }) : key
    return { value: key, label: isCleaned(cleaning, upload, key) ? `${name} ✓` : name }
  })
  return (
    <section className={`${styles.panel} ${styles.stack}`}>
      <div className={styles.grid}>
        <Labelled label={t('studio.table')} help={chosen === main ? undefined : t('studio.onlyOthers')}>
          {(id) => <Select id={id} value={chosen} options={options} onChange={onChosen} />}
        </Labelled>
      </div>
      {chosen === main ? null : (
        <div>
          <Button onClick={() => onMain(chosen)}>{t('studio.takeAsMain')}</Button>
        </div>
      )}
    </section>
  )
}
