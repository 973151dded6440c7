import { type CSSProperties, useMemo } from 'react'
import type { Analyser, Row } from '@/shared/api/types'
import { cellOf, useDrill } from '@/shared/drill/drill'
import { amountScale, asNumber, count, nameValue, scaled, unitName, withUnit } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Scroller } from '@/shared/ui/Scroller'
import styles from './Matrix.module.css'
import { useStateName } from './names'
import type { Measure } from './use-analyser'

const outside = ['new', 'reopened', 'resumed', 'transferred_in']
const ends = ['won', 'lost', 'cancelled', 'parked', 'deleted', 'transferred_out']

/** From every state of last week to every state of this: the darker, the more. A number opens its deals. */
export function Matrix({ data, measure, title }: { data: Analyser; measure: Measure; title: string }) {
  const { t, lang } = useTexts()
  const open = useDrill()
  const nameOf = useStateName(data.stages)
  const { from, to, cells, most, rowOf } = useMemo(() => gridOf(data, measure), [data, measure])
  const scale = amountScale([most], data.matrix.decimals ?? 2, lang)
  const unit = measure === 'amount' ? unitName('amount_minor', scale, data.matrix.currency, lang) : ''
  const fromName = (state: string) => nameOf(state, rowOf.get(`from ${state}`), 'from_stage')
  const toName = (state: string) => nameOf(state, rowOf.get(`to ${state}`), 'to_stage')
  const written = (value: number) => (measure === 'amount' ? scaled(value, scale, lang) : count(value, lang))
  return (
    <Scroller>
      <table className={styles.matrix} aria-label={title}>
        <thead>
          <tr>
            <th scope="col" className={styles.corner}>
              {withUnit(t('analyser.fromTo'), unit, lang)}
            </th>
            {to.map((state) => (
              <th key={state} scope="col" data-kind={ends.includes(state) ? state : undefined}>
                {toName(state)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {from.map((source) => (
            <tr key={source}>
              <th scope="row">{fromName(source)}</th>
              {to.map((target) => {
                const value = cells.get(`${source} ${target}`)
                if (value === undefined) return <td key={target} />
                const heat = { '--heat': `${Math.round(Math.sqrt(value / (most || 1)) * 70)}%` } as CSSProperties
                const name = `${fromName(source)} → ${toName(target)}`
                return (
                  <td
                    key={target}
                    style={heat}
                    data-stays={source === target || undefined}
                    data-kind={ends.includes(target) ? target : undefined}
                  >
                    <button
                      type="button"
                      aria-label={nameValue(name, written(value), lang)}
                      onClick={() =>
                        open({
                          cell: cellOf('migration', { from_stage: source, to_stage: target }),
                          title: name,
                          extra: { from: data.week.from, to: data.week.to },
                        })
                      }
                    >
                      {written(value)}
                    </button>
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}

/** The states that something stood in or moved between, in their order, and the value of each cell. */
export function gridOf(data: Analyser, measure: Measure) {
  const key = measure === 'amount' ? 'amount_to_minor' : 'deals'
  const cells = new Map<string, number>()
  const [sources, targets] = [new Set<string>(), new Set<string>()]
  const rowOf = new Map<string, Row>()
  let most = 0
  for (const row of data.matrix.rows as Row[]) {
    const value = asNumber(row[key])
    if (value === null) continue
    cells.set(`${row.from_stage} ${row.to_stage}`, value)
    sources.add(String(row.from_stage))
    targets.add(String(row.to_stage))
    rowOf.set(`from ${row.from_stage}`, row)
    rowOf.set(`to ${row.to_stage}`, row)
    if (row.from_stage !== row.to_stage) most = Math.max(most, value)
  }
  const stages = data.stages.map((stage) => stage.key)
  const known = [...stages, ...outside, ...ends]
  // Stages beside the process's: the unknown one, and those of its earlier versions.
  const rest = (found: Set<string>) => [...found].filter((state) => !known.includes(state))
  return {
    cells,
    most,
    rowOf,
    from: [...stages, ...rest(sources), ...outside.filter((state) => sources.has(state))],
    to: [...stages, ...rest(targets), ...ends.filter((state) => targets.has(state))],
  }
}
