import { Select } from 'antd'
import { Labelled } from './Labelled'
import { dateForms } from './mapping'

type Props = { label: string; help: string; value: string[]; onValue: (dates: string[]) => void }

/** How dates are written: the usual forms to choose from, and others to type. */
export function DatesField({ label, help, value, onValue }: Props) {
  return (
    <Labelled label={label} help={help}>
      {(id) => (
        <Select
          id={id}
          mode="tags"
          value={value}
          placeholder={dateForms.iso}
          options={Object.entries(dateForms).map(([form, example]) => ({ value: form, label: example }))}
          onChange={onValue}
        />
      )}
    </Labelled>
  )
}
