import type { useTexts } from '../i18n/i18n'

/** The demo company's own import has a key and no name. */
const demoKey = 'demo'

/** What the profile of an import is called. */
export function profileName(profile: string, t: ReturnType<typeof useTexts>['t']): string {
  return profile === demoKey ? t('imports.demoCompany') : profile
}
