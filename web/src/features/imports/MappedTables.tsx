import { Button } from 'antd'
import { useState } from 'react'
import { capital } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import type { Mapping, Suggested, TableFound, Upload } from './api'
import { DealsPanel } from './DealsPanel'
import styles from './Imports.module.css'
import { MappingFields } from './MappingFields'
import { RecordsPanel } from './RecordsPanel'
import { keyOf, refOf } from './steps/cleaning'
import { TablesList } from './TablesList'
import { isTable, withRecords } from './tables'

type Props = {
  upload: Upload
  suggested: Suggested
  mapping: Mapping
  onMapping: (mapping: Mapping) => void
  onDeals: (table: string) => void
}

/** What a mapping says of every table; whoever has one file of deals sees no more than its columns. */
export function MappedTables({ upload, suggested, mapping, onMapping, onDeals }: Props) {
  const { t, lang, say } = useTexts()
  const [isOpen, setIsOpen] = useState(false)
  const records = mapping.records ?? []
  const nameOf = ({ file }: TableFound) => keyOf(refOf({ file: file.name, sheet: file.sheet }, upload))
  const isPlain = suggested.tables.length < 2 && mapping.table && records.length === 0
  const kindOf = (kind: string) => suggested.kinds.find((one) => one.kind === kind)
  const titled = (kind: string, table: TableFound) => {
    const label = kindOf(kind)?.label
    return lang === 'zh' ? `${say(label)}（${nameOf(table)}）` : `${capital(say(label))} (${nameOf(table)})`
  }
  const main = suggested.tables.find((table) => isTable(mapping.table, table))
  return (
    <>
      {suggested.notes.length ? (
        <ul className={styles.notes} aria-label={t('imports.notes')}>
          {suggested.notes.map((note) => (
            <li key={note.en}>{say(note)}</li>
          ))}
        </ul>
      ) : null}
      {isPlain && !isOpen ? (
        <div>
          <Button type="link" size="small" onClick={() => setIsOpen(true)}>
            {t('kinds.notDeals')}
          </Button>
        </div>
      ) : (
        <TablesList
          suggested={suggested}
          mapping={mapping}
          nameOf={nameOf}
          onMapping={onMapping}
          onDeals={(table) => onDeals(nameOf(table))}
        />
      )}
      {mapping.table ? (
        <DealsPanel
          suggested={suggested}
          mapping={mapping}
          title={main && !isPlain ? titled('opportunity', main) : undefined}
          onMapping={onMapping}
        />
      ) : null}
      {records.map((one, at) => {
        const table = suggested.tables.find((found) => isTable(one.table, found))
        if (!table) return null
        return (
          <RecordsPanel
            key={`${one.kind} ${nameOf(table)}`}
            title={titled(one.kind, table)}
            table={table}
            records={one}
            fields={kindOf(one.kind)?.fields ?? []}
            onRecords={(next) => onMapping(withRecords(mapping, at, next))}
          />
        )
      })}
      <MappingFields suggested={suggested} mapping={mapping} onMapping={onMapping} />
    </>
  )
}
