import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { App } from 'antd'
import { expect, it, vi } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { NewDeal } from './NewDeal'

/** A machine that does much else is slow, and not wrong. */
vi.setConfig({ testTimeout: 30_000 })

vi.mock('@tanstack/react-router', () => ({ useNavigate: () => vi.fn() }))
vi.mock('@/shared/url/use-view', () => ({ useView: () => ({}) }))
vi.mock('@/shared/url/use-question', () => ({ useProcess: () => ({ key: 'own' }) }))
vi.mock('@/shared/api/queries', () => ({
  useMeta: () => ({ processes: [{ key: 'own' }], organisation: { currency: 'EUR', decimals: 2 } }),
}))

it('takes no amount below zero', async () => {
  await i18n.changeLanguage('en')
  render(
    <QueryClientProvider client={new QueryClient()}>
      <App>
        <NewDeal onClose={vi.fn()} />
      </App>
    </QueryClientProvider>,
  )
  await userEvent.type(screen.getByRole('textbox', { name: 'Amount' }), '-5')
  expect(await screen.findByText('An amount cannot be negative')).toBeVisible()
  expect(screen.getByRole('button', { name: 'Create' })).toBeDisabled()
})
