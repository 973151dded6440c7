/**
 * Conditions as people say them, and the SQL that says the same. What was written by hand is only understood where it
 * has the shape of what is written here; anything else stays SQL.
 */

export const comparisons = [
  'eq',
  'ne',
  'in',
  'not-in',
  'contains',
  'lacks',
  'starts',
  'ends',
  'gt',
  'ge',
  'lt',
  'le',
  'empty',
  'filled',
] as const
export type Comparison = (typeof comparisons)[number]

export type Condition = { column: string; is: Comparison; values: string[] }
export type Conditions = { all: boolean; list: Condition[] }

export const wantsNothing = (is: Comparison): boolean => is === 'empty' || is === 'filled'
export const wantsMany = (is: Comparison): boolean => is === 'in' || is === 'not-in'
const signs: Partial<Record<Comparison, string>> = { gt: '>', ge: '>=', lt: '<', le: '<=' }
/** Comparisons that take values which were read as numbers or dates. */
export const wantsSize = (is: Comparison): boolean => is in signs

export const quoted = (column: string): string => `"${column.replaceAll('"', '""')}"`
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
const sized = (text: string): string => (/^-?\d+(\.\d+)?$/.test(text) ? text : literal(text))

export function isWhole({ column, is, values }: Condition): boolean {
  return column !== '' && (wantsNothing(is) || values.some((value) => value !== ''))
}

/** Rows where nothing stands are no different from others: what is not “Total” is kept, empty or not. */
export function conditionSql({ column, is, values }: Condition): string {
  const name = quoted(column)
  const first = literal(values[0] ?? '')
  const list = `(${values.map(literal).join(', ')})`
  switch (is) {
    case 'eq':
      return `${name} = ${first}`
    case 'ne':
      return `${name} is distinct from ${first}`
    case 'in':
      return `${name} in ${list}`
    case 'not-in':
      return `(${name} is null or ${name} not in ${list})`
    case 'contains':
      return `contains(${name}, ${first})`
    case 'lacks':
      return `not coalesce(contains(${name}, ${first}), false)`
    case 'starts':
      return `starts_with(${name}, ${first})`
    case 'ends':
      return `ends_with(${name}, ${first})`
    case 'empty':
      return `${name} is null`
    case 'filled':
      return `${name} is not null`
    default:
      return `${name} ${signs[is]} ${sized(values[0] ?? '')}`
  }
}

export function conditionsSql({ all, list }: Conditions): string {
  return list
    .filter(isWhole)
    .map(conditionSql)
    .join(all ? ' and ' : ' or ')
}

const id = `"((?:[^"]|"")+)"`
const text = `'((?:[^']|'')*)'`
const texts = `\\(('(?:[^']|'')*'(?:, '(?:[^']|'')*')*)\\)`
const shapes: readonly (readonly [Comparison, RegExp])[] = [
  ['eq', new RegExp(`^${id} = ${text}`)],
  ['ne', new RegExp(`^${id} is distinct from ${text}`)],
  ['in', new RegExp(`^${id} in ${texts}`)],
  ['not-in', new RegExp(`^\\(${id} is null or "(?:[^"]|"")+" not in ${texts}\\)`)],
  ['contains', new RegExp(`^contains\\(${id}, ${text}\\)`)],
  ['lacks', new RegExp(`^not coalesce\\(contains\\(${id}, ${text}\\), false\\)`)],
  ['starts', new RegExp(`^starts_with\\(${id}, ${text}\\)`)],
  ['ends', new RegExp(`^ends_with\\(${id}, ${text}\\)`)],
  ['empty', new RegExp(`^${id} is null`)],
  ['filled', new RegExp(`^${id} is not null`)],
  ...(['ge', 'le', 'gt', 'lt'] as const).map(
    (is) => [is, new RegExp(`^${id} ${signs[is]} (-?\\d+(?:\\.\\d+)?|'(?:[^']|'')*')`)] as const,
  ),
]

const plain = (value: string): string => (value.startsWith("'") ? value.slice(1, -1).replaceAll("''", "'") : value)

/** The condition that a text begins with, and what is left of it. */
function leading(sql: string): { condition: Condition; rest: string } | null {
  for (const [is, shape] of shapes) {
    const found = shape.exec(sql)
    if (!found) continue
    const column = (found[1] ?? '').replaceAll('""', '"')
    const raw = found[2]
    const values =
      raw === undefined
        ? []
        : wantsMany(is)
          ? [...raw.matchAll(/'(?:[^']|'')*'/g)].map(([one]) => plain(one))
          : [signs[is] ? plain(raw) : raw.replaceAll("''", "'")]
    const condition: Condition = { column, is, values }
    // What is not written again as it stood says something else.
    const own = conditionSql(condition)
    if (sql.startsWith(own)) return { condition, rest: sql.slice(own.length) }
  }
  return null
}

/** The conditions that SQL says; nothing where it says more than they can. */
export function conditionsOf(sql: string): Conditions | null {
  const list: Condition[] = []
  let rest = sql.trim()
  let word: string | null = null
  while (rest !== '') {
    const next = leading(rest)
    if (!next) return null
    list.push(next.condition)
    rest = next.rest
    if (rest === '') break
    const between: string | undefined = /^ (and|or) /.exec(rest)?.[1]
    if (!between || (word !== null && between !== word)) return null
    word = between
    rest = rest.slice(between.length + 2)
  }
  return { all: word !== 'or', list }
}

/** A column by cases: the first whose condition holds says what stands in it. */
export type Cases = { list: { when: Condition; then: string }[]; otherwise: string }

const outcome = (text: string): string => (text === '' ? 'null' : literal(text))

export function casesSql({ list, otherwise }: Cases): string {
  const whole = list.filter((one) => isWhole(one.when))
  if (whole.length === 0) return ''
  const parts = whole.map(({ when, then }) => `when ${conditionSql(when)} then ${outcome(then)}`)
  return `case ${parts.join(' ')} else ${outcome(otherwise)} end`
}

export function casesOf(sql: string): Cases | null {
  const list: Cases['list'] = []
  let rest = /^case (.*)$/s.exec(sql.trim())?.[1]
  while (rest?.startsWith('when ')) {
    const next = leading(rest.slice(5))
    const then = next && /^ then (null|'((?:[^']|'')*)') /.exec(next.rest)
    if (!next || !then) return null
    list.push({ when: next.condition, then: (then[2] ?? '').replaceAll("''", "'") })
    rest = next.rest.slice(then[0].length)
  }
  const end = rest === undefined ? null : /^else (null|'((?:[^']|'')*)') end$/.exec(rest)
  return end && list.length > 0 ? { list, otherwise: (end[2] ?? '').replaceAll("''", "'") } : null
}

export const aggregateWords = ['sum', 'count', 'count-distinct', 'min', 'max', 'avg'] as const
export type Aggregate = { take: (typeof aggregateWords)[number]; column: string }

export function aggregateSql({ take, column }: Aggregate): string {
  if (take === 'count') return 'count(*)'
  if (column === '') return ''
  return take === 'count-distinct' ? `count(distinct ${quoted(column)})` : `${take}(${quoted(column)})`
}

export function aggregateOf(sql: string): Aggregate | null {
  if (sql === 'count(*)') return { take: 'count', column: '' }
  const found = new RegExp(`^(sum|min|max|avg|count)\\((distinct )?${id}\\)$`).exec(sql)
  if (!found) return null
  const take = found[2] ? (found[1] === 'count' ? 'count-distinct' : null) : found[1] === 'count' ? null : found[1]
  return take ? { take: take as Aggregate['take'], column: (found[3] ?? '').replaceAll('""', '"') } : null
}
