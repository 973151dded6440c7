import { counted } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import type { UploadFile } from './api'
import styles from './Imports.module.css'
import { type Columns, leftOut } from './mapping'

/** Which columns with values do not come in: nothing is left out in silence. */
export function LeftOut({ mapped, columns }: { mapped: Columns; columns: UploadFile['columns'] }) {
  const { t, lang } = useTexts()
  const names = leftOut(mapped, columns)
  if (names.length === 0) return null
  return (
    <p className={styles.warn}>
      ● {t('imports.leftOut', { ...counted(names.length, lang), names: names.join(lang === 'zh' ? '、' : ', ') })}
    </p>
  )
}
