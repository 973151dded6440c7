/** A group of records as a table: a row a field, a column a record. */
import type { Field } from '@/shared/api/records'
import { same } from '@/shared/records/values'
import type { Cluster, DuplicateRecord, NewMerge, Kind, Pair, Strategy } from './api'

export type CompareRow = {
  name: string
  field: Field
  /** By record, in their order; null where it is empty. */
  values: unknown[]
  /** Whether two records have other values. */
  differs: boolean
  /** Whether one may say whose value stands. */
  choosable: boolean
}

/** What a deal went through, and what is gathered from all, is not chosen by hand. */
const fixed = new Set(['stage', 'outcome', 'process', 'reason', 'facts', 'aliases'])

/** The fields of the records in their order, those that differ first. */
export function compareRows(records: readonly DuplicateRecord[]): CompareRow[] {
  const fields = new Map<string, Field>()
  for (const record of records) for (const field of record.fields) fields.set(field.name, field)
  const rows = [...fields.values()]
    .sort((one, other) => one.id - other.id)
    .map((field) => {
      const values = records.map((record) => record.fields.find((one) => one.name === field.name)?.value ?? null)
      const told = values.filter((value) => value !== null)
      const differs = told.some((value) => !same(value, told[0]))
      return { name: field.name, field, values, differs, choosable: differs && !fixed.has(field.name) }
    })
  return [...rows.filter((row) => row.differs), ...rows.filter((row) => !row.differs)]
}

/** What somebody chose for a group. */
export type Choice = {
  survivor: number
  /** Records that stay as they are. */
  left: readonly number[]
  /** Field name → the record whose value stands. */
  fields: Readonly<Record<string, number>>
  strategy: Strategy
}

export function firstChoice(cluster: Cluster): Choice {
  return { survivor: cluster.survivor, left: [], fields: {}, strategy: 'survivor' }
}

/** The records that would go. */
export function going(cluster: Cluster, choice: Choice): DuplicateRecord[] {
  return cluster.records.filter(({ id }) => id !== choice.survivor && !choice.left.includes(id))
}

/** The question to the server. */
export function asked(kind: Kind, cluster: Cluster, choice: Choice): NewMerge {
  const picked = ({ id, version }: DuplicateRecord) => ({ id, version })
  const survivor = cluster.records.find(({ id }) => id === choice.survivor)
  const records = going(cluster, choice)
  const taking = new Set([choice.survivor, ...records.map(({ id }) => id)])
  return {
    kind,
    survivor: survivor ? picked(survivor) : { id: choice.survivor },
    records: records.map(picked),
    strategy: choice.strategy,
    fields: Object.fromEntries(Object.entries(choice.fields).filter(([, id]) => taking.has(id))),
  }
}

/** The pair that tells most of a group: that of the record that stays with the first other one; of several the surest. */
export function tellingPair(cluster: Cluster, survivor: number): Pair | undefined {
  const own = cluster.pairs.filter(({ a, b }) => a === survivor || b === survivor)
  const all = own.length ? own : cluster.pairs
  return all.reduce<Pair | undefined>((best, pair) => (best && best.score >= pair.score ? best : pair), undefined)
}
