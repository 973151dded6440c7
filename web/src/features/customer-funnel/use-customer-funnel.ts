import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api, ok } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import { usePeriod } from '@/shared/ui/PeriodSelect'
import { useAddressValue, useView } from '@/shared/url/use-view'

export type CustomerFunnel = components['schemas']['CustomerFunnelBody']
export type CustomersAt = components['schemas']['CustomersAtBody']
export type CustomerAt = components['schemas']['CustomerAtBody']

export const dimensions = ['channel', 'campaign', 'region', 'industry', 'owner', 'grade'] as const
export type By = (typeof dimensions)[number]

/** What customers are asked by: the day, the scope, the period of a cohort; what narrows deals does not apply. */
export type CustomersQuestion = {
  as_of?: string
  known_at?: string
  scope?: string
  from?: string
  to?: string
  by: By
}

/** Whether one looks at a cohort, and the choice between both readings. */
export function useReading(): { isCohort: boolean; setCohort: (cohort: boolean) => void } {
  const [reading, setReading] = useAddressValue('reading')
  return {
    isCohort: reading === 'cohort',
    setCohort: (cohort) => setReading(cohort ? 'cohort' : undefined),
  }
}

export function useBy(): [By, (by: By) => void] {
  const [chosen, setBy] = useAddressValue('group')
  return [dimensions.find((one) => one === chosen) ?? 'channel', setBy]
}

export function useCustomersQuestion(): CustomersQuestion {
  const { as_of, known_at, scope } = useView()
  const { isCohort } = useReading()
  const { from, to } = usePeriod()
  const [by] = useBy()
  return useMemo(
    () => ({ as_of, known_at, scope, by, ...(isCohort ? { from, to } : {}) }),
    [as_of, known_at, scope, by, isCohort, from, to],
  )
}

export function useCustomerFunnel() {
  const query = useCustomersQuestion()
  return useQuery({
    queryKey: ['customer-funnel', query],
    queryFn: ({ signal }): Promise<CustomerFunnel> =>
      ok(api.GET('/api/v1/customer-funnel', { params: { query }, signal })) as Promise<CustomerFunnel>,
    placeholderData: keepPreviousData,
  })
}

/** For files: the block's own question without what does not apply. */
export function fileExtra(question: CustomersQuestion): Record<string, string | undefined> {
  return { ...question, process: undefined, where: undefined, f: undefined }
}
