import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { problemOf } from '@/shared/api/problem'
import { i18n } from '@/shared/i18n/i18n'
import type { Upload } from './api'
import * as server from './api'
import { keepWork, nothingSaid } from './kept'
import { Resumed } from './Resumed'

vi.mock('./api', async (original) => ({ ...(await original<typeof server>()), readUpload: vi.fn() }))
afterEach(() => vi.clearAllMocks())

async function show() {
  await i18n.changeLanguage('en')
  const calls = { onFound: vi.fn(), onAnew: vi.fn() }
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Resumed id={7} {...calls} />
    </QueryClientProvider>,
  )
  return calls
}

it('hands on the upload that the address names', async () => {
  const upload = { id: 7, files: [] } as unknown as Upload
  vi.mocked(server.readUpload).mockResolvedValue(upload)
  const { onFound } = await show()
  await vi.waitFor(() => expect(onFound).toHaveBeenCalledExactlyOnceWith(upload))
  expect(server.readUpload).toHaveBeenCalledWith(7)
})

it('leads to a fresh start where the upload is no more', async () => {
  vi.mocked(server.readUpload).mockRejectedValue(problemOf(404, null, null))
  keepWork(7, { ...nothingSaid, recipe: { profile: 'pipedrive' } })
  const { onFound, onAnew } = await show()
  await screen.findByRole('heading', { name: 'These files are no longer at the server' })
  expect(screen.getByText(/discarded or imported, or their time at the server is over\./)).toBeVisible()
  await userEvent.click(screen.getByRole('button', { name: 'Choose files again' }))
  expect(onAnew).toHaveBeenCalledOnce()
  expect(onFound).not.toHaveBeenCalled()
  expect(Object.keys(localStorage), 'nor is anything kept of it').not.toContain('loudou.import.7')
})
