import { Input, Select } from 'antd'
import { nameValue } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { comparisons, type Condition, wantsMany, wantsNothing } from './condition'
import type { Table } from './diff'
import { valuesIn } from './view'

type Props = { condition: Condition; at: number; table: Table | null; onCondition: (condition: Condition) => void }

/** A column, how it is compared, and with what. */
export function ConditionRow({ condition, at, table, onCondition }: Props) {
  const { t, lang } = useTexts()
  const { column, is, values } = condition
  const set = (change: Partial<Condition>) => onCondition({ ...condition, ...change })
  const label = (name: string) => nameValue(name, String(at + 1), lang)
  const options = (names: readonly string[]) => names.map((name) => ({ value: name, label: name }))
  return (
    <>
      <Select
        showSearch
        aria-label={label(t('studio.fields.column'))}
        placeholder={t('studio.fields.column')}
        value={column || undefined}
        options={options(table?.columns ?? [])}
        onChange={(next: string) => set({ column: next })}
      />
      <Select
        aria-label={label(t('studio.comparison'))}
        value={is}
        options={comparisons.map((one) => ({ value: one, label: t(`studio.comparisons.${one}`) }))}
        onChange={(next) =>
          set({ is: next, values: wantsNothing(next) ? [] : wantsMany(next) ? values : values.slice(0, 1) })
        }
      />
      {wantsNothing(is) ? null : wantsMany(is) ? (
        <Select
          mode="tags"
          aria-label={label(t('studio.value'))}
          placeholder={t('studio.value')}
          value={values}
          options={options(valuesIn(table, column))}
          onChange={(next: string[]) => set({ values: next })}
        />
      ) : (
        <Input
          aria-label={label(t('studio.value'))}
          placeholder={valuesIn(table, column)[0] ?? t('studio.value')}
          value={values[0] ?? ''}
          onChange={({ target }) => set({ values: [target.value] })}
        />
      )}
    </>
  )
}
