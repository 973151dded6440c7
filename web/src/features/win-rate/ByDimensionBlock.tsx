import { AnswerState } from '@/shared/answer/AnswerState'
import { AnswerTable } from '@/shared/answer/AnswerTable'
import { useTexts } from '@/shared/i18n/i18n'
import { useNamedMembers } from '@/shared/records/use-member-name'
import { Block } from '@/shared/ui/Block'
import { DimensionSelect } from '@/shared/ui/DimensionSelect'
import { useGrouping } from '@/shared/url/use-question'
import { useWinRate, useWinRateDrill } from './use-win-rate'

/** Where the win rate differs: by any dimension, the highest first. */
export function ByDimensionBlock() {
  const { t, say } = useTexts()
  const { by, setBy, groupable } = useGrouping()
  const { query, file, period } = useWinRate({ by })
  const dimension = groupable.find((one) => one.key === by)
  const title = t('winRate.byDimension', { dimension: dimension ? say(dimension.label) : '' })
  const drill = useWinRateDrill(period, by)
  const named = useNamedMembers(by)
  return (
    <Block
      title={title}
      answer={query.data && named(query.data)}
      file={file}
      drill={drill}
      tools={<DimensionSelect dimensions={groupable} value={by} onChange={setBy} label={title} />}
    >
      <AnswerState query={query} height={240}>
        {(answer) => (
          <AnswerTable
            key={by}
            answer={named({ ...answer, notes: [] })}
            label={title}
            drill={drill}
            hide={['parked', 'open', 'cycle_mean_days']}
            sortedBy={{ key: 'win_rate', down: true }}
            maxHeight={480}
          />
        )}
      </AnswerState>
    </Block>
  )
}
