/**
 * What the address holds. Values are plain texts (`?process=b2b-seven&f=region:East`), so that addresses can be read,
 * written by hand and shared; only `f`, a filter chip each, may come several times.
 */
import { isDay } from '../format/dates'

export type Search = { f?: string[] } & Record<string, string | string[] | undefined>

/** The part that the frame sets and that every page carries on. */
export type View = {
  process?: string
  as_of?: string
  known_at?: string
  scope?: string
  where?: string
  f?: string[]
}

const viewKeys = ['process', 'as_of', 'known_at', 'scope', 'where'] as const

export function parseSearch(text: string): Search {
  const search: Search = {}
  for (const [key, value] of new URLSearchParams(text)) {
    if (key === 'f') search.f = [...(search.f ?? []), value]
    else if (value !== '') search[key] = isDayKey(key) ? narrowDay(value) : value
  }
  return search
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(search)) {
    if (Array.isArray(value)) for (const one of value) params.append(key, String(one))
    else if (value !== undefined && value !== null && value !== '') params.set(key, String(value))
  }
  // Dimension:value chips and lists stay readable: a colon, a comma and a slash need no escape in a query.
  const text = params.toString().replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%2F', '/')
  return text ? `?${text}` : ''
}

/** The view that an address asks for; of days that are none, or that lie ahead of `today`, it asks nothing. */
export function viewOf(search: Search, today?: string): View {
  const view: View = {}
  for (const key of viewKeys) {
    const value = search[key]
    if (typeof value === 'string' && !isWrongDay(key, value)) view[key] = value
  }
  if (today && view.as_of && view.as_of > today) delete view.as_of
  if (search.f?.length) view.f = search.f
  return view
}

const dayKeys = ['as_of', 'known_at'] as const

function isDayKey(key: string): boolean {
  return dayKeys.some((one) => one === key)
}

/** A day in full-width figures is a day; what is none stays as it was written. */
function narrowDay(value: string): string {
  const narrow = value
    .normalize('NFKC')
    .replace(/[\u2212\u2010-\u2015]/g, '-')
    .trim()
  return isDay(narrow) ? narrow : value
}

function isWrongDay(key: string, value: string): boolean {
  return isDayKey(key) && !isDay(value)
}

/** What the address has in the place of days and is none: the view goes without it. */
export function wrongDays(search: Search): { key: (typeof dayKeys)[number]; value: string }[] {
  return dayKeys.flatMap((key) => {
    const value = search[key]
    return typeof value === 'string' && isWrongDay(key, value) ? [{ key, value }] : []
  })
}

/** The day that the address looks from where that lies ahead: nothing is known of it yet. */
export function dayAhead({ as_of }: Search, today: string): string | null {
  return isDay(as_of) && as_of > today ? as_of : null
}

/** A filter chip: one dimension is one value. An empty value means that it is not recorded. */
export type Chip = { dimension: string; value: string }

export function chipOf(text: string): Chip {
  const at = text.indexOf(':')
  return at < 0 ? { dimension: text, value: '' } : { dimension: text.slice(0, at), value: text.slice(at + 1) }
}

export function chipText(chip: Chip): string {
  return `${chip.dimension}:${chip.value}`
}
