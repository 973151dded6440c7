import { Select } from 'antd'
import { capital, nameValue, withUnit } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Scroller } from '@/shared/ui/Scroller'
import type { Mapping, Suggested } from './api'
import styles from './Imports.module.css'
import { assigned, keep, leaveOut, milestone, stageChoices, targetOf, whyOf, withStagesByName } from './mapping'
import { useProcesses } from './use-processes'

type Props = { suggested: Suggested; mapping: Mapping; onMapping: (mapping: Mapping) => void }

/** Every column of the table, what it holds, where it goes, and why that is suggested. */
export function ColumnsTable({ suggested, mapping, onMapping }: Props) {
  const { t, lang, say } = useTexts()
  const processes = useProcesses()
  const put = (column: string, target: string) => {
    const next = assigned(mapping, column, target)
    const isStage = target === 'stage'
    onMapping(isStage ? withStagesByName(next, suggested.file.columns, stageChoices(next, processes)) : next)
  }
  const options = [
    { value: leaveOut, label: t('imports.ignore') },
    { value: keep, label: t('imports.keep') },
    { value: milestone, label: t('imports.milestone') },
    ...suggested.fields.map((field) => ({
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
          {suggested.file.columns
            .filter((column) => !column.is_repeated)
            .map((column) => {
              const why = whyOf(suggested, mapping, column.name)
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
                      value={targetOf(mapping, column.name)}
                      options={options}
                      onChange={(target) => put(column.name, target)}
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
