import { CloseOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import { nameValue } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { aggregateOf, aggregateSql, aggregateWords } from './condition'
import type { Texts } from './step'
import own from './Studio.module.css'

type Props = { label: string; value: Texts; columns: readonly string[]; onValue: (take: Texts) => void }
type Row = { name: string; sql: string; take: string; column: string }

const rowOf = (name: string, sql: string): Row => {
  const found = aggregateOf(sql)
  return { name, sql, take: found?.take ?? 'sql', column: found?.column ?? '' }
}

/** What is summed up for each combination: a name, how, and of which column; or SQL. */
export function AggregatesField({ label, value, columns, onValue }: Props) {
  const { t, lang } = useTexts()
  const [rows, setRows] = useState<Row[]>(() => {
    const given = Object.entries(value).map(([name, sql]) => rowOf(name, sql))
    return given.length ? given : [rowOf('', 'count(*)')]
  })
  const put = (next: Row[]) => {
    setRows(next)
    const sent = next.filter(({ name, sql }) => name !== '' && sql !== '').map(({ name, sql }) => [name, sql])
    onValue(Object.fromEntries(sent) as Texts)
  }
  const set = (at: number, change: Partial<Row>) =>
    put(
      rows.map((row, place) => {
        if (place !== at) return row
        const next = { ...row, ...change }
        return next.take === 'sql' ? next : { ...next, sql: aggregateSql(next as Parameters<typeof aggregateSql>[0]) }
      }),
    )
  const named = (name: string, at: number) => nameValue(name, String(at + 1), lang)
  return (
    <fieldset className={own.pairs}>
      <legend>{label}</legend>
      {rows.map((row, at) => (
        <div key={at} className={own.condition}>
          <Input
            aria-label={named(t('studio.fields.into'), at)}
            placeholder={t('studio.fields.into')}
            value={row.name}
            onChange={({ target }) => set(at, { name: target.value })}
          />
          <Select
            aria-label={named(label, at)}
            value={row.take}
            options={[
              ...aggregateWords.map((one) => ({ value: one as string, label: t(`studio.aggregates.${one}`) })),
              { value: 'sql', label: t('studio.byHand.sql') },
            ]}
            onChange={(take) => set(at, { take })}
          />
          {row.take === 'sql' ? (
            <Input
              aria-label={named(t('studio.byHand.sql'), at)}
              className={own.sql}
              value={row.sql}
              onChange={({ target }) => set(at, { sql: target.value })}
            />
          ) : row.take === 'count' ? null : (
            <Select
              showSearch
              aria-label={named(t('studio.fields.column'), at)}
              placeholder={t('studio.fields.column')}
              value={row.column || undefined}
              options={columns.map((name) => ({ value: name, label: name }))}
              onChange={(column) => set(at, { column })}
            />
          )}
          {rows.length > 1 ? (
            <Button
              size="small"
              type="text"
              icon={<CloseOutlined />}
              aria-label={named(t('studio.removeRow'), at)}
              onClick={() => put(rows.filter((_, place) => place !== at))}
            />
          ) : null}
        </div>
      ))}
      <Button
        size="small"
        type="dashed"
        icon={<PlusOutlined aria-hidden="true" />}
        onClick={() =>
          setRows(
            [...rows, rowOf('', '')].map((one) => (one.take === 'sql' && !one.sql ? { ...one, take: 'sum' } : one)),
          )
        }
      >
        {t('studio.addRow')}
      </Button>
    </fieldset>
  )
}
