/** What the preview shows of the chosen step. */
import { told } from '@/shared/api/problem'
import type { Lang } from '@/shared/i18n/i18n'
import type { Cleaned } from '../api'
import type { Table } from './diff'
import { type Item, lackingIn } from './step'
import type { Seen } from './use-cleaned'

export type View = {
  /** `failed`: it does not fit; `behind`: one before it is none; the others do nothing yet, or for a moment. */
  state: 'source' | 'taken' | 'failed' | 'behind' | 'off' | 'incomplete' | 'coming'
  before: Table | null
  after: Table | null
  problem: Cleaned['failed'][number]['problem'] | null
  /** Steps before it that do not fit, by their place among those that were taken: it is shown without them. */
  without: readonly number[]
  issues: Cleaned['issues']
}

/** How many of the steps that the server took stand before a place of the list. */
const takenBefore = (items: readonly Item[], at: number, ids: readonly string[]): number =>
  items.slice(0, at).filter((item) => ids.includes(item.id)).length

/** The columns and rows that come to the step at a place, as far as they are known. */
export function tableBefore(items: readonly Item[], at: number, seen: Seen | null): Table | null {
  const tables = seen?.answer.tables ?? []
  return tables[Math.min(takenBefore(items, at, seen?.ids ?? []), tables.length - 1)] ?? null
}

export function viewOf(items: readonly Item[], chosen: string | null, seen: Seen | null): View {
  const at = items.findIndex((item) => item.id === chosen)
  const item = items[at]
  const nothing = { before: null, problem: null, issues: [], without: [] }
  if (!item) return { ...nothing, state: 'source', after: seen?.answer.tables[0] ?? null }
  const shown = tableBefore(items, at, seen)
  if (item.off) return { ...nothing, state: 'off', after: shown }
  if (lackingIn(item.step).length > 0) return { ...nothing, state: 'incomplete', after: shown }
  const place = seen ? seen.ids.indexOf(item.id) : -1
  if (!seen || place === -1) return { ...nothing, state: 'coming', after: shown }
  const { failed, tables } = seen.answer
  const own = failed.find((one) => one.step === place + 1)
  if (own) return { ...nothing, state: 'failed', after: shown, problem: own.problem }
  const after = tables[place + 1]
  if (!after) return { ...nothing, state: 'behind', after: shown }
  const without = failed.map((one) => one.step).filter((step) => step <= place)
  const issues = seen.answer.issues.filter((issue) => issue.step === place + 1)
  return { state: 'taken', before: tables[place] ?? null, after, problem: null, issues, without }
}

/** Why a step does not fit, without its number: it is told where the step stands. */
export function reason(problem: NonNullable<View['problem']>, lang: Lang): string {
  return told(problem, lang).detail.replace(/^(step \d+( \(.*?\))?: |第 \d+ 步(（.*?）)?：)/, '')
}

/** The values that stand in a column of the rows that are shown, each once. */
export function valuesIn(table: Table | null, column: string): string[] {
  const at = table?.columns.indexOf(column) ?? -1
  if (!table || at === -1) return []
  return [...new Set(table.rows.map((row) => row[at]).filter((one): one is string => typeof one === 'string'))]
}
