import { Button } from 'antd'
import { useTexts } from '../i18n/i18n'
import { ProblemLine } from '../ui/Notice'
import styles from './SaveBar.module.css'

type Props = {
  count: number
  isValid: boolean
  saving: boolean
  error: unknown
  onSave: () => void
  onDiscard: () => void
}

/** Says that edits wait, and keeps them in reach while one scrolls. */
export function SaveBar({ count, isValid, saving, error, onSave, onDiscard }: Props) {
  const { t } = useTexts()
  if (count === 0 && isValid) return null
  return (
    <div className={styles.bar} role="status">
      <span className={styles.text}>{t('record.unsaved', { count, n: count })}</span>
      <Button onClick={onDiscard} disabled={saving}>
        {t('record.discard')}
      </Button>
      <Button type="primary" onClick={onSave} loading={saving} disabled={!isValid || count === 0}>
        {t('common.save')}
      </Button>
      {error ? <ProblemLine error={error} /> : null}
    </div>
  )
}
