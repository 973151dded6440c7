import type { QualityRule } from '@/shared/api/quality'

/** A rule as the dialog has it. */
export type Change = { on: boolean; weight: number; threshold: number | null }

type Rule = Pick<QualityRule, 'key' | 'on' | 'weight' | 'built_in_weight'> &
  Partial<Pick<QualityRule, 'threshold' | 'built_in_threshold' | 'unit'>>

export function changesOf(rules: readonly Rule[]): Record<string, Change> {
  return Object.fromEntries(
    rules.map((rule) => [rule.key, { on: rule.on, weight: rule.weight, threshold: rule.threshold ?? null }]),
  )
}

export function changed(rules: readonly Rule[], changes: Record<string, Change>): boolean {
  const before = changesOf(rules)
  return rules.some(({ key }) => JSON.stringify(before[key]) !== JSON.stringify(changes[key]))
}

/** What is otherwise than built in, as it is sent. */
export function settingsOf(rules: readonly Rule[], changes: Record<string, Change>) {
  const one = (rule: Rule) => {
    const change = changes[rule.key]
    if (!change) return []
    const told = {
      off: !change.on,
      weight: change.weight === rule.built_in_weight ? undefined : change.weight,
      threshold: change.threshold === (rule.built_in_threshold ?? null) ? undefined : (change.threshold ?? undefined),
    }
    const isBuiltIn = change.on && told.weight === undefined && told.threshold === undefined
    return isBuiltIn ? [] : [[rule.key, told] as const]
  }
  return Object.fromEntries(rules.flatMap(one))
}

/** Millionths are written in per cent; the others as they are. */
export function shownThreshold(rule: Pick<Rule, 'unit'>, value: number): number {
  return rule.unit === 'ppm' ? value / 10_000 : value
}

export function storedThreshold(rule: Rule, shown: number | null): number {
  if (shown === null) return rule.built_in_threshold ?? 0
  return rule.unit === 'ppm' ? Math.round(shown * 10_000) : shown
}
