/** Fields of the organisation's own: what there is, and how their values stand in lists. */
import { useQuery } from '@tanstack/react-query'
import { api, ok } from '../api/client'
import type { components } from '../api/schema'
import { type Lang, undefinedMark } from '../format/format'
import { type Names, valueText } from '../records/values'
import type { CopiedColumn } from '../table/RecordsTable'

type Schemas = components['schemas']
export type OwnField = Schemas['OwnFieldBody']
export type OwnColumn = Schemas['OwnColumnBody']

export const ownFieldsKey = ['own-fields']

export function useOwnFields() {
  return useQuery({ queryKey: ownFieldsKey, queryFn: () => ok(api.GET('/api/v1/fields')), staleTime: 60_000 })
}

/** The own fields of a kind that are asked for. */
export function useOwnFieldsOf(kind: string): readonly OwnField[] {
  return useOwnFields().data?.filter((field) => field.kind === kind && !field.retired) ?? []
}

/** Keys of columns: built-in ones have no dot. */
export const ownColumnKey = (name: string) => `own.${name}`

type Row = { own?: unknown; currency?: string | null; decimals?: number | null }

/** Columns of a list for own fields. Amounts are in the record's own currency. */
export function ownColumns<R extends Row>(
  columns: readonly OwnColumn[] | undefined,
  lang: Lang,
  names: Names,
  money: { currency: string | null; decimals: number },
): CopiedColumn<R>[] {
  return (columns ?? []).map((column) => {
    const valueOf = (row: R) => (row.own as Record<string, unknown> | undefined)?.[column.name]
    const text = (row: R) => {
      const own = row.currency ? { currency: row.currency, decimals: row.decimals ?? money.decimals } : money
      const shown = valueText({ type: column.type as never, choices: column.choices }, valueOf(row), own, lang, names)
      return shown === undefinedMark ? undefined : shown
    }
    return {
      key: ownColumnKey(column.name),
      head: column.label[lang],
      numeric: column.type === 'int' || column.type === 'amount_minor',
      cell: (row: R) => text(row) ?? undefinedMark,
      title: text,
      text,
    }
  })
}

/** A choice as one line of text: `key=Chinese|English`. */
export function choiceLine(choice: Schemas['FieldChoiceBody']): string {
  const { key, name } = choice
  if (name.zh === key && name.en === key) return key
  return name.zh === name.en ? `${key}=${name.zh}` : `${key}=${name.zh}|${name.en}`
}

/** Choices out of lines of text; lines without a word are passed over. */
export function readChoices(text: string): Schemas['FieldChoiceBody'][] {
  const lines = text.split('\n').map((line) => line.trim())
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [key = '', names = key] = split(line, '=')
      const [zh = '', en = zh] = split(names, '|')
      return { key, name: { zh, en } }
    })
}

/** A text before and after the first of a sign, whatever its width. */
function split(text: string, sign: '=' | '|'): string[] {
  const at = text.search(sign === '=' ? /[=＝]/ : /[|｜]/)
  return at < 0 ? [text.trim()] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}
