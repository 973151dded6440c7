/** What the browser knows of the world's zones, currencies and months, as choices of a form. */
import type { Lang } from '@/shared/i18n/i18n'

type Choice<T> = { value: T; label: string }

const locale = (lang: Lang) => (lang === 'zh' ? 'zh-CN' : 'en-GB')

export function zones(): Choice<string>[] {
  const all = new Set(Intl.supportedValuesOf('timeZone'))
  all.add(Intl.DateTimeFormat().resolvedOptions().timeZone)
  return [...all].sort().map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }))
}

export function currencies(lang: Lang): Choice<string>[] {
  const names = new Intl.DisplayNames(locale(lang), { type: 'currency' })
  return Intl.supportedValuesOf('currency').map((code) => ({
    value: code,
    label: `${code} · ${names.of(code) ?? code}`,
  }))
}

export function months(lang: Lang): Choice<number>[] {
  const name = new Intl.DateTimeFormat(locale(lang), { month: 'long', timeZone: 'UTC' })
  return Array.from({ length: 12 }, (_, at) => ({ value: at + 1, label: name.format(Date.UTC(2026, at, 1)) }))
}
