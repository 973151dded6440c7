import { useMutation } from '@tanstack/react-query'
import { App } from 'antd'
import { useState } from 'react'
import { ApiProblem } from '../api/problem'
import type { Field, Values } from '../api/records'
import { useTexts } from '../i18n/i18n'
import { useFieldErrors } from './field-errors'
import { type Clash, clashes, type Draft, useDraft } from './use-draft'
import { sent } from './values'

/** What of a record an edit needs. */
type Editable = { version: number; fields: readonly Field[] }

type Props<T extends Editable> = {
  record: T
  /** Sends values on a version; nothing comes back where the record is out of sight now. */
  patch: (version: number, values: Values) => Promise<T | undefined>
  /** Reads the record anew. */
  reread: () => Promise<T>
  onSaved: (record: T | undefined) => void
}

export type RecordEdit = {
  draft: Draft
  save: () => void
  saving: boolean
  error: unknown
  errors: Record<string, string>
  clashes: Clash[] | null
  resolve: (theirs: string[]) => void
  closeClashes: () => void
}

/** Edits of a record: sent on the version that was read; where somebody was quicker, only true clashes are asked about. */
export function useRecordEdit<T extends Editable>({ record, patch, reread, onSaved }: Props<T>): RecordEdit {
  const { t } = useTexts()
  const { message } = App.useApp()
  const draft = useDraft()
  const [found, setFound] = useState<Clash[] | null>(null)

  const save = useMutation({
    mutationFn: async (left: string[] | null) => {
      const values = Object.fromEntries(
        Object.entries(draft.values)
          .filter(([name]) => !left?.includes(name))
          .map(([name, value]) => [name, sent(value)]),
      )
      try {
        return await patch(record.version, values)
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.code !== 'changed-meanwhile') throw error
        const now = await reread()
        const both = clashes(draft, now.fields)
        if (both.length > 0) {
          setFound(both)
          throw error
        }
        return await patch(now.version, values)
      }
    },
    onSuccess: (saved) => {
      draft.drop()
      setFound(null)
      void message.success(t('record.saved'))
      onSaved(saved)
    },
  })
  const clashed = save.error instanceof ApiProblem && save.error.code === 'changed-meanwhile'
  return {
    draft,
    save: () => {
      if (draft.count > 0 && draft.isValid && !save.isPending) save.mutate(null)
    },
    saving: save.isPending,
    error: clashed ? null : save.error,
    errors: useFieldErrors(save.error),
    clashes: found,
    resolve: (theirs) => {
      draft.rebase(record.fields)
      for (const name of theirs) draft.drop(name)
      setFound(null)
      if (theirs.length < draft.count) save.mutate(theirs)
      else save.reset()
    },
    closeClashes: () => setFound(null),
  }
}
