import { Select } from 'antd'
import { capital, nameValue, withUnit } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Scroller } from '@/shared/ui/Scroller'
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

/** Every column of a table, what it holds, where it goes, and why that is suggested. */
export function ColumnsTable({ columns, fields, suggestions, mapped, onPut }: Props) {
  const { t, lang, say } = useTexts()
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
          {columns
            .filter((column) => !column.is_repeated)
            .map((column) => {
              const why = whyOf(suggestions, mapped, column.name)
              return (
                <tr key={column.name}>
                  <th scope="row">{column.name}</th>
                  <td className={styles.samples} title={column.sample.join('\n')}>
                    {column.sample.join(' · ')}
                  </td>
                  <td>
                    <Select
                      size="small"
                      showSearch={{ optionFilterProp: 'label' }}
                      style={{ minWidth: 180 }}
                      aria-label={nameValue(t('imports.mapTo'), column.name, lang)}
                      value={targetOf(mapped, column.name)}
                      options={options}
                      onChange={(target) => onPut(column.name, target)}
                    />
                  </td>
                  <td className={`${styles.soft} ${styles.told}`}>{why ? say(why.why) : null}</td>
                </tr>
              )
            })}
        </tbody>
      </table>
    </Scroller>
  )
}
