import { Input, Select } from 'antd'
import { useState } from 'react'
import { useTexts } from '@/shared/i18n/i18n'
import { Labelled } from './Labelled'

type Props = { value: string; onValue: (value: string) => void }

const words = { import: 'import', 'last-change': 'lastChange', day: 'day' } as const
type Choice = keyof typeof words

/** The day that the file speaks of: that of the import, the newest one in it, or one that somebody names. */
export function ExportedOn({ value, onValue }: Props) {
  const { t } = useTexts()
  const said: Choice = value === 'import' || value === 'last-change' ? value : 'day'
  // A day counts from when it is whole.
  const [isNaming, setIsNaming] = useState(false)
  const choice: Choice = isNaming ? 'day' : said
  return (
    <>
      <Labelled label={t('studio.exported.label')} help={t('studio.exported.help')}>
        {(id) => (
          <Select
            id={id}
            value={choice}
            options={(Object.keys(words) as Choice[]).map((one) => ({
              value: one,
              label: t(`studio.exported.${words[one]}`),
            }))}
            onChange={(next: Choice) => {
              setIsNaming(next === 'day')
              if (next !== 'day') onValue(next)
            }}
          />
        )}
      </Labelled>
      {choice === 'day' ? (
        <Labelled label={t('studio.exported.date')}>
          {(id) => (
            <Input
              id={id}
              type="date"
              value={said === 'day' ? value : ''}
              onChange={({ target }) => {
                if (target.value !== '') onValue(target.value)
              }}
            />
          )}
        </Labelled>
      ) : null}
    </>
  )
}
