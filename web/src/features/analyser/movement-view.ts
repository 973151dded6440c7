import type { Analyser } from '@/shared/api/types'
import { useAddressValue } from '@/shared/url/use-view'
import { bridgeRows } from './bridge-rows'
import { gridOf } from './Matrix'
import type { Measure } from './use-analyser'

export const movementViews = ['weeks', 'matrix', 'bridge'] as const
export type MovementView = (typeof movementViews)[number]

/** Which view of the movement the address names; the weeks where none. */
export function useMovementView(): { shown: MovementView; choose: (next: MovementView) => void } {
  const [chosen, choose] = useAddressValue('movement')
  const shown = movementViews.find((one) => one === chosen) ?? 'weeks'
  return { shown, choose: (next) => choose(next === 'weeks' ? undefined : next) }
}

/** A block's head, edges and padding. */
const frameHeight = 50
const lineHeight = 20

/** The height of a block that shows all lines of the view; the weeks take what there is. */
export function linesHeight(data: Analyser, view: MovementView, measure: Measure): number | undefined {
  if (view === 'matrix') return frameHeight + 32 + lineHeight * gridOf(data, measure).from.length
  if (view === 'bridge') return frameHeight + 28 + lineHeight * bridgeRows(data.bridge, measure).length
  return undefined
}
