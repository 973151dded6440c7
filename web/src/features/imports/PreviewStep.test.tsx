import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Job, Upload } from './api'
import { i18n } from '@/shared/i18n/i18n'
import * as server from './api'
import { PreviewStep } from './PreviewStep'

/** A machine that does much else is slow, and not wrong. */
const patient = { timeout: 10_000 }
vi.setConfig({ testTimeout: 30_000 })

// They ask for the names of values and the session's zone, which is not what these tests are about.
vi.mock('./Samples', () => ({ Samples: () => null }))
vi.mock('./OtherSamples', () => ({ OtherSamples: () => null }))
vi.mock('./api', async (original) => ({
  ...(await original<typeof server>()),
  preview: vi.fn(),
  issuesOf: vi.fn(),
  cancelJob: vi.fn(async () => ({})),
  suggest: vi.fn(),
  readImport: vi.fn(),
}))

/** Events that the test sends. */
class Events extends EventTarget {
  static last: Events | null = null
  onmessage: ((event: MessageEvent<string>) => void) | null = null
  onerror: (() => void) | null = null
  constructor(readonly url: string) {
    super()
    Events.last = this
  }
  close() {}
}

const job = (more: Partial<Job>) => ({ id: 7, state: 'running', step: { zh: '', en: '' }, done: 0, ...more }) as Job
const tell = (next: Job) =>
  act(async () => Events.last?.onmessage?.(new MessageEvent('message', { data: JSON.stringify(next) })))

beforeEach(() => {
  vi.stubGlobal('EventSource', Events)
  vi.mocked(server.preview).mockResolvedValue({ job: 7 })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.clearAllMocks()
})

function show(onPreview = vi.fn(), more: Partial<Parameters<typeof PreviewStep>[0]> = {}) {
  const given = { upload: { id: 1 } as Upload, recipe: {}, columns: [], preview: null, skip: false }
  const calls = { onPreview, onSkip: vi.fn(), onAdjust: vi.fn(), onBack: vi.fn(), onNext: vi.fn() }
  const page = render(
    <QueryClientProvider client={new QueryClient()}>
      <PreviewStep {...given} {...calls} {...more} />
    </QueryClientProvider>,
  )
  return { ...page, ...calls }
}

it('a dry run that goes on as a job ends with its samples', async () => {
  const samples = { opportunities: [{ key: 'A', at: '2026-11-24T00:00:00Z', fields: { name: 'A' } }] }
  vi.mocked(server.issuesOf).mockResolvedValue({ issues: [], issues_total: 0, rules: [], samples, labels: {} })
  const { onPreview } = show()
  await vi.waitFor(() => expect(Events.last?.url).toBe('/api/v1/jobs/7/events'), patient)
  await tell(job({ state: 'done', result: { opportunities: 1 } as never }))
  await vi.waitFor(() => expect(onPreview).toHaveBeenCalledWith(expect.objectContaining({ samples })), patient)
  expect(server.cancelJob).not.toHaveBeenCalled()
})

it('whoever leaves while it runs wants it no longer', async () => {
  const { unmount } = show()
  await vi.waitFor(() => expect(Events.last?.url).toBe('/api/v1/jobs/7/events'), patient)
  await tell(job({}))
  expect(screen.getByRole('progressbar')).toBeInTheDocument()
  unmount()
  expect(server.cancelJob).toHaveBeenCalledExactlyOnceWith(7)
})

it('nor does whoever leaves before the server has told the job', async () => {
  let told: (answer: { job: number }) => void = () => undefined
  vi.mocked(server.preview).mockReturnValue(new Promise((resolve) => (told = resolve as typeof told)))
  const { unmount } = show()
  await vi.waitFor(() => expect(server.preview).toHaveBeenCalled(), patient)
  unmount()
  told({ job: 9 })
  await vi.waitFor(() => expect(server.cancelJob).toHaveBeenCalledExactlyOnceWith(9), patient)
})

/** What a dry run finds: warnings of these rules, and so many rows that stay out. */
const found = (warnings: string[], rejected = 0) =>
  ({
    job: 7,
    issues: [],
    issues_total: warnings.length + rejected,
    rules: [
      ...warnings.map((rule) => ({ rule, is_rejected: false, count: 1 })),
      ...(rejected ? [{ rule: 'not-a-number', is_rejected: true, count: rejected }] : []),
    ],
    samples: {},
    labels: {},
    counts: { opportunities: 1, outcomes: {}, rows_read: 1, rows_rejected: rejected, warnings: warnings.length },
  }) as never
/** The import of before, with warnings of these rules. */
const before = (...rules: string[]) =>
  vi.mocked(server.readImport).mockResolvedValue({
    report: { issues: rules.map((rule) => ({ rule, severity: 'warn', count: 3 })) },
  } as never)
const atOnce = { recipe: { saved: 3 }, isAtOnce: true }

it('files like those of before go in at once where nothing is wrong with them', async () => {
  before()
  const { onNext } = show(vi.fn(), { ...atOnce, preview: found([]) })
  await vi.waitFor(() => expect(onNext).toHaveBeenCalledOnce(), patient)
  expect(server.readImport).toHaveBeenCalledExactlyOnceWith(3)
})

it('and where there are warnings that the import of before had too', async () => {
  before('after-export', 'closed-before-created')
  const { onNext } = show(vi.fn(), { ...atOnce, preview: found(['after-export']) })
  await vi.waitFor(() => expect(onNext).toHaveBeenCalledOnce(), patient)
})

it('and where nobody knows what that one had', async () => {
  vi.mocked(server.readImport).mockResolvedValue({ report: null } as never)
  const { onNext } = show(vi.fn(), { ...atOnce, preview: found(['after-export']) })
  await vi.waitFor(() => expect(onNext).toHaveBeenCalledOnce(), patient)
})

it('and wait for a look where rows would stay out', async () => {
  await i18n.changeLanguage('en')
  before('after-export')
  const { onNext } = show(vi.fn(), { ...atOnce, preview: found(['after-export'], 1) })
  expect(await screen.findByText(/^Some rows are rejected/, {}, patient)).toBeVisible()
  expect(onNext).not.toHaveBeenCalled()
})

it('or where warnings are of another kind, with the mapping to be adjusted beside', async () => {
  await i18n.changeLanguage('en')
  before('after-export')
  const mapping = { name: 'crm' }
  vi.mocked(server.suggest).mockResolvedValue({ mapping } as never)
  const { onNext, onAdjust } = show(vi.fn(), { ...atOnce, preview: found(['after-export', 'days-out-of-order']) })
  expect(await screen.findByRole('status', {}, patient)).toHaveTextContent(
    'Import 3 had no warnings of this kind: two days in the wrong order',
  )
  expect(onNext).not.toHaveBeenCalled()
  await userEvent.click(screen.getByRole('button', { name: 'Adjust the mapping' }))
  await vi.waitFor(() => expect(onAdjust).toHaveBeenCalledExactlyOnceWith(mapping), patient)
  expect(server.suggest).toHaveBeenCalledExactlyOnceWith(1, { saved: 3 })
  await userEvent.click(screen.getByRole('button', { name: 'Import' }))
  expect(onNext).toHaveBeenCalledOnce()
})

it('a look without haste imports nothing by itself', () => {
  const { onNext } = show(vi.fn(), { recipe: { saved: 3 }, preview: found([]) })
  expect(onNext).not.toHaveBeenCalled()
})
