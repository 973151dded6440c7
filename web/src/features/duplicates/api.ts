/** What the page of duplicates asks of the server. Shapes are generated: `npm run api`. */
import { api, ok } from '@/shared/api/client'
import { newKey } from '@/shared/api/records'
import type { components } from '@/shared/api/schema'

type Schemas = components['schemas']

export type Kind = Schemas['Kinds']
export type Strategy = Schemas['StrategyBody']
export type Found = Schemas['DuplicatesBody']
export type Cluster = Schemas['ClusterBody']
export type DuplicateRecord = Schemas['DuplicateRecordBody']
export type Pair = Schemas['PairBody']
export type Merge = Schemas['MergeBody']
export type Unmerged = Schemas['UnmergedBody']
export type NewMerge = Schemas['NewMergeBody']

export const kinds: readonly Kind[] = ['customers', 'contacts', 'deals']
export const strategies: readonly Strategy[] = ['survivor', 'most_complete', 'newest']
/** Clusters of a page. */
export const pageSize = 10
/** Merges of a page. */
export const mergesPage = 50

export const duplicatesKey = 'duplicates'
export const mergesKey = 'merges'

export const findDuplicates = (kind: Kind, minScore: number, skip: number) =>
  ok(api.GET('/api/v1/duplicates', { params: { query: { kind, min_score: minScore, limit: pageSize, skip } } }))

export const merge = (body: NewMerge) =>
  ok(api.POST('/api/v1/merges', { params: { header: { 'Idempotency-Key': newKey() } }, body }))

export const keepApart = (kind: Kind, records: number[]) =>
  ok(api.POST('/api/v1/duplicates/apart', { body: { kind, records } }))

export const listMerges = (before?: number) =>
  ok(api.GET('/api/v1/merges', { params: { query: { limit: mergesPage, before } } }))

export const undoMerge = (id: number) => ok(api.POST('/api/v1/merges/{id}/undo', { params: { path: { id } } }))
