/** What the pages of sources ask of the server. Shapes are generated: `npm run api`. */
import { api, ok } from '@/shared/api/client'
import { newKey, onVersion } from '@/shared/api/records'
import type { components } from '@/shared/api/schema'

type Schemas = components['schemas']

export type Source = Schemas['SourceBody']
export type Definition = Schemas['SourceDefinition']
export type Run = Schemas['SourceRunBody']
export type FirstRows = Schemas['FirstRowsBody']
export type NewSource = Schemas['NewSourceBody']
export type Change = Schemas['SourceChangeBody']

export const sourcesKey = ['sources']

const path = (id: number) => ({ path: { id } })

export const listSources = () => ok(api.GET('/api/v1/sources'))

export const addSource = (body: NewSource, key: string) =>
  ok(api.POST('/api/v1/sources', { params: { header: { 'Idempotency-Key': key } }, body }))

export const changeSource = ({ id, version }: Pick<Source, 'id' | 'version'>, body: Change) =>
  ok(api.PATCH('/api/v1/sources/{id}', { params: { ...path(id), header: onVersion(version) }, body }))

export const removeSource = ({ id, version }: Pick<Source, 'id' | 'version'>) =>
  ok(api.DELETE('/api/v1/sources/{id}', { params: { ...path(id), header: onVersion(version) } }))

export const setSecret = (id: number, secret: string) =>
  ok(api.PUT('/api/v1/sources/{id}/secret', { params: path(id), body: { secret } }))

export const removeSecret = (id: number) => ok(api.DELETE('/api/v1/sources/{id}/secret', { params: path(id) }))

export const testSource = (id: number) => ok(api.POST('/api/v1/sources/{id}/test', { params: path(id) }))

export const startOver = (id: number) => ok(api.POST('/api/v1/sources/{id}/start-over', { params: path(id) }))

export const runsOf = (id: number) => ok(api.GET('/api/v1/sources/{id}/runs', { params: path(id) }))

const once = (id: number) => ({ ...path(id), header: { 'Idempotency-Key': newKey() } })

export const pullSource = (id: number) => ok(api.POST('/api/v1/sources/{id}/pull', { params: once(id) }))

export const runSource = (id: number) => ok(api.POST('/api/v1/sources/{id}/run', { params: once(id) }))
