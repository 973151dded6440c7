import i18next from 'i18next'
import { useCallback } from 'react'
import { initReactI18next, useTranslation } from 'react-i18next'
import { en } from './en'
import { singularEn } from './singular.en'
import { zh } from './zh'

export type Lang = 'zh' | 'en'

/** A word of the server's, in both languages. */
export type Label = { zh: string; en: string }

const key = 'loudou.lang'

function remembered(): Lang {
  const chosen = localStorage.getItem(key)
  if (chosen === 'zh' || chosen === 'en') return chosen
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof zh }
    returnNull: false
  }
}

export const i18n = i18next.createInstance()

void i18n.use(initReactI18next).init({
  lng: remembered(),
  fallbackLng: false,
  resources: { zh: { translation: zh }, en: { translation: structuredClone(en) } },
  interpolation: { escapeValue: false },
  initAsync: false,
})
// It is laid over the texts in place, hence the copy above.
i18n.addResourceBundle('en', 'translation', singularEn, true)

function tell(lang: string) {
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en'
}
tell(i18n.language)
i18n.on('languageChanged', tell)

export function setLang(lang: Lang): void {
  localStorage.setItem(key, lang)
  void i18n.changeLanguage(lang)
}

export function useLang(): Lang {
  const { i18n: current } = useTranslation()
  return current.language === 'zh' ? 'zh' : 'en'
}

/** Texts of the interface, and the server's two-language labels in the current one. */
export function useTexts() {
  const { t } = useTranslation()
  const lang = useLang()
  const say = useCallback((label: Label | null | undefined) => label?.[lang] ?? '', [lang])
  return { t, lang, say }
}
