import { useTexts } from '@/shared/i18n/i18n'
import { PageBody, WithDeals } from '@/shared/ui/Page'
import { PeriodSelect } from '@/shared/ui/PeriodSelect'
import { DwellBlock } from './DwellBlock'
import { DwellByDimension } from './DwellByDimension'

/** How long deals stay in each stage, those that still stand there included. */
export function Page() {
  const { t } = useTexts()
  return (
    <WithDeals>
      <PageBody title={t('pages.dwell')} tools={<PeriodSelect label={t('winRate.period')} />}>
        <DwellBlock />
        <DwellByDimension />
      </PageBody>
    </WithDeals>
  )
}
