import { CloseOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Input, Segmented } from 'antd'
import { useState } from 'react'
import { nameValue } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { type Condition, type Conditions, conditionsOf, conditionsSql, wantsSize } from './condition'
import { ConditionRow } from './ConditionRow'
import type { Table } from './diff'
import own from './Studio.module.css'

type Props = {
  label: string
  value: string
  table: Table | null
  begin?: Condition | undefined
  onValue: (sql: string) => void
}

const fresh: Condition = { column: '', is: 'eq', values: [] }

/** Which rows stay: by conditions that are chosen, or by SQL for those who want it. */
export function ConditionField({ label, value, table, begin = fresh, onValue }: Props) {
  const { t, lang } = useTexts()
  const [said, setSaid] = useState<Conditions>(() => {
    const found = conditionsOf(value)
    return found && found.list.length > 0 ? found : { all: true, list: [begin] }
  })
  const [isSql, setIsSql] = useState(() => conditionsOf(value) === null)
  const put = (next: Conditions) => {
    setSaid(next)
    onValue(conditionsSql(next))
  }
  const set = (at: number, condition: Condition) =>
    put({ ...said, list: said.list.map((one, place) => (place === at ? condition : one)) })
  const choose = (sql: boolean) => {
    const found = conditionsOf(value)
    // SQL that the conditions cannot say stays SQL.
    if (!sql && !found) return
    if (!sql && found && found.list.length > 0) setSaid(found)
    setIsSql(sql)
  }
  return (
    <fieldset className={own.pairs}>
      <legend>{label}</legend>
      <Ways isSql={isSql} first={t('studio.byHand.form')} isBound={conditionsOf(value) === null} onSql={choose} />
      {isSql ? (
        <Sql label={label} value={value} onValue={onValue} />
      ) : (
        <>
          {said.list.length > 1 ? (
            <Segmented
              size="small"
              aria-label={t('studio.anyOrAll')}
              value={said.all ? 'all' : 'any'}
              options={[
                { value: 'all', label: t('studio.all') },
                { value: 'any', label: t('studio.any') },
              ]}
              onChange={(one) => put({ ...said, all: one === 'all' })}
            />
          ) : null}
          {said.list.map((condition, at) => (
            <div key={at} className={own.condition}>
              <ConditionRow condition={condition} at={at} table={table} onCondition={(next) => set(at, next)} />
              {said.list.length > 1 ? (
                <Button
                  size="small"
                  type="text"
                  icon={<CloseOutlined />}
                  aria-label={nameValue(t('studio.removeRow'), String(at + 1), lang)}
                  onClick={() => put({ ...said, list: said.list.filter((_, place) => place !== at) })}
                />
              ) : null}
            </div>
          ))}
          {said.list.some(({ is }) => wantsSize(is)) ? (
            <span className={own.help}>{t('studio.byHand.sizeHelp')}</span>
          ) : null}
          <Button
            size="small"
            type="dashed"
            icon={<PlusOutlined aria-hidden="true" />}
            onClick={() => setSaid({ ...said, list: [...said.list, fresh] })}
          >
            {t('studio.addRow')}
          </Button>
        </>
      )}
    </fieldset>
  )
}

/** By choosing, or by SQL; what is SQL that cannot be chosen stays so. */
export function Ways({
  isSql,
  first,
  isBound,
  onSql,
}: {
  isSql: boolean
  first: string
  isBound: boolean
  onSql: (sql: boolean) => void
}) {
  const { t } = useTexts()
  return (
    <Segmented
      size="small"
      value={isSql ? 'sql' : 'form'}
      options={[
        { value: 'form', label: first, disabled: isBound },
        { value: 'sql', label: t('studio.byHand.sql') },
      ]}
      onChange={(one) => onSql(one === 'sql')}
    />
  )
}

export function Sql({ label, value, onValue }: { label: string; value: string; onValue: (sql: string) => void }) {
  const { t } = useTexts()
  return (
    <>
      <Input.TextArea
        aria-label={nameLabel(label)}
        className={own.sql}
        autoSize={{ minRows: 2, maxRows: 8 }}
        value={value}
        onChange={({ target }) => onValue(target.value)}
      />
      <span className={own.help}>{t('studio.byHand.sqlHelp')}</span>
    </>
  )
}

const nameLabel = (label: string) => `${label} · SQL`
