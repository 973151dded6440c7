import { Button, Tag } from 'antd'
import { useState } from 'react'
import { count, counted, share, undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Scroller } from '@/shared/ui/Scroller'
import { type Join, type Model, type Table } from './layout'
import { LooseKeys } from './LooseKeys'
import styles from './Model.module.css'
import { RowsBehind } from './RowsBehind'

/** A table of the model: its fields with how full they are, and its references with where they lead. */
export function TableDetail({ model, table }: { model: Model; table: Table }) {
  const { t, lang, say } = useTexts()
  const from = model.tables.filter((one) => one.joins.some((join) => join.to === table.kind && one.kind !== table.kind))
  return (
    <section className={styles.detail} aria-live="polite">
      <div>
        <h2>{t('model.fieldsOf', { table: say(table.label) })}</h2>
        {table.bare ? <p className={styles.soft}>{t('model.bare', counted(table.bare, lang))}</p> : null}
        {from.length ? (
          <p className={styles.soft}>
            {t('model.referredBy', { list: from.map((one) => say(one.label)).join(lang === 'zh' ? '、' : ', ') })}
          </p>
        ) : null}
      </div>
      <Fields model={model} table={table} />
      <h2>{t('model.joinsOf', { table: say(table.label) })}</h2>
      {table.joins.length ? <Joins model={model} table={table} /> : <p className={styles.soft}>{t('model.noJoins')}</p>}
    </section>
  )
}

function Fields({ model, table }: { model: Model; table: Table }) {
  const { t, lang, say } = useTexts()
  const label = (kind: string) => say(model.tables.find((one) => one.kind === kind)?.label)
  return (
    <Scroller>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('model.name')}</th>
            <th scope="col">{t('model.filled')}</th>
            <th scope="col">{t('model.type')}</th>
            <th scope="col">{t('model.field')}</th>
          </tr>
        </thead>
        <tbody>
          {table.fields.map((field) => (
            <tr key={field.name}>
              <th scope="row">
                {say(field.label)} {field.own ? <Tag>{t('model.own')}</Tag> : null}
                {field.dimension ? <Tag color="blue">{t('model.dimension')}</Tag> : null}
                {field.retired ? <Tag>{t('model.retired')}</Tag> : null}
              </th>
              <td>
                {field.share == null ? (
                  undefinedMark
                ) : (
                  <span className={styles.fill}>
                    <span className={styles.bar} aria-hidden>
                      <span style={{ width: `${field.share * 100}%` }} />
                    </span>
                    <span title={count(field.filled ?? 0, lang)}>{share(field.share, lang)}</span>
                  </span>
                )}
              </td>
              <td>
                {t(`model.types.${field.type as 'text'}`, { defaultValue: field.type })}
                {field.of ? ` → ${label(field.of)}` : null}
              </td>
              <td className={styles.code}>{field.name}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}

/** What is looked at: the loose keys of a reference, or the rows without one. */
type Looked = { join: Join; what: 'keys' | 'empty' } | null

function Joins({ model, table }: { model: Model; table: Table }) {
  const { t, lang, say } = useTexts()
  const [looked, setLooked] = useState<Looked>(null)
  const label = (kind: string) => say(model.tables.find((one) => one.kind === kind)?.label)
  const number = (value: number | null | undefined) => (value == null ? undefinedMark : count(value, lang))
  return (
    <>
      <Scroller>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('model.field')}</th>
              <th scope="col">{t('model.to')}</th>
              {(['matched', 'empty', 'onlyKey', 'gone'] as const).map((key) => (
                <th key={key} scope="col" data-numeric>
                  {t(`model.${key}`)}
                </th>
              ))}
              <th scope="col">{t('model.reading')}</th>
              <th scope="col" aria-label={t('common.more')} />
            </tr>
          </thead>
          <tbody>
            {table.joins.map((join) => (
              <tr key={join.field}>
                <th scope="row">{say(join.label)}</th>
                <td>{label(join.to)}</td>
                <td data-numeric>{number(join.matched)}</td>
                <td data-numeric>{number(join.empty)}</td>
                <td data-numeric data-wrong={(join.loose ?? 0) > (join.gone ?? 0) || undefined}>
                  {number(join.bare)}
                </td>
                <td data-numeric data-wrong={(join.gone ?? 0) > 0 || undefined}>
                  {number(join.gone)}
                </td>
                <td>{t(join.as_was ? 'model.asWas' : 'model.asNow')}</td>
                <td data-actions>
                  {join.loose ? (
                    <Button size="small" type="link" onClick={() => setLooked({ join, what: 'keys' })}>
                      {t('model.look')}
                    </Button>
                  ) : null}
                  {join.empty ? (
                    <Button size="small" type="link" onClick={() => setLooked({ join, what: 'empty' })}>
                      {t('model.lookEmpty')}
                    </Button>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      {looked?.what === 'keys' ? <LooseKeys table={table} join={looked.join} onClose={() => setLooked(null)} /> : null}
      {looked?.what === 'empty' ? (
        <RowsBehind
          table={table}
          join={looked.join}
          title={t('model.rowsEmpty', { field: say(looked.join.label) })}
          onClose={() => setLooked(null)}
        />
      ) : null}
    </>
  )
}
