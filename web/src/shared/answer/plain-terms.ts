/** The terms of an answer as people read them: no keys, no minor units, days as they are written. */
import { useMemo } from 'react'
import { useMeta, useSession } from '../api/queries'
import type { Term } from '../api/types'
import { date, isDay } from '../format/dates'
import { amountExact, asNumber, capital, count, type Lang, type Money } from '../format/format'
import { type Label, useTexts } from '../i18n/i18n'
import { useMemberName } from '../records/use-member-name'
import { type Chip, chipOf } from '../url/search'
import { useView } from '../url/use-view'

/** What the terms come from: an answer or a pivot. */
export type Terms = {
  term_list: Term[]
  notes?: Label[]
  currency?: string | null
  decimals?: number | null
}

/** The words for what the server tells by key. */
export type TermWords = {
  lang: Lang
  money: Money
  process: (key: string) => string
  dimension: (key: string) => string
  scope: (value: string) => string
  /** The filters in words; nothing where the address has none. */
  filters: string
  own: Record<'label' | 'value', (key: string) => string | undefined>
}

export type PlainTerm = { key: string; label: string; value: string }

/** A term with its name and what it says. */
export function plainTerm({ key, label, value }: Term, words: TermWords): PlainTerm {
  const { lang } = words
  return { key, label: capital(words.own.label(key) ?? label[lang]), value: plainValue(key, value, words) }
}

function plainValue(key: string, { en, zh }: Label, words: TermWords): string {
  const { lang, money, own } = words
  const said = lang === 'zh' ? zh : en
  const number = asNumber(en)
  switch (key) {
    case 'process':
      return words.process(en)
    case 'by':
    case 'rows':
    case 'columns':
      return en
        .split(', ')
        .map(words.dimension)
        .join(lang === 'zh' ? '、' : ', ')
    case 'scope':
      return words.scope(en)
    case 'only':
      return words.filters || said
    // What somebody has typed stays as it was typed.
    case 'where':
      return said
    case 'amount_minor':
      return number === null ? said : amountExact(number, money, lang)
    case 'every':
      return own.value(`every_${en}`) ?? said
    case 'mode':
      return own.value(`mode_${en}`) ?? said
    default:
      return number === null ? plainSentence(said, lang) : count(number, lang)
  }
}

/** A sentence of the server's with its days as they are written. */
export function plainSentence(text: string, lang: Lang): string {
  return text.replace(/\d{4}-\d{2}-\d{2}/g, (day) => (isDay(day) ? date(day, lang) : day))
}

/** The terms and notes of an answer in the reader's words. */
export function usePlainTerms(terms: Terms): { list: PlainTerm[]; notes: string[] } {
  const { t, lang, say } = useTexts()
  const { processes, dimensions } = useMeta()
  const { scopes } = useSession()
  const { f } = useView()
  const memberName = useMemberName()
  return useMemo(() => {
    const dimension = (key: string) => {
      const found = dimensions.find((one) => one.key === key)
      return found ? say(found.label) : key
    }
    const filter = ({ dimension: key, value }: Chip) =>
      `${dimension(key)} = ${value ? memberName(key, value) : t('common.notRecorded')}`
    const process = (key: string) => {
      const found = processes.find((one) => one.key === key)
      return found ? say(found.name) : key
    }
    const scope = (value: string) => {
      if (value === 'all') return t('terms.everything')
      const found = scopes.find((one) => one.value === value)
      return found ? say(found.label) : value
    }
    const own = (part: 'labels' | 'values') => (key: string) =>
      t(`terms.${part}.${key}` as 'terms.everything', { defaultValue: '' }) || undefined
    const words: TermWords = {
      lang,
      money: { currency: terms.currency ?? null, decimals: terms.decimals ?? 2 },
      process,
      dimension,
      scope,
      filters: (f ?? []).map((one) => filter(chipOf(one))).join(lang === 'zh' ? '；' : '; '),
      own: { label: own('labels'), value: own('values') },
    }
    return {
      list: terms.term_list.map((term) => plainTerm(term, words)),
      notes: (terms.notes ?? []).map((note) => plainSentence(say(note), lang)),
    }
  }, [terms, processes, dimensions, scopes, f, memberName, t, lang, say])
}
