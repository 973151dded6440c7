import { useMemo } from 'react'
import { useMeta } from '../api/queries'
import { type Label, useTexts } from '../i18n/i18n'
import { useProcess } from '../url/use-question'
import type { Names } from './values'

/** The words for values that are keys: outcomes, processes, roles, and stages, before others those of the process in view. */
export function useValueNames(): Names {
  const { t, say } = useTexts()
  const { processes } = useMeta()
  const current = useProcess()
  return useMemo(() => {
    const stages = [...(current ? [current] : []), ...processes].flatMap((process) => process.stages)
    const named = (one: { name: Label } | undefined, key: string) => (one ? say(one.name) : key)
    return {
      yes: t('common.yes'),
      no: t('common.no'),
      erased: t('record.erased'),
      outcome: (key) => t(`states.${key as 'open'}`, { defaultValue: key }),
      process: (key) =>
        named(
          processes.find((process) => process.key === key),
          key,
        ),
      stage: (key) =>
        named(
          stages.find((stage) => stage.key === key),
          key,
        ),
      role: (key) => t(`deal.roles.${key as 'user'}`, { defaultValue: key }),
      say,
    }
  }, [processes, current, t, say])
}
