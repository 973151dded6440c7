import { Select } from 'antd'
import { capital, counted, nameValue } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import type { Mapping, Suggested, TableFound } from './api'
import styles from './Imports.module.css'
import { Labelled } from './Labelled'
import { deals, isTable, kindsOf, withKind, withoutKind } from './tables'

type Props = {
  suggested: Suggested
  mapping: Mapping
  nameOf: (table: TableFound) => string
  onMapping: (mapping: Mapping) => void
  /** Another table is to be the one of the deals. */
  onDeals: (table: TableFound) => void
}

/** The tables of the upload, and what each comes in as. */
export function TablesList({ suggested, mapping, nameOf, onMapping, onDeals }: Props) {
  const { t, lang, say } = useTexts()
  const options = suggested.kinds.map(({ kind, label }) => ({ value: kind, label: capital(say(label)) }))
  const put = (table: TableFound, next: string[]) => {
    const before = kindsOf(mapping, table)
    const added = next.find((kind) => !before.includes(kind))
    const gone = before.find((kind) => !next.includes(kind))
    if (added === deals) onDeals(table)
    else if (added) onMapping(withKind(mapping, table, added))
    else if (gone) onMapping(withoutKind(mapping, table, gone))
  }
  return (
    <section className={`${styles.panel} ${styles.stack}`} aria-label={t('kinds.title')}>
      <h2>{t('kinds.title')}</h2>
      <span className={styles.soft}>{t('kinds.help')}</span>
      <div className={styles.grid}>
        {suggested.tables.map((table) => {
          const kinds = kindsOf(mapping, table)
          const name = nameOf(table)
          const why = table.kinds.find((one) => one.kind === kinds[0])?.why
          const reason = why && say(why) ? nameValue(t('imports.why'), say(why), lang) : undefined
          // A table may hold the changes of the deals and records of its own.
          const isHistory = isTable(mapping.history && (mapping.history.table ?? mapping.table), table)
          const isHistoryOnly = isHistory && kinds.length === 0
          return (
            <Labelled
              key={name}
              label={`${name} · ${t('imports.rows', counted(table.file.rows_seen, lang))}`}
              help={isHistoryOnly ? undefined : isHistory ? t('kinds.history') : reason}
            >
              {(id) => (
                <Select
                  id={id}
                  mode="multiple"
                  showSearch={{ optionFilterProp: 'label' }}
                  value={kinds}
                  placeholder={t(isHistoryOnly ? 'kinds.history' : 'kinds.none')}
                  options={options}
                  onChange={(next: string[]) => put(table, next)}
                />
              )}
            </Labelled>
          )
        })}
      </div>
    </section>
  )
}
