/** What a step is, and what each kind asks for: docs/steps.md in the shape of a form. */

export const types = ['number', 'whole', 'date', 'yes-no'] as const
export const cases = ['lower', 'upper', 'title'] as const
export const takes = ['first', 'sum', 'count'] as const
export const joins = ['left', 'inner', 'anti'] as const
export const keeps = ['first', 'last'] as const

export type Texts = Record<string, string>

export type Action =
  | { do: 'choose' | 'drop'; columns: string[] }
  | { do: 'rename'; columns: Texts }
  | { do: 'trim' | 'width' | 'lookalikes'; columns?: string[] }
  | { do: 'case'; columns: string[]; to: (typeof cases)[number] }
  | { do: 'replace'; columns?: string[]; from: string; to: string; regex?: boolean }
  | { do: 'split'; column: string; by: string; into: string[] }
  | { do: 'merge'; columns: string[]; by: string; into: string }
  | { do: 'map'; column: string; values: Texts; otherwise?: string }
  | { do: 'fill'; columns: string[]; with: string }
  | { do: 'filter'; where: string }
  | { do: 'derive'; into: string; expr: string }
  | { do: 'type'; columns: Texts; dates?: string[]; decimal_comma?: boolean }
  | { do: 'sort'; by: string[] }
  | { do: 'group'; by: string[]; take: Texts }
  | { do: 'unpivot'; columns: string[]; names: string; values: string }
  | { do: 'pivot'; names: string; values: string; columns: string[]; take?: (typeof takes)[number] }
  | { do: 'join'; with: string; on: Texts; kind?: (typeof joins)[number] }
  | { do: 'append'; with: string }
  | { do: 'dedupe'; by?: string[]; keep?: (typeof keeps)[number] }

export type Step = Action & { name?: string }
export type Kind = Action['do']

/** A step as it stands in the list: `off` for a moment, which only the browser knows. */
export type Item = { id: string; off?: boolean; step: Step }

/** What the menu offers, by what one wants to put right. */
export const groups = {
  columns: ['choose', 'drop', 'rename', 'split', 'merge', 'derive'],
  texts: ['trim', 'width', 'lookalikes', 'case', 'replace'],
  values: ['type', 'map', 'fill'],
  rows: ['filter', 'sort', 'dedupe'],
  shape: ['group', 'unpivot', 'pivot'],
  tables: ['join', 'append'],
} as const satisfies Record<string, readonly Kind[]>

/** How a field of a form is filled in. */
export type As =
  | 'columns'
  | 'column'
  | 'text'
  | 'words'
  | 'pairs'
  | 'types'
  | 'dates'
  | 'comma'
  | 'flag'
  | 'choice'
  | 'order'
  | 'condition'
  | 'formula'
  | 'aggregates'
  | 'table'
  | 'keys'

export type Field = {
  key: string
  as: As
  /** Its label among the texts of the studio. */
  label: string
  /** May be left empty; a text that says what is meant then. */
  optional?: 'allTexts' | 'allColumns' | 'nothing' | 'stays' | 'iso'
  choices?: readonly string[]
}

const columns: Field = { key: 'columns', as: 'columns', label: 'columns' }
const texts: Field = { ...columns, optional: 'allTexts' }
const into: Field = { key: 'into', as: 'text', label: 'into' }

export const forms: Record<Kind, readonly Field[]> = {
  choose: [columns],
  drop: [columns],
  rename: [{ key: 'columns', as: 'pairs', label: 'renames' }],
  trim: [texts],
  width: [texts],
  lookalikes: [texts],
  case: [columns, { key: 'to', as: 'choice', label: 'case', choices: cases }],
  replace: [
    texts,
    { key: 'from', as: 'text', label: 'from' },
    { key: 'to', as: 'text', label: 'to', optional: 'nothing' },
    { key: 'regex', as: 'flag', label: 'regex' },
  ],
  split: [
    { key: 'column', as: 'column', label: 'column' },
    { key: 'by', as: 'text', label: 'splitBy' },
    { key: 'into', as: 'words', label: 'splitInto' },
  ],
  merge: [columns, { key: 'by', as: 'text', label: 'mergeBy', optional: 'nothing' }, into],
  map: [
    { key: 'column', as: 'column', label: 'column' },
    { key: 'values', as: 'pairs', label: 'values' },
    { key: 'otherwise', as: 'text', label: 'otherwise', optional: 'stays' },
  ],
  fill: [columns, { key: 'with', as: 'text', label: 'fillWith' }],
  filter: [{ key: 'where', as: 'condition', label: 'where' }],
  derive: [into, { key: 'expr', as: 'formula', label: 'expr' }],
  type: [
    { key: 'columns', as: 'types', label: 'types' },
    { key: 'dates', as: 'dates', label: 'dates', optional: 'iso' },
    { key: 'decimal_comma', as: 'comma', label: 'comma' },
  ],
  sort: [{ key: 'by', as: 'order', label: 'order' }],
  group: [
    { key: 'by', as: 'columns', label: 'groupBy' },
    { key: 'take', as: 'aggregates', label: 'aggregates' },
  ],
  unpivot: [
    columns,
    { key: 'names', as: 'text', label: 'newNames' },
    { key: 'values', as: 'text', label: 'newValues' },
  ],
  pivot: [
    { key: 'names', as: 'column', label: 'pivotNames' },
    { key: 'values', as: 'column', label: 'pivotValues' },
    { key: 'columns', as: 'words', label: 'pivotColumns' },
    { key: 'take', as: 'choice', label: 'take', choices: takes },
  ],
  join: [
    { key: 'with', as: 'table', label: 'table' },
    { key: 'on', as: 'keys', label: 'on' },
    { key: 'kind', as: 'choice', label: 'joinKind', choices: joins },
  ],
  append: [{ key: 'with', as: 'table', label: 'table' }],
  dedupe: [
    { key: 'by', as: 'columns', label: 'dedupeBy', optional: 'allColumns' },
    { key: 'keep', as: 'choice', label: 'keep', choices: keeps },
  ],
}

