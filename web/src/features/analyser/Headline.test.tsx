import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { Headline } from './Headline'

const headline = { kind: 'none', en: 'The target is far.', zh: '离目标尚远。', rules: [], behind: [] as string[] }

it('is no green light where members are far behind', async () => {
  await i18n.changeLanguage('en')
  const line = () => screen.getByRole('heading').closest('[data-kind]')
  const { rerender } = render(<Headline headline={headline} />)
  expect(line()).toHaveAttribute('data-kind', 'none')
  rerender(<Headline headline={{ ...headline, behind: ['East'] }} />)
  expect(line()).toHaveAttribute('data-kind', 'behind')
  expect(screen.getByRole('heading')).toHaveTextContent(/^The target is far\.$/)
})
