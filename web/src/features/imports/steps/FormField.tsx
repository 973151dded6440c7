import { Checkbox, Input, Select } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import { Labelled } from '../Labelled'
import { dateForms } from '../mapping'
import { AggregatesField } from './AggregatesField'
import { ConditionField } from './ConditionField'
import { FormulaField } from './FormulaField'
import { PairsField, recordOf } from './PairsField'
import { type Field, type Texts, types, valueOf } from './step'
import type { FormContext } from './StepForm'
import { KeysField, TableField } from './TableFields'
import { valuesIn } from './view'

type Props = { field: Field; context: FormContext; onValue: (value: unknown) => void }

const options = (names: readonly string[]) => names.map((name) => ({ value: name, label: name }))

/** One field of a step's form, filled in as its sort wants it. */
export function FormField({ field, context, onValue }: Props) {
  const { t } = useTexts()
  const { step, table } = context
  const value = valueOf(step, field.key)
  const columns = table?.columns ?? []
  const label = t(`studio.fields.${field.label as 'columns'}`)
  const help = field.optional ? t(`studio.optional.${field.optional}`) : undefined
  const texts = (value ?? {}) as Texts
  const list = (value ?? []) as string[]
  switch (field.as) {
    case 'condition':
      return (
        <ConditionField label={label} value={value as string} table={table} begin={context.begin} onValue={onValue} />
      )
    case 'formula':
      return <FormulaField label={label} value={value as string} table={table} onValue={onValue} />
    case 'aggregates':
      return <AggregatesField label={label} value={texts} columns={columns} onValue={onValue} />
    case 'table':
      return <TableField label={label} value={value as string} others={context.others} onValue={onValue} />
    case 'keys':
      return <KeysField label={label} value={texts} context={context} onValue={onValue} />
    case 'pairs':
      return step.do === 'map' ? (
        <PairsField
          key={step.column}
          label={label}
          heads={[t('studio.pairs.old'), t('studio.pairs.now')]}
          value={Object.entries(texts)}
          left={{ free: true, names: valuesIn(table, step.column) }}
          right={{ free: true }}
          onValue={(pairs) => onValue(recordOf(pairs))}
        />
      ) : (
        <PairsField
          label={label}
          heads={[t('studio.pairs.old'), t('studio.pairs.now')]}
          value={Object.entries(texts)}
          left={{ names: columns }}
          right={{ free: true }}
          onValue={(pairs) => onValue(recordOf(pairs, true))}
        />
      )
    case 'types':
      return (
        <PairsField
          label={label}
          heads={[t('studio.fields.column'), t('studio.pairs.as')]}
          value={Object.entries(texts)}
          left={{ names: columns }}
          right={{ names: types, said: (type) => t(`studio.choices.${type as 'number'}`) }}
          onValue={(pairs) => onValue(recordOf(pairs, true))}
        />
      )
    case 'order':
      return (
        <PairsField
          label={label}
          heads={[t('studio.fields.column'), t('studio.pairs.way')]}
          value={list.map((key) => (key.startsWith('-') ? [key.slice(1), 'down'] : [key, 'up']))}
          left={{ names: columns }}
          right={{ names: ['up', 'down'], said: (way) => t(`studio.choices.${way as 'up'}`) }}
          onValue={(pairs) =>
            onValue(pairs.filter(([name]) => name !== '').map(([name, way]) => (way === 'down' ? `-${name}` : name)))
          }
        />
      )
    case 'flag':
      return (
        <Checkbox checked={value === true} onChange={({ target }) => onValue(target.checked)}>
          {label}
        </Checkbox>
      )
    default:
      return (
        <Labelled label={label} help={help}>
          {(id) => <Plain id={id} field={field} context={context} value={value} onValue={onValue} />}
        </Labelled>
      )
  }
}

/** Fields of one control. */
function Plain({ id, field, context, value, onValue }: Props & { id: string; value: unknown }) {
  const { t } = useTexts()
  const { step, table } = context
  const columns = table?.columns ?? []
  const list = (value ?? []) as string[]
  switch (field.as) {
    case 'columns':
      return <Select id={id} mode="multiple" value={list} options={options(columns)} onChange={onValue} />
    case 'column':
      return (
        <Select
          id={id}
          showSearch
          value={(value as string) || undefined}
          options={options(columns)}
          onChange={onValue}
        />
      )
    case 'words':
      return (
        <Select
          id={id}
          mode="tags"
          value={list}
          options={step.do === 'pivot' ? options(valuesIn(table, step.names)) : []}
          onChange={onValue}
        />
      )
    case 'dates':
      return (
        <Select
          id={id}
          mode="tags"
          value={list}
          placeholder={dateForms.iso}
          options={Object.entries(dateForms).map(([form, example]) => ({ value: form, label: example }))}
          onChange={onValue}
        />
      )
    case 'comma':
      return (
        <Select
          id={id}
          value={value === true ? 'comma' : 'point'}
          options={[
            { value: 'point', label: '1,234.56' },
            { value: 'comma', label: '1.234,56' },
          ]}
          onChange={(sign: string) => onValue(sign === 'comma')}
        />
      )
    case 'choice':
      return (
        <Select
          id={id}
          value={(value as string | undefined) ?? field.choices?.[0]}
          options={(field.choices ?? []).map((one) => ({
            value: one,
            label: t(`studio.choices.${one as 'first'}`),
          }))}
          onChange={onValue}
        />
      )
    default:
      return (
        <Input id={id} value={(value as string | undefined) ?? ''} onChange={({ target }) => onValue(target.value)} />
      )
  }
}
