import { useCallback, useMemo, useState } from 'react'
import type { Field, Values } from '../api/records'
import { same } from './values'

/** Edits that are not saved yet: by field, with the value that each was made on. */
export type Draft = {
  /** Values as typed, by field name. */
  values: Values
  /** What the field said when its edit began. */
  bases: Values
  /** What is typed but is no value yet, by field name. */
  problems: Record<string, string>
  count: number
  isValid: boolean
  set: (field: string, value: unknown, base: unknown) => void
  tell: (field: string, problem: string | null) => void
  /** Lets go of one field's edit, or of all. */
  drop: (field?: string) => void
  /** After somebody else's change: the edits stand on these values now. */
  rebase: (fields: readonly Field[]) => void
}

export function useDraft(): Draft {
  const [values, setValues] = useState<Values>({})
  const [bases, setBases] = useState<Values>({})
  const [problems, setProblems] = useState<Record<string, string>>({})

  const set = useCallback((field: string, value: unknown, base: unknown) => {
    setBases((before) => (field in before ? before : { ...before, [field]: base }))
    setValues((before) => (same(value, base) ? without(before, field) : { ...before, [field]: value }))
  }, [])
  const tell = useCallback((field: string, problem: string | null) => {
    setProblems((before) => {
      if (problem === null) return field in before ? without(before, field) : before
      return { ...before, [field]: problem }
    })
  }, [])
  const drop = useCallback((field?: string) => {
    setValues((before) => (field ? without(before, field) : {}))
    setBases((before) => (field ? without(before, field) : {}))
    setProblems((before) => (field ? without(before, field) : {}))
  }, [])
  const rebase = useCallback((fields: readonly Field[]) => {
    setBases((before) =>
      Object.fromEntries(Object.keys(before).map((name) => [name, fields.find((one) => one.name === name)?.value])),
    )
  }, [])
  return useMemo(
    () => ({
      values,
      bases,
      problems,
      // A field whose text is no value is told of as such, whatever it held before.
      count: Object.keys(values).filter((field) => !(field in problems)).length,
      isValid: Object.keys(problems).length === 0,
      set,
      tell,
      drop,
      rebase,
    }),
    [values, bases, problems, set, tell, drop, rebase],
  )
}

function without<T>(values: Record<string, T>, field: string): Record<string, T> {
  const { [field]: _, ...rest } = values
  return rest
}

/** A field that two people changed, with both values. */
export type Clash = { field: Field; mine: unknown; theirs: unknown }

/** Fields of one's edits that somebody else has given another value meanwhile. */
export function clashes(draft: Pick<Draft, 'values' | 'bases'>, now: readonly Field[]): Clash[] {
  return now.flatMap((field) => {
    if (!(field.name in draft.values)) return []
    const mine = draft.values[field.name]
    const changed = !same(field.value, draft.bases[field.name])
    return changed && !same(field.value, mine) ? [{ field, mine, theirs: field.value }] : []
  })
}
