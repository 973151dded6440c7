import { expect, it } from 'vitest'
import type { Contact } from '@/shared/api/records'
import { changed } from './ContactDialog'

const li: Contact = { id: 7, version: 3, name: 'Li', post: 'buyer', role: null, phone: '021-5555', email: null }
const as = { name: 'Li', post: 'buyer', phone: '021-5555' }

it.each([
  ['nothing', as, {}],
  ['spaces around what stands', { ...as, name: ' Li ' }, {}],
  ['a text', { ...as, phone: '021-6666' }, { phone: '021-6666' }],
  ['what was empty', { ...as, email: 'li@acme.cn', role: 'user' }, { email: 'li@acme.cn', role: 'user' }],
  ['a text away', { ...as, post: '' }, { post: null }],
])('sends what was changed alone: %s', (_, typed, sent) => expect(changed(li, typed)).toEqual(sent))
