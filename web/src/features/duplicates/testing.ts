/** A group of three customers, for tests. */
import type { Field } from '@/shared/api/records'
import type { Cluster } from './api'

function field(id: number, name: string, value: unknown, type = 'text'): Field {
  const words = {
    name: ['名称', 'Name'],
    grade: ['等级', 'Grade'],
    domain: ['网站', 'Domain'],
    aliases: ['别名', 'Aliases'],
  }
  const [zh = name, en = name] = words[name as 'name'] ?? []
  return { id, name, label: { zh, en }, type, value, erased: false, editable: false } as Field
}

const record = (id: number, fields: Field[]) => ({
  id,
  name: String(fields[0]?.value),
  version: id * 10,
  changed_at: '2026-11-02T01:00:00Z',
  currency: null,
  decimals: null,
  fields,
})

export const cluster: Cluster = {
  score: 0.91,
  survivor: 2,
  records: [
    record(1, [field(100, 'name', 'Acme Inc.'), field(106, 'grade', 'B')]),
    record(2, [field(100, 'name', 'Acme'), field(106, 'grade', 'A'), field(112, 'domain', 'acme.cn')]),
    record(3, [field(100, 'name', 'Acme'), field(101, 'aliases', ['AC'], 'texts'), field(112, 'domain', 'acme.cn')]),
  ],
  pairs: [
    { a: 1, b: 2, score: 0.91, agrees: [{ why: 'name', likeness: 1 }], differs: ['phone'] },
    {
      a: 2,
      b: 3,
      score: 0.97,
      agrees: [
        { why: 'name', likeness: 0.94 },
        { why: 'site', likeness: 1 },
      ],
      differs: [],
    },
  ],
}
