import { Button, Select } from 'antd'
import { nameValue } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import type { Mapping } from './api'
import styles from './Imports.module.css'
import { Labelled } from './Labelled'
import { isEventLog, meaningOf, outcomeWords, reachedBy, stageChoices, withMilestone } from './mapping'
import { useProcesses } from './use-processes'

type Props = { mapping: Mapping; set: (change: Partial<Mapping>) => void }

/** Where the history of the deals lies: in a table of changes, in a log of events, in a column of dates for each stage. */
export function HistoryFields({ mapping, set }: Props) {
  const { t, say, lang } = useTexts()
  const processes = useProcesses()
  const { history } = mapping
  const milestones = mapping.milestones ?? []
  if (!history && milestones.length === 0) return null
  const isOwn = isEventLog(mapping)
  const options = [
    {
      label: t('dealColumns.stage'),
      options: stageChoices(mapping, processes).map((one) => ({
        value: meaningOf({ column: '', stage: one.key }),
        label: say(one.name),
      })),
    },
    {
      label: t('imports.outcomes'),
      options: outcomeWords.map((outcome) => ({
        value: meaningOf({ column: '', outcome }),
        label: t(`states.${outcome}`),
      })),
    },
  ]
  return (
    <div className={styles.field}>
      <h2>{t('imports.stageHistory')}</h2>
      {history ? (
        <p className={styles.soft}>
          {t(isOwn ? 'imports.ofEvents' : 'imports.ofChanges', {
            file: history.table?.file ?? mapping.table?.file ?? '',
            deal: history.deal,
            at: history.at,
          })}{' '}
          {isOwn ? null : (
            <Button type="link" size="small" onClick={() => set({ history: undefined })}>
              {t('imports.withoutHistory')}
            </Button>
          )}
        </p>
      ) : null}
      {milestones.length ? (
        <>
          <span className={styles.soft}>{t('imports.milestonesHelp')}</span>
          <div className={styles.grid}>
            {milestones.map((milestone) => (
              <Labelled key={milestone.column} label={milestone.column}>
                {(id) => (
                  <Select
                    id={id}
                    aria-label={nameValue(t('imports.reached'), milestone.column, lang)}
                    value={meaningOf(milestone) || undefined}
                    status={meaningOf(milestone) ? undefined : 'warning'}
                    placeholder={t('imports.chooseStage')}
                    options={options}
                    onChange={(meaning) => set(withMilestone(mapping, reachedBy(milestone.column, meaning)))}
                  />
                )}
              </Labelled>
            ))}
          </div>
        </>
      ) : null}
    </div>
  )
}
