import { useVirtualizer } from '@tanstack/react-virtual'
import { App } from 'antd'
import { type CSSProperties, type KeyboardEvent, useMemo, useRef, useState } from 'react'
import type { Answer, Column, Row } from '../api/types'
import { type Drill, useDrill } from '../drill/drill'
import { asNumber } from '../format/format'
import { useTexts } from '../i18n/i18n'
import { Scroller } from '../ui/Scroller'
import styles from './AnswerTable.module.css'
import { headOf, isNumeric, lacksAmount, scalesOf, shown, tsvOf } from './cells'
import { HeadCell, type Sorting, sorted } from './sorting'

type Props = {
  answer: Answer
  label: string
  /** What a click on a number shows; nothing where a number has no deals of its own. */
  drill?: (row: Row, column: Column) => Drill | undefined
  /** Columns to leave out, where a page shows them otherwise. */
  hide?: readonly string[]
  maxHeight?: number | string
  /** The column by which rows are sorted at first; else they stand as the server gives them. */
  sortedBy?: Sorting
}

const rowHeight = 32
const virtualFrom = 200

/** Any answer as a table: aligned, sticky, with bars, sums, keys, and a copy that a spreadsheet understands. */
export function AnswerTable({ answer, label, drill, hide, maxHeight, sortedBy }: Props) {
  const { t, lang, say } = useTexts()
  const { message } = App.useApp()
  const scroller = useRef<HTMLDivElement>(null)
  const columns = useMemo(() => answer.columns.filter((column) => !hide?.includes(column.key)), [answer, hide])
  const scales = useMemo(() => scalesOf(answer, lang), [answer, lang])
  const longest = useMemo(() => longestOf(answer, columns), [answer, columns])
  const [sorting, setSorting] = useState<Sorting | undefined>(sortedBy)
  const rows = useMemo(() => sorted(answer.rows as Row[], sorting, lang), [answer, sorting, lang])
  const many = rows.length > virtualFrom
  const virtual = useVirtualizer({
    count: many ? rows.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  const items = many ? virtual.getVirtualItems() : null
  const indices = items ? items.map((item) => item.index) : rows.map((_, index) => index)
  const before = items?.[0]?.start ?? 0
  const after = items ? virtual.getTotalSize() - (items.at(-1)?.end ?? 0) : 0

  const copy = async () => {
    await navigator.clipboard.writeText(tsvOf(answer, lang))
    void message.success(t('common.copied'))
  }
  const keys = (event: KeyboardEvent<HTMLTableElement>) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 'c' && !window.getSelection()?.toString()) {
      event.preventDefault()
      void copy()
      return
    }
    const step = moves[event.key]
    const cell = (event.target as HTMLElement).closest('td,th') as HTMLTableCellElement | null
    if (!step || !cell) return
    event.preventDefault()
    const next = Number(cell.dataset.row) + step[0]
    if (many && next >= 0 && next < rows.length) virtual.scrollToIndex(next)
    const at = `[data-row="${next}"][data-column="${Number(cell.dataset.column) + step[1]}"]`
    const target = event.currentTarget.querySelector<HTMLElement>(at)
    ;(target?.querySelector('button') ?? target)?.focus()
  }
  if (rows.length === 0) return <p className={styles.empty}>{t('table.empty')}</p>
  const context = { currency: answer.currency, decimals: answer.decimals, lang }
  return (
    <Scroller scroller={scroller} className={styles.scroller} style={{ maxHeight }}>
      <table
        className={styles.table}
        aria-label={label}
        aria-rowcount={rows.length + 1}
        onKeyDown={keys}
        title={undefined}
      >
        <thead>
          <tr>
            {columns.map((column) => (
              <HeadCell
                key={column.key}
                column={column}
                sorting={sorting}
                onSort={setSorting}
                text={headOf(column, scales.get(column.key), answer.currency, lang)}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 ? <tr style={{ height: before }} /> : null}
          {indices.map((index) => {
            const row = rows[index] as Row
            return (
              <tr key={index} aria-rowindex={index + 2}>
                {columns.map((column, at) => {
                  const value = shown(row, column, scales.get(column.key), context)
                  const opens = value.why === null && isNumeric(column) ? drill?.(row, column) : undefined
                  return (
                    <Cell
                      key={column.key}
                      at={[index, at]}
                      column={column}
                      title={lacksAmount(row, column) ? t('drill.noAmount') : (value.why ?? value.exact ?? undefined)}
                      bar={barOf(row, column, longest)}
                      opens={opens}
                    >
                      {value.text}
                    </Cell>
                  )
                })}
              </tr>
            )
          })}
          {after > 0 ? <tr style={{ height: after }} /> : null}
        </tbody>
        {answer.totals ? (
          <tfoot>
            <tr>
              {columns.map((column, at) => {
                const totals = answer.totals as Row
                const known = asNumber(totals[column.key]) !== null
                const text = known ? shown(totals, column, scales.get(column.key), context) : null
                return (
                  <td key={column.key} data-numeric={isNumeric(column) || undefined} title={text?.exact ?? undefined}>
                    {at === 0 && !known ? t('common.total') : text?.text}
                  </td>
                )
              })}
            </tr>
          </tfoot>
        ) : null}
      </table>
      {answer.notes.length ? <p className={styles.notes}>{answer.notes.map(say).join(' ')}</p> : null}
    </Scroller>
  )
}

const moves: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

type CellProps = {
  at: readonly [number, number]
  column: Column
  title?: string
  bar?: number
  opens?: Drill
  children: string
}

function Cell({ at, column, title, bar, opens, children }: CellProps) {
  const open = useDrill()
  const [row, index] = at
  const place = { 'data-row': row, 'data-column': index, title }
  const style = bar === undefined ? undefined : ({ '--bar': `${(bar * 100).toFixed(1)}%` } as CSSProperties)
  const tab = row === 0 && index === 0 ? 0 : -1
  const inner = opens ? (
    <button type="button" className={styles.open} onClick={() => open(opens)}>
      {children}
    </button>
  ) : (
    children
  )
  if (index === 0) {
    return (
      <th scope="row" tabIndex={tab} {...place} data-numeric={isNumeric(column) || undefined}>
        {inner}
      </th>
    )
  }
  return (
    <td
      tabIndex={opens ? undefined : tab}
      {...place}
      style={style}
      data-numeric={isNumeric(column) || undefined}
      data-bar={style ? '' : undefined}
    >
      {inner}
    </td>
  )
}

/** The longest bar of each column that has bars. */
function longestOf(answer: Answer, columns: readonly Column[]): Map<string, number> {
  const longest = new Map<string, number>()
  for (const column of columns) {
    if (!column.bar) continue
    let most = 0
    for (const row of answer.rows as Row[]) most = Math.max(most, Math.abs(asNumber(row[column.key]) ?? 0))
    if (most > 0) longest.set(column.key, most)
  }
  return longest
}

function barOf(row: Row, column: Column, longest: Map<string, number>): number | undefined {
  const most = longest.get(column.key)
  const value = asNumber(row[column.key])
  return most === undefined || value === null ? undefined : Math.abs(value) / most
}
