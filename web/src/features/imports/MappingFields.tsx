import { AutoComplete, Input, Select } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import type { Mapping, Suggested } from './api'
import { ExportedOn } from './ExportedOn'
import { HistoryFields } from './HistoryFields'
import styles from './Imports.module.css'
import { Labelled } from './Labelled'
import { isEventLog } from './mapping'
import { OutcomeWords, StageWords } from './WordsFields'
import { WritingFields } from './WritingFields'
import { useProcesses } from './use-processes'

type Props = { suggested: Suggested; mapping: Mapping; onMapping: (mapping: Mapping) => void }

/** What a mapping says beyond its columns: the source, the process, how things are written, and what words mean. */
export function MappingFields({ suggested, mapping, onMapping }: Props) {
  const { t } = useTexts()
  const set = (change: Partial<Mapping>) => onMapping({ ...mapping, ...change })
  const isOfDeals = Boolean(mapping.table)
  return (
    <section className={`${styles.panel} ${styles.stack}`}>
      <div className={styles.grid}>
        <Labelled label={t('imports.name')} help={t(isOfDeals ? 'imports.nameHelp' : 'kinds.nameHelp')}>
          {(id) => (
            <AutoComplete
              id={id}
              value={mapping.name}
              options={suggested.sources.map((name) => ({ value: name }))}
              onChange={(name: string) => set({ name })}
            />
          )}
        </Labelled>
        {isOfDeals ? (
          <>
            <ProcessField suggested={suggested} mapping={mapping} onMapping={onMapping} />
            <ExportedOn value={mapping.exported_on} onValue={(exported_on) => set({ exported_on })} />
            {isEventLog(mapping) ? null : (
              <Labelled label={t('studio.twice.label')} help={t('studio.twice.help')}>
                {(id) => (
                  <Select
                    id={id}
                    value={mapping.duplicates ?? ''}
                    options={[
                      { value: '', label: t('studio.twice.out') },
                      { value: 'continue', label: t('studio.twice.continue') },
                      { value: 'separate', label: t('studio.twice.separate') },
                    ]}
                    onChange={(word) => set({ duplicates: word || undefined })}
                  />
                )}
              </Labelled>
            )}
          </>
        ) : null}
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
      <WritingFields suggested={suggested} mapping={mapping} set={set} />
      {isOfDeals ? (
        <>
          <StageWords mapping={mapping} columns={suggested.file?.columns ?? []} set={set} />
          <OutcomeWords mapping={mapping} set={set} />
          <HistoryFields mapping={mapping} set={set} />
        </>
      ) : null}
    </section>
  )
}

function keyOf(process: Mapping['process']): string {
  return typeof process === 'string' ? process : process.key
}

function ProcessField({ suggested, mapping, onMapping }: Props) {
  const { t, say } = useTexts()
  const processes = useProcesses()
  const own = typeof suggested.mapping.process === 'string' ? null : suggested.mapping.process
  const key = typeof mapping.process === 'string' ? mapping.process : ''
  // The reason is one for what was suggested, and not for what was put otherwise since.
  const asSuggested =
    keyOf(mapping.process) === keyOf(suggested.mapping.process) &&
    mapping.fields.stage?.column === suggested.mapping.fields.stage?.column
  const known = processes.some((one) => one.key === key)
  const choices = [
    ...(own ? [{ value: '', label: t('imports.ownProcess') }] : []),
    ...processes.map((one) => ({ value: one.key, label: say(one.name) })),
    ...(key && !known ? [{ value: key, label: key }] : []),
  ]
  return (
    <Labelled label={t('imports.process')} help={asSuggested ? say(suggested.process_why) : undefined}>
      {(id) => (
        <Select
          id={id}
          value={key}
          options={choices}
          onChange={(next) => onMapping({ ...mapping, process: next === '' && own ? own : next })}
        />
      )}
    </Labelled>
  )
}
