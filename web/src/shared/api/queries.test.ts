import { afterEach, expect, it } from 'vitest'
import { i18n } from '../i18n/i18n'
import { fileAddress } from './queries'

afterEach(() => void i18n.changeLanguage('en'))

it.each(['zh', 'en'])('files come in the language that one reads: %s', async (lang) => {
  await i18n.changeLanguage(lang)
  const address = new URL(fileAddress('funnel', { process: 'own' }, {}, 'xlsx'), 'http://loudou')
  expect(Object.fromEntries(address.searchParams)).toEqual({ process: 'own', format: 'xlsx', lang })
})
