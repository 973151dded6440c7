import { expect, test } from 'vitest'
import { confirmed } from './Spellings'

const member = (value: string) => ({ value, count: 2, similarity: 0.9, reason: 'misspelling' as const })

test('what is confirmed becomes new values by old ones; what was left out stays', () => {
  const clusters = [
    { survivor: 'GTX Pro', count: 9, members: [member('GTXPro'), member('GTX  Pro')] },
    { survivor: 'technology', count: 5, members: [member('technolgy')] },
  ]
  expect(confirmed(clusters, new Set())).toEqual({ GTXPro: 'GTX Pro', 'GTX  Pro': 'GTX Pro', technolgy: 'technology' })
  expect(confirmed(clusters, new Set(['GTX  Pro']))).toEqual({ GTXPro: 'GTX Pro', technolgy: 'technology' })
})
