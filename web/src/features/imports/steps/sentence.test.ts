import { expect, it } from 'vitest'
import { i18n, type Lang } from '@/shared/i18n/i18n'
import { sentence, titleOf } from './sentence'
import { blank, forms, groups, isKind, type Kind, type Step } from './step'

const words = (lang: Lang) => ({ t: i18n.getFixedT(lang), lang }) as unknown as Parameters<typeof sentence>[1]

it('says in both languages what a step does', () => {
  const said: [Step, string, string][] = [
    [
      { do: 'filter', where: `"Region" is distinct from 'Total'` },
      `保留 Region ≠ 'Total' 的行`,
      `Keep rows where Region ≠ 'Total'`,
    ],
    [
      { do: 'filter', where: `"A" >= 5 and contains("B", 'x')` },
      `保留 A ≥ 5 且 B 包含 'x' 的行`,
      `Keep rows where A ≥ 5 and B contains 'x'`,
    ],
    [{ do: 'filter', where: 'length("A") > 3' }, '保留 length("A") > 3 的行', 'Keep rows where length("A") > 3'],
    [{ do: 'type', columns: { 金额: 'number' } }, '金额 读作数字', 'Read 金额 as number'],
    [
      { do: 'type', columns: { A: 'number', B: 'date', C: 'number' } },
      'A、C 读作数字，B 读作日期',
      'Read A, C as number, B as date',
    ],
    [{ do: 'trim' }, '所有文字列 去掉多余空格', 'Trim spaces in all texts'],
    [{ do: 'drop', columns: ['A', 'B', 'C', 'D', 'E'] }, '删除列 A、B、C、D 等', 'Drop columns A, B, C, D …'],
    [{ do: 'rename', columns: { A: 'B' } }, '重命名：A → B', 'Rename A → B'],
    [{ do: 'map', column: 'A', values: { x: '' } }, 'A 替换取值：x → 空', 'In A, put x → nothing'],
    [{ do: 'sort', by: ['-A', 'B'] }, '按 A ↓、B ↑ 排序', 'Sort by A ↓, B ↑'],
    [{ do: 'dedupe', by: ['Id'], keep: 'last' }, 'Id 相同的行只留最后一个', 'Of rows that agree in Id, keep the last'],
    [{ do: 'join', with: 'regions', on: { R: 'Code' } }, '关联表 regions，R = Code', 'Join regions where R = Code'],
    [
      { do: 'group', by: ['A'], take: { n: 'count(*)', s: 'sum("B")' } },
      '按 A 汇总 n (行数)、s (B, 求和)',
      'For each A, sum up n (number of rows), s (B, sum)',
    ],
  ]
  for (const [step, zh, en] of said)
    expect([sentence(step, words('zh')), sentence(step, words('en'))]).toEqual([zh, en])
})

it('every kind has a place in the menu, a form and a sentence', () => {
  const kinds = Object.values(groups).flat() as Kind[]
  expect(kinds.toSorted()).toEqual(Object.keys(forms).toSorted())
  for (const kind of kinds) {
    expect(isKind(kind)).toBe(true)
    for (const lang of ['zh', 'en'] as const) {
      const text = sentence(blank(kind, 'A'), words(lang))
      expect(text, kind).not.toMatch(/studio\.|\{\{|undefined/)
    }
  }
})

it('a name goes before the sentence, and the kind stands for what is not filled in yet', () => {
  const step: Step = { do: 'drop', columns: [] }
  expect(titleOf(step, false, words('en'))).toBe('Drop columns')
  expect(titleOf({ ...step, name: 'Notes out' }, false, words('en'))).toBe('Notes out')
})
