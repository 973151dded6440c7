import { CloseOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { nameValue } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Labelled } from '../Labelled'
import { type Cases, casesOf, casesSql } from './condition'
import { Sql, Ways } from './ConditionField'
import { ConditionRow } from './ConditionRow'
import type { Table } from './diff'
import own from './Studio.module.css'

type Props = { label: string; value: string; table: Table | null; onValue: (sql: string) => void }
type Case = Cases['list'][number]

const fresh: Case = { when: { column: '', is: 'eq', values: [] }, then: '' }

/** What stands in a computed column: a text for each case, or an expression in SQL. */
export function FormulaField({ label, value, table, onValue }: Props) {
  const { t, lang } = useTexts()
  const isOther = value !== '' && casesOf(value) === null
  const [isSql, setIsSql] = useState(isOther)
  const [cases, setCases] = useState<Cases>(() => casesOf(value) ?? { list: [fresh], otherwise: '' })
  const put = (next: Cases) => {
    setCases(next)
    onValue(casesSql(next))
  }
  const set = (at: number, change: Partial<Case>) =>
    put({ ...cases, list: cases.list.map((one, place) => (place === at ? { ...one, ...change } : one)) })
  const choose = (sql: boolean) => {
    const found = casesOf(value)
    if (!sql && found) setCases(found)
    setIsSql(sql)
  }
  return (
    <fieldset className={own.pairs}>
      <legend>{label}</legend>
      <Ways isSql={isSql} first={t('studio.byHand.calculate')} isBound={isOther} onSql={choose} />
      {isSql ? (
        <Sql label={label} value={value} onValue={onValue} />
      ) : (
        <>
          {cases.list.map((one, at) => (
            <div key={at} className={own.condition}>
              <span className={own.help}>{t('studio.when')}</span>
              <ConditionRow condition={one.when} at={at} table={table} onCondition={(when) => set(at, { when })} />
              <Input
                aria-label={nameValue(t('studio.then'), String(at + 1), lang)}
                prefix={<span className={own.help}>{t('studio.then')}</span>}
                value={one.then}
                onChange={({ target }) => set(at, { then: target.value })}
              />
              {cases.list.length > 1 ? (
                <Button
                  size="small"
                  type="text"
                  icon={<CloseOutlined />}
                  aria-label={nameValue(t('studio.removeRow'), String(at + 1), lang)}
                  onClick={() => put({ ...cases, list: cases.list.filter((_, place) => place !== at) })}
                />
              ) : null}
            </div>
          ))}
          <Button
            size="small"
            type="dashed"
            icon={<PlusOutlined aria-hidden="true" />}
            onClick={() => setCases({ ...cases, list: [...cases.list, fresh] })}
          >
            {t('studio.addRow')}
          </Button>
          <Labelled label={t('studio.otherwise')} help={t('studio.optional.nothing')}>
            {(id) => (
              <Input
                id={id}
                value={cases.otherwise}
                onChange={({ target }) => put({ ...cases, otherwise: target.value })}
              />
            )}
          </Labelled>
        </>
      )}
    </fieldset>
  )
}
