import { renderHook } from '@testing-library/react'
import { beforeEach, expect, it, vi } from 'vitest'
import { i18n } from '../i18n/i18n'
import type { View } from '../url/search'
import { usePlainTerms } from './plain-terms'

const address = vi.hoisted(() => ({ view: {} as View }))
const region = { key: 'region', label: { zh: '区域', en: 'Region' } }
vi.mock('../api/queries', () => ({
  useMeta: () => ({ processes: [], dimensions: [region] }),
  useSession: () => ({ scopes: [] }),
}))
vi.mock('../url/use-view', () => ({ useView: () => address.view }))
vi.mock('../records/use-member-name', () => ({ useMemberName: () => (_: string, value: string) => value }))

beforeEach(() => i18n.changeLanguage('en'))

const only = { key: 'only', label: { zh: '筛选', en: 'only' }, value: { zh: 'region：East', en: 'region:East' } }

it.each<[View, string]>([
  [{ f: ['region:East', 'region:'] }, 'Region = East; Region = not recorded'],
  [{}, 'region:East'],
])('in the view %j the filters read %s', (view, text) => {
  address.view = view
  const terms = { term_list: [only] }
  const { list } = renderHook(() => usePlainTerms(terms)).result.current
  expect(list).toEqual([{ key: 'only', label: 'Filters', value: text }])
})
