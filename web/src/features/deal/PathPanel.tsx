import type { DealPage, Need, PathStage } from '@/shared/api/records'
import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { recordStyles as styles } from '@/shared/records/RecordPage'
import path from './PathPanel.module.css'

/** The stages of the way with the days in each, and what is missing for the next. */
export function PathPanel({ page }: { page: DealPage }) {
  const { t } = useTexts()
  const missing = page.missing ?? []
  const at = page.path.findIndex((stage) => stage.current)
  return (
    <section className={styles.panel} aria-label={t('deal.path')}>
      <ol className={path.path}>
        {page.path.map((stage, index) => (
          <Stage key={stage.key} stage={stage} past={at >= 0 && index < at} />
        ))}
      </ol>
      {missing.length > 0 ? (
        <div className={path.missing}>
          <span>{t('deal.missing')}</span>
          <ul>
            {missing.map((need) => (
              <li key={`${need.kind}${need.key}`}>
                <NeedText need={need} />
              </li>
            ))}
          </ul>
        </div>
      ) : page.missing ? (
        <p className={path.ready}>✓ {t('deal.ready')}</p>
      ) : null}
    </section>
  )
}

function Stage({ stage, past }: { stage: PathStage; past: boolean }) {
  const { t, lang, say } = useTexts()
  const been = stage.visits > 0
  const standard = stage.standard_days ?? null
  const over = standard !== null && stage.days > standard
  // It was in the stage before that was told: what is counted is not all.
  const days = `${stage.at_least ? '≥ ' : ''}${count(stage.days, lang)}`
  const hint = [
    standard === null ? null : t('deal.ofStandard', { n: count(standard, lang) }),
    stage.visits > 1 ? t('deal.visits', { n: stage.visits }) : null,
    over ? t('deal.over') : null,
  ]
  return (
    <li
      className={path.stage}
      data-past={(been && past) || undefined}
      data-current={stage.current || undefined}
      aria-current={stage.current ? 'step' : undefined}
      title={[say(stage.name), ...hint].filter(Boolean).join(' · ')}
    >
      <strong>{say(stage.name)}</strong>
      {been && stage.kind === 'open' ? (
        <>
          {standard === null ? null : (
            <div className={path.bar} data-over={over || undefined} aria-hidden="true">
              <span style={{ width: `${Math.min(1, standard === 0 ? 1 : stage.days / standard) * 100}%` }} />
            </div>
          )}
          <span className={over ? path.over : undefined}>
            {over ? '▲ ' : ''}
            {stage.visits > 1
              ? t('deal.stageDaysVisits', { n: days, visits: stage.visits })
              : t('deal.stageDays', { n: days })}
          </span>
        </>
      ) : been ? (
        <span aria-hidden="true">●</span>
      ) : null}
    </li>
  )
}

export function NeedText({ need }: { need: Need }) {
  const { t, say } = useTexts()
  const name = say(need.name)
  switch (need.kind) {
    case 'action':
      return t('deal.needAction', { name })
    case 'role':
      return t('deal.role', { name })
    case 'metric':
      return t('deal.metric', { name })
    case 'condition':
      return t('deal.condition', { text: name })
    default:
      return name
  }
}
