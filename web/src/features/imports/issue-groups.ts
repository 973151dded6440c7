/** What is wrong with rows, put together by what it is and in which column: a fault of an export comes a hundred times. */
import { rulesEn } from '@/shared/i18n/rules.en'
import { rulesZh } from '@/shared/i18n/rules.zh'
import type { Issues, Report } from './api'

export type Issue = Issues['issues'][number]
export type RuleCount = Issues['rules'][number]

export type IssueGroup = {
  key: string
  rule: string
  isRejected: boolean
  /** Both are null for what is only counted, and listed nowhere. */
  file: string | null
  column: string | null
  count: number
  /** There may be more of it, of the rule's that are only counted. */
  isAtLeast: boolean
  /** It is what is left of a rule of which some are listed. */
  isRest: boolean
  rows: Issue[]
}

const alone = { count: 1, isAtLeast: false, isRest: false }
const ruleKey = ({ rule, is_rejected }: Pick<Issue, 'rule' | 'is_rejected'>) => `${is_rejected} ${rule}`

/**
 * The issues by rule, file and column: rows that stay out before warnings, the most frequent first. `rules` count also
 * those that are not listed; they are a group of their own, so that the sum is right.
 */
export function groupsOf(issues: readonly Issue[], rules: readonly RuleCount[]): IssueGroup[] {
  const groups = new Map<string, IssueGroup>()
  const listed = new Map<string, number>()
  for (const issue of issues) {
    const { rule, file, column, is_rejected: isRejected } = issue
    const key = JSON.stringify([isRejected, rule, file, column])
    const group = groups.get(key)
    if (group) group.rows.push(issue)
    else groups.set(key, { ...{ key, rule, isRejected, file, column }, ...alone, rows: [issue] })
    listed.set(ruleKey(issue), (listed.get(ruleKey(issue)) ?? 0) + 1)
  }
  const rests = rules.flatMap((one): IssueGroup[] => {
    const ofRule = listed.get(ruleKey(one)) ?? 0
    const { rule, is_rejected: isRejected } = one
    const nowhere = { file: null, column: null, isAtLeast: false, rows: [] }
    if (one.count <= ofRule) return []
    return [{ key: ruleKey(one), rule, isRejected, count: one.count - ofRule, isRest: ofRule > 0, ...nowhere }]
  })
  const open = new Set(rests.map((rest) => rest.key))
  const told = [...groups.values()].map((group) => ({
    ...group,
    count: group.rows.length,
    isAtLeast: open.has(ruleKey({ rule: group.rule, is_rejected: group.isRejected })),
  }))
  return [...told, ...rests].sort((a, b) => Number(b.isRejected) - Number(a.isRejected) || b.count - a.count)
}

/** What a rule is called; one that is not known here goes by its code. */
export function ruleName(rule: string, lang: 'zh' | 'en'): string {
  const words: Record<string, string> = lang === 'zh' ? rulesZh : rulesEn
  return words[rule] ?? rule
}

/** The rules that a report counts, as those of a dry run are. */
export function rulesOf(report: Pick<Report, 'issues'> | null | undefined): RuleCount[] {
  return (report?.issues ?? []).map(({ rule, severity, count }) => ({
    rule,
    count,
    is_rejected: severity === 'reject',
  }))
}

/** The rules of warnings that an import of before did not have; where its report is not kept, nobody knows of any. */
export function newWarnings(rules: readonly RuleCount[], before: Pick<Report, 'issues'> | null | undefined): string[] {
  if (!before) return []
  const known = new Set(rulesOf(before).map((one) => one.rule))
  return rules.flatMap((one) => (one.is_rejected || known.has(one.rule) ? [] : [one.rule]))
}
