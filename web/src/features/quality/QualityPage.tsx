import { Button } from 'antd'
import { useState } from 'react'
import { useMay } from '@/shared/api/queries'
import { useTexts } from '@/shared/i18n/i18n'
import { PageBody, WithDeals } from '@/shared/ui/Page'
import { Breakdown } from './Breakdown'
import { FixBlock } from './FixBlock'
import { InferredBlock } from './InferredBlock'
import { RulesDialog } from './RulesDialog'
import { ScoreBlock } from './ScoreBlock'

/** How good the records are: the score and its way, where it comes from, what to mend first, what may be inferred. */
export function Page() {
  const { t } = useTexts()
  const mayConfigure = useMay('configure')
  const [rules, setRules] = useState(false)
  return (
    <WithDeals>
      <PageBody
        title={t('pages.quality')}
        tools={
          <Button onClick={() => setRules(true)}>{t(mayConfigure ? 'quality.setRules' : 'quality.seeRules')}</Button>
        }
      >
        <ScoreBlock />
        <Breakdown />
        <FixBlock />
        <InferredBlock />
        {rules ? <RulesDialog onClose={() => setRules(false)} /> : null}
      </PageBody>
    </WithDeals>
  )
}
