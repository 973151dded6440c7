import { useMeta } from '../api/queries'
import { instant } from '../format/dates'
import { useLang } from '../i18n/i18n'

/** Writes a moment as it was on the organisation's clocks: wherever one sits, one event has one time. */
export function useInstant(): (text: string) => string {
  const lang = useLang()
  const { zone } = useMeta().organisation
  return (text) => instant(text, lang, zone)
}
