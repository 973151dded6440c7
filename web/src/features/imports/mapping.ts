import type { Mapping, MappedRecords, Suggestion, TargetField, UploadFile } from './api'

/** The columns of one table: those of the deals, or of other records. */
export type Columns = Pick<MappedRecords, 'key' | 'fields'> & { keep?: string[]; milestones?: Milestone[] }
type Dated = { history?: Mapping['history']; table?: Mapping['table'] }

/** What becomes of a column: a field's name, `id` for the key, or one of these. */
export const keep = '=keep'
export const leaveOut = ''
/** The column's dates tell when a deal came to a stage or an outcome. */
export const milestone = '=milestone'

type Milestone = NonNullable<Mapping['milestones']>[number]

/** How a deal may stand, in the order people name it. */
export const outcomeWords = ['open', 'won', 'lost', 'cancelled', 'parked'] as const

/** Whether the deals' table is its own history: a row an event, several of one deal. */
export function isEventLog({ history, table }: Dated): boolean {
  return !!history && !!table && !history.table
}

/** What a column of dates tells, as one choice: `stage:need`, `outcome:lost`; nothing while nobody has said. */
export function meaningOf({ stage, outcome }: Milestone): string {
  if (stage) return `stage:${stage}`
  return outcome ? `outcome:${outcome}` : ''
}

/** The column of dates that means this. */
export function reachedBy(column: string, meaning: string): Milestone {
  const [what, word] = meaning.split(':', 2)
  return what === 'stage' ? { column, stage: word } : { column, outcome: word }
}

/** The mapping with what one of its columns of dates means. A stage at which deals are won tells the outcome too. */
export function withMilestone(mapping: Mapping, changed: Milestone): Pick<Mapping, 'milestones'> {
  const isWon =
    typeof mapping.process !== 'string' &&
    mapping.process.stages.some((stage) => stage.key === changed.stage && stage.kind === 'won')
  const next = isWon ? { ...changed, outcome: 'won' } : changed
  return { milestones: (mapping.milestones ?? []).map((one) => (one.column === changed.column ? next : one)) }
}

/** What a column is put to at present: one thing, or several fields, such as the id of a lead that is its deal's too. */
export function targetsOf(mapping: Columns, column: string): [string, ...string[]] {
  const fields = Object.entries(mapping.fields).filter(([, mapped]) => mapped.column === column)
  const [first, ...others] = [...(mapping.key.includes(column) ? ['id'] : []), ...fields.map(([name]) => name)]
  if (first) return [first, ...others]
  if (mapping.milestones?.some((one) => one.column === column)) return [milestone]
  return [mapping.keep?.includes(column) ? keep : leaveOut]
}

/** The first thing that a column is put to. */
export const targetOf = (mapping: Columns, column: string): string => targetsOf(mapping, column)[0]

/**
 * The columns with one put to something else in the place of `from`, or, where that is nothing, to one thing more; how
 * the field was written before stays with the field.
 */
export function assigned<Of extends Columns>(
  mapping: Of,
  column: string,
  target: string,
  from = targetOf(mapping, column),
): Of {
  const isGone = ([name, mapped]: [string, { column: string }]) => name === from && mapped.column === column
  const fields = Object.fromEntries(Object.entries(mapping.fields).filter((field) => !isGone(field)))
  const next: Of = { ...mapping, fields }
  if (from === 'id') next.key = mapping.key.filter((one) => one !== column)
  if (mapping.keep) next.keep = mapping.keep.filter((one) => one !== column)
  if (mapping.milestones) next.milestones = mapping.milestones.filter((one) => one.column !== column)
  if (target === milestone) next.milestones = [...(next.milestones ?? []), { column }]
  else if (target === 'id') next.key = [...next.key.filter((one) => one !== column), column]
  else if (target === keep) next.keep = [...(next.keep ?? []), column]
  else if (target !== leaveOut) fields[target] = { ...mapping.fields[target], column }
  return next
}

