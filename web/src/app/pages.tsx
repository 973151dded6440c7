import {
  ClockCircleOutlined,
  DashboardOutlined,
  FlagOutlined,
  FundOutlined,
  FunnelPlotOutlined,
  ImportOutlined,
  SettingOutlined,
  TableOutlined,
  TeamOutlined,
  TrophyOutlined,
} from '@ant-design/icons'
import type { ReactNode } from 'react'
import type { May } from '@/shared/api/types'
import type { Texts } from '@/shared/i18n/zh'

/**
 * Every page behind the sign-in. A module exports its component as `Page`. With `nav` it stands in the rail, for those
 * who `may` use it (one of several rights is enough); without, it is reached from another page.
 */
export type PageEntry = {
  path: string
  load: () => Promise<{ Page: () => ReactNode }>
  may?: May | readonly May[]
  nav?: { name: keyof Texts['pages']; icon: ReactNode }
  /** One of several pages behind one entry of the navigation: tabs above the page lead from one to the other. */
  part?: { of: string; name: keyof Texts['pages'] }
  /** It shows and changes what is kept now, whatever day one looks from. */
  isOfNow?: true
}

/** Whether somebody with these rights may use a page. */
export function mayUse(page: PageEntry, may: readonly string[]): boolean {
  return !page.may || [page.may].flat().some((one) => may.includes(one))
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
    part: { of: '/funnel', name: 'dealFunnel' },
  },
  {
    path: '/customer-funnel',
    load: () => import('@/features/customer-funnel/CustomerFunnelPage'),
    may: 'analyse',
    part: { of: '/funnel', name: 'customerFunnel' },
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
  {
    path: '/deals',
    load: () => import('@/features/deals/DealsPage'),
    may: 'analyse',
    nav: { name: 'deals', icon: <FundOutlined /> },
  },
  { path: '/deals/$id', load: () => import('@/features/deal/DealPage'), may: 'analyse' },
  {
    path: '/customers',
    load: () => import('@/features/customers/CustomersPage'),
    may: 'analyse',
    nav: { name: 'customers', icon: <TeamOutlined /> },
  },
  { path: '/customers/$id', load: () => import('@/features/customer/CustomerPage'), may: 'analyse' },
  {
    path: '/targets',
    load: () => import('@/features/targets/TargetsPage'),
    may: 'analyse',
    nav: { name: 'targets', icon: <FlagOutlined /> },
  },
  {
    path: '/imports',
    load: () => import('@/features/imports/ImportsPage'),
    may: 'import',
    nav: { name: 'data', icon: <ImportOutlined /> },
    part: { of: '/imports', name: 'imports' },
    isOfNow: true,
  },
  // An administrator sets addresses and passwords, whoever imports pulls.
  {
    path: '/data/sources',
    load: () => import('@/features/sources/SourcesPage'),
    may: ['import', 'administer'],
    part: { of: '/imports', name: 'sources' },
    isOfNow: true,
  },
  {
    path: '/data/model',
    load: () => import('@/features/model/ModelPage'),
    may: 'analyse',
    part: { of: '/imports', name: 'model' },
    isOfNow: true,
  },
  {
    path: '/data/quality',
    load: () => import('@/features/quality/QualityPage'),
    may: 'analyse',
    part: { of: '/imports', name: 'quality' },
  },
  {
    path: '/data/duplicates',
    load: () => import('@/features/duplicates/DuplicatesPage'),
    may: 'import',
    part: { of: '/imports', name: 'duplicates' },
    isOfNow: true,
  },
  {
    path: '/settings',
    load: () => import('@/features/settings/SettingsPage'),
    nav: { name: 'settings', icon: <SettingOutlined /> },
    isOfNow: true,
  },
]
