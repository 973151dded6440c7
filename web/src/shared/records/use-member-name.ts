import { useCallback } from 'react'
import type { Answer, Row } from '../api/types'
import { useMeta } from '../api/queries'
import { useTexts } from '../i18n/i18n'
import { useValueNames } from './use-value-names'

/** What a member of a dimension is called: where its value is a key by our words, else as it is. */
export function useMemberName(): (dimension: string, value: string) => string {
  const { t } = useTexts()
  const names = useValueNames()
  const { dimensions } = useMeta()
  return useCallback(
    (dimension, value) => {
      switch (dimension) {
        case 'outcome':
          return names.outcome(value)
        case 'stage':
          return names.stage(value)
        case 'process':
          return names.process(value)
        case 'amount_class':
          return t(`amountClasses.${value as 'under 10k'}`, { defaultValue: value })
        default: {
          const own = dimensions.find((one) => one.key === dimension)?.choices?.find((one) => one.key === value)
          return own ? names.say(own.name) : value
        }
      }
    },
    [t, names, dimensions],
  )
}

/** Puts beside the members of an answer what they are called, where the server does not tell. */
export function useNamedMembers(dimension: string | undefined): <T extends Answer>(answer: T) => T {
  const { lang } = useTexts()
  const nameOf = useMemberName()
  return useCallback(
    (answer) => {
      const key = `${dimension}_${lang}`
      const named = (row: Row) => {
        const value = row[dimension ?? '']
        return typeof value === 'string' && dimension ? { [key]: nameOf(dimension, value), ...row } : row
      }
      return { ...answer, rows: answer.rows.map((row) => named(row as Row)) }
    },
    [dimension, lang, nameOf],
  )
}
