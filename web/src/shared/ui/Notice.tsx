import type { ReactNode } from 'react'
import { ApiProblem, told } from '../api/problem'
import { useTexts } from '../i18n/i18n'
import styles from './Notice.module.css'

/** One sentence and the next action, in the place of what cannot be shown. */
export function Notice({ title, text, children }: { title: string; text?: ReactNode; children?: ReactNode }) {
  return (
    <section className={styles.notice}>
      <h1>{title}</h1>
      {text ? <p>{text}</p> : null}
      {children ? <div className={styles.actions}>{children}</div> : null}
    </section>
  )
}

/** One sentence about what stands below it, and the one step that changes that. */
export function HintLine({ text, action, onAction }: { text: string; action: string; onAction: () => void }) {
  return (
    <p className={styles.hint} role="status">
      {text}{' '}
      <button type="button" onClick={onAction}>
        {action}
      </button>
    </p>
  )
}

/** Why a block has nothing to show, in its place. */
export function QuietLine({ children }: { children: ReactNode }) {
  return <p className={styles.quiet}>{children}</p>
}

/** What went wrong, in the reader's words, with the request's id for whoever looks into it. */
export function FailedNotice({ error, children }: { error: unknown; children?: ReactNode }) {
  const { t } = useTexts()
  const { title, detail, requestId } = useProblemWords()(error)
  return (
    <section className={styles.notice} role="alert">
      <h1>{title}</h1>
      {detail ? <p>{detail}</p> : null}
      {requestId ? <p className={styles.faint}>{t('problems.requestId', { id: requestId })}</p> : null}
      {children ? <div className={styles.actions}>{children}</div> : null}
    </section>
  )
}

/** The same inside of a block or form: one line, no picture, no jump. */
export function ProblemLine({ error }: { error: unknown }) {
  const { title, detail, hint } = useProblemWords()(error)
  return (
    <p className={styles.line} role="alert">
      <strong>{title}</strong> {detail} {hint}
    </p>
  )
}

export type ProblemWords = { title: string; detail: string; hint: string; requestId: string }

export function useProblemWords(): (error: unknown) => ProblemWords {
  const { t, lang } = useTexts()
  return (error) => {
    if (!(error instanceof ApiProblem)) {
      return { title: t('problems.title'), detail: t('problems.crash'), hint: '', requestId: '' }
    }
    const { problem } = error
    const { detail, hint } = told(problem, lang)
    const base = { hint, requestId: problem.request_id ?? '' }
    if (problem.code === 'unreachable')
      return { ...base, title: t('problems.title'), detail: t('problems.unreachable') }
    if (problem.code === 'unknown') {
      return { ...base, title: t('problems.title'), detail: t('problems.unknown', { status: problem.status }) }
    }
    const own = (lang === 'zh' ? problem.title_zh : undefined) ?? problem.title
    const known = t(`problems.titles.${problem.code}` as 'problems.title', { defaultValue: '' })
    return { ...base, title: known || own || t('problems.title'), detail }
  }
}
