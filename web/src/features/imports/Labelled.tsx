import { type ReactNode, useId } from 'react'
import styles from './Imports.module.css'

/** A control under its label, and above what helps to fill it in. */
export function Labelled({
  label,
  help,
  children,
}: {
  label: string
  help?: string
  children: (id: string) => ReactNode
}) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {help ? <span className={styles.soft}>{help}</span> : null}
    </div>
  )
}
