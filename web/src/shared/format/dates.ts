/** Business days as `YYYY-MM-DD` texts: written as people write them, and stepped along the calendar. */
import type { Lang } from './format'

const dayMs = 86_400_000

function utc(day: string): Date {
  return new Date(`${day}T00:00:00Z`)
}

export function isDay(text: unknown): text is string {
  return (
    typeof text === 'string' &&
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(utc(text).getTime()) &&
    iso(utc(text)) === text
  )
}

function iso(date: Date): string {
  return date.toISOString().slice(0, 10)
}

export function addDays(day: string, days: number): string {
  return iso(new Date(utc(day).getTime() + days * dayMs))
}

/** The first day of the months that end with `day`: 30 Nov 2025 for the twelve that end with 29 Nov 2026. */
export function monthsUpTo(day: string, months: number): string {
  const [year, month, at] = [Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1 - months, Number(day.slice(8))]
  // The 31st of a month without one is its last day.
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return addDays(iso(new Date(Date.UTC(year, month, Math.min(at, last)))), 1)
}

const written = new Map<string, Intl.DateTimeFormat>()

function formatter(lang: Lang, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${lang}${JSON.stringify(options)}`
  let found = written.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat(lang === 'zh' ? 'zh-CN' : 'en-GB', options)
    written.set(key, found)
  }
  return found
}

/** Some browsers write September with four letters, and all other months with three. */
const longSep = /Sept\b/

/** 2026年11月23日 · 23 Nov 2026 */
export function date(day: string, lang: Lang): string {
  return formatter(lang, { timeZone: 'UTC', year: 'numeric', month: lang === 'zh' ? 'long' : 'short', day: 'numeric' })
    .format(utc(day))
    .replace(longSep, 'Sep')
}

/** 11月23日 · 23 Nov */
export function dateShort(day: string, lang: Lang): string {
  return formatter(lang, { timeZone: 'UTC', month: lang === 'zh' ? 'long' : 'short', day: 'numeric' })
    .format(utc(day))
    .replace(longSep, 'Sep')
}

/** 11月 · Nov */
export function monthName(day: string, lang: Lang): string {
  return formatter(lang, { timeZone: 'UTC', month: lang === 'zh' ? 'long' : 'short' })
    .format(utc(day))
    .replace(longSep, 'Sep')
}

/** 11/23 · 23 Nov: for the axis of a chart. */
export function dateTick(day: string, lang: Lang): string {
  return lang === 'zh' ? `${Number(day.slice(5, 7))}/${Number(day.slice(8))}` : dateShort(day, lang)
}

/** The ISO week of a day: 第48周 · W48 */
export function week(day: string, lang: Lang): string {
  const at = utc(day)
  const thursday = new Date(at.getTime() + (4 - (at.getUTCDay() || 7)) * dayMs)
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1)
  const number = Math.floor((thursday.getTime() - first) / dayMs / 7) + 1
  return lang === 'zh' ? `第${number}周` : `W${number}`
}

/** The day of an instant in a zone, as `YYYY-MM-DD`. */
export function dayOf(instant: string, timeZone: string): string {
  const at = new Date(instant)
  if (Number.isNaN(at.getTime())) return instant.slice(0, 10)
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at)
}

/** An instant in the reader's own clock, or in a zone: 2026年11月23日 14:05 · 23 Nov 2026, 14:05 */
export function instant(text: string, lang: Lang, timeZone?: string): string {
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) return text
  return formatter(lang, {
    timeZone,
    year: 'numeric',
    month: lang === 'zh' ? 'long' : 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  })
    .format(at)
    .replace(longSep, 'Sep')
}
