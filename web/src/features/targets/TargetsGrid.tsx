import { useRef } from 'react'
import { monthName } from '@/shared/format/dates'
import { amountScale, count, counted, type Lang, unitName, withUnit } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { useFieldErrors } from '@/shared/records/field-errors'
import { useFaultWords } from '@/shared/records/use-fault-words'
import { useProblemWords } from '@/shared/ui/Notice'
import { Scroller } from '@/shared/ui/Scroller'
import type { Period } from './periods'
import { TargetCell } from './TargetCell'
import styles from './TargetsPage.module.css'
import { type Grid, type GridProps, moneyOf, useGrid } from './use-grid'

/** Targets like a sheet: arrows move, typing or Enter begins, Enter saves and goes down, Esc takes it back. */
export function TargetsGrid({ head, ...props }: Omit<GridProps, 'scale'> & { head: string }) {
  const { rows, periods, money } = props
  const { t, lang } = useTexts()
  const table = useRef<HTMLTableElement>(null)
  const all = rows.flatMap((row) => [...row.cells.values()].flat())
  const isOwn = (target: (typeof all)[number]) => moneyOf(target, money).currency === money.currency
  const scale = amountScale(
    all.filter(isOwn).map((target) => target.amount_minor),
    money.decimals,
    lang,
  )
  const grid = useGrid({ ...props, scale }, table)
  const unit = unitName('amount_minor', scale, money.currency, lang)
  const foreign = all.filter((target) => target.amount_minor != null && !isOwn(target)).length
  return (
    <>
      <Scroller className={styles.scroller}>
        <table ref={table} className={styles.grid} aria-label={t('pages.targets')}>
          <thead>
            <tr>
              <th scope="col">{withUnit(head, unit, lang)}</th>
              {periods.map((period) => (
                <th key={period.key} scope="col" title={`${period.from} – ${period.to}`}>
                  {periodName(period, periods, lang, t)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={row.member?.id ?? 0}>
                <th scope="row">{row.member?.name ?? t('targets.whole')}</th>
                {periods.map((period, column) => (
                  <TargetCell
                    key={period.key}
                    grid={grid}
                    row={at}
                    column={column}
                    label={t('targets.cell', {
                      member: row.member?.name ?? t('targets.whole'),
                      period: periodName(period, periods, lang, t),
                    })}
                    money={money}
                    scale={scale}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      {foreign > 0 ? (
        <p className={styles.line}>{t('targets.foreign', { ...counted(foreign, lang), currency: money.currency })}</p>
      ) : null}
      <Told grid={grid} />
    </>
  )
}

/** What is wrong with what was typed, or to be asked about it. */
function Told({ grid }: { grid: Grid }) {
  const { t, lang } = useTexts()
  const faultWords = useFaultWords()
  const words = useProblemWords()
  const errors = Object.values(useFieldErrors(grid.change.error))
  const asked = grid.open?.asked
  const told = grid.change.isError ? words(grid.change.error) : null
  return (
    <p className={styles.error} role="alert">
      {grid.fault ? faultWords(grid.fault, grid.range, 'money') : null}
      {asked ? t(asked.larger ? 'targets.farAbove' : 'targets.farBelow', { n: count(asked.times, lang) }) : null}
      {told ? [errors[0] ?? `${told.title} ${told.detail}`, told.hint].join(' ') : null}
    </p>
  )
}

type T = ReturnType<typeof useTexts>['t']

function periodName(period: Period, periods: readonly Period[], lang: Lang, t: T): string {
  const month = Number(period.from.slice(5, 7))
  if (period.months === 12) return period.from.slice(0, 4)
  if (period.months === 3) return t('targets.quarter', { n: periods.indexOf(period) + 1 })
  return lang === 'zh' ? t('targets.monthOf', { n: month }) : monthName(period.from, lang)
}
