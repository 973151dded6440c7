import { MoonOutlined, SunOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { setLang, useTexts } from '../i18n/i18n'
import { useTheme } from '../theme/theme'

/** Says the other language in its own words, as those who look for it read it. */
export function LanguageButton() {
  const { t, lang } = useTexts()
  const other = lang === 'zh' ? 'en' : 'zh'
  return (
    <Button type="text" lang={other === 'zh' ? 'zh-CN' : 'en'} onClick={() => setLang(other)}>
      {t('frame.switchLanguage')}
    </Button>
  )
}

export function ThemeButton() {
  const { t } = useTexts()
  const { theme, setTheme } = useTheme()
  const label = theme === 'dark' ? t('frame.light') : t('frame.dark')
  return (
    <Button
      type="text"
      aria-label={label}
      title={label}
      icon={theme === 'dark' ? <SunOutlined /> : <MoonOutlined />}
      onClick={() => setTheme(theme === 'dark' ? 'light' : 'dark')}
    />
  )
}
