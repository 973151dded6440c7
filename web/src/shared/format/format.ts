/**
 * Numbers and dates as people write them. Only their looks: what a number is comes from the server, and nothing is
 * added, divided or compared here beyond choosing one unit for a column.
 */

export type Lang = 'zh' | 'en'

export type Unit = 'text' | 'count' | 'amount_minor' | 'share' | 'days' | 'date' | 'number'

/** What a column's numbers are divided by when they are written, and how that is named in its head. */
export type Scale = { divisor: number; name: string; digits: number }

export const undefinedMark = '–'

const steps: Record<Lang, readonly (readonly [number, string])[]> = {
  zh: [
    [1e8, '亿'],
    [1e4, '万'],
  ],
  en: [
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'K'],
  ],
}

/** Money beyond 64 bits comes as a text of digits; both are read. Undefined stays undefined. */
export function asNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value)
  return null
}

/** One scale for all amounts of a column: the largest unit that the largest amount reaches. */
export function amountScale(valuesMinor: readonly unknown[], decimals: number, lang: Lang): Scale {
  const minor = 10 ** decimals
  let largest = 0
  for (const value of valuesMinor) largest = Math.max(largest, Math.abs(asNumber(value) ?? 0))
  const whole = largest / minor
  const step = steps[lang].find(([size]) => whole >= size)
  if (!step) return { divisor: minor, name: '', digits: 0 }
  return { divisor: minor * step[0], name: step[1], digits: whole / step[0] < 10 ? 2 : 1 }
}

/** The same of a table: by its rows, whose digits count, and not by the total below them. */
export function tableScale(rows: readonly unknown[], totals: readonly unknown[], decimals: number, lang: Lang): Scale {
  const told = rows.some((value) => asNumber(value))
  return amountScale(told ? rows : totals, decimals, lang)
}

function decimal(lang: Lang, digits: number, fewest = digits): Intl.NumberFormat {
  const key = `${lang}${fewest}-${digits}`
  let found = formats.get(key)
  if (!found) {
    found = new Intl.NumberFormat(lang === 'zh' ? 'zh-CN' : 'en-GB', {
      minimumFractionDigits: fewest,
      maximumFractionDigits: digits,
    })
    formats.set(key, found)
  }
  return found
}
const formats = new Map<string, Intl.NumberFormat>()

/** A minus that is as wide as a plus; never "-0". */
function written(text: string): string {
  return text.replace(/^-(?=[0.,]*$)/, '').replace(/^-/, '−')
}

export function scaled(valueMinor: number, scale: Scale, lang: Lang): string {
  return written(decimal(lang, scale.digits).format(valueMinor / scale.divisor))
}

/** An amount beside an axis: as many digits as tell its ticks apart, and no more. */
export function tick(valueMinor: number, scale: Scale, lang: Lang): string {
  return written(decimal(lang, 2, 0).format(valueMinor / scale.divisor))
}

export function count(value: number, lang: Lang): string {
  return written(decimal(lang, 0).format(value))
}

/** A count that may be missing, or none at all. */
export function countOrNone(value: unknown, lang: Lang): string {
  const number = asNumber(value)
  return number === null ? undefinedMark : count(number, lang)
}

/** A number for a text: as people write it, and for the rule that tells one from many. */
export function counted(value: number, lang: Lang): { count: number; n: string } {
  return { count: value, n: count(value, lang) }
}

export function share(value: number, lang: Lang, digits = 1): string {
  return `${written(decimal(lang, digits).format(value * 100))}\u202f%`
}

export function days(value: number, lang: Lang): string {
  return written(decimal(lang, Number.isInteger(value) ? 0 : 1).format(value))
}

/** The sign of a currency, as short as it goes: ¥, $, €; else its code. */
export function currencySign(currency: string | null | undefined, lang: Lang): string {
  if (!currency) return ''
  if (currency === 'CNY') return '¥'
  try {
    const parts = new Intl.NumberFormat(lang === 'zh' ? 'zh-CN' : 'en-GB', {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
    }).formatToParts(0)
    return parts.find((part) => part.type === 'currency')?.value ?? currency
  } catch {
    return currency
  }
}

export type Money = { currency: string | null; decimals: number }

/** An amount standing alone: ¥1,234.5 万 · ¥12.3 M. */
export function amount(valueMinor: number, money: Money, lang: Lang, scale?: Scale): string {
  const by = scale ?? amountScale([valueMinor], money.decimals, lang)
  const figures = scaled(Math.abs(valueMinor), by, lang)
  const sign = valueMinor < 0 && /[1-9]/.test(figures) ? '−' : ''
  return `${sign}${joined(currencySign(money.currency, lang), figures)}${by.name ? `\u202f${by.name}` : ''}`
}

/** An amount to the last minor unit, for tooltips: ¥12,345,678.90. */
export function amountExact(valueMinor: number, money: Money, lang: Lang): string {
  const figures = decimal(lang, money.decimals).format(Math.abs(valueMinor) / 10 ** money.decimals)
  return `${valueMinor < 0 ? '−' : ''}${joined(currencySign(money.currency, lang), figures)}`
}

function joined(sign: string, figures: string): string {
  return sign.length > 1 ? `${sign}\u202f${figures}` : `${sign}${figures}`
}

/** The unit as a column's head names it: ¥万 · ¥M · 天 · %. Counts have none. */
export function unitName(unit: Unit, scale: Scale | null, currency: string | null | undefined, lang: Lang): string {
  if (unit === 'amount_minor') return `${currencySign(currency, lang)}${scale?.name ?? ''}`
  if (unit === 'days') return lang === 'zh' ? '天' : 'd'
  return ''
}

/** A difference carries its sign. */
export function signed(text: string, value: number): string {
  return value > 0 ? `+${text}` : text
}

/** A name with what it is counted in: 金额（¥万） · Amount (¥M). Without a unit there are no brackets. */
export function withUnit(name: string, unit: string | null | undefined, lang: Lang): string {
  if (!unit) return name
  return lang === 'zh' ? `${name}（${unit}）` : `${name} (${unit})`
}

/** A name and what is said of it: 华东：12 · East: 12. */
export function nameValue(name: string, value: string, lang: Lang): string {
  return lang === 'zh' ? `${name}：${value}` : `${name}: ${value}`
}

/** A label at the head of something begins with a capital letter, where its script has them. */
export function capital(label: string): string {
  return label.charAt(0).toLocaleUpperCase('en') + label.slice(1)
}

/** The size of a file. */
export function bytes(n: number, lang: Lang): string {
  const [size, unit] = n >= 1e9 ? [n / 1e9, 'GB'] : n >= 1e6 ? [n / 1e6, 'MB'] : [n / 1e3, 'kB']
  return `${size.toLocaleString(lang === 'zh' ? 'zh-CN' : 'en-GB', { maximumFractionDigits: 1 })}\u202f${unit}`
}
