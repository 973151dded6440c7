import { DownOutlined } from '@ant-design/icons'
import { Dropdown } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import { type Condition, conditionSql } from './condition'
import type { Table } from './diff'
import { dateWritings, hasDecimalComma } from './guess'
import { blank, type Step } from './step'
import own from './Studio.module.css'
import { valuesIn } from './view'

/** A step for a column in sight: one that is whole needs no form; of a condition the form begins with what is known. */
export type Quick = (step: Step, isWhole: boolean, begin?: Condition) => void

type Props = { column: string; table: Table | null; onQuick: Quick; onSpellings: (column: string) => void }

/** Values that a form begins with. */
const mostMapped = 20

/** What is often done to a column, where it stands. */
export function HeadMenu({ column, table, onQuick, onSpellings }: Props) {
  const { t } = useTexts()
  const values = valuesIn(table, column)
  const one = (key: keyof typeof actions, label: string) => ({ key, label })
  const actions = {
    rename: () => onQuick({ do: 'rename', columns: { [column]: `${column} 2` } }, false),
    number: () => {
      const comma = hasDecimalComma(values) ? { decimal_comma: true } : {}
      onQuick({ do: 'type', columns: { [column]: 'number' }, ...comma }, true)
    },
    date: () => {
      const dates = dateWritings(values)
      onQuick({ do: 'type', columns: { [column]: 'date' }, ...(dates.length ? { dates } : {}) }, false)
    },
    trim: () => onQuick(blank('trim', column), true),
    width: () => onQuick(blank('width', column), true),
    fill: () => onQuick(blank('fill', column), false),
    only: () => onQuick(blank('filter'), false, { column, is: 'in', values: [] }),
    without: () => onQuick(blank('filter'), false, { column, is: 'not-in', values: [] }),
    filled: () => onQuick({ do: 'filter', where: conditionSql({ column, is: 'filled', values: [] }) }, true),
    split: () => onQuick(blank('split', column), false),
    map: () =>
      onQuick(
        { do: 'map', column, values: Object.fromEntries(values.slice(0, mostMapped).map((value) => [value, value])) },
        false,
      ),
    spellings: () => onSpellings(column),
    drop: () => onQuick(blank('drop', column), true),
  }
  const items = [
    one('rename', t('studio.quick.rename')),
    one('number', t('studio.quick.number')),
    one('date', t('studio.quick.date')),
    one('trim', t('studio.quick.trim')),
    one('width', t('studio.quick.width')),
    one('fill', t('studio.quick.fill')),
    one('only', t('studio.quick.only')),
    one('without', t('studio.quick.without')),
    one('filled', t('studio.quick.filled')),
    one('split', t('studio.quick.split')),
    one('map', t('studio.quick.map')),
    one('spellings', t('studio.quick.spellings')),
    one('drop', t('studio.quick.drop')),
  ]
  return (
    <Dropdown trigger={['click']} menu={{ items, onClick: ({ key }) => actions[key as keyof typeof actions]() }}>
      <button type="button" className={own.head} aria-label={t('studio.head', { name: column })}>
        {column} <DownOutlined aria-hidden="true" />
      </button>
    </Dropdown>
  )
}
