import { Segmented } from 'antd'
import { AnswerState } from '@/shared/answer/AnswerState'
import type { Answer, Row } from '@/shared/api/types'
import { asNumber, count, share, undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Block } from '@/shared/ui/Block'
import { QuietLine } from '@/shared/ui/Notice'
import { Scroller } from '@/shared/ui/Scroller'
import { useAddressValue } from '@/shared/url/use-view'
import { behind, nameOf } from './behind'
import styles from './quality.module.css'
import { type Per, perWords, useFilters, useScores } from './use-quality'

/** Where the score comes from: by rule, class, person, team, source or process. A number opens the records behind it. */
export function Breakdown() {
  const { t } = useTexts()
  const [chosen, choose] = useAddressValue('q_per')
  const per = perWords.find((word) => word === chosen) ?? 'rule'
  const query = useScores(per)
  return (
    <Block
      title={t('quality.breakdown')}
      answer={query.data}
      file={{ path: 'quality', extra: { per } }}
      tools={
        <Segmented
          size="small"
          aria-label={t('quality.breakdown')}
          value={per}
          options={perWords.map((word) => ({ value: word, label: t(`quality.per.${word}`) }))}
          onChange={(word) => choose(word === 'rule' ? undefined : word)}
        />
      }
    >
      <AnswerState query={query} height={240}>
        {(answer) =>
          answer.rows.length ? <Table answer={answer} per={per} /> : <QuietLine>{t('block.noData')}</QuietLine>
        }
      </AnswerState>
    </Block>
  )
}

function Table({ answer, per }: { answer: Answer; per: Per }) {
  const { t, lang, say } = useTexts()
  const { only } = useFilters()
  const columns = answer.columns.filter((column) => column.key !== 'id')
  return (
    <Scroller style={{ maxHeight: 420 }}>
      <table className={styles.table} aria-label={t(`quality.per.${per}`)}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" data-numeric={column.unit !== 'text' || undefined}>
                {say(column.label)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(answer.rows as Row[]).map((row, at) => (
            <tr key={String(row.id ?? row[per] ?? at)}>
              {columns.map((column, index) => {
                if (index === 0) {
                  return (
                    <th key={column.key} scope="row">
                      {nameOf(row, column.key, lang) ?? t('common.notRecorded')}
                    </th>
                  )
                }
                if (column.unit === 'text') return <td key={column.key}>{nameOf(row, column.key, lang)}</td>
                const value = asNumber(row[column.key])
                const text =
                  value === null ? undefinedMark : column.unit === 'share' ? share(value, lang) : count(value, lang)
                const opens = value === null ? undefined : behind(per, row, column.key)
                return (
                  <td key={column.key} data-numeric>
                    {opens ? (
                      <button type="button" onClick={() => only(opens)} title={t('quality.openList')}>
                        {text}
                      </button>
                    ) : (
                      text
                    )}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}
