import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { Headline } from './Headline'

const headline = { kind: 'none', en: 'The target is far.', zh: '离目标尚远。', rules: [], behind: [] as string[] }

it('says by which measure those who are behind are ranked, where it names any', async () => {
  await i18n.changeLanguage('en')
  const { rerender } = render(<Headline headline={headline} />)
  expect(screen.getByRole('heading')).toHaveTextContent(/^The target is far\.$/)
  rerender(<Headline headline={{ ...headline, behind: ['East'] }} />)
  expect(screen.getByRole('heading')).toHaveTextContent('by target coverage')
})
