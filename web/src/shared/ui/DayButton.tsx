import { useRef } from 'react'
import { nameValue } from '../format/format'
import { useLang } from '../i18n/i18n'
import styles from './DayButton.module.css'

type Props = {
  /** The day as people write it; the picker itself is the browser's. */
  text: string
  label: string
  value: string
  min?: string
  max?: string
  onChange: (day: string) => void
}

/** A day in words that opens the browser's calendar. */
export function DayButton({ text, label, value, min, max, onChange }: Props) {
  const lang = useLang()
  const picker = useRef<HTMLInputElement>(null)
  return (
    <span className={styles.day}>
      <button
        type="button"
        className={styles.open}
        aria-label={nameValue(label, text, lang)}
        aria-haspopup="dialog"
        onClick={() => picker.current?.showPicker()}
      >
        {text}
      </button>
      <input
        ref={picker}
        type="date"
        className={styles.picker}
        tabIndex={-1}
        aria-label={label}
        value={value}
        min={min}
        max={max}
        onChange={(event) => event.target.value && onChange(event.target.value)}
      />
    </span>
  )
}
