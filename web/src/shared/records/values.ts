/** Values of fields: as people read them, as they type them, and as they are sent. */
import type { Field, Named } from '../api/records'
import { date, instant, isDay } from '../format/dates'
import { amountExact, asNumber, count, type Lang, share, undefinedMark } from '../format/format'

export type Money = { currency: string | null; decimals: number }

/** What of a field matters to how its value is written. */
export type Typed = Pick<Field, 'type'> & Partial<Pick<Field, 'choices'>>

export type Names = {
  yes: string
  no: string
  erased: string
  outcome: (key: string) => string
  process: (key: string) => string
  stage: (key: string) => string
  /** The part that somebody plays in a customer's decision. */
  role: (key: string) => string
  /** One of two names, in the reader's language. */
  say: (name: { zh: string; en: string }) => string
}

export function isNamed(value: unknown): value is Named {
  return typeof value === 'object' && value !== null && 'id' in value && 'name' in value
}

/** A field's value in words. */
export function valueText(field: Typed, value: unknown, money: Money, lang: Lang, names: Names): string {
  if (value === null || value === undefined || value === '') return undefinedMark
  if (isNamed(value)) return value.name || `#${value.id}`
  const number = asNumber(value)
  switch (field.type) {
    case 'amount_minor':
      return number === null ? String(value) : amountExact(number, money, lang)
    case 'ppm':
      return number === null ? String(value) : share(number / 1e6, lang, number % 10_000 === 0 ? 0 : 1)
    case 'int':
      return number === null ? String(value) : count(number, lang)
    case 'day':
      return isDay(value) ? date(value, lang) : String(value)
    case 'at':
      return instant(String(value), lang)
    case 'bool':
      // An import keeps facts as the texts they were: “no” is not yes.
      return value === true ? names.yes : value === false ? names.no : String(value)
    case 'choice': {
      const choice = field.choices?.find((one) => one.key === value)
      return choice ? names.say(choice.name) : String(value)
    }
    case 'outcome':
      return names.outcome(String(value))
    case 'process':
      return names.process(keyOf(value))
    case 'stage':
      return names.stage(keyOf(value))
    default:
      return typeof value === 'object' ? (partiesText(value, lang, names) ?? jsonText(value)) : String(value)
  }
}

function keyOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'key' in value ? String(value.key) : String(value)
}

/** The texts of a list that people may write by hand; nothing where it holds more than texts. */
export function listOf(value: unknown): string[] | undefined {
  if (value === null || value === undefined || value === '') return []
  const parts = Array.isArray(value) ? value : [value]
  return parts.every((one) => typeof one === 'string') ? parts : undefined
}

/** People of a deal: who, in which role, and when they were met. */
function partiesText(value: unknown, lang: Lang, names: Names): string | undefined {
  const parties = Array.isArray(value) ? (value as { name?: unknown; role?: unknown; met_on?: unknown }[]) : []
  if (parties.length === 0 || !parties.every((one) => typeof one === 'object' && one !== null && 'role' in one))
    return undefined
  const told = parties.map(({ name, role, met_on }) => {
    const who = [name, names.role(String(role))].filter(Boolean).join(' · ')
    return isDay(met_on) ? `${who} · ${date(met_on, lang)}` : who
  })
  return told.join('; ')
}

/** A list as its parts, an object as its pairs: nobody reads braces. */
function jsonText(value: object): string {
  if (Array.isArray(value)) return value.map((one) => (typeof one === 'object' ? JSON.stringify(one) : one)).join(', ')
  return Object.entries(value)
    .map(([key, one]) => `${key}: ${typeof one === 'object' && one !== null ? JSON.stringify(one) : one}`)
    .join('; ')
}

/** A value as it is sent: a record by its id. */
export function sent(value: unknown): unknown {
  return isNamed(value) ? value.id : value
}

/** Whether two values are the same to whoever reads them. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(sent(one) ?? null) === JSON.stringify(sent(other) ?? null)
}