/** The columns with values that do not come in. */
export function leftOut(mapping: Columns & Dated, columns: UploadFile['columns']): string[] {
  const ofEvents = isEventLog(mapping) ? mapping.history?.at : undefined
  const isLeftOut = (name: string) => targetOf(mapping, name) === leaveOut && name !== ofEvents
  const stays = columns.filter((column) => column.filled > 0 && isLeftOut(column.name))
  return stays.map((column) => column.name)
}

/** The needed fields that no column is put to. */
export function lacking(mapping: Columns, fields: readonly TargetField[]): TargetField[] {
  return fields.filter((field) => {
    if (!field.required) return false
    return field.name === 'id' ? mapping.key.length === 0 : !(field.name in mapping.fields)
  })
}

/** The open stages of the mapping's process, as choices: those of its own, else those that are known of it. */
export function stageChoices(
  mapping: Mapping,
  processes: readonly { key: string; stages: readonly { key: string; name: { zh: string; en: string } }[] }[],
): { key: string; name: { zh: string; en: string } }[] {
  const { process } = mapping
  if (typeof process !== 'string') return process.stages.map(({ key, name }) => ({ key, name }))
  const known = processes.find((one) => one.key === process)
  if (known) return known.stages.map(({ key, name }) => ({ key, name }))
  // The processes are not known yet: only the keys that the mapping names are.
  const keys = [...new Set(Object.values(mapping.stages).filter((key) => key !== ''))]
  return keys.map((key) => ({ key, name: { zh: key, en: key } }))
}

/** The values of the stage's column that are to be given a meaning: those of the mapping, and those that were seen. */
export function stageWords(mapping: Mapping, columns: UploadFile['columns']): string[] {
  const column = mapping.fields.stage?.column
  const seen = columns.find((one) => one.name === column)?.sample ?? []
  return [...new Set([...Object.keys(mapping.stages), ...seen])].filter((word) => word.trim() !== '')
}

/** The mapping with those of its stage's values that are called as a stage is put to that stage. */
export function withStagesByName(
  mapping: Mapping,
  columns: UploadFile['columns'],
  choices: readonly { key: string; name: { zh: string; en: string } }[],
): Mapping {
  const plain = (text: string) => text.normalize('NFKC').trim().toLowerCase()
  const named = stageWords(mapping, columns).flatMap((word) => {
    const found = choices.find(({ key, name }) => [key, name.zh, name.en].some((one) => plain(one) === plain(word)))
    return found && !(word in mapping.stages) ? [[word, found.key] as const] : []
  })
  return { ...mapping, stages: { ...mapping.stages, ...Object.fromEntries(named) } }
}

/** The same whatever the order in which its parts were written down. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  )

/** Whether two mappings are of one table; what only one of them says does not part them. */
function isSameTable({ table: one }: Mapping, { table: other }: Mapping): boolean {
  const agree = (a: unknown, b: unknown) => !a || !b || a === b
  if (!one || !other) return one === other
  return one.file === other.file && agree(one.sheet, other.sheet) && agree(one.header_row, other.header_row)
}

type Stands = (column: string | null | undefined) => boolean

/** What the events told before, as far as their columns still stand; as it is proposed where they are no events any more. */
function eventsOver(before: Mapping['history'], proposed: Mapping, stands: Stands): Mapping['history'] {
  if (!before || !stands(before.deal) || !stands(before.at)) return isEventLog(proposed) ? proposed.history : undefined
  const fields = Object.entries(before.fields).filter(([, mapped]) => stands(mapped.column))
  return { ...before, fields: Object.fromEntries(fields) }
}

/**
 * What was said of a table before, for the table as it is now. Where other steps were put before it, its columns may be
 * others: those that are gone go, new ones come as they are proposed, and so does how things are written by now.
 */
