/** What each table of an upload comes in as: deals, records of other kinds, or not at all. */
import type { Mapping, MappedRecords, Suggested, TableChoice, TableFound } from './api'
import { carriedOver } from './mapping'

/** The kind of a table of deals. */
export const deals = 'opportunity'

/** Whether a table of a mapping is the one that was looked at. */
export function isTable(choice: TableChoice | null | undefined, { file }: TableFound): boolean {
  return choice?.file === file.name && (choice.sheet ?? null) === (file.sheet ?? null)
}

/** What a table comes in as at present, in the order it was said. */
export function kindsOf(mapping: Mapping, table: TableFound): string[] {
  const records = (mapping.records ?? []).filter((one) => isTable(one.table, table)).map((one) => one.kind)
  return isTable(mapping.table, table) ? [deals, ...records] : records
}

/** The mapping with a table as records of one more kind. */
export function withKind(mapping: Mapping, table: TableFound, kind: string): Mapping {
  const records = table.kinds.find((one) => one.kind === kind)?.records
  return records ? { ...mapping, records: [...(mapping.records ?? []), records] } : mapping
}

/** The mapping without what it says of a table as a kind. */
export function withoutKind(mapping: Mapping, table: TableFound, kind: string): Mapping {
  if (kind !== deals) {
    const stays = (one: MappedRecords) => !(one.kind === kind && isTable(one.table, table))
    return { ...mapping, records: (mapping.records ?? []).filter(stays) }
  }
  const { table: _table, history: _history, milestones: _dates, other_outcome: _other, ...rest } = mapping
  return { ...rest, key: [], fields: {}, keep: [], stages: {}, outcomes: {} }
}

/** The mapping with what it says of one table of records put otherwise. */
export function withRecords(mapping: Mapping, at: number, next: MappedRecords): Mapping {
  return { ...mapping, records: (mapping.records ?? []).map((one, place) => (place === at ? next : one)) }
}

/** The records of which no column tells one from another. */
export const keyless = (mapping: Mapping): MappedRecords[] =>
  (mapping.records ?? []).filter((one) => one.key.length === 0)

/** What was said of a table of changes, for the table as it is now: it goes where it no longer tells deals and moments. */
function historyOver(history: Mapping['history'], { mapping: proposed, tables }: Suggested): Mapping['history'] {
  if (!history?.table) return history
  const found = tables.find((one) => isTable(history.table, one))
  if (!found) return undefined
  const stands = (column: string) => found.file.columns.some(({ name }) => name === column)
  const isHere = isTable(proposed.history?.table, found)
  if (!stands(history.deal) || !stands(history.at)) return isHere ? proposed.history : undefined
  const table = (isHere ? proposed.history : found.kinds.find((one) => one.records)?.records)?.table ?? history.table
  const fields = Object.fromEntries(Object.entries(history.fields).filter(([, mapped]) => stands(mapped.column)))
  return { ...history, table, fields }
}

/**
 * What was said before, for the tables as they are now: the deals as ever; of changes and of other records, columns that
 * are gone go, and so do tables that are no more.
 */
export function carried(before: Mapping | null, suggested: Suggested): Mapping {
  const proposed = suggested.mapping
  if (!before || (before.table && !proposed.table)) return proposed
  const said = before.table ? carriedOver(before, proposed, suggested.file?.columns ?? []) : before
  if (said === proposed || !(said.records?.length || said.history?.table)) return said
  const records = (said.records ?? []).flatMap((one) => {
    const table = suggested.tables.find((found) => isTable(one.table, found))
    if (!table) return []
    const fresh = table.kinds.find((found) => found.kind === one.kind)?.records?.table
    const stands = (column: string) => table.file.columns.some(({ name }) => name === column)
    const fields = Object.fromEntries(Object.entries(one.fields).filter(([, mapped]) => stands(mapped.column)))
    return [{ ...one, table: fresh ?? one.table, key: one.key.filter(stands), fields }]
  })
  return { ...said, records, history: historyOver(said.history, suggested) }
}
