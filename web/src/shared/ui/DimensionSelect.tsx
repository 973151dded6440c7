import { Select } from 'antd'
import type { Dimension } from '../api/types'
import { capital } from '../format/format'
import { useTexts } from '../i18n/i18n'

type Props = {
  dimensions: readonly Dimension[]
  value: string | undefined
  onChange: (key: string | undefined) => void
  label: string
  /** The words for "no dimension", where that is a choice. */
  none?: string
}

/** One of the dimensions by which deals can be grouped. */
export function DimensionSelect({ dimensions, value, onChange, label, none }: Props) {
  const { say } = useTexts()
  const options = dimensions.map((dimension) => ({ value: dimension.key, label: capital(say(dimension.label)) }))
  return (
    <Select
      size="small"
      variant="filled"
      aria-label={label}
      popupMatchSelectWidth={false}
      style={{ minWidth: 84 }}
      value={value ?? ''}
      options={none === undefined ? options : [{ value: '', label: none }, ...options]}
      onChange={(key) => onChange(key || undefined)}
    />
  )
}
