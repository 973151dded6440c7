import { Button, Tag } from 'antd'
import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Block } from '@/shared/ui/Block'
import { ProblemLine, QuietLine } from '@/shared/ui/Notice'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { FixRow } from './FixRow'
import styles from './quality.module.css'
import { type FilterKey, filterKeys, useFilters, useFixes, useRules, useScores } from './use-quality'
import { nameOf } from './behind'

/** What to mend first, each with what to do; where a field mends it, it is mended here. */
export function FixBlock() {
  const { t, lang } = useTexts()
  const { pages, rows, records } = useFixes()
  const { filters } = useFilters()
  const isNarrowed = Object.keys(filters).length > 0
  return (
    <Block
      title={t('quality.fixes')}
      note={pages.data ? t('quality.fixesCount', { n: count(records, lang) }) : undefined}
      file={{ path: 'quality/fixes', extra: asked(filters) }}
      tools={<Chosen />}
    >
      {pages.isError ? <ProblemLine error={pages.error} /> : null}
      {pages.isPending ? (
        <Waiting>
          <Skeleton height={240} />
        </Waiting>
      ) : null}
      {pages.data && rows.length === 0 ? (
        <QuietLine>{t(isNarrowed ? 'quality.noneSuch' : 'quality.none')}</QuietLine>
      ) : null}
      <ol className={styles.fixes} aria-busy={pages.isPlaceholderData}>
        {rows.map((row) => (
          <FixRow key={`${row.of}-${row.id}`} fix={row} />
        ))}
      </ol>
      {pages.hasNextPage ? (
        <Button loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('quality.more')}
        </Button>
      ) : null}
    </Block>
  )
}

const words: Record<FilterKey, string> = {
  q_rule: 'rule',
  q_class: 'class',
  q_person: 'person',
  q_team: 'team',
  q_source: 'source',
  q_stage: 'stage',
  q_of: 'of',
}

function asked(filters: Partial<Record<FilterKey, string>>): Record<string, string> {
  return Object.fromEntries(filterKeys.flatMap((key) => (key in filters ? [[words[key], filters[key] ?? '']] : [])))
}

/** What the list is narrowed by: each choice can be taken back. */
function Chosen() {
  const { t } = useTexts()
  const { filters, choose } = useFilters()
  const name = useFilterNames()
  return (
    <>
      {filterKeys
        .filter((key) => filters[key] !== undefined)
        .map((key) => (
          <Tag key={key} closable={{ 'aria-label': t('quality.drop') }} onClose={() => choose({ [key]: undefined })}>
            {name(key, filters[key] ?? '')}
          </Tag>
        ))}
    </>
  )
}

function useFilterNames() {
  const { t, lang, say } = useTexts()
  const { filters } = useFilters()
  const rules = useRules()
  const people = useScores(filters.q_team !== undefined ? 'team' : 'person')
  return (key: FilterKey, value: string): string => {
    if (key === 'q_rule') return say(rules.data?.rows.find((rule) => rule.key === value)?.name) || value
    if (key === 'q_class') return t(`quality.class.${value}` as 'quality.class.validity')
    if (key === 'q_of') return t(value === 'deal' ? 'quality.deals' : 'quality.customers')
    if (key === 'q_source') return value || t('quality.entered')
    if (key === 'q_stage') return value || t('common.notRecorded')
    if (value === '0') return t(key === 'q_person' ? 'quality.nobody' : 'quality.noTeam')
    const row = people.data?.rows.find((one) => String((one as { id?: unknown }).id) === value)
    return (row && nameOf(row as never, key === 'q_person' ? 'person' : 'team', lang)) ?? `#${value}`
  }
}
