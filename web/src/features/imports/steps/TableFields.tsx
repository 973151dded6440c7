import { Select } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import styles from '../Imports.module.css'
import { Labelled } from '../Labelled'
import { keyOf, type TableRef } from './cleaning'
import { PairsField, recordOf } from './PairsField'
import type { Texts } from './step'
import type { FormContext } from './StepForm'
import { useCleaned } from './use-cleaned'

type TableProps = { label: string; value: string; others: Record<string, TableRef>; onValue: (name: string) => void }

/** Another table of the upload. */
export function TableField({ label, value, others, onValue }: TableProps) {
  const { t } = useTexts()
  const names = Object.entries(others)
  if (names.length === 0) return <p className={styles.warn}>{t('studio.noTables')}</p>
  return (
    <Labelled label={label}>
      {(id) => (
        <Select
          id={id}
          value={value || undefined}
          options={names.map(([name, ref]) => ({ value: name, label: keyOf(ref) }))}
          onChange={onValue}
        />
      )}
    </Labelled>
  )
}

type KeysProps = { label: string; value: Texts; context: FormContext; onValue: (on: Texts) => void }

/** Which columns of this table and the other have to be equal. */
export function KeysField({ label, value, context, onValue }: KeysProps) {
  const { step, others } = context
  const ref = step.do === 'join' ? others[step.with] : undefined
  return ref ? (
    <Keys key={keyOf(ref)} label={label} value={value} other={ref} context={context} onValue={onValue} />
  ) : null
}

function Keys({ label, value, other, context, onValue }: KeysProps & { other: TableRef }) {
  const { t } = useTexts()
  const { seen } = useCleaned(context.upload, context.cleaning, keyOf(other))
  const theirs = seen?.answer.tables.at(-1)?.columns ?? []
  return (
    <PairsField
      label={label}
      heads={[t('studio.pairs.own'), t('studio.pairs.theirs')]}
      value={Object.entries(value)}
      left={{ names: context.table?.columns ?? [] }}
      right={{ names: theirs }}
      onValue={(pairs) => onValue(recordOf(pairs, true))}
    />
  )
}
