import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { App as AntApp, ConfigProvider } from 'antd'
import enUS from 'antd/locale/en_US'
import zhCN from 'antd/locale/zh_CN'
import { I18nextProvider } from 'react-i18next'
import { i18n, useLang } from '@/shared/i18n/i18n'
import { antThemeOf, ThemeProvider, useTheme } from '@/shared/theme/theme'
import { useReducedMotion } from '@/shared/ui/use-media'
import { queryClient, router } from './router'

export function App() {
  return (
    <I18nextProvider i18n={i18n}>
      <ThemeProvider>
        <QueryClientProvider client={queryClient}>
          <Dressed />
        </QueryClientProvider>
      </ThemeProvider>
    </I18nextProvider>
  )
}

/** The component library in the current theme and language. */
function Dressed() {
  const lang = useLang()
  const { theme } = useTheme()
  const still = useReducedMotion()
  return (
    <ConfigProvider
      theme={antThemeOf(theme, still)}
      locale={lang === 'zh' ? zhCN : enUS}
      wave={{ disabled: true }}
      button={{ autoInsertSpace: false }}
    >
      <AntApp component={false}>
        <RouterProvider router={router} />
      </AntApp>
    </ConfigProvider>
  )
}
