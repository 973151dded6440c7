import { Input, Select } from 'antd'
import { useState } from 'react'
import type { Field } from '../api/records'
import { useTexts } from '../i18n/i18n'
import { RefSelect } from './RefSelect'
import { isNamed, listOf, type Money, majorText, minorOf } from './values'

type Props = {
  field: Pick<Field, 'type' | 'of' | 'choices'>
  value: unknown
  onChange: (value: unknown) => void
  label: string
  money: Money
  /** The customer of the record: contacts are chosen of theirs. */
  customer?: number | null
  id?: string
  autoFocus?: boolean
  invalid?: boolean
  /** Tells what is typed but is no value yet; `null` where it is one. */
  onProblem?: (message: string | null) => void
}

/** The right input for a field's type, with its unit inside. */
export function FieldInput(props: Props) {
  const { field, value, onChange, label, money, customer, id, autoFocus, invalid, onProblem } = props
  const { t, say } = useTexts()
  const common = { id, autoFocus, 'aria-label': label, status: invalid ? ('error' as const) : undefined }
  switch (field.type) {
    case 'ref':
      return (
        <RefSelect
          kind={field.of ?? ''}
          customer={customer}
          value={isNamed(value) ? value : null}
          onChange={onChange}
          label={label}
          autoFocus={autoFocus}
          status={common.status}
        />
      )
    case 'bool':
      return (
        <Select
          {...common}
          allowClear
          style={{ width: '100%' }}
          value={typeof value === 'boolean' ? value : undefined}
          options={[
            { value: true, label: t('common.yes') },
            { value: false, label: t('common.no') },
          ]}
          onChange={(chosen) => onChange(chosen ?? null)}
        />
      )
    case 'day':
      return (
        <Input
          {...common}
          type="date"
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.target.value || null)}
        />
      )
    case 'amount_minor':
    case 'int':
    case 'ppm':
      return (
        <Figures
          {...common}
          places={field.type === 'ppm' ? 4 : field.type === 'int' ? 0 : money.decimals}
          unit={field.type === 'ppm' ? '%' : field.type === 'int' ? '' : (money.currency ?? '')}
          value={value}
          onChange={onChange}
          onProblem={onProblem}
        />
      )
    case 'choice':
      return (
        <Select
          {...common}
          allowClear
          style={{ width: '100%' }}
          value={typeof value === 'string' ? value : undefined}
          options={field.choices?.map((choice) => ({ value: choice.key, label: say(choice.name) }))}
          onChange={(chosen) => onChange(chosen ?? null)}
        />
      )
    case 'json':
      return (
        <Select
          {...common}
          mode="tags"
          open={false}
          suffixIcon={null}
          tokenSeparators={[',', '，', '、', '\n']}
          placeholder={t('record.listHelp')}
          style={{ width: '100%' }}
          value={listOf(value) ?? []}
          onChange={(chosen: string[]) => {
            const told = chosen.map((one) => one.trim()).filter((one) => one !== '')
            onChange(told.length ? told : null)
          }}
        />
      )
    default:
      return (
        <Input.TextArea
          {...common}
          autoSize={{ minRows: 1, maxRows: 8 }}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
        />
      )
  }
}

type FiguresProps = {
  id?: string
  autoFocus?: boolean
  'aria-label': string
  status?: 'error'
  /** Decimals that the figures are moved by: what is kept are whole numbers. */
  places: number
  unit: string
  value: unknown
  onChange: (value: unknown) => void
  onProblem?: (message: string | null) => void
}

function Figures({ places, unit, value, onChange, onProblem, ...rest }: FiguresProps) {
  const { t } = useTexts()
  const [typed, setTyped] = useState(() => majorText(value, places))
  // Another value from outside (discarded, taken from others) takes the place of what was typed.
  const [known, setKnown] = useState(value)
  if (known !== value && minorOf(typed, places) !== value) {
    setKnown(value)
    setTyped(majorText(value, places))
  }
  return (
    <Input
      {...rest}
      inputMode="decimal"
      suffix={unit || undefined}
      value={typed}
      onChange={(event) => {
        setTyped(event.target.value)
        const minor = minorOf(event.target.value, places)
        onProblem?.(minor === undefined ? t('record.noNumber', { n: places === 4 ? 4 : places }) : null)
        if (minor !== undefined) {
          setKnown(minor)
          onChange(minor)
        }
      }}
    />
  )
}
