import { Segmented } from 'antd'
import type { CSSProperties } from 'react'
import type { Analyser } from '@/shared/api/types'
import { useTexts } from '@/shared/i18n/i18n'
import { FailedNotice } from '@/shared/ui/Notice'
import { WithDeals } from '@/shared/ui/Page'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { useAsOf, useHasSteps } from '@/shared/url/use-question'
import styles from './AnalyserPage.module.css'
import { DetailBlock } from './DetailBlock'
import { GaugesBlock } from './GaugesBlock'
import { Headline } from './Headline'
import { InflowBlock, MovementBlock } from './MigrationBlock'
import { linesHeight, useMovementView } from './movement-view'
import { TrendBlock } from './TrendBlock'
import { type Choices, useAnalyser, useChoices } from './use-analyser'
import { WaterfallBlock } from './WaterfallBlock'

/** How are we, what changed, why, what to do: top to bottom, out of one request. */
export function Page() {
  return (
    <WithDeals>
      <Asked />
    </WithDeals>
  )
}

function Asked() {
  const choices = useChoices()
  const analyser = useAnalyser(choices)
  if (analyser.isError) return <FailedNotice error={analyser.error} />
  if (!analyser.data) return <Shapes />
  return <Story data={analyser.data} choices={choices} waiting={analyser.isPlaceholderData} />
}

function Story({ data, choices, waiting }: { data: Analyser; choices: Choices; waiting: boolean }) {
  const { t } = useTexts()
  const view = useMovementView()
  const hasSteps = useHasSteps()
  const { asOf } = useAsOf()
  const lines = hasSteps || view.shown === 'bridge' ? linesHeight(data, view.shown, choices.measure) : undefined
  return (
    <div
      className={styles.page}
      aria-busy={waiting}
      // Numbers of another day than the frame names stand back until that day's are here.
      data-other-day={waiting && data.as_of !== asOf ? '' : undefined}
      style={lines ? ({ '--lines-height': `${lines}px` } as CSSProperties) : undefined}
    >
      <div className={styles.top}>
        <Headline headline={data.headline} />
        <Segmented
          aria-label={t('common.measure')}
          value={choices.measure}
          options={[
            { value: 'amount', label: t('analyser.byAmount') },
            { value: 'deals', label: t('analyser.byDeals') },
          ]}
          onChange={choices.setMeasure}
        />
      </div>
      <div className={styles.gauges}>
        <GaugesBlock data={data} choices={choices} />
      </div>
      <div className={styles.shape}>
        <WaterfallBlock data={data} measure={choices.measure} />
        <TrendBlock data={data} measure={choices.measure} />
      </div>
      <div className={styles.movement}>
        <InflowBlock data={data} choices={choices} />
        <MovementBlock data={data} choices={choices} view={view} />
      </div>
      <div className={styles.detail}>
        <DetailBlock data={data} choices={choices} />
      </div>
    </div>
  )
}

/** The page's final shape while its one answer is on the way. */
function Shapes() {
  return (
    <Waiting>
      <div className={styles.page}>
        <div className={styles.top}>
          <Skeleton height={32} width="60%" />
        </div>
        <div className={styles.gauges}>
          <Skeleton height={156} />
        </div>
        <div className={styles.shape}>
          <div>
            <Skeleton />
          </div>
          <div>
            <Skeleton />
          </div>
        </div>
        <div className={styles.movement}>
          <div>
            <Skeleton />
          </div>
          <div>
            <Skeleton />
          </div>
        </div>
        <div className={styles.detail}>
          <div>
            <Skeleton />
          </div>
        </div>
      </div>
    </Waiting>
  )
}
