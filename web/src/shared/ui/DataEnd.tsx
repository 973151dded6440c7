import { useMeta } from '../api/queries'
import { date } from '../format/dates'
import { useTexts } from '../i18n/i18n'
import { lastTold, useAsOf, useProcess } from '../url/use-question'
import { useSetAddress } from '../url/use-view'
import { HintLine } from './Notice'

/** Says that nothing was told of a process for long before the day one looks from, and offers its last day. */
export function DataEnd() {
  const { t, lang } = useTexts()
  const { processes } = useMeta()
  const process = useProcess()
  const { asOf } = useAsOf()
  const setAddress = useSetAddress()
  const last = process && lastTold(processes, process.key, asOf)
  if (!last) return null
  return (
    <HintLine
      text={t('empty.dataEnd', { day: date(last, lang) })}
      action={t('empty.lookThere')}
      onAction={() => void setAddress({ as_of: last })}
    />
  )
}
