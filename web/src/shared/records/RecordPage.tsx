import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { FailedNotice } from '../ui/Notice'
import { Skeleton, Waiting } from '../ui/Skeleton'
import { useView } from '../url/use-view'
import styles from './RecordPage.module.css'

export { styles as recordStyles }

type Props<T> = {
  /** The list that one came from and goes back to. */
  list: { path: string; name: string }
  record: UseQueryResult<T>
  /** Heights of what will stand there, while it is on the way. */
  shape: readonly number[]
  children: (page: T) => ReactNode
}

/** The page of one record: the way back to its list, then what is known of it, awaited or failed. */
export function RecordPage<T>({ list, record, shape, children }: Props<T>) {
  const view = useView()
  const back = (
    <Link to={list.path as never} search={view as never}>
      {list.name}
    </Link>
  )
  if (record.isError) return <FailedNotice error={record.error}>{back}</FailedNotice>
  return (
    <div className={styles.page}>
      <nav className={styles.crumb}>{back}</nav>
      {record.isPending ? (
        <Waiting>
          <Skeleton height={28} width="40%" />
          {shape.map((height) => (
            <Skeleton key={height} height={height} />
          ))}
        </Waiting>
      ) : (
        children(record.data)
      )}
    </div>
  )
}

export type Figure = { label: string; value: string; title?: string; note?: string }

/** What matters most about a record, beside one another. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className={styles.figures}>
      {figures.map(({ label, value, title, note }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd title={title}>
            {value}
            {note ? <small>{note}</small> : null}
          </dd>
        </div>
      ))}
    </dl>
  )
}
