import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { rulesZh } from '@/shared/i18n/rules.zh'
import { groupsOf, type Issue, newWarnings, type RuleCount, ruleName, rulesOf } from './issue-groups'

const issue = (line: string): Issue => {
  const [sign, rule, file, column, row] = line.split(' ')
  return { rule, file, column, row: Number(row), is_rejected: sign === '▼', value: '', message: {}, hint: {} } as never
}
const rule = (line: string): RuleCount => {
  const [sign, name, count] = line.split(' ')
  return { rule: name ?? '', count: Number(count), is_rejected: sign === '▼' }
}
/** Sign, how many, rule, where, and how many rows of it can be shown. */
const told = (issues: string[], rules: string[]) =>
  groupsOf(issues.map(issue), rules.map(rule)).map((group) =>
    [
      group.isRejected ? '▼' : '●',
      `${group.isAtLeast ? '>' : ''}${group.count}`,
      group.rule,
      group.column === null ? (group.isRest ? 'rest' : 'unlisted') : `${group.file}/${group.column}`,
      group.rows.length,
    ].join(' '),
  )

describe('what is wrong with rows', () => {
  it('is put together by rule and column, what stays out first, then the most frequent', () => {
    const issues = [
      '● late a.csv Closed 2',
      '● odd a.csv Amount 3',
      '● odd a.csv Amount 4',
      '▼ number a.csv Amount 5',
      '● odd b.csv Amount 2',
      '● odd a.csv Price 2',
      '● odd a.csv Price 7',
      '● odd a.csv Price 9',
    ]
    expect(told(issues, ['● late 1', '● odd 6', '▼ number 1'])).toEqual([
      '▼ 1 number a.csv/Amount 1',
      '● 3 odd a.csv/Price 3',
      '● 2 odd a.csv/Amount 2',
      '● 1 late a.csv/Closed 1',
      '● 1 odd b.csv/Amount 1',
    ])
  })

  it('counts what is not listed', () => {
    expect(told(['● odd a.csv Amount 3', '● odd a.csv Price 3'], ['● odd 40', '▼ number 5', '● late 1'])).toEqual([
      '▼ 5 number unlisted 0',
      '● 38 odd rest 0',
      '● >1 odd a.csv/Amount 1',
      '● >1 odd a.csv/Price 1',
      '● 1 late unlisted 0',
    ])
  })

  it('may stay out by one row and be a warning of another', () => {
    expect(told(['● odd a.csv A 3', '▼ odd a.csv A 4'], ['● odd 1', '▼ odd 1'])).toEqual([
      '▼ 1 odd a.csv/A 1',
      '● 1 odd a.csv/A 1',
    ])
  })
})

it('a warning is new where the import of before had none by its rule', () => {
  const before = { issues: [{ rule: 'late', severity: 'warn', count: 3 }] }
  expect(newWarnings(['● late 35'].map(rule), before)).toEqual([])
  expect(newWarnings(['● late 35', '● odd 1', '▼ number 2'].map(rule), before)).toEqual(['odd'])
  expect(newWarnings(['● odd 1'].map(rule), null), 'nobody knows').toEqual([])
  expect(rulesOf({ issues: [{ rule: 'number', severity: 'reject', count: 2 }] })).toEqual([rule('▼ number 2')])
})

describe('the names of rules', () => {
  it('are those of the rules that the documents list', () => {
    const doc = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../../../../docs/importing.md'), 'utf8')
    const section = doc.slice(doc.indexOf('## Rules'), doc.indexOf('## Faults'))
    const rules = [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1])
    expect(Object.keys(rulesZh).sort()).toEqual(rules.sort())
  })

  it('are in the language, and the code where there is none', () => {
    expect(['not-a-number', 'of-tomorrow'].map((one) => ruleName(one, 'en'))).toEqual(['not a number', 'of-tomorrow'])
    expect(ruleName('not-a-number', 'zh')).toBe('不是数字')
  })
})
