import { count, counted, nameValue } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import type { Counts } from './api'
import styles from './Imports.module.css'

/** What a table of records is called. */
export const tableName = (table: string, t: ReturnType<typeof useTexts>['t']): string =>
  t(`kinds.tables.${table}` as never, { defaultValue: table })

/** What a report counts; ahead of the import also how many deals would come in. */
export function Figures({ counts, isAhead = false }: { counts: Partial<Counts>; isAhead?: boolean }) {
  const { t, lang } = useTexts()
  const n = (value: number | null | undefined) => counted(value ?? 0, lang)
  const others = Object.entries(counts.records ?? {}).filter(([table]) => table !== 'opportunities')
  const isOfDeals = (counts.opportunities ?? 0) > 0 || others.length === 0
  return (
    <ul className={styles.figures}>
      {isAhead && isOfDeals ? (
        <li>
          <strong>{t('imports.wouldImport', n(counts.opportunities))}</strong>
        </li>
      ) : null}
      {isAhead && isOfDeals && typeof counts.opportunities_known === 'number' ? (
        <li>
          {t('imports.knownBefore', {
            known: count(counts.opportunities_known, lang),
            fresh: count(Math.max(0, (counts.opportunities ?? 0) - counts.opportunities_known), lang),
          })}
        </li>
      ) : null}
      {Object.entries(counts.outcomes ?? {}).map(([outcome, deals]) => (
        <li key={outcome}>
          {t('imports.outcomeCounts', {
            name: t(`states.${outcome as 'open'}`, { defaultValue: outcome }),
            ...n(deals),
          })}
        </li>
      ))}
      {others.map(([table, records]) => (
        <li key={table}>{nameValue(tableName(table, t), count(records, lang), lang)}</li>
      ))}
      <li>{t('imports.read', n(counts.rows_read))}</li>
      {(counts.rows_rejected ?? 0) > 0 ? (
        <li className={styles.bad}>▼ {t('imports.rejected', n(counts.rows_rejected))}</li>
      ) : null}
      {(counts.warnings ?? 0) > 0 ? (
        <li className={styles.warn}>● {t('imports.warnings', n(counts.warnings))}</li>
      ) : null}
    </ul>
  )
}
