import { Button, Input } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import type { Upload } from '../api'
import { Labelled } from '../Labelled'
import type { Cleaning, TableRef } from './cleaning'
import type { Condition } from './condition'
import type { Table } from './diff'
import { FormField } from './FormField'
import { forms, type Item, type Step, withValue } from './step'
import own from './Studio.module.css'

export type FormContext = {
  step: Step
  /** The table that comes to the step. */
  table: Table | null
  upload: Upload
  cleaning: Cleaning
  /** The table that the step is of, and the steps before it. */
  of: string
  before: readonly Item[]
  others: Record<string, TableRef>
  begin?: Condition | undefined
}

type Props = FormContext & { onStep: (step: Step) => void; onDone: () => void }

/** What a step asks for; every change is taken at once, and seen beside it. */
export function StepForm({ onStep, onDone, ...context }: Props) {
  const { t } = useTexts()
  const { step } = context
  return (
    <div className={own.form}>
      {forms[step.do].map((field) => (
        <FormField
          key={field.key}
          field={field}
          context={context}
          onValue={(value) => onStep(withValue(step, field, value))}
        />
      ))}
      <Labelled label={t('studio.fields.name')}>
        {(id) => (
          <Input
            id={id}
            value={step.name ?? ''}
            onChange={({ target }) => {
              const { name: _, ...rest } = step
              onStep((target.value === '' ? rest : { ...step, name: target.value }) as Step)
            }}
          />
        )}
      </Labelled>
      <div>
        <Button onClick={onDone}>{t('studio.done')}</Button>
      </div>
    </div>
  )
}
