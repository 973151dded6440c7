import {
  amount,
  amountExact,
  amountScale,
  asNumber,
  type Lang,
  type Money,
  scaled,
  undefinedMark,
  unitName,
  withUnit,
} from '../format/format'
import type { CopiedColumn } from './RecordsTable'

type Told<Row> = {
  key: string
  head: string
  lang: Lang
  /** The list's own currency. */
  money: Money
  /** The rows that the unit is chosen by. */
  rows: readonly Row[]
  minorOf: (row: Row) => unknown
  /** A row's own currency, where it may be another than the list's. */
  moneyOf?: (row: Row) => Money
}

/** Amounts in one unit, by the first page: it stays the same while one scrolls. One in another currency says so. */
export function moneyColumn<Row>(told: Told<Row>): CopiedColumn<Row> {
  const { key, head, lang, money, rows, minorOf } = told
  const scale = amountScale(rows.map(minorOf), money.decimals, lang)
  const own = told.moneyOf ?? (() => money)
  const isForeign = (row: Row) => own(row).currency !== null && own(row).currency !== money.currency
  return {
    key,
    sort: key,
    numeric: true,
    head: withUnit(head, unitName('amount_minor', scale, money.currency, lang), lang),
    plainHead: withUnit(head, money.currency, lang),
    cell: (row) => {
      const minor = asNumber(minorOf(row))
      if (minor === null) return undefinedMark
      return isForeign(row) ? amount(minor, own(row), lang) : scaled(minor, scale, lang)
    },
    title: (row) => {
      const minor = asNumber(minorOf(row))
      return minor === null ? undefined : amountExact(minor, own(row), lang)
    },
    text: (row) => {
      const minor = asNumber(minorOf(row))
      if (minor === null) return null
      const major = minor / 10 ** own(row).decimals
      // With its code it is no number to a spreadsheet, which would add it to the others.
      return isForeign(row) ? `${major} ${own(row).currency}` : major
    },
  }
}
