import { Button } from 'antd'
import { type KeyboardEvent, useState } from 'react'
import type { Field } from '../api/records'
import { undefinedMark } from '../format/format'
import { useTexts } from '../i18n/i18n'
import { FieldInput } from './FieldInput'
import styles from './FieldList.module.css'
import type { Draft } from './use-draft'
import { useValueNames } from './use-value-names'
import { isNamed, listOf, type Money, valueText } from './values'

type Props = {
  fields: readonly Field[]
  money: Money
  draft: Draft
  /** What the server said against a field, by name. */
  errors: Record<string, string>
  onSave: () => void
}

/** Fields one under another; a click edits in place, Enter saves, Esc takes one's edit back. */
export function FieldList({ fields, money, draft, errors, onSave }: Props) {
  const { t } = useTexts()
  const [open, setOpen] = useState<string | null>(null)
  const [all, setAll] = useState(false)
  const filled = fields.filter((field) => isShown(field) || field.name in draft.values || errors[field.name])
  const account = fields.find((field) => field.of === 'account' && field.name === 'account')
  const customer = account ? (draft.values.account ?? account.value) : null
  const shown = all || fields.length - filled.length < 3 ? fields : filled
  return (
    <>
      <dl className={styles.list}>
        {shown.map((field) => (
          <FieldRow
            key={field.name}
            field={field}
            money={money}
            draft={draft}
            customer={isNamed(customer) ? customer.id : null}
            error={draft.problems[field.name] ?? errors[field.name]}
            open={open === field.name}
            onOpen={(value) => setOpen(value ? field.name : null)}
            onSave={onSave}
          />
        ))}
      </dl>
      {shown.length < fields.length ? (
        <Button type="link" size="small" className={styles.more} onClick={() => setAll(true)}>
          {t('record.emptyFields', { n: fields.length - shown.length })}
        </Button>
      ) : null}
    </>
  )
}

function isShown(field: Field): boolean {
  const value: unknown = field.value
  return field.erased || (value !== null && value !== undefined && value !== '')
}

/** Whether people write the value by hand: parties come from moves and imports, and what is more than a list of texts has no input. */
function isWritten(field: Field, value: unknown): boolean {
  if (field.type === 'parties') return false
  return (field.type !== 'texts' && field.type !== 'json') || listOf(value) !== undefined
}

/** Types whose input takes Enter for itself. */
const chosen: readonly string[] = ['ref', 'bool', 'choice', 'texts', 'json']

type RowProps = {
  field: Field
  money: Money
  draft: Draft
  customer: number | null
  error: string | undefined
  open: boolean
  onOpen: (open: boolean) => void
  onSave: () => void
}

function FieldRow({ field, money, draft, customer, error, open, onOpen, onSave }: RowProps) {
  const { t, lang, say } = useTexts()
  const names = useValueNames()
  const label = say(field.label)
  const changed = field.name in draft.values
  const value = changed ? draft.values[field.name] : field.value
  const text = field.erased && !changed ? t('record.erased') : valueText(field, value, money, lang, names)
  const look = `${changed ? styles.changed : ''} ${text === undefinedMark ? styles.empty : ''}`
  const editable = field.editable && isWritten(field, value)
  const editing = editable && (open || Boolean(draft.problems[field.name]))
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      draft.drop(field.name)
      onOpen(false)
      event.stopPropagation()
    } else if (event.key === 'Enter' && !event.shiftKey && !chosen.includes(field.type)) {
      event.preventDefault()
      onOpen(false)
      onSave()
    }
  }
  return (
    <div className={styles.row}>
      <dt>{label}</dt>
      <dd>
        {editing ? (
          // It only hears the keys of the input inside
          <div
            onKeyDown={keys}
            onBlur={(event) => {
              if (!event.currentTarget.contains(event.relatedTarget)) onOpen(false)
            }}
          >
            <FieldInput
              field={field}
              value={value}
              label={label}
              money={money}
              customer={customer}
              autoFocus
              invalid={Boolean(error)}
              onChange={(next) => draft.set(field.name, next, field.value)}
              onProblem={(problem) => draft.tell(field.name, problem)}
            />
          </div>
        ) : editable ? (
          <button
            type="button"
            className={`${styles.value} ${look}`}
            aria-label={t('record.edit', { field: label, value: text })}
            onClick={() => onOpen(true)}
          >
            {text}
          </button>
        ) : (
          <span className={`${styles.plain} ${look}`}>{text}</span>
        )}
        {error ? (
          <p className={styles.error} role="alert">
            {error}
          </p>
        ) : null}
      </dd>
    </div>
  )
}
