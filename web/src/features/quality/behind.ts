import type { Row } from '@/shared/api/types'
import type { Lang } from '@/shared/format/format'
import type { FilterKey, Per } from './use-quality'

/** A row's name in the reader's language. */
export function nameOf(row: Row, key: string, lang: Lang): string | null {
  const named = row[`${key}_${lang}`] ?? row[key]
  return typeof named === 'string' && named !== '' ? named : null
}

/** What a number of a breakdown opens: the records that fail, of the row's part. A weight opens nothing. */
export function behind(per: Per, row: Row, column: string): Partial<Record<FilterKey, string>> | undefined {
  if (column === 'weight') return undefined
  const of = column.startsWith('deals') ? 'deal' : column.startsWith('customers') ? 'customer' : undefined
  const narrowed = of ? { q_of: of } : {}
  switch (per) {
    case 'rule':
      return { q_rule: String(row.rule) }
    case 'class':
      return { q_class: String(row.class) }
    case 'person':
      return { ...narrowed, q_person: String(row.id ?? 0) }
    case 'team':
      return { ...narrowed, q_team: String(row.id ?? 0) }
    case 'source':
      return { ...narrowed, q_source: String(row.source ?? '') }
    // A process is chosen in the frame, for everything that the page shows.
    case 'process':
      return undefined
  }
}