/** A step of a kind as it begins, for a column where it was asked for there. */
export function blank(kind: Kind, column?: string): Step {
  const some = column === undefined ? [] : [column]
  const one = column ?? ''
  switch (kind) {
    case 'choose':
    case 'drop':
      return { do: kind, columns: some }
    case 'rename':
      return { do: kind, columns: {} }
    case 'trim':
    case 'width':
    case 'lookalikes':
      return column === undefined ? { do: kind } : { do: kind, columns: some }
    case 'case':
      return { do: kind, columns: some, to: 'upper' }
    case 'replace':
      return { do: kind, ...(column === undefined ? {} : { columns: some }), from: '', to: '' }
    case 'split':
      return { do: kind, column: one, by: '', into: column === undefined ? [] : [`${column} 1`, `${column} 2`] }
    case 'merge':
      return { do: kind, columns: some, by: ' ', into: '' }
    case 'map':
      return { do: kind, column: one, values: {} }
    case 'fill':
      return { do: kind, columns: some, with: '' }
    case 'filter':
      return { do: kind, where: '' }
    case 'derive':
      return { do: kind, into: '', expr: '' }
    case 'type':
      return { do: kind, columns: column === undefined ? {} : { [column]: 'number' } }
    case 'sort':
      return { do: kind, by: some }
    case 'group':
      return { do: kind, by: some, take: {} }
    case 'unpivot':
      return { do: kind, columns: some, names: '', values: '' }
    case 'pivot':
      return { do: kind, names: one, values: '', columns: [], take: 'first' }
    case 'join':
      return { do: kind, with: '', on: {}, kind: 'left' }
    case 'append':
      return { do: kind, with: '' }
    case 'dedupe':
      return { do: kind, ...(column === undefined ? {} : { by: some }), keep: 'first' }
  }
}

/** A field of a step, whatever its kind. */
export const valueOf = (step: Step, key: string): unknown => (step as unknown as Record<string, unknown>)[key]

/** The step with a field put otherwise; one that says nothing is left out where it may be. */
export function withValue(step: Step, field: Field, value: unknown): Step {
  const { [field.key]: _, ...rest } = step as unknown as Record<string, unknown>
  const isSilent = (field.optional && field.optional !== 'nothing' && isNothing(value)) || value === false
  return (isSilent ? rest : { ...step, [field.key]: value }) as Step
}

/** The fields that are still to be filled in before the step does anything. */
export function lackingIn(step: Step): Field[] {
  return forms[step.do].filter((field) => {
    if (field.optional || field.as === 'flag' || field.as === 'comma' || field.as === 'choice') return false
    return isNothing(valueOf(step, field.key))
  })
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === '') return true
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

/** The table that a step brings in. */
export const broughtIn = (step: Step): string | null =>
  step.do === 'join' || step.do === 'append' ? step.with || null : null

let made = 0
/** An id that no other step of this browser has. */
export const newId = (): string => `${Date.now().toString(36)}-${(made++).toString(36)}`

export const isKind = (word: unknown): word is Kind => typeof word === 'string' && Object.hasOwn(forms, word)

/** Steps that came from elsewhere, as items of the list; what is none is left out. */
export function itemsOf(steps: readonly unknown[] | null | undefined): Item[] {
  const known = (steps ?? []).filter(
    (step): step is Step => typeof step === 'object' && step !== null && isKind((step as { do?: unknown }).do),
  )
  return known.map((step) => ({ id: newId(), step }))
}
