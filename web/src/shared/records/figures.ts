/** Figures as people type them, and what is wrong with those that are none. */

/** The largest amount of one record in minor units, as the server has it (`MOST_MINOR` of the domain). */
export const mostMinor = 1e15

/**
 * What may be typed: how many decimals, and within which bounds in the smallest unit; `most` to both sides of zero.
 * `bare` are the decimals of figures without a unit, where they count in a larger one: six in ¥万.
 */
export type Range = { places: number; bare?: number; least?: number; most?: number }

/** Amounts of money: without a least one, or from 0 on. */
export function moneyRange(decimals: number, least?: number): Range {
  return { places: decimals, least, most: mostMinor }
}

/** Shares, in millionths: 0 to 100 %. */
export const shareRange: Range = { places: 4, least: 0, most: 1e6 }

export type Fault = 'noNumber' | 'comma' | 'decimals' | 'tooLarge' | 'negative'

/** What was read: whole smallest units (what a number cannot hold is a text of digits), nothing, or why it is none. */
export type Read = { value: number | string | null; fault?: undefined } | { value?: undefined; fault: Fault }

/**
 * Figures as people type them, in the smallest unit; with 万 and 亿, K and M, in narrow or full-width characters. What
 * is wrong is told apart: no number, a comma that parts no thousands (it may be meant for a point), too many decimals,
 * below or beyond what the field takes.
 */
export function readFigures(typed: string, { places, bare = places, least, most }: Range): Read {
  const clean = typed
    .normalize('NFKC')
    .replace(/[\u2212\u2012\u2013]/g, '-')
    .replace(/。/g, '.')
    .replace(/、/g, ',')
    .replace(/[\s¥$€]/g, '')
  if (clean === '') return { value: null }
  const match = figures.exec(clean.replaceAll(',', ''))
  if (!match || (!match[2] && !match[3])) return { fault: 'noNumber' }
  if (clean.includes(',') && !grouped.test(clean)) return { fault: 'comma' }
  const [, sign = '', whole = '', fraction = '', unit] = match
  const shift = unit ? places + (steps[unit.toLowerCase()] ?? 0) : bare
  const kept = fraction.replace(/0+$/, '')
  if (kept.length > shift) return { fault: 'decimals' }
  const digits = `${whole}${kept.padEnd(shift, '0')}`.replace(/^0+(?=\d)/, '')
  const text = digits === '0' ? '0' : `${sign}${digits}`
  const number = Number(text)
  if (least === 0 && number < 0) return { fault: 'negative' }
  if (digits.length > 18 || (most !== undefined && Math.abs(number) > most)) return { fault: 'tooLarge' }
  return { value: Number.isSafeInteger(number) ? number : text }
}

const figures = /^(-?)(\d*)(?:\.(\d*))?(万|亿|[kKmM])?$/

/** Groups of three digits from the first comma to the point: in 1234,5 and 12,34 the comma is for decimals, or a slip. */
const grouped = /^-?[1-9]\d{0,2}(?:,\d{3})+(?![\d,])[^,]*$/

const steps: Record<string, number> = { 万: 4, 亿: 8, k: 3, m: 6 }

/** Minor units as the figures that people type, without loss: 1234567 with two decimals is 12345.67. */
export function majorText(minor: unknown, decimals: number): string {
  if (minor === null || minor === undefined || minor === '') return ''
  const digits = String(minor)
  if (!/^-?\d+$/.test(digits)) return ''
  const sign = digits.startsWith('-') ? '-' : ''
  const plain = digits.replace('-', '').padStart(decimals + 1, '0')
  if (decimals === 0) return sign + plain
  const fraction = plain.slice(-decimals).replace(/0+$/, '')
  return `${sign}${plain.slice(0, -decimals)}${fraction ? `.${fraction}` : ''}`
}
