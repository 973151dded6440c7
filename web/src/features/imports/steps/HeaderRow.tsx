import { InputNumber } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import { Labelled } from '../Labelled'

/** The row in which the names of the columns stand, where it is not found by itself. */
export function HeaderRow({
  value,
  onValue,
}: {
  value: number | undefined
  onValue: (row: number | undefined) => void
}) {
  const { t } = useTexts()
  return (
    <Labelled label={t('studio.headerRow')} help={t('studio.headerRowHelp')}>
      {(id) => (
        <InputNumber
          id={id}
          min={1}
          precision={0}
          value={value ?? null}
          onChange={(row) => onValue(row ?? undefined)}
        />
      )}
    </Labelled>
  )
}
