/** Between a source's definition, as the server keeps it, and the fields of its form. */
import type { Definition, Source } from './api'

export const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
export type When = {
  mode: 'none' | 'minutes' | 'hourly' | 'daily' | 'weekly'
  minutes: number
  at: string
  day: (typeof weekdays)[number]
}

export type Kind = 'files' | 'sql' | 'http'
export type Sql = NonNullable<Definition['sql']>
export type Paging = NonNullable<NonNullable<Definition['http']>['paging']>
export type MarkType = NonNullable<NonNullable<Definition['incremental']>['updated_type']>

/** The fields of the form, all of them, whichever kind is chosen. */
export type Fields = {
  name: string
  kind: Kind
  path: string
  names: string
  together: boolean
  engine: Sql['engine']
  host: string
  port: number | null
  database: string
  user: string
  tls: NonNullable<Sql['tls']>
  query: string
  url: string
  list: string
  tokenHeader: string
  tokenPrefix: string
  plain: boolean
  params: string
  sinceParam: string
  paging: NonNullable<Paging['by']>
  pageParam: string
  pageAt: string
  sizeParam: string
  size: number
  incremental: boolean
  key: string
  updated: string
  updatedType: MarkType
  when: When
  skip: boolean
}

export const blank: Fields = {
  name: '',
  kind: 'files',
  path: '.',
  names: '',
  together: false,
  engine: 'postgres',
  host: '',
  port: null,
  database: '',
  user: '',
  tls: 'verify',
  query: '',
  url: '',
  list: '',
  tokenHeader: 'Authorization',
  tokenPrefix: 'Bearer ',
  plain: false,
  params: '',
  sinceParam: '',
  paging: 'none',
  pageParam: '',
  pageAt: '',
  sizeParam: '',
  size: 100,
  incremental: false,
  key: '',
  updated: '',
  updatedType: 'time',
  when: { mode: 'none', minutes: 15, at: '06:30', day: 'Mon' },
  skip: false,
}

export function fieldsOf(source: Source): Fields {
  const { files, sql, http, incremental } = source.definition
  const params = Object.entries(http?.params ?? {})
  // One parameter has a field of its own; further ones stay among the others.
  const sinceParam = params.find(([, value]) => value === ':since')?.[0] ?? ''
  return {
    ...blank,
    name: source.name,
    kind: source.kind as Kind,
    path: files?.path ?? blank.path,
    names: files?.names === '*' ? '' : (files?.names ?? ''),
    together: files?.together ?? false,
    engine: sql?.engine ?? blank.engine,
    host: sql?.host ?? '',
    port: sql?.port ?? null,
    database: sql?.database ?? '',
    user: sql?.user ?? '',
    tls: sql?.tls ?? blank.tls,
    query: sql?.query ?? '',
    url: http?.url ?? '',
    list: http?.list ?? '',
    tokenHeader: http?.token_header ?? blank.tokenHeader,
    tokenPrefix: http?.token_prefix ?? blank.tokenPrefix,
    plain: http?.plain ?? false,
    params: params.flatMap(([name, value]) => (name === sinceParam ? [] : [`${name}=${value}`])).join('\n'),
    sinceParam,
    paging: http?.paging?.by ?? 'none',
    pageParam: http?.paging?.param ?? '',
    pageAt: http?.paging?.at ?? '',
    sizeParam: http?.paging?.size_param ?? '',
    size: http?.paging?.size ?? blank.size,
    incremental: Boolean(incremental?.key ?? incremental?.updated),
    key: incremental?.key ?? '',
    updated: incremental?.updated ?? '',
    updatedType: incremental?.updated_type ?? 'time',
    when: whenOf(source.schedule ?? null),
    skip: source.skip_rejected,
  }
}

/** The definition that the fields say; what has no field stays as it was `before`. */
export function definitionOf(fields: Fields, before: Definition = {}): Definition {
  const limits = before.limits ? { limits: before.limits } : {}
  if (fields.kind === 'files') {
    return { files: { path: fields.path, names: fields.names || '*', together: fields.together }, ...limits }
  }
  const incremental = fields.incremental
    ? {
        incremental: {
          ...before.incremental,
          key: fields.key || null,
          updated: fields.updated || null,
          updated_type: fields.updatedType,
        },
      }
    : {}
  if (fields.kind === 'sql') {
    const { engine, database, query } = fields
    const table = before.sql?.table ? { table: before.sql.table } : {}
    const { host, port, user, tls } = fields
    const server = engine === 'sqlite' ? {} : { host, user, tls, ...(port ? { port } : {}) }
    return { sql: { engine, database, query, ...server, ...table }, ...incremental, ...limits }
  }
  return { http: httpOf(fields, before.http ?? null), ...incremental, ...limits }
}

function httpOf(fields: Fields, before: NonNullable<Definition['http']> | null): NonNullable<Definition['http']> {
  const lines = fields.params.split('\n').map((line) => line.trim())
  const params = Object.fromEntries(
    lines.flatMap((line) => {
      const at = line.indexOf('=')
      return at > 0 ? [[line.slice(0, at).trim(), line.slice(at + 1).trim()]] : []
    }),
  )
  return {
    ...before,
    url: fields.url,
    list: fields.list,
    params: { ...params, ...(fields.incremental && fields.sinceParam ? { [fields.sinceParam]: ':since' } : {}) },
    token_header: fields.tokenHeader || blank.tokenHeader,
    token_prefix: fields.tokenPrefix,
    plain: fields.plain,
    paging: {
      ...before?.paging,
      by: fields.paging,
      param: fields.pageParam,
      at: fields.pageAt,
      size_param: fields.sizeParam,
      size: fields.size,
    },
  }
}

/** The words that the server reads a schedule from; nothing for none. */
export function scheduleOf({ mode, minutes, at, day }: When): string | null {
  if (mode === 'none') return null
  if (mode === 'minutes') return `every ${minutes} minutes`
  if (mode === 'hourly') return 'hourly'
  return mode === 'daily' ? `daily ${at}` : `weekly ${day} ${at}`
}

export function whenOf(schedule: string | null): When {
  const words = schedule?.split(' ') ?? []
  const [mode = '', second = '', third = ''] = words
  if (mode === 'every') {
    const minutes = Number(second) * (third.startsWith('hour') ? 60 : 1)
    return { ...blank.when, mode: 'minutes', minutes }
  }
  if (mode === 'hourly') return { ...blank.when, mode: 'hourly' }
  if (mode === 'daily') return { ...blank.when, mode: 'daily', at: second }
  if (mode === 'weekly') return { ...blank.when, mode: 'weekly', day: second as When['day'], at: third }
  return blank.when
}
