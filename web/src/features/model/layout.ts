/** Where the boxes of the star stand, and which lines lead from one to another. Plain figures: nothing is measured. */
import type { components } from '@/shared/api/schema'

export type Model = components['schemas']['ModelBody']
export type Table = components['schemas']['ModelTableBody']
export type Join = components['schemas']['ModelJoinBody']

/** The date dimension is no table: it stands beside the others as one. */
export const dateKind = 'date'

export const box = { width: 200, height: 48, gap: 14 }
export const width = 920
const columns = { left: 0, middle: (width - box.width) / 2, right: width - box.width }

export type Box = { kind: string; x: number; y: number; fact: boolean }
export type Line = components['schemas']['ModelLineBody'] & { path: string; x: number; y: number }

function column(kinds: readonly string[], x: number, fact: boolean, height: number): Box[] {
  const own = kinds.length * (box.height + box.gap) - box.gap
  const top = (height - own) / 2
  return kinds.map((kind, at) => ({ kind, x, y: top + at * (box.height + box.gap), fact }))
}

/** Facts in the middle, dimensions on both sides. */
export function boxes(model: Model): { boxes: Box[]; height: number } {
  const facts = model.tables.filter((table) => table.is_fact).map((table) => table.kind)
  const dimensions = [...model.tables.filter((table) => !table.is_fact).map((table) => table.kind), dateKind]
  const half = Math.ceil(dimensions.length / 2)
  const most = Math.max(facts.length, half)
  const height = most * (box.height + box.gap) - box.gap
  return {
    boxes: [
      ...column(dimensions.slice(0, half), columns.left, false, height),
      ...column(facts, columns.middle, true, height),
      ...column(dimensions.slice(half), columns.right, false, height),
    ],
    height,
  }
}

/** The lines between boxes that are there. */
export function lines(model: Model, placed: readonly Box[]): Line[] {
  const at = new Map(placed.map((one) => [one.kind, one]))
  return model.lines.flatMap((line) => {
    const [a, b] = [at.get(line.from), at.get(line.to)]
    return a && b ? [{ ...line, ...curve(a, b) }] : []
  })
}

/** A line that leaves a box at its side and bends towards the other; within one column it bows out. */
function curve(a: Box, b: Box): { path: string; x: number; y: number } {
  const [ay, by] = [a.y + box.height / 2, b.y + box.height / 2]
  if (a.x === b.x) {
    const x = a.x + box.width
    const out = x + 26 + Math.min(60, Math.abs(by - ay) / 6)
    return { path: `M${x} ${ay} C${out} ${ay} ${out} ${by} ${x} ${by}`, x: out - 8, y: (ay + by) / 2 }
  }
  const [ax, bx] = a.x < b.x ? [a.x + box.width, b.x] : [a.x, b.x + box.width]
  const middle = (ax + bx) / 2
  return { path: `M${ax} ${ay} C${middle} ${ay} ${middle} ${by} ${bx} ${by}`, x: middle, y: (ay + by) / 2 }
}
