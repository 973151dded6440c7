import { count } from '../format/format'
import { useTexts } from '../i18n/i18n'
import type { Fault, Range } from './figures'

/** What is wrong with figures that were typed, in words. */
export function useFaultWords(): (fault: Fault, range: Range, kind: 'money' | 'share' | 'number') => string {
  const { t, lang } = useTexts()
  return (fault, { places, bare = places, most }, kind) => {
    switch (fault) {
      case 'comma':
        return t('record.fault.comma')
      case 'decimals':
        return bare === 0 ? t('record.fault.whole') : t('record.fault.decimals', { n: bare })
      case 'negative':
        return t(kind === 'money' ? 'record.fault.negativeAmount' : 'record.fault.negative')
      case 'tooLarge':
        return most === undefined
          ? t('record.fault.tooLarge')
          : t('record.fault.atMost', { most: kind === 'share' ? '100 %' : count(most / 10 ** bare, lang) })
      default:
        return t('record.fault.noNumber')
    }
  }
}
