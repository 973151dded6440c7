import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { en } from './en'
import { i18n } from './i18n'
import { singularEn } from './singular.en'
import { zh } from './zh'

function flat(texts: object, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === 'string') found.set(`${path}${key}`, value)
    else for (const [inner, text] of flat(value, `${path}${key}.`)) found.set(inner, text)
  }
  return found
}

const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort()

describe('texts', () => {
  const [chinese, english] = [flat(zh), flat(en)]

  it('have the same keys in both languages', () => {
    expect([...english.keys()]).toEqual([...chinese.keys()])
  })

  it('take the same values', () => {
    for (const [key, text] of chinese) expect([key, holes(english.get(key) ?? '')]).toEqual([key, holes(text)])
  })

  it('are punctuated as Chinese is, beside Chinese', () => {
    const half = /[\u4e00-\u9fff”）}][,;:?!(]|[,;:?!)][\u4e00-\u9fff“（{]/
    expect([...chinese].filter(([, text]) => /[\u4e00-\u9fff]/.test(text) && half.test(text))).toEqual([])
  })

  it('call facts what the glossary calls them', () => {
    const glossary = join(dirname(fileURLToPath(import.meta.url)), '../../../../docs/GLOSSARY.md')
    const [, word] = /^\| (\S+) \| fact \|/m.exec(readFileSync(glossary, 'utf8')) ?? []
    expect(chinese.get('imports.others.facts')).toBe(word)
    expect(english.get('imports.others.facts')).toBe('Facts')
  })

  it('are never empty', () => {
    for (const texts of [chinese, english]) {
      expect([...texts].filter(([, text]) => text.trim() === '')).toEqual([])
    }
  })

  it('have a text for many beside each for one, which takes the same values', () => {
    for (const [key, text] of flat(singularEn)) {
      const many = english.get(key.replace(/_one$/, ''))
      expect([key, many && holes(many)]).toEqual([key, holes(text)])
    }
  })

  it('tell one from many in English, and not in Chinese', () => {
    const say = (lng: string, count: number) => i18n.t('common.dealCount', { lng, count, n: String(count) })
    expect([1, 2, 0].map((count) => say('en', count))).toEqual(['1 deal', '2 deals', '0 deals'])
    expect([1, 2].map((count) => say('zh', count))).toEqual(['1 个商机', '2 个商机'])
  })
})
