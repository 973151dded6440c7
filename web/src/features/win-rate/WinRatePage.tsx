import { Segmented } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import { PageBody, WithDeals } from '@/shared/ui/Page'
import { PeriodSelect } from '@/shared/ui/PeriodSelect'
import { useAddressValue } from '@/shared/url/use-view'
import { ByDimensionBlock } from './ByDimensionBlock'
import { OverTimeBlock } from './OverTimeBlock'
import { RatesBlock } from './RatesBlock'
import { createdKey } from './use-win-rate'

/** Won over decided, by its three denominators; how it went, and where it differs. */
export function Page() {
  const { t } = useTexts()
  const [created, setCreated] = useAddressValue(createdKey)
  return (
    <WithDeals>
      <PageBody
        title={t('pages.winRate')}
        tools={
          <>
            <Segmented
              aria-label={t('winRate.period')}
              value={created ? 'created' : 'decided'}
              options={[
                { value: 'decided', label: t('winRate.byDecided') },
                { value: 'created', label: t('winRate.byCreated') },
              ]}
              onChange={(value) => setCreated(value === 'created' ? 'true' : undefined)}
            />
            <PeriodSelect label={t('winRate.period')} />
          </>
        }
      >
        <RatesBlock />
        <OverTimeBlock />
        <ByDimensionBlock />
      </PageBody>
    </WithDeals>
  )
}
