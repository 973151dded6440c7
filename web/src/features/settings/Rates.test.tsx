import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { fireEvent, render, screen } from '@testing-library/react'
import { App } from 'antd'
import { afterEach, expect, it, vi } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { Rates } from './Rates'

vi.mock('@/shared/api/queries', () => ({ useMay: () => true }))
afterEach(() => vi.unstubAllGlobals())

it('reads a file of rates, and says of one that is too large what to do instead', async () => {
  await i18n.changeLanguage('en')
  vi.stubGlobal(
    'fetch',
    async () => new Response('{"into":"CNY","rows":[]}', { headers: { 'Content-Type': 'application/json' } }),
  )
  render(
    <QueryClientProvider client={new QueryClient()}>
      <App>
        <Rates />
      </App>
    </QueryClientProvider>,
  )
  fireEvent.click(await screen.findByRole('button', { name: 'Add rates' }))
  const dialog = await screen.findByRole('dialog')
  const give = (text: string) => {
    const input = dialog.querySelector('input[type=file]') as HTMLInputElement
    // The test's files cannot be read.
    const file = Object.assign(new File([text], 'rates.csv'), { text: async () => text })
    fireEvent.change(input, { target: { files: [file] } })
  }
  const line = '2026-11-02,EUR,7.81\n'
  give(line.repeat(50_000))
  expect(await screen.findByText(/The file has 1,000 kB; at most 900 kB are read at a time/)).toBeTruthy()
  give(line)
  const box = screen.getByLabelText<HTMLTextAreaElement>('Exchange rates', { selector: 'textarea' })
  await vi.waitFor(() => expect(box.value).toBe(line))
  expect(screen.queryByText(/The file has/)).toBeNull()
})
