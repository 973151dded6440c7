import { Input, Select } from 'antd'
import { type ReactNode, useId } from 'react'
import { useMeta } from '@/shared/api/queries'
import { useTexts } from '@/shared/i18n/i18n'
import type { Mapping, Suggested } from './api'
import styles from './Imports.module.css'
import { stageChoices } from './mapping'

type Props = { suggested: Suggested; mapping: Mapping; onMapping: (mapping: Mapping) => void }

const outcomes = ['open', 'won', 'lost', 'cancelled', 'parked'] as const

/** What a mapping says beyond its columns: the source, the process, and what words mean. */
export function MappingFields({ suggested, mapping, onMapping }: Props) {
  const { t, say } = useTexts()
  const { processes } = useMeta()
  const set = (change: Partial<Mapping>) => onMapping({ ...mapping, ...change })
  const own = typeof suggested.mapping.process === 'string' ? null : suggested.mapping.process
  const key = typeof mapping.process === 'string' ? mapping.process : ''
  const known = processes.some((one) => one.key === key)
  const choices = [
    ...(own ? [{ value: '', label: t('imports.ownProcess') }] : []),
    ...processes.map((one) => ({ value: one.key, label: say(one.name) })),
    ...(key && !known ? [{ value: key, label: key }] : []),
  ]
  const stages = stageChoices(mapping, processes)
  return (
    <section className={`${styles.panel} ${styles.stack}`}>
      <div className={styles.grid}>
        <Labelled label={t('imports.name')} help={t('imports.nameHelp')}>
          {(id) => <Input id={id} value={mapping.name} onChange={(event) => set({ name: event.target.value })} />}
        </Labelled>
        <Labelled label={t('imports.process')} help={say(suggested.process_why)}>
          {(id) => (
            <Select
              id={id}
              value={key}
              options={choices}
              onChange={(next) => set({ process: next === '' && own ? own : next })}
            />
          )}
        </Labelled>
        <Labelled label={t('imports.exportedOn')} help={t('imports.exportedHelp')}>
          {(id) => (
            <Input
              id={id}
              type="date"
              value={/^\d/.test(mapping.exported_on) ? mapping.exported_on : ''}
              onChange={(event) => set({ exported_on: event.target.value || suggested.mapping.exported_on })}
            />
          )}
        </Labelled>
        <Labelled label={t('imports.currency')}>
          {(id) => (
            <Input
              id={id}
              value={mapping.currency}
              maxLength={3}
              onChange={(event) => set({ currency: event.target.value.toUpperCase() })}
            />
          )}
        </Labelled>
      </div>
      {Object.keys(mapping.stages).length > 0 ? (
        <div className={styles.field}>
          <h2>{t('imports.stages')}</h2>
          <span className={styles.soft}>{t('imports.stagesHelp')}</span>
          <div className={styles.grid}>
            {Object.entries(mapping.stages).map(([word, stage]) => (
              <Labelled key={word} label={word}>
                {(id) => (
                  <Select
                    id={id}
                    value={stage}
                    options={[
                      { value: '', label: t('imports.noStage') },
                      ...stages.map((one) => ({ value: one.key, label: say(one.name) })),
                    ]}
                    onChange={(next) => set({ stages: { ...mapping.stages, [word]: next } })}
                  />
                )}
              </Labelled>
            ))}
          </div>
        </div>
      ) : null}
      {Object.keys(mapping.outcomes).length > 0 ? (
        <div className={styles.field}>
          <h2>{t('imports.outcomes')}</h2>
          <div className={styles.grid}>
            {Object.entries(mapping.outcomes).map(([word, outcome]) => (
              <Labelled key={word} label={word}>
                {(id) => (
                  <Select
                    id={id}
                    value={outcome}
                    options={outcomes.map((one) => ({ value: one, label: t(`states.${one}`) }))}
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
                  options={[
                    { value: '', label: t('imports.rejectOther') },
                    ...outcomes.map((one) => ({ value: one, label: t(`states.${one}`) })),
                  ]}
                  onChange={(next) => set({ other_outcome: next || undefined })}
                />
              )}
            </Labelled>
          </div>
        </div>
      ) : null}
    </section>
  )
}

function Labelled({ label, help, children }: { label: string; help?: string; children: (id: string) => ReactNode }) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {help ? <span className={styles.soft}>{help}</span> : null}
    </div>
  )
}
