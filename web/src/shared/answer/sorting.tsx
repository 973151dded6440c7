import type { Column, Row } from '../api/types'
import { asNumber } from '../format/format'
import type { Lang } from '../i18n/i18n'
import styles from './AnswerTable.module.css'
import { isNumeric, nameIn } from './cells'

export type Sorting = { key: string; down: boolean }

/** Rows in the order of one column. What is undefined stands last, whichever way one sorts. */
export function sorted(rows: readonly Row[], by: Sorting | undefined, lang: Lang): readonly Row[] {
  if (!by) return rows
  const sign = by.down ? -1 : 1
  const known = (row: Row) => asNumber(row[by.key]) ?? nameIn(row, by.key, lang)
  return [...rows].sort((one, other) => {
    const [a, b] = [known(one), known(other)]
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b)
    return sign * String(a).localeCompare(String(b), lang === 'zh' ? 'zh-CN' : 'en')
  })
}

/** The first click sorts numbers from the largest and names from the first; the second turns it; the third undoes. */
export function nextSorting(before: Sorting | undefined, column: Column): Sorting | undefined {
  const first = isNumeric(column)
  if (before?.key !== column.key) return { key: column.key, down: first }
  return before.down === first ? { key: column.key, down: !first } : undefined
}

type HeadProps = {
  column: Column
  text: string
  sorting: Sorting | undefined
  onSort: (next: Sorting | undefined) => void
}

export function HeadCell({ column, text, sorting, onSort }: HeadProps) {
  const active = sorting?.key === column.key ? sorting : undefined
  return (
    <th
      scope="col"
      data-numeric={isNumeric(column) || undefined}
      aria-sort={active ? (active.down ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" className={styles.sort} onClick={() => onSort(nextSorting(sorting, column))}>
        {text}
        {active ? <span aria-hidden="true"> {active.down ? '↓' : '↑'}</span> : null}
      </button>
    </th>
  )
}
