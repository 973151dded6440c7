import { type KeyboardEvent, type RefObject, useState } from 'react'
import { newKey, type Target } from '@/shared/api/records'
import { asNumber, type Money, type Scale } from '@/shared/format/format'
import { majorText, moneyRange, readFigures } from '@/shared/records/figures'
import { type Apart, apartFrom } from './neighbours'
import type { By, GridRow, Period } from './periods'
import { useTargetChange } from './use-targets'

export type GridProps = {
  rows: readonly GridRow[]
  periods: readonly Period[]
  by: By
  process: string | undefined
  /** What new targets are in: the currency that the process's deals are counted in. */
  money: Money
  /** What the head of the grid counts in: figures without a unit count in that as well. */
  scale: Scale
  editable: boolean
}

/**
 * The cell that is typed into. Sent again, the same text makes no second target: it goes under the same key. Its figures
 * count in the unit that the head had when it was opened; `asked` holds how far they are from the neighbours, once that
 * was asked about.
 */
type Open = { row: number; column: number; typed: string; key: string; bare: number; asked: Apart | null }

const moves: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/** The currency that a cell is written in: its target's own, else that of the grid. */
export function moneyOf(target: Target | null | undefined, money: Money): Money {
  if (!target?.currency) return money
  return { currency: target.currency, decimals: target.decimals ?? money.decimals }
}

/** A grid under the hands: which cell is open, what is typed, and how it is saved. */
export function useGrid(props: GridProps, table: RefObject<HTMLTableElement | null>) {
  const { rows, periods, by, process, money, scale, editable } = props
  const [open, setOpen] = useState<Open | null>(null)
  const change = useTargetChange()
  const cellOf = (row: number, column: number): Target[] => rows[row]?.cells.get((periods[column] as Period).key) ?? []
  const moneyAt = (row: number, column: number) => moneyOf(cellOf(row, column)[0], money)
  const range = { ...moneyRange((open ? moneyAt(open.row, open.column) : money).decimals, 0), bare: open?.bare }
  const { value: minor, fault } = open ? readFigures(open.typed, range) : { value: null, fault: undefined }

  const focus = (row: number, column: number) => {
    requestAnimationFrame(() =>
      table.current?.querySelector<HTMLElement>(`[data-row="${row}"][data-column="${column}"]`)?.focus(),
    )
  }
  const begin = (row: number, column: number, typed?: string) => {
    const targets = cellOf(row, column)
    // What was asked about is answered first.
    if (!editable || targets.length > 1 || open?.asked) return
    change.reset()
    const own = moneyAt(row, column)
    const bare = own.currency === money.currency ? Math.round(Math.log10(scale.divisor)) : own.decimals
    const text = typed ?? majorText(targets[0]?.amount_minor, bare)
    setOpen({ row, column, typed: text, key: newKey(), bare, asked: null })
  }
  const type = (typed: string) => setOpen((before) => before && { ...before, typed, key: newKey(), asked: null })

  /** The row's other amounts in the currency of the cell. */
  const neighbours = (at: Open) => {
    const own = moneyAt(at.row, at.column).currency
    const others = periods.flatMap((_, column) => (column === at.column ? [] : cellOf(at.row, column)))
    return others.flatMap((one) => (moneyOf(one, money).currency === own ? (asNumber(one.amount_minor) ?? []) : []))
  }

  const save = async (down: boolean) => {
    if (!open || minor === undefined || change.isPending) return
    const target = cellOf(open.row, open.column)[0] ?? null
    const next = () => {
      setOpen(null)
      focus(down ? Math.min(open.row + 1, rows.length - 1) : open.row, open.column)
    }
    if (String(minor ?? '') === String(target?.amount_minor ?? '')) return next()
    const apart = apartFrom(asNumber(minor), neighbours(open))
    // To leave the cell keeps nothing that is asked about: only Enter does.
    if (apart && !(down && open.asked)) return setOpen({ ...open, asked: apart })
    const period = periods[open.column] as Period
    const own = by === 'whole' ? {} : { [by]: rows[open.row]?.member?.id }
    const values = target
      ? { amount_minor: minor }
      : { from_on: period.from, to_on: period.to, process, amount_minor: minor, currency: money.currency, ...own }
    // A target that counts deals too stays for that.
    const removes = minor === null && target !== null && target.deals == null
    try {
      await change.mutateAsync({ target, values: removes ? null : values, key: open.key })
      next()
    } catch {
      // What was typed stays; the message stands below the grid.
    }
  }
  const cellKeys = (row: number, column: number) => (event: KeyboardEvent) => {
    const step = moves[event.key]
    const starts = /^[\d.-]$/.test(event.key.normalize('NFKC')) && !event.ctrlKey && !event.metaKey
    if (!step && !starts && event.key !== 'Delete' && event.key !== 'Backspace') return
    event.preventDefault()
    if (step) focus(row + step[0], column + step[1])
    else begin(row, column, starts ? event.key : '')
  }
  const inputKeys = (event: KeyboardEvent) => {
    if (event.key === 'Enter') void save(true)
    else if (event.key === 'Escape' && open) {
      setOpen(null)
      change.reset()
      focus(open.row, open.column)
    }
  }
  return { open, change, fault, range, cellOf, begin, type, save, cellKeys, inputKeys }
}

export type Grid = ReturnType<typeof useGrid>
