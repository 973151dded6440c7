import { useQuery } from '@tanstack/react-query'
import { Button, Select } from 'antd'
import { useMemo, useState } from 'react'
import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { filesKey, joinKeys } from '../api'
import styles from '../Imports.module.css'
import { Labelled } from '../Labelled'
import { askedOf, keyOf, type TableRef } from './cleaning'
import { PairsField, recordOf } from './PairsField'
import type { Texts } from './step'
import type { FormContext } from './StepForm'
import own from './Studio.module.css'
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
  // The pairs keep what is being typed; what is taken from the proposals begins them anew.
  const [taken, setTaken] = useState(0)
  return (
    <>
      <PairsField
        key={taken}
        label={label}
        heads={[t('studio.pairs.own'), t('studio.pairs.theirs')]}
        value={Object.entries(value)}
        left={{ names: context.table?.columns ?? [] }}
        right={{ names: theirs }}
        onValue={(pairs) => onValue(recordOf(pairs, true))}
      />
      <Proposed
        value={value}
        other={other}
        context={context}
        onTake={(left, right) => {
          onValue({ [left]: right })
          setTaken(taken + 1)
        }}
      />
    </>
  )
}

type ProposedProps = Pick<KeysProps, 'value' | 'context'> & {
  other: TableRef
  onTake: (left: string, right: string) => void
}

/** Columns of both tables that hold the same keys, as far as they are not taken already. */
function Proposed({ value, other, context, onTake }: ProposedProps) {
  const { t, lang } = useTexts()
  const { upload, cleaning, of, before, step } = context
  const ask = useMemo(() => {
    const own = askedOf(cleaning, upload, of, before)
    const theirs = askedOf(cleaning, upload, keyOf(other))
    const name = step.do === 'join' ? step.with : ''
    return { table: own.table, tables: { ...theirs.tables, ...own.tables, [name]: theirs.table }, with: name }
  }, [cleaning, upload, of, before, other, step])
  const found = useQuery({
    queryKey: [...filesKey(upload.id), 'join-keys', JSON.stringify(ask)],
    queryFn: () => joinKeys(upload.id, ask),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const left = (found.data ?? []).filter((key) => value[key.left] !== key.right)
  if (left.length === 0) return null
  return (
    <div className={styles.field}>
      <span className={styles.soft}>{t('studio.joinKeys')}</span>
      {left.map((key) => (
        <Button
          key={`${key.left}\n${key.right}`}
          size="small"
          className={own.proposed}
          onClick={() => onTake(key.left, key.right)}
        >
          {t(key.is_unique ? 'studio.joinKey' : 'studio.joinKeyRepeats', {
            left: key.left,
            right: key.right,
            matched: count(key.matched, lang),
            values: count(key.values, lang),
          })}
        </Button>
      ))}
    </div>
  )
}
