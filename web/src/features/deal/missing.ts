import type { DealPage, Field, Missing } from '@/shared/api/records'

/** Something that the gate of a stage asks for. */
export type Need =
  | { kind: 'field'; key: string; field: Field | null }
  | { kind: 'action'; key: string }
  | { kind: 'role'; key: string }
  | { kind: 'metric'; key: string }
  | { kind: 'condition'; key: string; sentence: { zh: string; en: string } | null }

/** What is missing, one thing each, in the order in which one would fill it in. */
export function needs(missing: Missing | null | undefined, fields: readonly Field[]): Need[] {
  if (!missing) return []
  return [
    ...missing.fields.map((key): Need => ({
      kind: 'field',
      key,
      field: fields.find((one) => one.name === key) ?? null,
    })),
    ...missing.actions.map((key): Need => ({ kind: 'action', key })),
    ...missing.roles.map((key): Need => ({ kind: 'role', key })),
    ...missing.metrics.map((key): Need => ({ kind: 'metric', key })),
    ...(missing.condition
      ? [{ kind: 'condition' as const, key: missing.condition, sentence: missing.sentence ?? null }]
      : []),
  ]
}

export type Where = 'forward' | 'back' | 'skip' | 'won' | 'lost' | 'cancelled' | 'parked' | 'open'

/** A move that is being made: to a stage of the path, or to an end. */
export type Move = { to: string; where: Where }

/** Which way a stage of the path lies from where the deal stands. */
export function wayTo(page: Pick<DealPage, 'path'>, key: string): Where {
  const open = page.path.filter((stage) => stage.kind === 'open')
  const from = open.findIndex((stage) => stage.current)
  const to = open.findIndex((stage) => stage.key === key)
  if (from < 0 || to === from + 1) return 'forward'
  return to < from ? 'back' : 'skip'
}

/** The open stage after the one the deal stands in; nothing at the end of the path. */
export function nextStage(page: Pick<DealPage, 'path'>): DealPage['path'][number] | undefined {
  const open = page.path.filter((stage) => stage.kind === 'open')
  const at = open.findIndex((stage) => stage.current)
  return at < 0 ? undefined : open[at + 1]
}

const words: Partial<Record<Where, string>> = { lost: 'lose', cancelled: 'cancel', skip: 'skip', back: 'back' }

/** The move's word among those that a reason explains; nothing where a move asks for none. */
export function reasonWord(where: Where): string | undefined {
  return words[where]
}

/** Whether the stage's exit criteria are checked on the way. */
export function isGated(where: Where): boolean {
  return where === 'forward' || where === 'skip' || where === 'won'
}
