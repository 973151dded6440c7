import { type ReactNode, useId } from 'react'
import styles from './MoveDialog.module.css'

type LabelledProps = { label: string; error?: string; children: (id: string) => ReactNode }

/** A field with its label above and what is wrong with it below. */
export function Labelled({ label, error, children }: LabelledProps) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      {children(id)}
      {error ? (
        <span className={styles.error} role="alert">
          {error}
        </span>
      ) : null}
    </div>
  )
}
