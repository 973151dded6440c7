import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, it, vi } from 'vitest'
import type { Analyser, Answer, Column, Row } from '@/shared/api/types'
import type { Drill } from '@/shared/drill/drill'
import { i18n } from '@/shared/i18n/i18n'
import { GaugesBlock } from './GaugesBlock'
import type { Choices } from './use-analyser'

const opened = vi.hoisted(() => vi.fn())
const block = vi.hoisted(() => ({}) as { answer: Answer; drill: (row: Row, column: Column) => Drill | undefined })
const stages = [{ key: 'needs', name: { zh: '需求', en: 'Needs' } }]

vi.mock('@/shared/ui/Block', () => ({
  Block: (props: typeof block & { children: React.ReactNode }) => {
    Object.assign(block, props)
    return props.children
  },
}))
vi.mock('@/shared/api/queries', () => ({ useMeta: () => ({ processes: [{ key: 'own', stages }], dimensions: [] }) }))
vi.mock('@/shared/url/use-question', () => ({ useProcess: () => undefined }))
vi.mock('@/shared/url/use-view', () => ({ useView: () => ({}) }))
vi.mock('@/shared/drill/drill', async (original) => ({ ...(await original<object>()), useDrill: () => opened }))

beforeEach(() => i18n.changeLanguage('en'))

function show(by: string, ...members: unknown[]) {
  const rows = members.map((member) => ({ [by]: member, target_minor: 100, dial_4: 0.5, dial_4_colour: 'red' }))
  const gauges = { columns: [{ key: by, unit: 'text' }], rows }
  const dials = { intent_factor: 1.5, commit_factor: 1.2, green_from: 0.85, yellow_from: 0.6 }
  const choices = { by, groupable: [], setBy: vi.fn() } as unknown as Choices
  return render(<GaugesBlock data={{ gauges, dials } as unknown as Analyser} choices={choices} />)
}

it.each([
  ['stage', 'needs', 'Needs'],
  ['outcome', 'won', 'Won'],
  ['amount_class', '10M and more', '10 M and more'],
  ['region', 'East', 'East'],
  ['region', '', 'not recorded'],
])('a member of %s that comes as “%s” is called “%s”, and opens by what it came as', async (by, key, name) => {
  show(by, key)
  expect(screen.getByTitle(name)).toHaveTextContent(name)
  await userEvent.click(screen.getByRole('button', { name: new RegExp(`^${name}.*1\\.5×`) }))
  const drill = opened.mock.lastCall?.[0] as Drill
  expect(drill.title).toMatch(new RegExp(`^${name} · `))
  expect(drill.cell).toContain(key)
})

it('its table and what that opens have the same names', () => {
  show('stage', 'needs')
  const [row] = block.answer.rows as Row[]
  expect(row).toMatchObject({ stage: 'needs', stage_en: 'Needs' })
  expect(block.drill(row as Row, { key: 'won_minor' } as Column)?.title).toBe('Needs')
})
