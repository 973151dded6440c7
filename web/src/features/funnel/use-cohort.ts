import { useAnswer } from '@/shared/api/queries'
import type { Answer, Row } from '@/shared/api/types'
import { usePeriod } from '@/shared/ui/PeriodSelect'
import { useQuestion } from '@/shared/url/use-question'
import { useAddressValue } from '@/shared/url/use-view'

const usual = '180'

/** The deals that entered each stage in the page's period, and how far ahead they are looked at. */
export function useCohort() {
  const question = useQuestion()
  const period = usePeriod()
  const [horizon = usual, choose] = useAddressValue('horizon')
  const extra = { ...period, horizon }
  return {
    cohort: useAnswer('conversion', question, extra),
    extra,
    period,
    horizon,
    setHorizon: (days: string) => choose(days === usual ? undefined : days),
  }
}

/** Why nothing can be said of a cohort: nobody entered a stage, or it is not told when those who stand there did. */
export function nothingIn(cohort: Answer): 'noneEntered' | 'noSteps' | undefined {
  const rows = cohort.rows as Row[]
  if (rows.some((row) => row.n !== 0)) return undefined
  return rows.some((row) => row.found !== 0) ? 'noSteps' : 'noneEntered'
}
