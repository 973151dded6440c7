import { Link } from '@tanstack/react-router'
import { Checkbox, Radio } from 'antd'
import { undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { useValueNames } from '@/shared/records/use-value-names'
import { valueText } from '@/shared/records/values'
import { Scroller } from '@/shared/ui/Scroller'
import { useInstant } from '@/shared/url/use-instant'
import { useView } from '@/shared/url/use-view'
import type { Cluster, DuplicateRecord, Kind } from './api'
import { type Choice, type CompareRow, compareRows } from './compare'
import styles from './Duplicates.module.css'

type Props = { kind: Kind; cluster: Cluster; choice: Choice; onChoose: (choice: Choice) => void }

/** Records side by side: which one stays, which are left out, and for what differs whose value stands. */
export function CompareTable({ kind, cluster, choice, onChoose }: Props) {
  const { t, say } = useTexts()
  const rows = compareRows(cluster.records)
  return (
    <Scroller>
      <table className={styles.compare}>
        <thead>
          <tr>
            <th scope="col">{t('duplicates.field')}</th>
            {cluster.records.map((record) => (
              <Head key={record.id} {...{ kind, record, choice, onChoose }} onlyTwo={cluster.records.length === 2} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name} data-differs={row.differs || undefined}>
              <th scope="row">{say(row.field.label)}</th>
              {cluster.records.map((record, at) => (
                <Value key={record.id} {...{ row, record, choice, onChoose }} value={row.values[at]} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}

type HeadProps = Omit<Props, 'cluster'> & { record: DuplicateRecord; onlyTwo: boolean }

function Head({ kind, record, choice, onChoose, onlyTwo }: HeadProps) {
  const { t } = useTexts()
  const at = useInstant()
  const view = useView()
  const stays = record.id === choice.survivor
  const left = choice.left.includes(record.id)
  const path = kind === 'customers' ? `/customers/${record.id}` : kind === 'deals' ? `/deals/${record.id}` : null
  return (
    <th scope="col" data-stays={stays || undefined} data-left={left || undefined}>
      <div className={styles.head}>
        {path ? (
          <Link to={path as never} search={view as never}>
            {record.name}
          </Link>
        ) : (
          <span>{record.name}</span>
        )}
        <span className={styles.soft}>
          #{record.id}
          {record.changed_at ? ` · ${t('duplicates.changedAt', { at: at(record.changed_at) })}` : null}
        </span>
        <Radio
          checked={stays}
          aria-label={t('duplicates.staysAria', { name: record.name })}
          onChange={() =>
            onChoose({ ...choice, survivor: record.id, left: choice.left.filter((id) => id !== record.id) })
          }
        >
          {t('duplicates.stays')}
        </Radio>
        {!stays && !onlyTwo ? (
          <Checkbox
            checked={left}
            aria-label={t('duplicates.leaveAria', { name: record.name })}
            onChange={({ target }) => {
              const others = choice.left.filter((id) => id !== record.id)
              onChoose({ ...choice, left: target.checked ? [...others, record.id] : others })
            }}
          >
            {t('duplicates.leaveOut')}
          </Checkbox>
        ) : null}
      </div>
    </th>
  )
}

type ValueProps = Omit<Props, 'cluster' | 'kind'> & { row: CompareRow; record: DuplicateRecord; value: unknown }

function Value({ row, record, value, choice, onChoose }: ValueProps) {
  const { t, lang, say } = useTexts()
  const names = useValueNames()
  const left = choice.left.includes(record.id)
  const money = { currency: record.currency ?? null, decimals: record.decimals ?? 2 }
  const text = value === null ? undefinedMark : valueText(row.field, value, money, lang, names)
  if (!row.choosable || value === null || left) return <td data-left={left || undefined}>{text}</td>
  const chosen = choice.fields[row.name] === record.id
  return (
    <td data-chosen={chosen || undefined}>
      <Checkbox
        checked={chosen}
        aria-label={t('duplicates.valueOf', { field: say(row.field.label), name: `${record.name} #${record.id}` })}
        onChange={({ target }) => {
          const { [row.name]: _, ...others } = choice.fields
          onChoose({ ...choice, fields: target.checked ? { ...others, [row.name]: record.id } : others })
        }}
      >
        {text}
      </Checkbox>
    </td>
  )
}
