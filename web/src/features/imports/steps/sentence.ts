/** A step in a plain sentence, for whoever gave it no name. */
import type { Lang, useTexts } from '@/shared/i18n/i18n'
import { aggregateOf, type Condition, conditionsOf } from './condition'
import type { Step, Texts } from './step'

type Words = { t: ReturnType<typeof useTexts>['t']; lang: Lang }

/** More would make no sentence any more. */
const most = 4

function listed(names: readonly string[], { t, lang }: Words): string {
  const list = names.slice(0, most).join(lang === 'zh' ? '、' : ', ')
  return names.length > most ? t('studio.sentences.more', { list }) : list
}

const paired = (texts: Texts, sign: string, words: Words): string =>
  listed(
    Object.entries(texts).map(([old, now]) => `${old} ${sign} ${now === '' ? words.t('studio.nothingMeans') : now}`),
    words,
  )

const signs: Partial<Record<Condition['is'], string>> = {
  eq: '=',
  ne: '≠',
  gt: '>',
  ge: '≥',
  lt: '<',
  le: '≤',
}

function conditionWords({ column, is, values }: Condition, words: Words): string {
  const value = listed(
    values.map((one) => (/^-?\d+(\.\d+)?$/.test(one) ? one : `'${one}'`)),
    words,
  )
  // One of one is that one.
  const one = values.length === 1 ? ({ in: '=', 'not-in': '≠' } as const)[is as 'in' | 'not-in'] : undefined
  const sign = signs[is] ?? one
  if (sign) return `${column} ${sign} ${value}`
  return words.t(`studio.sentences.${is as 'contains'}`, {
    column,
    value,
  })
}

/** A condition in words; SQL that says more stays as it is. */
export function whereWords(sql: string, words: Words): string {
  const found = conditionsOf(sql)
  if (!found) return sql
  return found.list
    .map((one) => conditionWords(one, words))
    .join(words.t(found.all ? 'studio.sentences.and' : 'studio.sentences.or'))
}

function typeWords(columns: Texts, words: Words): string {
  const each = new Map<string, string[]>()
  for (const [column, type] of Object.entries(columns)) each.set(type, [...(each.get(type) ?? []), column])
  const parts = [...each].map(([type, names]) =>
    words.t('studio.sentences.typeOne', {
      columns: listed(names, words),
      type: words.t(`studio.choices.${type as 'number'}`, { defaultValue: type }),
    }),
  )
  return words.t('studio.sentences.type', { each: parts.join(words.lang === 'zh' ? '，' : ', ') })
}

/** What a step does. */
export function sentence(step: Step, words: Words): string {
  const { t } = words
  const list = (names: readonly string[]) => listed(names, words)
  const texts = (names: readonly string[] | undefined) => (names?.length ? list(names) : t('studio.sentences.allTexts'))
  switch (step.do) {
    case 'choose':
    case 'drop':
    case 'unpivot':
      return t(`studio.sentences.${step.do}`, { columns: list(step.columns) })
    case 'rename':
      return t('studio.sentences.rename', { pairs: paired(step.columns, '→', words) })
    case 'trim':
    case 'width':
    case 'lookalikes':
      return t(`studio.sentences.${step.do}`, { columns: texts(step.columns) })
    case 'case':
      return t('studio.sentences.case', { columns: list(step.columns), to: t(`studio.choices.${step.to}`) })
    case 'replace':
      return t('studio.sentences.replace', { columns: texts(step.columns), from: step.from, to: step.to })
    case 'split':
      return t('studio.sentences.split', { column: step.column, by: step.by, into: list(step.into) })
    case 'merge':
      return t('studio.sentences.merge', { columns: list(step.columns), into: step.into })
    case 'map':
      return t('studio.sentences.map', { column: step.column, pairs: paired(step.values, '→', words) })
    case 'fill':
      return t('studio.sentences.fill', { columns: list(step.columns), value: step.with })
    case 'filter':
      return t('studio.sentences.filter', { where: whereWords(step.where, words) })
    case 'derive':
      return t('studio.sentences.derive', { into: step.into, expr: step.expr })
    case 'type':
      return typeWords(step.columns, words)
    case 'sort':
      return t('studio.sentences.sort', {
        columns: list(step.by.map((key) => (key.startsWith('-') ? `${key.slice(1)} ↓` : `${key} ↑`))),
      })
    case 'group':
      return t('studio.sentences.group', { by: list(step.by), into: groupWords(step.take, words) })
    case 'pivot':
      return t('studio.sentences.pivot', { names: step.names })
    case 'join':
      return t('studio.sentences.join', { table: step.with, pairs: paired(step.on, '=', words) })
    case 'append':
      return t('studio.sentences.append', { table: step.with })
    case 'dedupe':
      return t('studio.sentences.dedupe', {
        columns: step.by?.length ? list(step.by) : t('studio.sentences.allColumns'),
        keep: t(`studio.choices.${step.keep ?? 'first'}`),
      })
  }
}

function groupWords(take: Texts, words: Words): string {
  const parts = Object.entries(take).map(([name, sql]) => {
    const found = aggregateOf(sql)
    if (!found) return `${name} = ${sql}`
    const what = words.t(`studio.aggregates.${found.take}`)
    return found.column ? `${name} (${found.column}, ${what})` : `${name} (${what})`
  })
  return listed(parts, words)
}

/** What a step is called in lists: its name, else what it does; its kind while it does nothing yet. */
export function titleOf(step: Step, isWhole: boolean, words: Words): string {
  if (step.name) return step.name
  return isWhole ? sentence(step, words) : words.t(`studio.kinds.${step.do}`)
}
