import { Input, Select } from 'antd'
import { useState } from 'react'
import type { Field } from '../api/records'
import { useTexts } from '../i18n/i18n'
import { majorText, moneyRange, type Range, readFigures, shareRange } from './figures'
import { RefSelect } from './RefSelect'
import { useFaultWords } from './use-fault-words'
import { isNamed, listOf, type Money } from './values'

type Props = {
  /** `min` is the least value, in the units of the value; without one it may be below zero. */
  field: Pick<Field, 'type' | 'of' | 'choices'> & { min?: number | null }
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
          range={
            field.type === 'ppm'
              ? shareRange
              : field.type === 'int'
                ? wholeRange
                : moneyRange(money.decimals, field.min ?? undefined)
          }
          kind={field.type === 'ppm' ? 'share' : field.type === 'int' ? 'number' : 'money'}
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
    case 'texts':
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
  /** What may be typed. Its places are what the figures are moved by: what is kept are whole numbers. */
  range: Range
  kind: 'money' | 'share' | 'number'
  unit: string
  value: unknown
  onChange: (value: unknown) => void
  onProblem?: (message: string | null) => void
}

const wholeRange: Range = { places: 0 }

function Figures({ range, kind, unit, value, onChange, onProblem, ...rest }: FiguresProps) {
  const faultWords = useFaultWords()
  const { places } = range
  const [typed, setTyped] = useState(() => majorText(value, places))
  // Another value from outside (discarded, taken from others) takes the place of what was typed.
  const [known, setKnown] = useState(value)
  if (known !== value && readFigures(typed, range).value !== value) {
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
        const { value: read, fault } = readFigures(event.target.value, range)
        onProblem?.(fault ? faultWords(fault, range, kind) : null)
        if (read !== undefined) {
          setKnown(read)
          onChange(read)
        }
      }}
    />
  )
}
