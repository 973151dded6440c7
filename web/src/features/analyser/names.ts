import { useCallback } from 'react'
import type { Analyser, Row } from '@/shared/api/types'
import { useTexts } from '@/shared/i18n/i18n'

const states = [
  'won',
  'lost',
  'cancelled',
  'parked',
  'deleted',
  'new',
  'reopened',
  'resumed',
  'transferred_in',
  'transferred_out',
  'unknown',
] as const
type State = (typeof states)[number]

function isState(key: string): key is State {
  return (states as readonly string[]).includes(key)
}

/** The name of a stage, or of a state beside the stages. */
export function useStateName(stages: Analyser['stages']) {
  const { t, say, lang } = useTexts()
  return useCallback(
    (key: string, row?: Row, column?: string): string => {
      const stage = stages.find((one) => one.key === key)
      if (stage) return say(stage.name)
      if (isState(key)) return t(`states.${key}`)
      // A stage of an earlier version of the process: its rows tell its name.
      const told = row && column ? row[`${column}_${lang}`] : undefined
      return typeof told === 'string' ? told : key
    },
    [stages, t, say, lang],
  )
}
