import { Link } from '@tanstack/react-router'
import { Segmented } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { AnswerState } from '@/shared/answer/AnswerState'
import { AnswerTable } from '@/shared/answer/AnswerTable'
import { useMay } from '@/shared/api/queries'
import type { Row } from '@/shared/api/types'
import { type Drill, DrillContext } from '@/shared/drill/drill'
import { asNumber } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Block } from '@/shared/ui/Block'
import { Notice } from '@/shared/ui/Notice'
import { PageBody } from '@/shared/ui/Page'
import { PeriodSelect } from '@/shared/ui/PeriodSelect'
import { useAsOf } from '@/shared/url/use-question'
import { useView } from '@/shared/url/use-view'
import styles from './CustomerFunnelPage.module.css'
import { GroupsBlock } from './GroupsBlock'
import { StepsBlock } from './StepsBlock'
import { useCustomerFunnel, useReading } from './use-customer-funnel'

const CustomersDrawer = lazy(() => import('./CustomersDrawer').then((module) => ({ default: module.CustomersDrawer })))

/** Distinct customers by what they have: known, with a deal, signed, paying; and the customers behind every number. */
export function Page() {
  const { t } = useTexts()
  const { isCohort, setCohort } = useReading()
  const funnel = useCustomerFunnel()
  const rows = (funnel.data?.steps.rows ?? []) as Row[]
  const isEmpty = funnel.isSuccess && !isCohort && asNumber(rows[0]?.customers) === 0
  const tools = (
    <>
      <Segmented
        size="small"
        aria-label={t('customerFunnel.reading')}
        value={isCohort ? 'cohort' : 'day'}
        options={[
          { value: 'day', label: t('customerFunnel.byDay') },
          { value: 'cohort', label: t('customerFunnel.cohort') },
        ]}
        onChange={(value) => setCohort(value === 'cohort')}
      />
      {isCohort ? <PeriodSelect label={t('customerFunnel.period')} /> : null}
    </>
  )
  return (
    <PageBody title={t('pages.customerFunnel')} tools={tools}>
      {isEmpty ? (
        <Nothing />
      ) : (
        <WithCustomers steps={rows}>
          <StepsBlock query={funnel} />
          <GroupsBlock query={funnel} />
          <div className={styles.pair}>
            <Block title={t('customerFunnel.leads')} answer={funnel.data?.leads}>
              <AnswerState query={funnel} height={160}>
                {({ leads }) => <AnswerTable answer={leads} label={t('customerFunnel.leads')} />}
              </AnswerState>
            </Block>
            <Block title={t('customerFunnel.amounts')} answer={funnel.data?.amounts}>
              <AnswerState query={funnel} height={160}>
                {({ amounts }) => <AnswerTable answer={amounts} label={t('customerFunnel.amounts')} />}
              </AnswerState>
            </Block>
          </div>
        </WithCustomers>
      )}
    </PageBody>
  )
}

/** Any number below may be clicked; its customers open beside it. */
function WithCustomers({ steps, children }: { steps: readonly Row[]; children: ReactNode }) {
  const [drill, setDrill] = useState<Drill | null>(null)
  return (
    <DrillContext value={setDrill}>
      {children}
      {drill ? (
        <Suspense>
          <CustomersDrawer drill={drill} steps={steps} onClose={() => setDrill(null)} />
        </Suspense>
      ) : null}
    </DrillContext>
  )
}

function Nothing() {
  const { t } = useTexts()
  const view = useView()
  const { past } = useAsOf()
  const mayImport = useMay('import')
  return (
    <Notice
      title={t(past ? 'customerFunnel.emptyThen' : 'customerFunnel.emptyTitle')}
      text={t('customerFunnel.emptyText')}
    >
      {mayImport ? (
        <Link to={'/imports' as never} search={view as never}>
          {t('customerFunnel.emptyImport')}
        </Link>
      ) : null}
    </Notice>
  )
}