export function carriedOver(before: Mapping | null, proposed: Mapping, columns: UploadFile['columns']): Mapping {
  if (!before || !isSameTable(before, proposed)) return proposed
  const cleaned = (mapping: Mapping) => canonical([mapping.table?.steps ?? [], mapping.tables ?? {}])
  if (cleaned(before) === cleaned(proposed)) return before
  const stands: Stands = (column) => columns.some((one) => one.name === column)
  const fields = Object.entries(before.fields).filter(([, mapped]) => stands(mapped.column))
  let next: Mapping = {
    ...before,
    table: proposed.table,
    tables: proposed.tables,
    fields: Object.fromEntries(fields),
    key: before.key.filter(stands),
    keep: (before.keep ?? []).filter(stands),
    milestones: (before.milestones ?? []).filter((one) => stands(one.column)),
    history: isEventLog(before) ? eventsOver(before.history, proposed, stands) : before.history,
    aliases: proposed.aliases,
    stages: { ...proposed.stages, ...before.stages },
    outcomes: { ...proposed.outcomes, ...before.outcomes },
    dates: proposed.dates,
    decimal_comma: proposed.decimal_comma,
  }
  for (const { name } of columns) {
    const target = targetOf(proposed, name)
    const isFree = target === keep || (target === 'id' ? next.key.length === 0 : !(target in next.fields))
    if (targetOf(next, name) === leaveOut && isFree) next = assigned(next, name, target)
  }
  return next
}

/** What a stage of a sample is called: in the mapping's process, else in the one that the sample itself names. */
export function stageName(
  key: string,
  mapping: Mapping | null | undefined,
  ofSample: string | undefined,
  processes: readonly { key: string; stages: readonly { key: string; name: { zh: string; en: string } }[] }[],
): { zh: string; en: string } | undefined {
  const process = typeof mapping?.process === 'object' ? mapping.process.key : mapping?.process
  const own = mapping && (ofSample === undefined || ofSample === process)
  const stages = own ? stageChoices(mapping, processes) : processes.find((one) => one.key === ofSample)?.stages
  return stages?.find((one) => one.key === key)?.name
}

/** Why a column was put where the suggestion put it; nothing once it was put elsewhere. */
export function whyOf(suggestions: readonly Suggestion[], mapping: Columns, column: string) {
  const target = targetOf(mapping, column)
  return suggestions.find((one) => one.column === column && one.field === target)
}

/** How a field may be written. */
export type Written = Partial<Mapping['fields'][string]>

/** The fields of a table with one of them written otherwise. */
export function written(mapping: Columns, name: string, change: Written): Pick<Mapping, 'fields'> {
  const before = mapping.fields[name]
  return { fields: before ? { ...mapping.fields, [name]: { ...before, ...change } } : mapping.fields }
}

/** Forms of dates by the signs that name them, each with an example. They are tried in the order they were chosen. */
export const dateForms: Record<string, string> = {
  iso: '2026-11-24',
  '%Y/%m/%d': '2026/11/24',
  '%Y.%m.%d': '2026.11.24',
  '%Y年%m月%d日': '2026年11月24日',
  '%Y%m%d': '20261124',
  '%d/%m/%Y': '24/11/2026',
  '%m/%d/%Y': '11/24/2026',
  '%d.%m.%Y': '24.11.2026',
  '%d-%m-%Y': '24-11-2026',
  '%d-%b-%Y': '24-Nov-2026',
  month: '2026年11月, 2026-11, Nov 2026',
  'month-end': '2026年11月 → 2026-11-30',
  quarter: 'Q4 2026, 2026年第4季度',
  'quarter-end': 'Q4 2026 → 2026-12-31',
  excel: '46350',
  'unix-s': '1795478400',
}

const usual = [1, 1000, 10_000, 1_000_000, 100_000_000]

/** What amounts may be counted in: the usual, and what the mapping says. */
export function factors(now: number | null | undefined): number[] {
  return now && !usual.includes(now) ? [...usual, now].sort((a, b) => a - b) : usual
}

/** The zones that this browser knows, and the mapping's own. */
export function zones(now: string): string[] {
  const known = Intl.supportedValuesOf('timeZone')
  return [...new Set([now, 'UTC', ...known])].filter((zone) => zone !== '')
}
