import type { DealPage, Field, Need, Reason, Values } from '@/shared/api/records'

/** The fields that a need is filled in by, as the page knows them: itself, or those that its condition is about. */
export function fieldsOf(need: Need, fields: readonly Field[]): Field[] {
  const names = need.kind === 'field' ? [need.key] : (need.fields ?? [])
  return names.flatMap((name) => fields.find((one) => one.name === name && one.editable) ?? [])
}

/** Somebody who takes part in the customer's decision. */
export type Party = { name?: string; role?: string; met_on?: string }

/**
 * The parties that a deal has, with those that were met now, one a role. Imports may have written one instead of a list,
 * or names alone: nothing that is known is lost.
 */
export function withMet(known: unknown, met: Readonly<Record<string, Party>>): Party[] {
  const parts: unknown[] = Array.isArray(known) ? known : [known]
  return [...parts.flatMap(partyOf), ...Object.values(met)]
}

function partyOf(part: unknown): Party[] {
  if (typeof part === 'object' && part !== null) return [part]
  const name = String(part ?? '').trim()
  return name ? [{ name }] : []
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

/** The move's word among those that a reason explains; nothing where a move asks for none. To win early is to skip. */
export function reasonWord(where: Where, page: Pick<DealPage, 'path'>): string | undefined {
  if (where === 'won') return nextStage(page) ? 'skip' : undefined
  return words[where]
}

/** What a move is told beside where it leads. */
export type Told = {
  reason?: string
  competitor?: string
  obstacle?: string
  next_contact_on?: string
  override_reason?: string
}

/** What a move has to be told, and is not yet. */
export function untold(where: Where, word: string | undefined, reason: Reason | undefined, told: Told): (keyof Told)[] {
  const asked: (keyof Told | false | undefined)[] = [
    word !== undefined && 'reason',
    reason?.needs === 'competitor' && 'competitor',
    reason?.needs === 'obstacle' && 'obstacle',
    where === 'parked' && 'next_contact_on',
    told.override_reason !== undefined && 'override_reason',
  ]
  return asked.filter((name): name is keyof Told => !!name && !told[name]?.trim())
}

/** The needs of a gate that nothing was filled in for. Whether a condition holds, or a metric is kept, is not typed. */
export function unfilled(gate: readonly Need[], filled: Values, met: Readonly<Record<string, Party>>): Need[] {
  const done = (filled.actions_done as string[] | undefined) ?? []
  return gate.filter(({ kind, key }) => {
    if (kind === 'field') return isEmpty(filled[key])
    if (kind === 'action') return !done.includes(key)
    return kind === 'role' && met[key] === undefined
  })
}

/** As the server takes it: blanks around a text are no part of it. */
function isEmpty(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === ''
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}

/** Whether a need is shown with ▲: nothing is typed for itself, and it holds or does not. */
export function isHeld({ kind }: Need): boolean {
  return kind !== 'field' && kind !== 'action' && kind !== 'role'
}

/** Whether all that a condition is about is asked for by other needs: then it has no field of its own to mend it by. */
export function isAskedElsewhere(need: Need, gate: readonly Need[]): boolean {
  const names = need.fields ?? []
  return names.length > 0 && names.every((name) => gate.some((one) => one.kind === 'field' && one.key === name))
}

/** Whether the stage's exit criteria are checked on the way. */
export function isGated(where: Where): boolean {
  return where === 'forward' || where === 'skip' || where === 'won'
}
