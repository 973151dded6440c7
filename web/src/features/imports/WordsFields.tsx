import { Input, Select } from 'antd'
import { useState } from 'react'
import { useTexts } from '@/shared/i18n/i18n'
import type { Mapping, UploadFile } from './api'
import styles from './Imports.module.css'
import { Labelled } from './Labelled'
import { outcomeWords, stageChoices, stageWords } from './mapping'
import { useProcesses } from './use-processes'

type Props = { mapping: Mapping; set: (change: Partial<Mapping>) => void }

/** Which stages the file's words mean: those that the mapping knows, those seen in the column, and others one knows of. */
export function StageWords({ mapping, columns, set }: Props & { columns: UploadFile['columns'] }) {
  const { t, say } = useTexts()
  const processes = useProcesses()
  const [added, setAdded] = useState<string[]>([])
  const words = [...new Set([...stageWords(mapping, columns), ...added])]
  if (words.length === 0) return null
  const options = [
    { value: '', label: t('imports.noStage') },
    ...stageChoices(mapping, processes).map((one) => ({ value: one.key, label: say(one.name) })),
  ]
  return (
    <div className={styles.field}>
      <h2>{t('imports.stages')}</h2>
      <span className={styles.soft}>{t('imports.stagesHelp')}</span>
      <div className={styles.grid}>
        {words.map((word) => (
          <Labelled key={word} label={word}>
            {(id) => (
              <Select
                id={id}
                value={mapping.stages[word]}
                status={word in mapping.stages ? undefined : 'warning'}
                placeholder={t('imports.chooseStage')}
                options={options}
                onChange={(next) => set({ stages: { ...mapping.stages, [word]: next } })}
              />
            )}
          </Labelled>
        ))}
        <Labelled label={t('imports.anotherWord')}>
          {(id) => (
            <Input
              id={id}
              key={added.length}
              placeholder={t('imports.anotherWordHelp')}
              onPressEnter={({ currentTarget: { value } }) => {
                const word = value.trim()
                if (word) setAdded((before) => [...before, word])
              }}
            />
          )}
        </Labelled>
      </div>
    </div>
  )
}

/** Which outcomes they mean, and what becomes of any other word. */
export function OutcomeWords({ mapping, set }: Props) {
  const { t } = useTexts()
  if (Object.keys(mapping.outcomes).length === 0) return null
  const options = outcomeWords.map((one) => ({ value: one as string, label: t(`states.${one}`) }))
  return (
    <div className={styles.field}>
      <h2>{t('imports.outcomes')}</h2>
      <div className={styles.grid}>
        {Object.entries(mapping.outcomes).map(([word, outcome]) => (
          <Labelled key={word} label={word}>
            {(id) => (
              <Select
                id={id}
                value={outcome}
                options={options}
                onChange={(next) => set({ outcomes: { ...mapping.outcomes, [word]: next } })}
              />
            )}
          </Labelled>
        ))}
        <Labelled label={t('imports.otherOutcome')}>
          {(id) => (
            <Select
              id={id}
              value={mapping.other_outcome ?? ''}
              options={[{ value: '', label: t('imports.rejectOther') }, ...options]}
              onChange={(next) => set({ other_outcome: next || undefined })}
            />
          )}
        </Labelled>
      </div>
    </div>
  )
}
