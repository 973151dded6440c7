/** A value of an answer's row in words: the one place where columns, units and languages meet. */
import type { Answer, Column, Row } from '../api/types'
import { date, isDay } from '../format/dates'
import {
  amountExact,
  amountScale,
  asNumber,
  capital,
  count,
  days,
  type Lang,
  type Scale,
  scaled,
  share,
  tableScale,
  undefinedMark,
  unitName,
  withUnit,
} from '../format/format'
import { tsv } from '../table/tsv'

export type Shown = {
  text: string
  /** Why there is no number; null where there is one. */
  why: string | null
  /** The number to the last digit, for the pointer that rests on it. */
  exact: string | null
}

/** How the amounts of each column are scaled: one unit a column, by its largest value. */
export function scalesOf(answer: Answer, lang: Lang): Map<string, Scale> {
  const scales = new Map<string, Scale>()
  for (const column of answer.columns) {
    if (column.unit !== 'amount_minor') continue
    const values = answer.rows.map((row) => (row as Row)[column.key])
    scales.set(column.key, tableScale(values, [answer.totals?.[column.key]], answer.decimals ?? 2, lang))
  }
  return scales
}

/** A name in the current language, where the server gives both. */
export function nameIn(row: Row, key: string, lang: Lang): string | null {
  const own = row[`${key}_${lang}`]
  if (typeof own === 'string') return own
  const value = row[key]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}

export function isNumeric(column: Column): boolean {
  return column.unit !== 'text' && column.unit !== 'date'
}

type Context = { currency?: string | null; decimals?: number | null; lang: Lang }

/** Deals of which no amount is known come to no amount, and not to zero. */
export function lacksAmounts(row: Row): boolean {
  const unknown = asNumber(row.deals_without_amount) ?? 0
  return unknown > 0 && unknown === asNumber(row.deals)
}

/** The same of one column: a count stays what it is. */
export function lacksAmount(row: Row, column: Column): boolean {
  return (column.unit === 'amount_minor' || column.key === 'amount_share') && lacksAmounts(row)
}

export function shown(row: Row, column: Column, scale: Scale | undefined, context: Context): Shown {
  const { lang } = context
  if (lacksAmount(row, column)) {
    return { text: undefinedMark, why: '', exact: null }
  }
  if (column.unit === 'text' || column.unit === 'date') {
    const name = nameIn(row, column.key, lang)
    if (name === null || name === '') return absent(row, column.key, lang)
    return { text: column.unit === 'date' && isDay(name) ? date(name, lang) : name, why: null, exact: null }
  }
  const value = asNumber(row[column.key])
  if (value === null) return absent(row, column.key, lang)
  return { ...number(value, column, scale, context), why: null }
}

function number(value: number, column: Column, scale: Scale | undefined, context: Context): Omit<Shown, 'why'> {
  const { lang } = context
  switch (column.unit) {
    case 'amount_minor': {
      const money = { currency: context.currency ?? null, decimals: context.decimals ?? 2 }
      const by = scale ?? amountScale([value], money.decimals, lang)
      return { text: scaled(value, by, lang), exact: amountExact(value, money, lang) }
    }
    case 'share':
      return { text: share(value, lang), exact: share(value, lang, 3) }
    case 'days':
      return { text: days(value, lang), exact: null }
    default:
      return { text: Number.isInteger(value) ? count(value, lang) : days(value, lang), exact: null }
  }
}

function absent(row: Row, key: string, lang: Lang): Shown {
  const why = row[`${key}_why`]
  const told =
    typeof why === 'object' && why !== null && lang in why ? String((why as Record<string, unknown>)[lang]) : ''
  return { text: undefinedMark, why: told, exact: null }
}

/** A column's head: its label, and its unit where it has one. */
export function headOf(
  column: Column,
  scale: Scale | undefined,
  currency: string | null | undefined,
  lang: Lang,
): string {
  const unit = unitName(column.unit, scale ?? null, currency, lang)
  return withUnit(capital(column.label[lang]), unit, lang)
}

/** The whole answer as tab-separated text in full precision, for a spreadsheet. */
export function tsvOf(answer: Answer, lang: Lang): string {
  const decimals = answer.decimals ?? 2
  const head = answer.columns.map((column) =>
    withUnit(column.label[lang], column.unit === 'amount_minor' ? answer.currency : null, lang),
  )
  const lines = answer.rows.map((row) => answer.columns.map((column) => plain(row as Row, column, decimals, lang)))
  return tsv([head, ...lines])
}

function plain(row: Row, column: Column, decimals: number, lang: Lang): string {
  if (!isNumeric(column)) return nameIn(row, column.key, lang) ?? ''
  const value = lacksAmount(row, column) ? null : asNumber(row[column.key])
  if (value === null) return ''
  return column.unit === 'amount_minor' ? (value / 10 ** decimals).toFixed(decimals) : String(value)
}
