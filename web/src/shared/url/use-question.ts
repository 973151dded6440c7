import { useMemo } from 'react'
import { useMeta } from '../api/queries'
import type { Dimension, Process } from '../api/types'
import { addDays } from '../format/dates'
import type { View } from './search'
import { useAddressValue, useView } from './use-view'

/** The process that the address names, else the first to look at. */
export function useProcess(): Process | undefined {
  const { process } = useView()
  const { processes, today } = useMeta()
  return useMemo(
    () => processes.find((one) => one.key === process) ?? firstProcess(processes, today),
    [process, processes, today],
  )
}

/** Whether stages are known that deals went through: without them there are no movements, conversions and stays. */
export function useHasSteps(): boolean {
  return useProcess()?.has_stage_history ?? true
}

/** Of the processes that something was told of lately, else of all, the one with most deals. */
export function firstProcess(processes: readonly Process[], today: string): Process | undefined {
  const alive = processes.filter((one) => one.last_day && !lastTold(processes, one.key, today))
  return [...(alive.length ? alive : processes)].sort((a, b) => b.deals - a.deals)[0]
}

/** The view with its process filled in: what every question is asked with. */
export function useQuestion(): View {
  const view = useView()
  const process = useProcess()?.key
  return useMemo(() => ({ ...view, process }), [view, process])
}

/** The day one looks from, today's included. */
export function useAsOf(): { asOf: string; today: string; past: boolean } {
  const { as_of } = useView()
  const { today } = useMeta()
  const asOf = as_of ?? today
  return { asOf, today, past: asOf < today }
}

/** Those of the dimensions that a page can group by. */
export function useGroupable(where: (dimension: Dimension) => boolean = everyDimension): Dimension[] {
  const { dimensions } = useMeta()
  return useMemo(() => dimensions.filter(where), [dimensions, where])
}

const everyDimension = () => true

/** The moment that a record is looked at from; nothing of it is said today. */
export function useMoment(): { as_of?: string; known_at?: string } {
  const { past, asOf } = useAsOf()
  const { known_at } = useView()
  return useMemo(() => ({ as_of: past ? asOf : undefined, known_at }), [past, asOf, known_at])
}

/** The dimension by which a page groups, the region at first; with the choice of others. */
export function useGrouping(where?: (dimension: Dimension) => boolean): {
  by: string | undefined
  setBy: (key: string | undefined) => void
  groupable: Dimension[]
} {
  const [chosen, setBy] = useAddressValue('by')
  const groupable = useGroupable(where)
  const first = groupable.find((dimension) => dimension.key === 'region') ?? groupable[0]
  const by = groupable.some((dimension) => dimension.key === chosen) ? chosen : first?.key
  return { by, setBy, groupable }
}

const staleAfterDays = 30

/**
 * The last day that something was told of a process, where that is long before the day one looks from. An old export is
 * then better seen as of its last day, and not as if all its open deals had stood still since.
 */
export function lastTold(processes: readonly Process[], key: string, from: string): string | undefined {
  const last = processes.find((process) => process.key === key)?.last_day
  return last && last < addDays(from, -staleAfterDays) ? last : undefined
}
