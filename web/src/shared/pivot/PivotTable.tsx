import { useMemo } from 'react'
import { isNumeric, shown } from '../answer/cells'
import type { Column, Pivot, Row } from '../api/types'
import { cellOf, type Drill, type Group, useDrill } from '../drill/drill'
import { asNumber, capital, type Scale, tableScale, unitName, withUnit } from '../format/format'
import { statusOf, statusSigns } from '../format/status'
import { useTexts } from '../i18n/i18n'
import { useMemberName } from '../records/use-member-name'
import { Scroller } from '../ui/Scroller'
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

/** Which deals each measure is made of: the open stock, or what was won, or won and lost, in the pivot's period. */
const madeOf: Record<string, [analysis: string, parts: Record<string, string>]> = {
  deals: ['stock', {}],
  amount_minor: ['stock', {}],
  weighted_minor: ['stock', {}],
  won_deals: ['gauge', { part: 'won' }],
  won_minor: ['gauge', { part: 'won' }],
  target_share: ['gauge', { part: 'won' }],
  win_rate: ['gauge', { part: 'decided' }],
}

/** Members down, members across, measures in each cell, as the server computed them. */
export function PivotTable({ pivot, label, rowDimension, columnDimension, rowLabel, maxHeight }: Props) {
  const { t, lang } = useTexts()
  const { measures, columns, rows } = pivot
  const across = columnDimension !== undefined && columns.length > 0
  const scales = useMemo(() => scalesOf(pivot, lang), [pivot, lang])
  const nameOf = useMemberName()
  const keyName = (dimension: string, key: string | null | undefined) =>
    key ? nameOf(dimension, key) : t('common.notRecorded')
  const heads = across
    ? [...columns.map((column) => keyName(columnDimension, column.keys[0])), t('common.total')]
    : ['']
  const head = (measure: Column) => {
    const unit = unitName(measure.unit, scales.get(measure.key) ?? null, pivot.currency, lang)
    return withUnit(capital(measure.label[lang]), unit, lang)
  }
  return (
    <Scroller style={{ maxHeight }}>
      <table className={styles.table} aria-label={label}>
        <thead>
          {across ? (
            <tr>
              <th scope="col" rowSpan={2}>
                {capital(rowLabel)}
              </th>
              {heads.map((name) => (
                <th key={name} scope="colgroup" colSpan={measures.length} className={styles.group}>
                  {name}
                </th>
              ))}
            </tr>
          ) : null}
          <tr>
            {across ? null : <th scope="col">{capital(rowLabel)}</th>}
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
            const name = row.keys.map((key) => keyName(rowDimension, key)).join(' · ')
            return (
              <tr key={name}>
                <th scope="row" title={name}>
                  {name}
                </th>
                <Cells {...{ pivot, row, across, scales, rowDimension, columnDimension, title: name }} />
              </tr>
            )
          })}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t('common.total')}</th>
            <Cells {...{ pivot, row: pivot.totals, across, scales, columnDimension, title: t('common.total') }} />
          </tr>
        </tfoot>
      </table>
    </Scroller>
  )
}

type CellsProps = {
  pivot: Pivot
  row: Pivot['totals']
  across: boolean
  scales: Map<string, Scale>
  /** Absent for the row of totals, which is of no member. */
  rowDimension?: string
  columnDimension?: string
  title: string
}

/** A row's measures: column by column and over all columns, or only the latter. */
function Cells({ pivot, row, across, scales, rowDimension, columnDimension, title }: CellsProps) {
  const parts = across ? [...row.cells, row.totals] : [row.totals]
  return parts.flatMap((cell, at) =>
    pivot.measures.map((measure) => {
      const groups: Group[] = rowDimension ? [{ dimension: rowDimension, value: row.keys[0] }] : []
      if (across && columnDimension && at < row.cells.length) {
        groups.push({ dimension: columnDimension, value: pivot.columns[at]?.keys[0] })
      }
      return (
        <PivotCell
          // A pivot's columns stand still while it is shown.
          key={`${pivot.columns[at]?.keys[0] ?? at}-${measure.key}`}
          cell={cell as Row}
          measure={measure}
          scale={scales.get(measure.key)}
          pivot={pivot}
          opens={drillOf(cell as Row, measure, title, groups)}
        />
      )
    }),
  )
}

function drillOf(cell: Row, measure: Column, title: string, groups: Group[]): Drill | undefined {
  const [analysis, parts] = madeOf[measure.key] ?? []
  if (!analysis) return undefined
  const weighted = measure.key === 'weighted_minor' ? asNumber(cell.weighted_minor) : null
  return { cell: cellOf(analysis, parts ?? {}, ...groups), title, weighted }
}

type CellProps = {
  cell: Row
  measure: Column
  scale: Scale | undefined
  pivot: Pivot
  opens?: Drill
}

function PivotCell({ cell, measure, scale, pivot, opens }: CellProps) {
  const { t, lang } = useTexts()
  const open = useDrill()
  const value = shown(cell, measure, scale, { ...pivot, lang })
  const status = measure.key === 'target_share' ? statusOf(cell.target_share_colour) : undefined
  const flagged = status !== undefined && cell.target_share_far === true
  const text = (
    <>
      {flagged ? (
        <span title={t('analyser.flag')} role="img" aria-label={t('analyser.flag')} className={styles.flag}>
          ⚑
        </span>
      ) : null}
      {status ? <span aria-hidden="true">{statusSigns[status]} </span> : null}
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
        <button type="button" className={styles.open} onClick={() => open(opens)}>
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
    const valueOf = (row: Pivot['totals']) => (row.totals as Row)[measure.key]
    scales.set(measure.key, tableScale(pivot.rows.map(valueOf), [valueOf(pivot.totals)], pivot.decimals ?? 2, lang))
  }
  return scales
}
