import { theme as antTheme, type ThemeConfig } from 'antd'
import { createContext, type ReactNode, use, useCallback, useLayoutEffect, useMemo, useState } from 'react'
import { applyPalette, palettes, type ThemeName } from './palette'

const key = 'loudou.theme'

type Choice = { theme: ThemeName; setTheme: (theme: ThemeName) => void }

const ThemeContext = createContext<Choice>({ theme: 'light', setTheme: () => {} })

/** The theme as last chosen here, else as the system has it. */
function remembered(): ThemeName {
  const chosen = localStorage.getItem(key)
  if (chosen === 'light' || chosen === 'dark') return chosen
  return window.matchMedia?.('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export function ThemeProvider({ children }: { children: ReactNode }) {
  const [theme, choose] = useState<ThemeName>(remembered)
  useLayoutEffect(() => applyPalette(theme), [theme])
  const setTheme = useCallback((next: ThemeName) => {
    localStorage.setItem(key, next)
    choose(next)
  }, [])
  const value = useMemo(() => ({ theme, setTheme }), [theme, setTheme])
  return <ThemeContext value={value}>{children}</ThemeContext>
}

export function useTheme(): Choice {
  return use(ThemeContext)
}

/** The fonts of the language that is read: `base.css` names them. */
export const fontFamily = 'var(--font)'

/** The same by their names, for what is drawn and knows no variables. */
export function fontNames(): string {
  return getComputedStyle(document.documentElement).getPropertyValue('--font').trim() || 'sans-serif'
}

/** The component library in our colours; everything else of it stays as it is. */
export function antThemeOf(theme: ThemeName, still: boolean): ThemeConfig {
  const palette = palettes[theme]
  return {
    algorithm: theme === 'dark' ? antTheme.darkAlgorithm : antTheme.defaultAlgorithm,
    token: {
      colorPrimary: theme === 'dark' ? '#5b86ee' : palette.accent,
      colorLink: palette.accent,
      colorInfo: palette.accent,
      colorSuccess: palette['good-text'],
      colorWarning: palette['warn-text'],
      colorError: palette['bad-text'],
      colorBgBase: palette.surface,
      colorBgLayout: palette.page,
      colorBgContainer: palette.surface,
      colorBgElevated: palette.raised,
      colorText: palette.text,
      colorTextSecondary: palette['text-soft'],
      colorTextTertiary: palette['text-faint'],
      colorTextDescription: palette['text-faint'],
      colorTextPlaceholder: palette['text-faint'],
      colorBorder: palette['line-strong'],
      colorBorderSecondary: palette.line,
      borderRadius: 6,
      controlHeight: 32,
      fontFamily,
      fontSize: 14,
      motion: !still,
      motionDurationFast: '0.08s',
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.18s',
    },
    components: {
      Button: { primaryShadow: 'none', defaultShadow: 'none', primaryColor: theme === 'dark' ? '#0b0f14' : '#ffffff' },
      Segmented: { trackBg: palette.sunken, itemSelectedBg: palette.raised },
    },
  }
}
