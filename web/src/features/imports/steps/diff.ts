/** What a step did to the rows that are shown: nothing is counted here, only held against each other. */
import type { Step } from './step'

type Row = readonly (string | null)[]
export type Table = { columns: readonly string[]; rows: readonly Row[]; row_count: number }

export type Head = { name: string; mark: 'new' | 'changed' | 'renamed' | null; was?: string }
export type Cell = { text: string | null; was?: string | null }
export type MarkedRow = { cells: Cell[]; isGone: boolean }
export type Marked = { heads: Head[]; gone: string[]; rows: MarkedRow[] }

/** Steps after which each row still stands where it stood. */
const inPlace = new Set<Step['do']>([
  'choose',
  'drop',
  'rename',
  'trim',
  'width',
  'lookalikes',
  'case',
  'replace',
  'split',
  'merge',
  'map',
  'fill',
  'derive',
  'type',
])
/** Whether a step takes rows out and leaves the others as they are, in their order. */
const takesOut = (step: Step) =>
  step.do === 'filter' || step.do === 'dedupe' || (step.do === 'join' && step.kind === 'anti')

export function marked(step: Step | null, before: Table | null, after: Table): Marked {
  const plain = (): MarkedRow[] => after.rows.map((row) => ({ cells: row.map((text) => ({ text })), isGone: false }))
  if (!step || !before) return { heads: after.columns.map((name) => ({ name, mark: null })), gone: [], rows: plain() }
  const renamed = new Map(step.do === 'rename' ? Object.entries(step.columns).map(([old, now]) => [now, old]) : [])
  const sources = after.columns.map((name) => before.columns.indexOf(renamed.get(name) ?? name))
  const rows: MarkedRow[] = inPlace.has(step.do)
    ? after.rows.map((row, at) => ({ isGone: false, cells: cellsOf(row, before.rows[at], sources) }))
    : takesOut(step)
      ? withGone(before, after, sources)
      : plain()
  const heads = after.columns.map((name, at): Head => {
    const was = renamed.get(name)
    if (was !== undefined && sources[at] !== -1) return { name, mark: 'renamed', was }
    if (sources[at] === -1) return { name, mark: 'new' }
    return { name, mark: rows.some((row) => row.cells[at]?.was !== undefined) ? 'changed' : null }
  })
  const stays = new Set(sources)
  return { heads, gone: before.columns.filter((_, at) => !stays.has(at)), rows }
}

function cellsOf(row: Row, before: Row | undefined, sources: readonly number[]): Cell[] {
  return row.map((text, at) => {
    const source = sources[at] ?? -1
    const was = before && source >= 0 ? (before[source] ?? null) : text
    return was === text ? { text } : { text, was }
  })
}

/** The rows after the step with those that it took out between them, where they stood. */
function withGone(before: Table, after: Table, sources: readonly number[]): MarkedRow[] {
  const agrees = (old: Row, now: Row) =>
    sources.every((source, at) => source === -1 || (old[source] ?? null) === (now[at] ?? null))
  const stands = (row: Row): MarkedRow => ({ isGone: false, cells: row.map((text) => ({ text })) })
  const rows: MarkedRow[] = []
  let next = 0
  for (const old of before.rows) {
    const now = after.rows[next]
    if (now && agrees(old, now)) {
      rows.push(stands(now))
      next += 1
      continue
    }
    // Only the first rows are shown: beyond them nothing is known of a row.
    if (next >= after.rows.length && after.row_count > after.rows.length) break
    const cells = sources.map((source) => ({ text: source === -1 ? null : (old[source] ?? null) }))
    rows.push({ isGone: true, cells })
  }
  return [...rows, ...after.rows.slice(next).map(stands)]
}
