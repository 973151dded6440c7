import { PlusOutlined } from '@ant-design/icons'
import { Button, Select } from 'antd'
import { useState } from 'react'
import { capital, nameValue, withUnit } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Scroller } from '@/shared/ui/Scroller'
import { usePhone } from '@/shared/ui/use-media'
import type { Suggestion, TargetField, UploadFile } from './api'
import styles from './Imports.module.css'
import { type Columns, keep, leaveOut, milestone, targetsOf, whyOf } from './mapping'

type Props = {
  columns: UploadFile['columns']
  fields: readonly TargetField[]
  suggestions: readonly Suggestion[]
  mapped: Columns
  /** A column goes to `target` in the place of `from`; to it as well where that is nothing. */
  onPut: (column: string, target: string, from: string) => void
}

/** Every column of a table, what it holds, where it goes, and why that is suggested: on a phone a card for each. */
export function ColumnsTable({ columns, fields, suggestions, mapped, onPut }: Props) {
  const { t, lang, say } = useTexts()
  const phone = usePhone()
  const options = [
    { value: leaveOut, label: t('imports.ignore') },
    // Only deals keep what is no field of theirs, and have stages.
    ...(mapped.keep ? [{ value: keep, label: t('imports.keep') }] : []),
    ...(mapped.milestones ? [{ value: milestone, label: t('imports.milestone') }] : []),
    ...fields.map((field) => ({
      value: field.name,
      label: withUnit(capital(say(field.label)), field.required ? t('imports.required') : null, lang),
    })),
  ]
  const rows = columns.map(({ name, sample }) => ({
    name,
    sample: sample.join(' · '),
    samples: sample.join('\n'),
    why: say(whyOf(suggestions, mapped, name)?.why),
    goesTo: (
      <GoesTo
        name={name}
        targets={targetsOf(mapped, name)}
        options={options}
        onPut={(target, from) => onPut(name, target, from)}
      />
    ),
  }))
  if (phone) {
    return (
      <ul className={styles.cards}>
        {rows.map((row) => (
          <li key={row.name}>
            <strong>{row.name}</strong>
            {row.goesTo}
            {row.sample ? (
              <span className={styles.soft}>{nameValue(t('imports.sample'), row.sample, lang)}</span>
            ) : null}
            {row.why ? <span className={styles.soft}>{nameValue(t('imports.why'), row.why, lang)}</span> : null}
          </li>
        ))}
      </ul>
    )
  }
  return (
    <Scroller>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('imports.column')}</th>
            <th scope="col">{t('imports.sample')}</th>
            <th scope="col">{t('imports.mapTo')}</th>
            <th scope="col">{t('imports.why')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <td className={styles.samples} title={row.samples}>
                {row.sample}
              </td>
              <td>{row.goesTo}</td>
              <td className={`${styles.soft} ${styles.told}`}>{row.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}

type GoesToProps = {
  name: string
  targets: [string, ...string[]]
  options: readonly { value: string; label: string }[]
  onPut: (target: string, from: string) => void
}

/** Where a column goes; what is in a field may be in others too. */
function GoesTo({ name, targets, options, onPut }: GoesToProps) {
  const { t, lang } = useTexts()
  const phone = usePhone()
  const [adding, setAdding] = useState(false)
  const [first, ...others] = targets
  const isField = ![leaveOut, keep, milestone].includes(first)
  const more = options.filter(({ value }) => ![keep, milestone].includes(value))
  const look = {
    size: phone ? ('middle' as const) : ('small' as const),
    showSearch: { optionFilterProp: 'label' },
    style: { minWidth: 180 },
  }
  return (
    <div className={styles.goesTo}>
      <Select
        {...look}
        aria-label={nameValue(t('imports.mapTo'), name, lang)}
        value={first}
        options={[...options]}
        onChange={(target) => onPut(target, first)}
      />
      {others.map((target) => (
        <Select
          key={target}
          {...look}
          aria-label={nameValue(t('imports.mapToAlso'), name, lang)}
          value={target}
          options={more}
          onChange={(next) => onPut(next, target)}
        />
      ))}
      {adding ? (
        <Select
          {...look}
          autoFocus
          defaultOpen
          aria-label={nameValue(t('imports.mapToAlso'), name, lang)}
          placeholder={t('imports.mapToAlso')}
          options={more.filter(({ value }) => value !== leaveOut && !targets.includes(value))}
          onChange={(target: string) => {
            setAdding(false)
            onPut(target, leaveOut)
          }}
          onBlur={() => setAdding(false)}
        />
      ) : isField ? (
        <Button
          size="small"
          type="text"
          icon={<PlusOutlined />}
          title={t('imports.mapToAlso')}
          aria-label={nameValue(t('imports.addMapTo'), name, lang)}
          onClick={() => setAdding(true)}
        />
      ) : null}
    </div>
  )
}
