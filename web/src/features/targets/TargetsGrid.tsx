import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { useMeta } from '@/shared/api/queries'
import type { Target } from '@/shared/api/records'
import {
  amountExact,
  amountScale,
  asNumber,
  type Lang,
  nameValue,
  scaled,
  unitName,
  withUnit,
} from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { useFieldErrors } from '@/shared/records/field-errors'
import { majorText, minorOf } from '@/shared/records/values'
import { useProblemWords } from '@/shared/ui/Notice'
import type { By, GridRow, Period } from './periods'
import styles from './TargetsPage.module.css'
import { useTargetChange } from './use-targets'

type Props = {
  rows: readonly GridRow[]
  periods: readonly Period[]
  by: By
  head: string
  process: string | undefined
  editable: boolean
}

const moves: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/** Targets like a sheet: arrows move, typing or Enter begins, Enter saves and goes down, Esc takes it back. */
export function TargetsGrid({ rows, periods, by, head, process, editable }: Props) {
  const { t, lang } = useTexts()
  const { organisation } = useMeta()
  const words = useProblemWords()
  const table = useRef<HTMLTableElement>(null)
  const [open, setOpen] = useState<{ row: number; column: number; typed: string } | null>(null)
  const change = useTargetChange()
  const decimals = organisation.decimals
  const all = useMemo(() => rows.flatMap((row) => [...row.cells.values()].flat()), [rows])
  const scale = amountScale(
    all.map((target) => target.amount_minor),
    decimals,
    lang,
  )
  const unit = unitName('amount_minor', scale, organisation.currency, lang)
  const focus = (row: number, column: number) => {
    requestAnimationFrame(() =>
      table.current?.querySelector<HTMLElement>(`[data-row="${row}"][data-column="${column}"]`)?.focus(),
    )
  }
  const begin = (row: number, column: number, typed?: string) => {
    const targets = cellOf(row, column)
    if (!editable || targets.length > 1) return
    change.reset()
    setOpen({ row, column, typed: typed ?? majorText(targets[0]?.amount_minor, decimals) })
  }
  const cellOf = (row: number, column: number): Target[] => rows[row]?.cells.get((periods[column] as Period).key) ?? []
  const minor = open ? minorOf(open.typed, decimals) : null

  const save = async (down: boolean) => {
    if (!open || minor === undefined || change.isPending) return
    const target = cellOf(open.row, open.column)[0] ?? null
    const period = periods[open.column] as Period
    const next = () => {
      setOpen(null)
      focus(down ? Math.min(open.row + 1, rows.length - 1) : open.row, open.column)
    }
    if (String(minor ?? '') === String(target?.amount_minor ?? '')) return next()
    const own = by === 'whole' ? {} : { [by]: rows[open.row]?.member?.id }
    const values = target
      ? { amount_minor: minor }
      : {
          from_on: period.from,
          to_on: period.to,
          process,
          amount_minor: minor,
          currency: organisation.currency,
          ...own,
        }
    // A target that counts deals too stays for that.
    const removes = minor === null && target !== null && target.deals == null
    try {
      await change.mutateAsync({ target, values: removes ? null : values })
      next()
    } catch {
      // What was typed stays; the message stands below the grid.
    }
  }
  const keys = (row: number, column: number) => (event: KeyboardEvent) => {
    const step = moves[event.key]
    if (step) {
      event.preventDefault()
      focus(row + step[0], column + step[1])
    } else if (/^[\d.-]$/.test(event.key) && !event.ctrlKey && !event.metaKey) {
      event.preventDefault()
      begin(row, column, event.key)
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault()
      begin(row, column, '')
    }
  }
  const inputKeys = (event: KeyboardEvent) => {
    if (event.key === 'Enter') void save(true)
    else if (event.key === 'Escape' && open) {
      setOpen(null)
      change.reset()
      focus(open.row, open.column)
    }
  }
  const errors = Object.values(useFieldErrors(change.error))
  const told = change.isError ? words(change.error) : null
  return (
    <>
      <div className={styles.scroller}>
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
                {periods.map((period, column) => {
                  const targets = cellOf(at, column)
                  const label = t('targets.cell', {
                    member: row.member?.name ?? t('targets.whole'),
                    period: periodName(period, periods, lang, t),
                  })
                  if (open?.row === at && open.column === column) {
                    return (
                      <td key={period.key}>
                        <input
                          // The cell was opened to be typed into
                          autoFocus
                          className={`${styles.cell} ${styles.input}`}
                          aria-label={label}
                          aria-invalid={minor === undefined || change.isError}
                          inputMode="decimal"
                          value={open.typed}
                          onChange={(event) => setOpen({ ...open, typed: event.target.value })}
                          onKeyDown={inputKeys}
                          onBlur={() => void save(false)}
                        />
                      </td>
                    )
                  }
                  return (
                    <td key={period.key}>
                      <button
                        type="button"
                        className={styles.cell}
                        data-row={at}
                        data-column={column}
                        tabIndex={at === 0 && column === 0 ? 0 : -1}
                        aria-label={nameValue(label, cellText(targets, decimals, lang, t), lang)}
                        title={titleOf(targets, lang)}
                        onClick={() => begin(at, column)}
                        onKeyDown={keys(at, column)}
                      >
                        {shown(targets, scale, lang, t)}
                      </button>
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.error} role="alert">
        {minor === undefined ? t('record.noNumber', { n: decimals }) : null}
        {told ? [errors[0] ?? `${told.title} ${told.detail}`, told.hint].join(' ') : null}
      </p>
    </>
  )
}

type T = ReturnType<typeof useTexts>['t']

function periodName(period: Period, periods: readonly Period[], lang: Lang, t: T): string {
  const month = Number(period.from.slice(5, 7))
  if (period.months === 12) return period.from.slice(0, 4)
  if (period.months === 3) return t('targets.quarter', { n: periods.indexOf(period) + 1 })
  return lang === 'zh'
    ? t('targets.monthOf', { n: month })
    : new Intl.DateTimeFormat('en-GB', { month: 'short', timeZone: 'UTC' }).format(new Date(`${period.from}T00:00:00Z`))
}

function shown(targets: readonly Target[], scale: ReturnType<typeof amountScale>, lang: Lang, t: T) {
  if (targets.length > 1) return <span className={styles.several}>{t('targets.several', { n: targets.length })}</span>
  const minor = asNumber(targets[0]?.amount_minor)
  return minor === null ? '' : scaled(minor, scale, lang)
}

function cellText(targets: readonly Target[], decimals: number, lang: Lang, t: T): string {
  if (targets.length > 1) return t('targets.several', { n: targets.length })
  const minor = asNumber(targets[0]?.amount_minor)
  return minor === null
    ? t('common.none')
    : amountExact(minor, { currency: targets[0]?.currency ?? null, decimals: targets[0]?.decimals ?? decimals }, lang)
}

function titleOf(targets: readonly Target[], lang: Lang): string | undefined {
  const one = targets[0]
  const minor = asNumber(one?.amount_minor)
  if (targets.length !== 1 || minor === null) return undefined
  return amountExact(minor, { currency: one?.currency ?? null, decimals: one?.decimals ?? 2 }, lang)
}
