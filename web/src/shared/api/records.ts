/** Records of the server: deals, customers, targets, and what happened to them. Shapes are generated: `npm run api`. */
import { api, ok } from './client'
import type { components } from './schema'

type Schemas = components['schemas']

export type DealRow = Schemas['DealBody']
export type DealsPage = Schemas['DealsBody']
/** A code that explains a move, with what has to be told beside it. */
export type Reason = Schemas['ReasonBody']
export type DealPage = Schemas['DealPageBody']
export type Field = Schemas['FieldBody']
export type PathStage = Schemas['PathStageBody']
/** Something that the gate of a stage asks for and that is missing. */
export type Need = Schemas['NeedBody']
export type TimelinePage = Schemas['TimelineBody']
export type TimelineItem = Schemas['TimelineItemBody']
export type CustomerRow = Schemas['CustomerBody']
export type CustomersPage = Schemas['CustomersBody']
export type CustomerPage = Schemas['CustomerPageBody']
export type Contact = Schemas['ContactBody']
export type Target = Schemas['TargetBody']
export type Facet = Schemas['FacetBody']
export type Named = Schemas['MemberBody']

/** Values by field name, as they are sent. */
export type Values = Record<string, unknown>

/** The version that an edit is made on, as a header. */
export function onVersion(version: number) {
  return { 'If-Match': `"${version}"` }
}

/** A key of one's own for a request that makes something: sent again it makes nothing more. */
export function newKey(): string {
  return globalThis.crypto.randomUUID?.() ?? Array.from(globalThis.crypto.getRandomValues(new Uint32Array(4))).join('-')
}

export const recordsKeys = {
  deals: 'opportunities',
  deal: (id: number) => ['opportunity', id] as const,
  customers: 'customers',
  customer: (id: number) => ['customer', id] as const,
  targets: 'targets',
  /** What forms offer. */
  choices: 'choices',
}

export function patchDeal(id: number, version: number, values: Values) {
  return ok(
    api.PATCH('/api/v1/opportunities/{id}', {
      params: { path: { id }, header: onVersion(version) },
      body: values as never,
    }),
  ) as Promise<DealPage | undefined>
}

export function patchCustomer(id: number, version: number, values: Values) {
  return ok(
    api.PATCH('/api/v1/customers/{id}', {
      params: { path: { id }, header: onVersion(version) },
      body: values as never,
    }),
  ) as Promise<CustomerPage | undefined>
}

export function patchContact(id: number, version: number, values: Values) {
  return ok(
    api.PATCH('/api/v1/contacts/{id}', {
      params: { path: { id }, header: onVersion(version) },
      body: values as never,
    }),
  ) as Promise<Contact | undefined>
}
