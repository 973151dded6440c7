import type { UseQueryResult } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, it, vi } from 'vitest'
import type { Drill } from '@/shared/drill/drill'
import { i18n } from '@/shared/i18n/i18n'
import { customersCell } from './customers-drill'
import { StepsBlock } from './StepsBlock'
import type { CustomerFunnel } from './use-customer-funnel'

const opened = vi.hoisted(() => vi.fn())

vi.mock('@/shared/ui/Block', () => ({ Block: (props: { children: React.ReactNode }) => props.children }))
vi.mock('@/shared/drill/drill', async (original) => ({ ...(await original<object>()), useDrill: () => opened }))
vi.mock('./use-customer-funnel', () => ({
  useCustomersQuestion: () => ({ by: 'channel' }),
  useReading: () => ({ isCohort: false }),
  fileExtra: () => ({}),
}))

beforeEach(() => i18n.changeLanguage('en'))

function show(...rows: Record<string, unknown>[]) {
  const steps = { columns: [], rows, notes: [{ zh: '说明', en: 'A note' }] }
  const query = { data: { steps }, isError: false, isPlaceholderData: false }
  return render(<StepsBlock query={query as unknown as UseQueryResult<CustomerFunnel>} />)
}

const potential = { step: 'potential', step_en: 'Potential', customers: 1000 }
const contracted = {
  step: 'contracted',
  step_en: 'Contracted',
  customers: 300,
  from_before: 280,
  skipped: 20,
  pending: 700,
  ended: 20,
  of_before: 0.28,
  of_before_lower: 0.25,
  of_before_upper: 0.31,
  of_first: 0.3,
}

it('each number of a step opens its own customers', async () => {
  show(potential, contracted)
  for (const [name, which] of [
    ['300', 'here'],
    [/From the step before 280/, 'from_before'],
    [/Without the step before 20/, 'skipped'],
    [/Pending 700/, 'pending'],
    [/Taken out 20/, 'ended'],
  ] as const) {
    await userEvent.click(screen.getByRole('button', { name }))
    expect(customersCell(opened.mock.lastCall?.[0] as Drill)).toEqual({ step: 'contracted', which })
  }
})

it('a bar is as long as its share of the first step, and what nobody is in has none', () => {
  show(potential, { ...contracted, skipped: 0 })
  expect(screen.getByRole('button', { name: /Pending 700/ })).toHaveStyle({ width: '70%' })
  expect(screen.queryByRole('button', { name: /Without the step before/ })).toBeNull()
})

it('the rate is the server’s, and is a dash with its reason where there is none', () => {
  show(potential, contracted, {
    ...contracted,
    step: 'paying',
    step_en: 'Paying',
    of_before: null,
    of_before_why: { zh: '没有', en: 'nobody is at the step before' },
  })
  expect(screen.getByText(/^28\.0/)).toBeInTheDocument()
  expect(screen.getByTitle('nobody is at the step before')).toHaveTextContent('–')
  expect(screen.getByText('A note')).toBeInTheDocument()
})

it('a period without new customers says so', () => {
  show({ ...potential, customers: 0 })
  expect(screen.getByText(/Choose another/)).toBeInTheDocument()
})
