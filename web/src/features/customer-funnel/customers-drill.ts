import type { Column, Row } from '@/shared/api/types'
import type { Drill } from '@/shared/drill/drill'

export type Which = 'here' | 'from_before' | 'skipped' | 'pending' | 'ended'

/** Which customers a number counts. */
export type CustomersCell = { step: string; which: Which; group?: string }

/** The word for a cell: a query, so that names may hold anything. */
export function customersDrill(cell: CustomersCell, title: string): Drill {
  const { step, which, group } = cell
  return { cell: new URLSearchParams({ step, which, ...(group === undefined ? {} : { group }) }).toString(), title }
}

export function customersCell(drill: Drill): CustomersCell {
  const query = new URLSearchParams(drill.cell)
  return {
    step: query.get('step') ?? '',
    which: (query.get('which') ?? 'here') as Which,
    group: query.get('group') ?? undefined,
  }
}

const ofStep = new Map<string, Which>([
  ['customers', 'here'],
  ['from_before', 'from_before'],
  ['skipped', 'skipped'],
  ['pending', 'pending'],
  ['ended', 'ended'],
])

/** The customers behind a figure of the table of steps. */
export function stepDrill(row: Row, column: Column, name: string): Drill | undefined {
  const which = ofStep.get(column.key)
  return which && column.unit === 'count' ? customersDrill({ step: String(row.step), which }, name) : undefined
}

const steps = new Set(['potential', 'with_opportunity', 'contracted', 'paying'])

/** The customers behind a figure of the table of groups: its columns are called as the steps are. */
export function groupDrill(row: Row, column: Column, by: string, name: string): Drill | undefined {
  if (!steps.has(column.key)) return undefined
  return customersDrill({ step: column.key, which: 'here', group: String(row[by] ?? '') }, name)
}
