import { Form } from 'antd'
import { useOwnFieldsOf } from '../own/own-fields'
import { useTexts } from '../i18n/i18n'
import { FieldInput } from './FieldInput'
import type { At } from './RecordDialog'
import type { Money } from './values'

/** How an own field's type is called on pages of records. */
const types: Record<string, string> = {
  text: 'text',
  choice: 'choice',
  number: 'int',
  amount: 'amount_minor',
  date: 'day',
  yes_no: 'bool',
}

type InputProps = { id?: string; value?: unknown; onChange?: (value: unknown) => void }

/** The own fields that a record is not made without, in the form that makes it. */
export function OwnInputs({ kind, money, at }: { kind: string; money: Money; at: At }) {
  const { t, say } = useTexts()
  const needed = useOwnFieldsOf(kind).filter((field) => field.required)
  return needed.map((field) => {
    const [type = '', of] = field.type.split(':')
    const typed = { type: of ? 'ref' : (types[type] ?? 'text'), of: of ?? null, choices: field.choices }
    return (
      <Form.Item
        key={field.name}
        name={field.name}
        label={say(field.label)}
        rules={[{ required: true, message: t('account.required') }]}
        {...at(field.name)}
      >
        <OwnInput typed={typed as never} label={say(field.label)} money={money} />
      </Form.Item>
    )
  })
}

/** A form hands its value and change to this. */
function OwnInput({
  typed,
  label,
  money,
  id,
  value,
  onChange,
}: InputProps & { typed: Parameters<typeof FieldInput>[0]['field']; label: string; money: Money }) {
  return (
    <FieldInput
      id={id}
      field={typed}
      value={value ?? null}
      label={label}
      money={money}
      onChange={(next) => onChange?.(next)}
    />
  )
}
