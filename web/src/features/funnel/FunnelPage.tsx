import { useTexts } from '@/shared/i18n/i18n'
import { PageBody, WithDeals } from '@/shared/ui/Page'
import { PeriodSelect } from '@/shared/ui/PeriodSelect'
import { CohortBlock } from './CohortBlock'
import { StockBlock } from './StockBlock'

/** How far the deals of a period have come, and what stands in each stage now. */
export function Page() {
  const { t } = useTexts()
  return (
    <WithDeals>
      <PageBody title={t('pages.funnel')} tools={<PeriodSelect label={t('funnel.period')} />}>
        <CohortBlock />
        <StockBlock />
      </PageBody>
    </WithDeals>
  )
}
