import { DownOutlined } from '@ant-design/icons'
import { Dropdown } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import { conditionSql } from './condition'
import type { Table } from './diff'
import { blank, type Step } from './step'
import own from './Studio.module.css'
import { valuesIn } from './view'

type Props = { column: string; table: Table | null; onQuick: (step: Step, isWhole: boolean) => void }

/** Values of a menu: more are found in the form. */
const most = 12
/** Values that a form begins with. */
const mostMapped = 20

/** What is often done to a column, where it stands. */
export function HeadMenu({ column, table, onQuick }: Props) {
  const { t } = useTexts()
  const values = valuesIn(table, column)
  const one = (key: keyof typeof actions, label: string) => ({ key, label })
  const actions = {
    rename: () => onQuick({ do: 'rename', columns: { [column]: `${column} 2` } }, false),
    number: () => onQuick({ do: 'type', columns: { [column]: 'number' } }, true),
    date: () => onQuick({ do: 'type', columns: { [column]: 'date' } }, false),
    trim: () => onQuick(blank('trim', column), true),
    width: () => onQuick(blank('width', column), true),
    fill: () => onQuick(blank('fill', column), false),
    filled: () => onQuick({ do: 'filter', where: conditionSql({ column, is: 'filled', values: [] }) }, true),
    split: () => onQuick(blank('split', column), false),
    map: () =>
      onQuick(
        { do: 'map', column, values: Object.fromEntries(values.slice(0, mostMapped).map((value) => [value, value])) },
        false,
      ),
    drop: () => onQuick(blank('drop', column), true),
  }
  const ofValue = (is: 'eq' | 'ne') => values.slice(0, most).map((value, at) => ({ key: `${is}${at}`, label: value }))
  const filter = (key: string) => {
    const is = key.slice(0, 2) === 'eq' ? 'eq' : 'ne'
    onQuick({ do: 'filter', where: conditionSql({ column, is, values: [values[Number(key.slice(2))] ?? ''] }) }, true)
  }
  const items = [
    one('rename', t('studio.quick.rename')),
    one('number', t('studio.quick.number')),
    one('date', t('studio.quick.date')),
    one('trim', t('studio.quick.trim')),
    one('width', t('studio.quick.width')),
    one('fill', t('studio.quick.fill')),
    ...(values.length
      ? [
          { key: 'only', label: t('studio.quick.only'), children: ofValue('eq') },
          { key: 'without', label: t('studio.quick.without'), children: ofValue('ne') },
        ]
      : []),
    one('filled', t('studio.quick.filled')),
    one('split', t('studio.quick.split')),
    one('map', t('studio.quick.map')),
    one('drop', t('studio.quick.drop')),
  ]
  const act = (key: string) => {
    if (Object.hasOwn(actions, key)) actions[key as keyof typeof actions]()
    else filter(key)
  }
  return (
    <Dropdown trigger={['click']} menu={{ items, onClick: ({ key }) => act(key) }}>
      <button type="button" className={own.head} aria-label={t('studio.head', { name: column })}>
        {column} <DownOutlined aria-hidden="true" />
      </button>
    </Dropdown>
  )
}
