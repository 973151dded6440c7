import { createContext, use } from 'react'
import type { Column, Row } from '../api/types'
import { asNumber } from '../format/format'

/** A number that was clicked: which cell of which analysis, and in what words. */
export type Drill = {
  /** The server's word for the cell: `stock;stage=lead`. */
  cell: string
  /** What the number is, as the reader saw it. */
  title: string
  /** Where the number is a weighted amount: itself, since the deals are shown with their whole amounts. */
  weighted?: number | null
  /** Terms of the cell beyond the view's: a period, another day. */
  extra?: { as_of?: string; from?: string; to?: string }
}

export const DrillContext = createContext<(drill: Drill) => void>(() => {})

export function useDrill(): (drill: Drill) => void {
  return use(DrillContext)
}

/** The group of a grouped answer: a dimension and its member, null where none is recorded. */
export type Group = { dimension: string; value: unknown }

/** A cell's word out of its parts; parts without a value are left out, groups without one are those not recorded. */
export function cellOf(analysis: string, parts: Record<string, unknown>, ...groups: Group[]): string {
  const words = Object.entries(parts)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .map(([key, value]) => `${key}=${encoded(value)}`)
  const by = groups.map((group) => `by.${group.dimension}=${encoded(group.value ?? '')}`)
  return [analysis, ...words, ...by].join(';')
}

/** Only what would end a part early is escaped, so that addresses stay readable. */
function encoded(value: unknown): string {
  return String(value).replace(/[%;=]/g, (sign) => encodeURIComponent(sign))
}

const ofStock = new Set([
  'deals',
  'amount_minor',
  'amount_share',
  'weighted_minor',
  'mean_stay_days',
  'deals_without_amount',
])

/** The deals behind a figure of a stage's stock; its probability and its ratio to another stage have none of their own. */
export function stockDrill(row: Row, column: Column, title: string): Drill | undefined {
  if (!ofStock.has(column.key)) return undefined
  const weighted = column.key === 'weighted_minor' ? asNumber(row.weighted_minor) : null
  return { cell: cellOf('stock', { stage: row.stage }), title, weighted }
}
