import { Link } from '@tanstack/react-router'
import { nameIn } from '@/shared/answer/cells'
import type { Analyser, Column, Row } from '@/shared/api/types'
import { cellOf, type Drill, useDrill } from '@/shared/drill/drill'
import { amount, amountExact, asNumber, share } from '@/shared/format/format'
import { statusOf } from '@/shared/format/status'
import { useTexts } from '@/shared/i18n/i18n'
import { useNamedMembers } from '@/shared/records/use-member-name'
import { Block } from '@/shared/ui/Block'
import { DimensionSelect } from '@/shared/ui/DimensionSelect'
import { useView } from '@/shared/url/use-view'
import { Dial } from './Dial'
import styles from './GaugesBlock.module.css'
import type { Choices } from './use-analyser'

const shownAtOnce = 6

/** Two dials a member of the chosen dimension, the worst first as the server orders them; the others in the table. */
export function GaugesBlock({ data, choices }: { data: Analyser; choices: Choices }) {
  const { t, lang } = useTexts()
  const { dials } = data
  const view = useView()
  const by = choices.by ?? data.gauges.columns[0]?.key ?? ''
  const named = useNamedMembers(by)
  const gauges = named(data.gauges)
  const rows = gauges.rows as Row[]
  const rest = rows.length - shownAtOnce
  const drill = (row: Row, column: Column) => {
    const parts = partsOf(column.key)
    return parts ? gaugeDrill(by, row, parts, nameIn(row, by, lang) || t('common.notRecorded')) : undefined
  }
  return (
    <Block
      title={t('analyser.gauges')}
      answer={gauges}
      help={t('analyser.gaugesHelp', {
        intent: dials.intent_factor,
        commit: dials.commit_factor,
        green: share(dials.green_from, lang, 0),
        yellow: share(dials.yellow_from, lang, 0),
      })}
      file={{ path: 'gauges', extra: { by } }}
      drill={drill}
      tableLink={rest > 0 ? t('common.rest', { n: rest }) : undefined}
      tools={
        <DimensionSelect
          dimensions={choices.groupable}
          value={by}
          onChange={choices.setBy}
          label={t('analyser.gauges')}
        />
      }
    >
      {rows.some((row) => asNumber(row.target_minor) !== null) ? (
        <ul className={styles.members}>
          {rows.slice(0, shownAtOnce).map((row) => (
            <Member key={String(row[by])} row={row} by={by} data={data} />
          ))}
        </ul>
      ) : (
        <p className={styles.none}>
          {t('analyser.gaugesNone')}{' '}
          <Link to={'/targets' as never} search={view as never}>
            {t('analyser.toTargets')}
          </Link>
        </p>
      )}
    </Block>
  )
}

type Parts = { dial?: string; part?: 'won' | 'open' }

/** Which part of a gauge a column is: what is won, what is open from a stage on, or both. */
function partsOf(column: string): Parts | undefined {
  if (column === 'won_minor') return { part: 'won' }
  const [, dial, open] = /^dial_([45])(_open)?/.exec(column) ?? []
  return dial ? { dial, part: open ? 'open' : undefined } : undefined
}

/** Without a period: the dials' own, which may end after the day that one looks from, is the server's to know. */
function gaugeDrill(by: string, row: Row, parts: Parts, title: string): Drill {
  return { cell: cellOf('gauge', parts, { dimension: by, value: row[by] }), title }
}

function Member({ row, by, data }: { row: Row; by: string; data: Analyser }) {
  const { gauges, dials } = data
  const { t, lang } = useTexts()
  const open = useDrill()
  const name = nameIn(row, by, lang) || t('common.notRecorded')
  const money = { currency: gauges.currency ?? null, decimals: gauges.decimals ?? 2 }
  const target = asNumber(row.target_minor)
  const limits = { yellow: share(dials.yellow_from, lang, 0), green: share(dials.green_from, lang, 0) }
  return (
    <li className={styles.member}>
      <span className={styles.name} title={name}>
        {name}
      </span>
      <span className={styles.dials}>
        {(['4', '5'] as const).map((dial) => {
          const value = asNumber(row[`dial_${dial}`])
          const colour = statusOf(row[`dial_${dial}_colour`]) ?? null
          const why = row[`dial_${dial}_why`] as { zh: string; en: string } | undefined
          const caption =
            dial === '4'
              ? t('analyser.dial4', { factor: `${dials.intent_factor}×` })
              : t('analyser.dial5', { factor: `${dials.commit_factor}×` })
          const label = t('analyser.dialHint', {
            member: name,
            dial: caption,
            share: value === null ? t('table.notDefined') : share(value, lang),
            colour: colour ? t(`analyser.colours.${colour}`, limits) : t('table.notDefined'),
          })
          return (
            <Dial
              key={dial}
              value={value}
              colour={colour}
              caption={caption}
              label={label}
              why={why?.[lang]}
              limits={[dials.yellow_from, dials.green_from]}
              onOpen={() => open(gaugeDrill(by, row, { dial }, `${name} · ${caption}`))}
            />
          )
        })}
      </span>
      <span className={styles.target} title={target === null ? undefined : amountExact(target, money, lang)}>
        {target === null ? t('analyser.noTarget') : t('analyser.target', { amount: amount(target, money, lang) })}
      </span>
    </li>
  )
}
