import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { App, Form, Input } from 'antd'
import { expect, it, vi } from 'vitest'
import { ApiProblem } from '../api/problem'
import { i18n } from '../i18n/i18n'
import { RecordDialog } from './RecordDialog'

const refused = (pointer: string) =>
  new ApiProblem({
    type: 'about:blank',
    title: 'Bad input',
    title_zh: '输入有误',
    status: 422,
    detail: 'It cannot be made.',
    code: 'bad-input',
    request_id: '1',
    errors: [{ pointer, message: 'too long' }],
  })

async function show(send: (fields: { name: string }, key: string) => Promise<string>) {
  await i18n.changeLanguage('en')
  const calls = { send: vi.fn(send), onSent: vi.fn(), onClose: vi.fn() }
  render(
    <QueryClientProvider client={new QueryClient()}>
      <App>
        <RecordDialog title="New" okText="Create" nameLabel="Name" done="Made" stale={[]} {...calls}>
          {(at) => (
            <Form.Item name="post" label="Post" {...at('post')}>
              <Input />
            </Form.Item>
          )}
        </RecordDialog>
      </App>
    </QueryClientProvider>,
  )
  await userEvent.type(screen.getByLabelText('Name'), 'Ada')
  await userEvent.click(screen.getByRole('button', { name: 'Create' }))
  return calls
}

it('makes the record, then closes and hands it on', async () => {
  const calls = await show(async () => 'made')
  await vi.waitFor(() => expect(calls.onSent).toHaveBeenCalledExactlyOnceWith('made'))
  expect(calls.send).toHaveBeenCalledExactlyOnceWith({ name: 'Ada', post: undefined }, expect.any(String))
  expect(calls.onClose).toHaveBeenCalledOnce()
})

it('says at the field what is wrong there, and of the whole what has no field; a second try has the same key', async () => {
  const calls = await show(() => Promise.reject(refused('/post')))
  await screen.findByText('too long')
  expect(screen.queryByText('It cannot be made.')).toBeNull()
  calls.send.mockImplementation(() => Promise.reject(refused('/owner')))
  await userEvent.click(screen.getByRole('button', { name: 'Create' }))
  await screen.findByText(/It cannot be made\./)
  const keys = calls.send.mock.calls.map(([, key]) => key)
  expect(new Set(keys).size).toBe(1)
  expect(keys).toHaveLength(2)
  expect(calls.onClose).not.toHaveBeenCalled()
})
