import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import type { TimelineItem, TimelinePage } from '../api/records'
import { useMeta } from '../api/queries'
import { date, dayOf, instant } from '../format/dates'
import { amount, asNumber } from '../format/format'
import { useTexts } from '../i18n/i18n'
import { ProblemLine } from '../ui/Notice'
import { Skeleton, Waiting } from '../ui/Skeleton'
import styles from './Timeline.module.css'
import { profileName } from './profile-name'
import { useValueNames } from './use-value-names'
import { type Money, type Typed, valueText } from './values'

type Props = {
  queryKey: readonly unknown[]
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<TimelinePage>
  money: Money
  /** The fields that may change, by name. */
  fields: Readonly<Record<string, Typed>>
}

/** What happened to a record, from the journal, newest first. */
export function Timeline({ queryKey, load, money, fields }: Props) {
  const { t } = useTexts()
  const pages = useInfiniteQuery({
    queryKey: [...queryKey, 'timeline'],
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  if (pages.isError) return <ProblemLine error={pages.error} />
  if (pages.isPending)
    return (
      <Waiting>
        <Skeleton height={240} />
      </Waiting>
    )
  const items = pages.data.pages.flatMap((page) => page.rows)
  return (
    <>
      {items.length === 0 ? <p>{t('record.nothingHappened')}</p> : null}
      <ol className={styles.list}>
        {items.map((item) => (
          <Item key={`${item.seq}${item.kind}`} item={item} money={money} fields={fields} />
        ))}
      </ol>
      {pages.hasNextPage ? (
        <Button onClick={() => void pages.fetchNextPage()} loading={pages.isFetchingNextPage}>
          {t('record.earlier')}
        </Button>
      ) : null}
    </>
  )
}

/** A record of the chain in one line: what it is called, what it is worth, how it stands. */
function ChainLine({ record }: { record: NonNullable<TimelineItem['chain']> }) {
  const { lang } = useTexts()
  const minor = asNumber(record.amount_minor)
  const money = { currency: record.currency ?? null, decimals: record.decimals ?? 2 }
  const parts = [record.title, minor === null ? null : amount(minor, money, lang), record.note]
  return <p>{parts.filter((part) => part !== null && part !== undefined && part !== '').join(' · ')}</p>
}

type ItemProps = Pick<Props, 'money' | 'fields'> & { item: TimelineItem }

function Item({ item, money, fields }: ItemProps) {
  const { t, lang, say } = useTexts()
  const { zone } = useMeta().organisation
  const names = useValueNames()
  const who =
    item.actor ??
    (item.import ? t('record.byImport', { profile: profileName(item.import.profile, t) }) : t('record.bySystem'))
  // Business days are those of the organisation's zone, and so are the times beside them.
  // What came along the chain has a day and no time of day.
  const at = item.chain?.on ? date(item.chain.on, lang) : instant(item.at, lang, zone)
  const known = dayOf(item.known_at, zone) === dayOf(item.at, zone) ? null : instant(item.known_at, lang, zone)
  const text = (field: string, value: unknown, erased: boolean) =>
    erased ? t('record.erased') : valueText(fields[field] ?? { type: 'text' }, value, money, lang, names)
  return (
    <li className={styles.item} data-kind={item.kind} data-withdrawn={item.withdrawn || undefined}>
      <div className={styles.head}>
        <strong>
          {item.activity
            ? t(`activities.${item.activity as 'call'}`, { defaultValue: item.activity })
            : item.chain
              ? t(`chain.one.${item.chain.kind as 'lead'}`, { defaultValue: item.chain.kind })
              : t(`timeline.${item.kind as 'change'}`, { defaultValue: item.kind })}
        </strong>
        <time dateTime={item.at}>{at}</time>
        {item.chain ? null : <span>{who}</span>}
        {known ? <span>{t('record.knownAt', { day: known })}</span> : null}
        {item.withdrawn ? <span>{t('record.withdrawn')}</span> : null}
      </div>
      {item.note ? <p>{item.note}</p> : null}
      {item.chain ? <ChainLine record={item.chain} /> : null}
      <ul className={styles.changes}>
        {item.changes.map((change) => (
          <li key={change.field}>
            <span className={styles.label}>{say(change.label)}</span>{' '}
            {change.old === null || change.old === undefined ? null : (
              <>
                <span className={styles.old}>{text(change.field, change.old, change.erased)}</span>
                <span className={styles.arrow} aria-hidden="true">
                  →
                </span>
              </>
            )}
            <span>{text(change.field, change.new, change.erased)}</span>
          </li>
        ))}
      </ul>
    </li>
  )
}
