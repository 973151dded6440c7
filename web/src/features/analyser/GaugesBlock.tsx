import { Link } from '@tanstack/react-router'
import type { Analyser, Column, Row } from '@/shared/api/types'
import { cellOf, type Drill, useDrill } from '@/shared/drill/drill'
import { amount, amountExact, asNumber, share } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Block } from '@/shared/ui/Block'
import { DimensionSelect } from '@/shared/ui/DimensionSelect'
import { useView } from '@/shared/url/use-view'
import { Dial, dialColour } from './Dial'
import styles from './GaugesBlock.module.css'
import type { Choices } from './use-analyser'

const shownAtOnce = 6

/** Two dials a member of the chosen dimension, the worst first as the server orders them; the others in the table. */
export function GaugesBlock({ data, choices }: { data: Analyser; choices: Choices }) {
  const { t } = useTexts()
  const { gauges } = data
  const view = useView()
  const by = choices.by ?? gauges.columns[0]?.key ?? ''
  const rows = gauges.rows as Row[]
  const rest = rows.length - shownAtOnce
  const drill = (row: Row, column: Column) => {
    const dial = /^dial_([45])/.exec(column.key)?.[1]
    return dial ? gaugeDrill(by, row, dial as '4' | '5', `${row[by] ?? t('common.notRecorded')}`) : undefined
  }
  return (
    <Block
      title={t('analyser.gauges')}
      answer={gauges}
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
            <Member key={String(row[by])} row={row} by={by} gauges={gauges} />
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

/** Without a period: the dials' own, which may end after the day that one looks from, is the server's to know. */
function gaugeDrill(by: string, row: Row, dial: '4' | '5', title: string): Drill {
  return { cell: cellOf('gauge', { dial }, { dimension: by, value: row[by] }), title }
}

function Member({ row, by, gauges }: { row: Row; by: string; gauges: Analyser['gauges'] }) {
  const { t, lang } = useTexts()
  const open = useDrill()
  const name = typeof row[by] === 'string' && row[by] !== '' ? (row[by] as string) : t('common.notRecorded')
  const money = { currency: gauges.currency ?? null, decimals: gauges.decimals ?? 2 }
  const target = asNumber(row.target_minor)
  return (
    <li className={styles.member}>
      <span className={styles.name} title={name}>
        {name}
      </span>
      <span className={styles.dials}>
        {(['4', '5'] as const).map((dial) => {
          const value = asNumber(row[`dial_${dial}`])
          const colour = dialColour(row[`dial_${dial}_colour`])
          const why = row[`dial_${dial}_why`] as { zh: string; en: string } | undefined
          const caption =
            dial === '4' ? t('analyser.dial4', { factor: '1.5×' }) : t('analyser.dial5', { factor: '1.2×' })
          const label = t('analyser.dialHint', {
            member: name,
            dial: caption,
            share: value === null ? t('table.notDefined') : share(value, lang),
            colour: colour ? t(`analyser.colours.${colour}`) : t('table.notDefined'),
          })
          return (
            <Dial
              key={dial}
              value={value}
              colour={colour}
              caption={caption}
              label={label}
              why={why?.[lang]}
              onOpen={() => open(gaugeDrill(by, row, dial, `${name} · ${caption}`))}
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
