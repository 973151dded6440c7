import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { api, ok } from '../api/client'
import { useTexts } from '../i18n/i18n'
import { useQuestion } from '../url/use-question'
import { useSetAddress } from '../url/use-view'
import { Notice } from './Notice'

/** Whether the filters leave no deal at all, open or closed. Without a filter nothing is asked. */
export function useNothingMatches(): boolean {
  const question = useQuestion()
  const filtered = Boolean(question.f?.length || question.where)
  const found = useQuery({
    queryKey: ['opportunities', 'any', question],
    queryFn: ({ signal }) =>
      ok(api.GET('/api/v1/opportunities', { params: { query: { ...question, limit: 1 } as never }, signal })),
    enabled: filtered,
  })
  return filtered && found.data?.sums.deals === 0
}

/** Above analyses that may be blank: on the day none matches, and the filters may be cleared. */
export function NothingMatches() {
  const { t } = useTexts()
  const setAddress = useSetAddress()
  return (
    <Notice title={t('empty.nothingMatches')} text={t('empty.checkFilters')}>
      <Button type="primary" onClick={() => void setAddress({ f: undefined, where: undefined })}>
        {t('frame.clearFilters')}
      </Button>
    </Notice>
  )
}
