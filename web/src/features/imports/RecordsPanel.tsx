import { Checkbox } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import type { MappedRecords, TableFound, TargetField } from './api'
import { AmountFields } from './AmountFields'
import { ColumnsTable } from './ColumnsTable'
import { DatesField } from './DatesField'
import styles from './Imports.module.css'
import { LeftOut } from './LeftOut'
import { assigned, written } from './mapping'

type Props = {
  title: string
  table: TableFound
  records: MappedRecords
  fields: readonly TargetField[]
  onRecords: (records: MappedRecords) => void
}

/** The columns of a table as records of one kind, and how it writes what it says where that differs. */
export function RecordsPanel({ title, table, records, fields, onRecords }: Props) {
  const { t, say } = useTexts()
  const found = table.kinds.find((one) => one.kind === records.kind)
  const set = (change: Partial<MappedRecords>) => onRecords({ ...records, ...change })
  const mapped = fields.filter((field) => field.name in records.fields)
  const dated = mapped.filter((field) => field.type === 'date')
  const dates = dated.map((field) => records.fields[field.name]?.dates ?? []).find((one) => one.length > 0) ?? []
  return (
    <section className={`${styles.panel} ${styles.stack}`} aria-label={title}>
      <h2>{title}</h2>
      {found?.notes.length && records.key.length > 0 ? (
        <ul className={styles.notes}>
          {found.notes.map((note) => (
            <li key={note.en}>{say(note)}</li>
          ))}
        </ul>
      ) : null}
      <ColumnsTable
        columns={table.file.columns}
        fields={fields}
        suggestions={found?.suggestions ?? []}
        mapped={records}
        onPut={(column, target, from) => onRecords(assigned(records, column, target, from))}
      />
      <LeftOut mapped={records} columns={table.file.columns} />
      <Checkbox checked={records.repeats ?? false} onChange={(event) => set({ repeats: event.target.checked })}>
        {t('kinds.repeats')}
      </Checkbox>
      {dated.length > 0 || mapped.some((field) => field.type === 'amount') ? (
        <div className={styles.grid}>
          {dated.length > 0 ? (
            <DatesField
              label={t('kinds.dates')}
              help={t('kinds.datesHelp')}
              value={dates}
              onValue={(value) => {
                const fields = { ...records.fields }
                for (const { name } of dated) {
                  const before = fields[name]
                  if (before) fields[name] = { ...before, dates: value }
                }
                set({ fields })
              }}
            />
          ) : null}
          <AmountFields fields={mapped} mapped={records} put={(name, change) => set(written(records, name, change))} />
        </div>
      ) : null}
      {records.key.length === 0 ? (
        <p className={styles.bad} role="alert">
          {t('kinds.keyNeeded', { table: title })}
        </p>
      ) : null}
    </section>
  )
}
