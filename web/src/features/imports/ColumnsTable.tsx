import { Select } from 'antd'
import { capital, nameValue, withUnit } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Scroller } from '@/shared/ui/Scroller'
import { usePhone } from '@/shared/ui/use-media'
import type { Suggestion, TargetField, UploadFile } from './api'
import styles from './Imports.module.css'
import { type Columns, keep, leaveOut, milestone, targetOf, whyOf } from './mapping'

type Props = {
  columns: UploadFile['columns']
  fields: readonly TargetField[]
  suggestions: readonly Suggestion[]
  mapped: Columns
  onPut: (column: string, target: string) => void
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
  const rows = columns
    .filter((column) => !column.is_repeated)
    .map(({ name, sample }) => ({
      name,
      sample: sample.join(' · '),
      samples: sample.join('\n'),
      why: say(whyOf(suggestions, mapped, name)?.why),
      goesTo: (
        <Select
          size={phone ? 'middle' : 'small'}
          showSearch={{ optionFilterProp: 'label' }}
          style={{ minWidth: 180 }}
          aria-label={nameValue(t('imports.mapTo'), name, lang)}
          value={targetOf(mapped, name)}
          options={options}
          onChange={(target) => onPut(name, target)}
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
