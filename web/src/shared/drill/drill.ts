import { createContext, use } from 'react'
import { asNumber } from '../format/format'
import type { View } from '../url/search'
import { type Chip, chipOf, chipText } from '../url/search'

/** A number that was clicked: which cell of which analysis, and in what words. */
export type Drill = {
  /** The server's word for the cell: `stock;stage=lead`. */
  cell: string
  /** What the number is, as the reader saw it. */
  title: string
  /** Terms of the cell beyond the view's: a period, another day, a member. */
  extra?: { as_of?: string; from?: string; to?: string; due_from?: string; due_to?: string; horizon?: string }
  member?: Chip
  /** A second member, where rows and columns cross. */
  also?: Chip
}

export const DrillContext = createContext<(drill: Drill) => void>(() => {})

export function useDrill(): (drill: Drill) => void {
  return use(DrillContext)
}

/** A cell's word out of its parts; parts without a value are left out. */
export function cellOf(analysis: string, parts: Record<string, unknown>): string {
  const written = Object.entries(parts)
    .filter(([, value]) => typeof value === 'string' || asNumber(value) !== null)
    .map(([key, value]) => `${key}=${value}`)
  return [analysis, ...written].join(';')
}

/** The view narrowed to one member: chips of the same dimension give way, since several of one mean "or". */
export function narrowed(view: View, member: Chip | undefined): View {
  if (!member) return view
  const others = (view.f ?? []).filter((text) => chipOf(text).dimension !== member.dimension)
  return { ...view, f: [...others, chipText(member)] }
}
