import { type ReactNode, useId } from 'react'
import styles from './MoveDialog.module.css'

type LabelledProps = { label: string; required?: boolean; error?: string; children: (id: string) => ReactNode }

/** A field with its label above, marked where it is required, and what is wrong with it below. */
export function Labelled({ label, required, error, children }: LabelledProps) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label className={styles.label} data-required={required || undefined} htmlFor={id}>
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
