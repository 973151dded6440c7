import { describe, expect, it } from 'vitest'
import type { Definition, Source } from './api'
import { blank, definitionOf, fieldsOf, scheduleOf, whenOf } from './definition'

const source = (kind: string, definition: Definition): Source => ({
  id: 1,
  name: 'CRM',
  kind,
  place: '',
  definition,
  takes_secret: true,
  has_secret: false,
  columns: [],
  skip_rejected: true,
  is_running: false,
  version: 1,
  schedule: 'weekly Fri 18:00',
})

describe('a definition', () => {
  it('comes out of its form as it went in, with what the form does not show', () => {
    const definitions: [string, Definition][] = [
      [
        'files',
        { files: { path: 'inbox', names: '*.csv', together: true }, limits: { rows: 5, bytes: 6, seconds: 7 } },
      ],
      [
        'sql',
        {
          sql: {
            engine: 'mysql',
            host: 'h',
            port: 3307,
            database: 'd',
            user: 'u',
            tls: 'require',
            query: 'select 1',
            table: 't',
          },
          incremental: { key: 'id', key_type: 'number', updated: 'at', updated_type: 'number', overlap: 9 },
        },
      ],
      ['sql', { sql: { engine: 'sqlite', database: 'crm.db', query: 'select 1' } }],
      [
        'http',
        {
          http: {
            url: 'https://a/b',
            list: 'data',
            params: { a: 'b=c', changed: ':since', created: ':since', id: ':after' },
            headers: { 'X-Team': 'sales' },
            token_header: 'X-Key',
            token_prefix: '',
            plain: false,
            paging: { by: 'cursor', param: 'c', first: 1, at: 'next', size_param: 'n', size: 50, most: 10 },
            columns: ['x'],
          },
          incremental: { key: 'id', key_type: 'text', updated: 'at', updated_type: 'time', overlap: 300 },
        },
      ],
    ]
    for (const [kind, definition] of definitions) {
      const fields = fieldsOf(source(kind, definition))
      expect(definitionOf(fields, definition)).toEqual(definition)
      expect([fields.name, fields.skip, fields.when.day]).toEqual(['CRM', true, 'Fri'])
    }
  })

  it('says only what its kind has', () => {
    const sqlite = { ...blank, kind: 'sql' as const, engine: 'sqlite' as const, host: 'h', database: 'x', query: 'q' }
    expect(definitionOf(sqlite)).toEqual({ sql: { engine: 'sqlite', database: 'x', query: 'q' } })
    expect(definitionOf(blank)).toEqual({ files: { path: '.', names: '*', together: false } })
    const http = { ...blank, kind: 'http' as const, url: 'https://a', sinceParam: 's' }
    expect(definitionOf(http).http?.params).toEqual({})
    expect(definitionOf({ ...http, incremental: true, updated: 'at' }).http?.params).toEqual({ s: ':since' })
  })
})

describe('a schedule', () => {
  it('is told in the words that the server reads', () => {
    for (const words of [null, 'every 15 minutes', 'hourly', 'daily 06:30', 'weekly Mon 06:30']) {
      expect(scheduleOf(whenOf(words))).toBe(words)
    }
    expect(scheduleOf(whenOf('every 2 hours'))).toBe('every 120 minutes')
  })
})
