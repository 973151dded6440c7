/** How the values in sight are written, as far as that is beyond doubt; the form shows it, and it can be put otherwise. */

/** A comma with one or two figures behind it parts the decimals, where no point does. */
export function hasDecimalComma(values: readonly string[]): boolean {
  const ends = (sign: string) => values.some((value) => new RegExp(`\\d${sign}\\d{1,2}\\D*$`).test(value))
  return ends(',') && !ends('\\.')
}

const shapes: readonly (readonly [string, RegExp])[] = [
  ['iso', /^\d{4}-\d{2}-\d{2}([ T].*)?$/],
  ['%Y/%m/%d', /^\d{4}\/\d{1,2}\/\d{1,2}$/],
  ['%Y.%m.%d', /^\d{4}\.\d{1,2}\.\d{1,2}$/],
  ['%Y年%m月%d日', /^\d{4}年\d{1,2}月\d{1,2}日$/],
  ['%Y%m%d', /^(19|20)\d{6}$/],
  ['%d.%m.%Y', /^\d{1,2}\.\d{1,2}\.\d{4}$/],
  ['%d-%b-%Y', /^\d{1,2}-[A-Za-z]{3}-\d{4}$/],
  ['month', /^(\d{4}年\d{1,2}月|\d{4}-\d{2}|[A-Za-z]{3,9} \d{4})$/],
  ['quarter', /^(Q[1-4] ?\d{4}|\d{4} ?Q[1-4]|\d{4}年(第)?.季度)$/],
  ['excel', /^[2-6]\d{4}(\.\d+)?$/],
]

/** The writings of dates that are seen. Of `3/4/2026` alone nobody knows which is the month. */
export function dateWritings(values: readonly string[]): string[] {
  const plain = values.map((value) => value.trim())
  const found = shapes.filter(([, shape]) => plain.some((value) => shape.test(value))).map(([form]) => form)
  const slashed = plain.map((value) => /^(\d{1,2})\/(\d{1,2})\/\d{4}$/.exec(value)).filter((one) => one !== null)
  const beyond = (part: 1 | 2) => slashed.some((one) => Number(one[part]) > 12)
  if (beyond(1) && !beyond(2)) found.push('%d/%m/%Y')
  if (beyond(2) && !beyond(1)) found.push('%m/%d/%Y')
  return found.length === 1 && found[0] === 'iso' ? [] : found
}
