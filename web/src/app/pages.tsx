import {
  ClockCircleOutlined,
  DashboardOutlined,
  FunnelPlotOutlined,
  TableOutlined,
  TrophyOutlined,
} from '@ant-design/icons'
import type { ReactNode } from 'react'
import type { May } from '@/shared/api/types'
import type { Texts } from '@/shared/i18n/zh'

/**
 * Every page behind the sign-in. A module exports its component as `Page`. With `nav` it stands in the rail, for those
 * who `may` use it; without, it is reached from another page.
 */
export type PageEntry = {
  path: string
  load: () => Promise<{ Page: () => ReactNode }>
  may?: May
  nav?: { name: keyof Texts['pages']; icon: ReactNode }
}

export const pages: readonly PageEntry[] = [
  {
    path: '/',
    load: () => import('@/features/analyser/AnalyserPage'),
    may: 'analyse',
    nav: { name: 'analyser', icon: <DashboardOutlined /> },
  },
  {
    path: '/funnel',
    load: () => import('@/features/funnel/FunnelPage'),
    may: 'analyse',
    nav: { name: 'funnel', icon: <FunnelPlotOutlined /> },
  },
  {
    path: '/win-rate',
    load: () => import('@/features/win-rate/WinRatePage'),
    may: 'analyse',
    nav: { name: 'winRate', icon: <TrophyOutlined /> },
  },
  {
    path: '/dwell',
    load: () => import('@/features/dwell/DwellPage'),
    may: 'analyse',
    nav: { name: 'dwell', icon: <ClockCircleOutlined /> },
  },
  {
    path: '/pivot',
    load: () => import('@/features/pivot/PivotPage'),
    may: 'analyse',
    nav: { name: 'pivot', icon: <TableOutlined /> },
  },
]
