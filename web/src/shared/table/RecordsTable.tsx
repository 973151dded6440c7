import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'
import { useTexts } from '../i18n/i18n'
import { Scroller } from '../ui/Scroller'
import styles from './RecordsTable.module.css'

export type ListColumn<Row> = {
  key: string
  head: string
  /** The head above whole values, where `head` names a larger unit such as 万; with the currency. */
  plainHead?: string
  numeric?: boolean
  /** The server's word to order by; absent where it cannot. */
  sort?: string
  cell: (row: Row) => ReactNode
  /** What the pointer that rests on a cell reads. */
  title?: (row: Row) => string | undefined
}

/** A column that can be copied into a spreadsheet, too. */
export type CopiedColumn<Row> = ListColumn<Row> & {
  /** The cell as plain text. */
  text: (row: Row) => string | number | null | undefined
}

type Props<Row> = {
  label: string
  columns: readonly ListColumn<Row>[]
  rows: readonly Row[]
  /** How many there are in all, by the server's count. */
  total: number
  idOf: (row: Row) => number
  /** The server's word, with a minus before it for the largest first. */
  sort: string
  onSort: (sort: string) => void
  /** Sums by column key. */
  foot?: Record<string, ReactNode>
  hasMore: boolean
  loadingMore: boolean
  onMore: () => void
  onOpen: (row: Row) => void
  onCopy?: () => void
  height?: string
}

const rowHeight = 36
const nearEnd = 40

/** A list that the server orders and gives page by page; only the rows in view stand in the document. */
export function RecordsTable<Row>(props: Props<Row>) {
  const { columns, rows, total, hasMore, loadingMore, onMore, onOpen, onCopy, idOf } = props
  const { t } = useTexts()
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 16,
    initialRect: { width: 0, height: 640 },
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && !loadingMore && last >= rows.length - nearEnd) onMore()
  }, [hasMore, loadingMore, last, rows.length, onMore])
  const first = rows[0] === undefined ? null : idOf(rows[0])
  useEffect(() => {
    // Another order or filter begins at the top.
    if (first !== null && scroller.current) scroller.current.scrollTop = 0
  }, [first])

  const before = items[0]?.start ?? 0
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  const keys = (event: KeyboardEvent<HTMLTableElement>) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 'c' && !window.getSelection()?.toString()) {
      event.preventDefault()
      onCopy?.()
      return
    }
    const row = (event.target as HTMLElement).closest('tr')
    const at = Number(row?.dataset.index)
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 }[event.key]
    if (!row || Number.isNaN(at)) return
    if (event.key === 'Enter' && event.target === row) {
      const record = rows[at]
      if (record !== undefined) onOpen(record)
      return
    }
    if (step === undefined) return
    event.preventDefault()
    const next = Math.max(0, Math.min(rows.length - 1, at + step))
    virtual.scrollToIndex(next)
    const table = event.currentTarget
    requestAnimationFrame(() => table.querySelector<HTMLElement>(`tr[data-index="${next}"]`)?.focus())
  }
  return (
    <Scroller
      scroller={scroller}
      className={styles.scroller}
      style={{ height: props.height ?? 'calc(100dvh - 220px)' }}
    >
      <table className={styles.table} aria-label={props.label} aria-rowcount={total + 1} onKeyDown={keys}>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.key} column={column} sort={props.sort} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 ? (
            <tr className={styles.gap}>
              <td style={{ height: before }} colSpan={columns.length} />
            </tr>
          ) : null}
          {items.map(({ index }) => {
            const row = rows[index] as Row
            return (
              <tr
                key={idOf(row)}
                data-index={index}
                aria-rowindex={index + 2}
                tabIndex={index === (items[0]?.index ?? 0) ? 0 : -1}
                onDoubleClick={() => onOpen(row)}
              >
                {columns.map((column, at) => {
                  const Cell = at === 0 ? 'th' : 'td'
                  return (
                    <Cell
                      key={column.key}
                      scope={at === 0 ? 'row' : undefined}
                      title={column.title?.(row)}
                      data-numeric={column.numeric || undefined}
                    >
                      {column.cell(row)}
                    </Cell>
                  )
                })}
              </tr>
            )
          })}
          {after > 0 ? (
            <tr className={styles.gap}>
              <td style={{ height: after }} colSpan={columns.length} />
            </tr>
          ) : null}
          {loadingMore ? (
            <tr className={styles.more}>
              <td colSpan={columns.length}>{t('common.loading')}</td>
            </tr>
          ) : null}
        </tbody>
        {props.foot ? (
          <tfoot>
            <tr>
              {columns.map((column) => (
                <td key={column.key} data-numeric={column.numeric || undefined}>
                  {props.foot?.[column.key]}
                </td>
              ))}
            </tr>
          </tfoot>
        ) : null}
      </table>
    </Scroller>
  )
}

/** The first click orders numbers from the largest and texts from the first; the next one turns it. */
export function nextSort(before: string, column: Pick<ListColumn<never>, 'sort' | 'numeric'>): string {
  const word = column.sort ?? ''
  if (before === word) return `-${word}`
  if (before === `-${word}`) return word
  return column.numeric ? `-${word}` : word
}

type HeadProps<Row> = { column: ListColumn<Row>; sort: string; onSort: (sort: string) => void }

function Head<Row>({ column, sort, onSort }: HeadProps<Row>) {
  const order = sort === column.sort ? 'ascending' : sort === `-${column.sort}` ? 'descending' : undefined
  return (
    <th scope="col" data-numeric={column.numeric || undefined} aria-sort={column.sort ? order : undefined}>
      {column.sort ? (
        <button type="button" className={styles.sort} onClick={() => onSort(nextSort(sort, column))}>
          {column.head}
          {order ? <span aria-hidden="true"> {order === 'descending' ? '↓' : '↑'}</span> : null}
        </button>
      ) : (
        column.head
      )}
    </th>
  )
}
