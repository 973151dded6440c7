import { useMemo } from 'react'
import { useMeta } from '../api/queries'
import { useTexts } from '../i18n/i18n'
import type { Names } from './values'

/** The words for values that are keys: outcomes, processes, stages. */
export function useValueNames(): Names {
  const { t, say } = useTexts()
  const { processes } = useMeta()
  return useMemo(() => {
    const stages = processes.flatMap((process) => process.stages)
    const named = (one: { name: { zh: string; en: string } } | undefined, key: string) => (one ? say(one.name) : key)
    return {
      yes: t('common.yes'),
      no: t('common.no'),
      erased: t('record.erased'),
      outcome: (key) => t(`states.${key as 'open'}`, { defaultValue: key }),
      process: (key) => named(processes.find((process) => process.key === key) as never, key),
      stage: (key) => named(stages.find((stage) => stage.key === key) as never, key),
      role: (key) => t(`deal.roles.${key as 'user'}`, { defaultValue: key }),
      say,
    }
  }, [processes, t, say])
}
