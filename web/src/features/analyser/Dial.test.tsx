import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { Dial } from './Dial'

const limits = [0.6, 0.85]

describe('a dial', () => {
  it('shows its value, its sign and what is full', async () => {
    await i18n.changeLanguage('en')
    const { container } = render(
      <Dial limits={limits} value={0.638} colour="yellow" caption="Intent" label="East, intent: 63.8 %" />,
    )
    expect(container.querySelector('text')).toHaveTextContent('63.8%')
    expect(container).toHaveTextContent('●')
    const filled = container.querySelectorAll('path')[1]
    const [drawn = 0, whole = 1] = (filled?.getAttribute('stroke-dasharray') ?? '').split(' ').map(Number)
    expect(drawn / whole).toBeCloseTo(0.638)
  })

  it('is full and no more beyond what is required, and keeps its decimal', () => {
    const { container } = render(<Dial limits={limits} value={1.63} colour="green" caption="" label="x" />)
    const [drawn, whole] = (container.querySelectorAll('path')[1]?.getAttribute('stroke-dasharray') ?? '').split(' ')
    expect(drawn).toBe(whole)
    expect(container.querySelector('text')).toHaveTextContent('163.0%')
  })

  it('has neither hand nor click without a value, and says why', () => {
    const { container } = render(
      <Dial limits={limits} value={null} colour={null} caption="" label="East" why="no target" onOpen={() => {}} />,
    )
    expect(container.querySelectorAll('path')).toHaveLength(1)
    expect(screen.queryByRole('button')).toBeNull()
    expect(screen.getByRole('img')).toHaveAccessibleName('East no target')
  })

  it('opens its deals', async () => {
    const open = vi.fn()
    render(<Dial limits={limits} value={0.3} colour="red" caption="" label="East" onOpen={open} />)
    await userEvent.click(screen.getByRole('button', { name: 'East' }))
    expect(open).toHaveBeenCalledOnce()
  })
})
