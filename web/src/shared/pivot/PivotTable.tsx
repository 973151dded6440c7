import { useMemo } from 'react'
import { isNumeric, shown } from '../answer/cells'
import type { Column, Pivot, Row } from '../api/types'
import { type Drill, useDrill } from '../drill/drill'
import { amountScale, type Scale } from '../format/format'
import { useTexts } from '../i18n/i18n'
import styles from './PivotTable.module.css'

type Props = {
  pivot: Pivot
  label: string
  /** The dimension of the rows, by which a number narrows to its deals. */
  rowDimension: string
  columnDimension?: string
  rowLabel: string
  maxHeight?: number | string
}

const signs: Record<string, string> = { red: '▼', yellow: '●', green: '▲' }

/** The measures whose deals are the open stock, and so can be shown one by one. */
const ofStock = new Set(['deals', 'amount_minor', 'weighted_minor'])

/** Members down, members across, measures in each cell, as the server computed them. */
export function PivotTable({ pivot, label, rowDimension, columnDimension, rowLabel, maxHeight }: Props) {
  const { t, lang } = useTexts()
  const { measures, columns, rows } = pivot
  const across = columnDimension !== undefined && columns.length > 0
  const scales = useMemo(() => scalesOf(pivot, lang), [pivot, lang])
  const keyName = (key: string | null | undefined) => key || t('common.notRecorded')
  const heads = across ? [...columns.map((column) => keyName(column.keys[0])), t('common.total')] : ['']
  const head = (measure: Column) => {
    const scale = scales.get(measure.key)
    return scale?.name ? `${measure.label[lang]} (${scale.name})` : measure.label[lang]
  }
  return (
    <div className={styles.scroller} style={{ maxHeight }}>
      <table className={styles.table} aria-label={label}>
        <thead>
          {across ? (
            <tr>
              <th scope="col" rowSpan={2}>
                {rowLabel}
              </th>
              {heads.map((name) => (
                <th key={name} scope="colgroup" colSpan={measures.length} className={styles.group}>
                  {name}
                </th>
              ))}
            </tr>
          ) : null}
          <tr>
            {across ? null : <th scope="col">{rowLabel}</th>}
            {heads.flatMap((name) =>
              measures.map((measure) => (
                <th key={`${name}-${measure.key}`} scope="col" data-numeric={isNumeric(measure) || undefined}>
                  {head(measure)}
                </th>
              )),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const name = row.keys.map(keyName).join(' · ')
            const cells = across ? [...row.cells, row.totals] : [row.totals]
            return (
              <tr key={name}>
                <th scope="row" title={name}>
                  {name}
                </th>
                {cells.flatMap((cell, at) =>
                  measures.map((measure) => {
                    const key = `${at}-${measure.key}`
                    const column = across ? columns[at]?.keys[0] : undefined
                    const opens = drillOf(measure, name, rowDimension, row.keys[0])
                    const narrow =
                      across && at < columns.length ? { dimension: columnDimension, value: column ?? '' } : undefined
                    return (
                      <PivotCell
                        key={key}
                        cell={cell as Row}
                        measure={measure}
                        scale={scales.get(measure.key)}
                        pivot={pivot}
                        opens={opens}
                        also={narrow}
                      />
                    )
                  }),
                )}
              </tr>
            )
          })}
        </tbody>
        <tfoot>
          <tr>
            <td>{t('common.total')}</td>
            {across ? <td colSpan={columns.length * measures.length} /> : null}
            {measures.map((measure) => {
              const value = shown(pivot.totals as Row, measure, scales.get(measure.key), { ...pivot, lang })
              return (
                <td key={measure.key} data-numeric title={value.exact ?? value.why ?? undefined}>
                  {value.text}
                </td>
              )
            })}
          </tr>
        </tfoot>
      </table>
    </div>
  )
}

function drillOf(measure: Column, title: string, dimension: string, key: string | null | undefined): Drill | undefined {
  if (!ofStock.has(measure.key)) return undefined
  return { cell: 'stock', title, member: { dimension, value: key ?? '' } }
}

type CellProps = {
  cell: Row
  measure: Column
  scale: Scale | undefined
  pivot: Pivot
  opens?: Drill
  also?: { dimension: string; value: string }
}

function PivotCell({ cell, measure, scale, pivot, opens, also }: CellProps) {
  const { t, lang } = useTexts()
  const open = useDrill()
  const value = shown(cell, measure, scale, { ...pivot, lang })
  const colour = cell[`${measure.key}_colour`]
  const status = typeof colour === 'string' && colour in signs ? colour : undefined
  const flagged = cell[`${measure.key}_flag`] === true
  const text = (
    <>
      {flagged ? (
        <span title={t('analyser.flag')} role="img" aria-label={t('analyser.flag')} className={styles.flag}>
          ⚑
        </span>
      ) : null}
      {status ? <span aria-hidden="true">{signs[status]} </span> : null}
      {value.text}
    </>
  )
  return (
    <td
      data-numeric={isNumeric(measure) || undefined}
      data-status={status}
      title={value.exact ?? value.why ?? undefined}
    >
      {opens && value.why === null ? (
        <button type="button" className={styles.open} onClick={() => open(also ? { ...opens, also } : opens)}>
          {text}
        </button>
      ) : (
        text
      )}
    </td>
  )
}

/** One unit for a measure over the whole table. */
function scalesOf(pivot: Pivot, lang: 'zh' | 'en'): Map<string, Scale> {
  const scales = new Map<string, Scale>()
  for (const measure of pivot.measures) {
    if (measure.unit !== 'amount_minor') continue
    const values = pivot.rows.map((row) => (row.totals as Row)[measure.key])
    scales.set(measure.key, amountScale(values, pivot.decimals ?? 2, lang))
  }
  return scales
}
