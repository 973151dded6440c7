import { Segmented, Select } from 'antd'
import type { Analyser, Column, Row } from '@/shared/api/types'
import { cellOf, type Drill } from '@/shared/drill/drill'
import { dateShort } from '@/shared/format/dates'
import { withUnit } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Block } from '@/shared/ui/Block'
import { QuietLine } from '@/shared/ui/Notice'
import { useHasSteps } from '@/shared/url/use-question'
import { BridgeChart } from './BridgeChart'
import { inflowUnit, movementUnit } from './chart-scale'
import { InflowChart } from './InflowChart'
import { Matrix } from './Matrix'
import styles from './MigrationBlock.module.css'
import { type MovementView, movementViews, type useMovementView } from './movement-view'
import { useStateName } from './names'
import type { Choices } from './use-analyser'
import { WeeksChart } from './WeeksChart'

type Props = { data: Analyser; choices: Choices }

/** The week's inflow into one stage, built up from where it came. */
export function InflowBlock({ data, choices }: Props) {
  const { t, lang } = useTexts()
  const hasSteps = useHasSteps()
  const nameOf = useStateName(data.stages)
  const { from, to } = data.week
  const name = t('analyser.inflowInto', { from: dateShort(from, lang), to: dateShort(to, lang) })
  const title = hasSteps ? withUnit(name, inflowUnit(data, choices.measure, lang), lang) : name
  return (
    <Block
      title={title}
      answer={data.inflow}
      file={{ path: 'migration', extra: { from, to, into: data.stage ?? undefined } }}
      picture
      drill={migrationDrill(nameOf)}
      tools={
        <Select
          size="small"
          variant="filled"
          aria-label={t('analyser.into')}
          popupMatchSelectWidth={false}
          value={data.stage ?? undefined}
          options={data.stages.map((stage) => ({ value: stage.key, label: nameOf(stage.key) }))}
          onChange={choices.setStage}
        />
      }
    >
      {hasSteps ? (
        <InflowChart data={data} measure={choices.measure} title={title} />
      ) : (
        <QuietLine>{t('empty.noSteps')}</QuietLine>
      )}
    </Block>
  )
}

/** The same movement seen otherwise: the stage over the weeks, everything from → to, the bridge. */
export function MovementBlock({ data, choices, view }: Props & { view: ReturnType<typeof useMovementView> }) {
  const { t, lang } = useTexts()
  const hasSteps = useHasSteps()
  const nameOf = useStateName(data.stages)
  const { shown, choose } = view
  const { from, to } = data.week
  const period = { from: dateShort(from, lang), to: dateShort(to, lang) }
  const titles: Record<MovementView, string> = {
    weeks: t('analyser.weeksTitle', { stage: nameOf(data.stage ?? '') }),
    matrix: t('analyser.matrixTitle', period),
    bridge: t('analyser.bridgeTitle', period),
  }
  const isDrawn = hasSteps || shown === 'bridge'
  const unit = isDrawn ? movementUnit(data, shown, choices.measure, lang) : ''
  const title = withUnit(titles[shown], unit, lang)
  const answers = { weeks: data.series, matrix: data.matrix, bridge: data.bridge }
  const files = {
    weeks: { path: 'migration', extra: { weeks: '26' } },
    matrix: { path: 'migration', extra: { from, to } },
    bridge: { path: 'bridge', extra: { from, to } },
  }
  const parts = { data, measure: choices.measure, title }
  return (
    <Block
      title={title}
      answer={answers[shown]}
      help={shown === 'weeks' ? undefined : t(`analyser.${shown}Help`)}
      file={files[shown]}
      picture={shown !== 'matrix'}
      drill={shown === 'bridge' ? bridgeDrill(data, lang) : migrationDrill(nameOf)}
      tools={
        <Segmented
          size="small"
          aria-label={t('analyser.views')}
          value={shown}
          options={movementViews.map((one) => ({ value: one, label: t(`analyser.${one}`) }))}
          onChange={choose}
        />
      }
    >
      {!isDrawn ? (
        <QuietLine>{t('empty.noSteps')}</QuietLine>
      ) : shown === 'bridge' ? (
        <BridgeChart {...parts} />
      ) : shown === 'weeks' ? (
        <Weeks {...parts} />
      ) : (
        <Matrix {...parts} />
      )}
    </Block>
  )
}

/** The candles with a key to how they read. */
function Weeks(parts: { data: Analyser; measure: Choices['measure']; title: string }) {
  const { t } = useTexts()
  return (
    <div className={styles.weeks}>
      <ul className={styles.key} aria-hidden="true">
        <li data-mark="rose">{t('analyser.rising')}</li>
        <li data-mark="fell">{t('analyser.falling')}</li>
        <li data-mark="won">{t('analyser.flowedWon')}</li>
        <li data-mark="lost">{t('analyser.flowedLost')}</li>
      </ul>
      <div className={styles.fill}>
        <WeeksChart {...parts} />
      </div>
    </div>
  )
}

const counted = new Set(['deals', 'amount_from_minor', 'amount_to_minor', 'inflow_share'])

/** Of one week or of many: a row names the days that it lies between. */
function migrationDrill(nameOf: ReturnType<typeof useStateName>) {
  return (row: Row, column: Column): Drill | undefined =>
    counted.has(column.key)
      ? {
          cell: cellOf('migration', {
            from_stage: row.from_stage,
            to_stage: row.to_stage,
            amount: column.key === 'amount_from_minor' ? 'from' : undefined,
          }),
          title: `${nameOf(String(row.from_stage), row, 'from_stage')} → ${nameOf(String(row.to_stage), row, 'to_stage')}`,
          extra: { from: String(row.from_day), to: String(row.to_day) },
        }
      : undefined
}

function bridgeDrill(data: Analyser, lang: 'zh' | 'en') {
  return (row: Row, column: Column): Drill | undefined =>
    column.key === 'deals' || column.key === 'amount_minor'
      ? {
          cell: cellOf('bridge', { line: row.line }),
          title: String(row[`line_${lang}`] ?? row.line),
          extra: { from: data.week.from, to: data.week.to },
        }
      : undefined
}
