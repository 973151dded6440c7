import { Input, Select } from 'antd'
import type { Reason } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { Labelled } from './Labelled'

type ReasonProps = {
  word: string
  reasons: readonly Reason[]
  value: string | undefined
  error: string | undefined
  onChange: (code: string | undefined) => void
}

/** The code of a reason, of those that explain the move. */
export function ReasonField({ word, reasons, value, error, onChange }: ReasonProps) {
  const { t, say } = useTexts()
  const fitting = reasons.filter((one) =>
    word === 'obstacle' ? one.code.startsWith('obstacle.') : one.moves.includes(word),
  )
  return (
    <Labelled required label={t(word === 'obstacle' ? 'deal.obstacle' : 'deal.reason')} error={error}>
      {(id) =>
        fitting.length ? (
          <Select
            id={id}
            aria-required
            showSearch={{ optionFilterProp: 'label' }}
            value={value}
            options={fitting.map((one) => ({ value: one.code, label: say(one.name) }))}
            onChange={onChange}
          />
        ) : (
          <Input id={id} aria-required value={value} onChange={(event) => onChange(event.target.value)} />
        )
      }
    </Labelled>
  )
}
