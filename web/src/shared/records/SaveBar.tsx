import { Button } from 'antd'
import { useTexts } from '../i18n/i18n'
import { ProblemLine } from '../ui/Notice'
import styles from './SaveBar.module.css'

type Props = {
  count: number
  /** How many fields hold what is no value. */
  faulty: number
  saving: boolean
  error: unknown
  onSave: () => void
  onDiscard: () => void
}

/** Says that edits wait, and keeps them in reach while one scrolls. */
export function SaveBar({ count, faulty, saving, error, onSave, onDiscard }: Props) {
  const { t } = useTexts()
  if (count === 0 && faulty === 0) return null
  return (
    <div className={styles.bar} role="status">
      <span className={styles.text}>
        {[
          count > 0 ? t('record.unsaved', { count, n: count }) : null,
          faulty > 0 ? t('record.faulty', { count: faulty, n: faulty }) : null,
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
      <Button onClick={onDiscard} disabled={saving}>
        {t('record.discard')}
      </Button>
      <Button type="primary" onClick={onSave} loading={saving} disabled={faulty > 0 || count === 0}>
        {t('common.save')}
      </Button>
      {error ? <ProblemLine error={error} /> : null}
    </div>
  )
}
