import { AnswerState } from '@/shared/answer/AnswerState'
import { AnswerTable } from '@/shared/answer/AnswerTable'
import { nameIn } from '@/shared/answer/cells'
import { useAnswer } from '@/shared/api/queries'
import type { Column, Row } from '@/shared/api/types'
import { cellOf, type Drill } from '@/shared/drill/drill'
import { useTexts } from '@/shared/i18n/i18n'
import { useNamedMembers } from '@/shared/records/use-member-name'
import { Block } from '@/shared/ui/Block'
import { DimensionSelect } from '@/shared/ui/DimensionSelect'
import { usePeriod } from '@/shared/ui/PeriodSelect'
import { useGrouping, useQuestion } from '@/shared/url/use-question'
import { isOfVisits } from './of-visits'

/** The same stays by any dimension. */
export function DwellByDimension() {
  const { t, lang, say } = useTexts()
  const question = useQuestion()
  const period = usePeriod()
  const { by, setBy, groupable } = useGrouping()
  const extra = { ...period, by }
  const dwell = useAnswer('dwell', question, extra)
  const dimension = groupable.find((one) => one.key === by)
  const title = t('dwell.byDimension', { dimension: dimension ? say(dimension.label) : '' })
  const named = useNamedMembers(by)
  const drill = (row: Row, column: Column): Drill | undefined =>
    isOfVisits(column.key)
      ? {
          cell: cellOf(
            'dwell',
            { stage: row.stage, open: column.key === 'open_visits' ? 'yes' : undefined },
            { dimension: by ?? '', value: row[by ?? ''] },
          ),
          title: `${nameIn(row, by ?? '', lang) ?? t('common.notRecorded')} · ${nameIn(row, 'stage', lang)}`,
          extra: { ...period },
        }
      : undefined
  return (
    <Block
      title={title}
      answer={dwell.data && named(dwell.data)}
      file={{ path: 'dwell', extra }}
      drill={drill}
      tools={<DimensionSelect dimensions={groupable} value={by} onChange={setBy} label={title} />}
    >
      <AnswerState query={dwell} height={320}>
        {(answer) => <AnswerTable key={by} answer={named(answer)} label={title} drill={drill} maxHeight={480} />}
      </AnswerState>
    </Block>
  )
}
