import { Select } from 'antd'
import type { UseQueryResult } from '@tanstack/react-query'
import { AnswerState } from '@/shared/answer/AnswerState'
import { AnswerTable } from '@/shared/answer/AnswerTable'
import { useTexts } from '@/shared/i18n/i18n'
import { Block } from '@/shared/ui/Block'
import { groupDrill } from './customers-drill'
import { type By, type CustomerFunnel, dimensions, fileExtra, useBy, useCustomersQuestion } from './use-customer-funnel'

/** The same funnel by channel, campaign, region, industry, owner or grade, one row a group. */
export function GroupsBlock({ query }: { query: UseQueryResult<CustomerFunnel> }) {
  const { t, lang } = useTexts()
  const [by, setBy] = useBy()
  const question = useCustomersQuestion()
  const answer = query.data?.groups ?? undefined
  return (
    <Block
      title={t('customerFunnel.groups')}
      answer={answer}
      file={{ path: 'customer-funnel', extra: fileExtra(question) }}
      tools={
        <Select<By>
          size="small"
          variant="filled"
          aria-label={t('customerFunnel.by')}
          popupMatchSelectWidth={false}
          value={by}
          options={dimensions.map((value) => ({ value, label: t(`customerFunnel.${value}`) }))}
          onChange={setBy}
        />
      }
    >
      <AnswerState query={query} height={300}>
        {({ groups }) =>
          groups ? (
            <AnswerTable
              key={by}
              answer={groups}
              label={t('customerFunnel.groups')}
              maxHeight="70vh"
              drill={(row, column) => groupDrill(row, column, by, String(row[`${by}_${lang}`] ?? ''))}
            />
          ) : null
        }
      </AnswerState>
    </Block>
  )
}
