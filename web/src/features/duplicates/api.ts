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
export type Batch = Schemas['BatchBody']
export type MergeAll = Schemas['MergeAllBody']
export type NewMerge = Schemas['NewMergeBody']

export const kinds: readonly Kind[] = ['customers', 'contacts', 'deals']
export const strategies: readonly Strategy[] = ['survivor', 'most_complete', 'newest']
/** Clusters of a page. */
export const pageSize = 10
/** Merges of a page. */
export const mergesPage = 50

export const duplicatesKey = 'duplicates'
export const mergesKey = 'merges'
export const batchesKey = 'merge-batches'

export const findDuplicates = (kind: Kind, minScore: number, skip: number) =>
  ok(api.GET('/api/v1/duplicates', { params: { query: { kind, min_score: minScore, limit: pageSize, skip } } }))

/** Has the server look; null where it answers at once. */
export const lookForDuplicates = async (kind: Kind, minScore: number) =>
  (await ok(api.POST('/api/v1/duplicates/look', { body: { kind, min_score: minScore } }))).job ?? null

/** What merging everything did, or would do. */
export type MergedAll = { found: string; clusters: number; merged: number; left: number; batch: number | null }

export const mergeAll = async (body: MergeAll) => (await ok(api.POST('/api/v1/merges/all', { body }))).job

export const listBatches = () => ok(api.GET('/api/v1/merges/batches', { params: { query: { limit: mergesPage } } }))

export const undoBatch = async (id: number) =>
  (await ok(api.POST('/api/v1/merges/batches/{id}/undo', { params: { path: { id } } }))).job

export const merge = (body: NewMerge) =>
  ok(api.POST('/api/v1/merges', { params: { header: { 'Idempotency-Key': newKey() } }, body }))

export const keepApart = (kind: Kind, records: number[]) =>
  ok(api.POST('/api/v1/duplicates/apart', { body: { kind, records } }))

export const listMerges = (before?: number) =>
  ok(api.GET('/api/v1/merges', { params: { query: { limit: mergesPage, before } } }))

export const undoMerge = (id: number) => ok(api.POST('/api/v1/merges/{id}/undo', { params: { path: { id } } }))
