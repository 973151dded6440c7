import { EllipsisOutlined, InfoCircleOutlined } from '@ant-design/icons'
import { Button, Drawer, Dropdown, type MenuProps, Modal } from 'antd'
import { type CSSProperties, type ReactNode, useRef, useState } from 'react'
import { AnswerTable } from '../answer/AnswerTable'
import { type Terms as Told, usePlainTerms } from '../answer/plain-terms'
import { type Extra, fileAddress } from '../api/queries'
import type { Answer, Column, Row } from '../api/types'
import { downloadPng } from '../charts/png'
import type { Drill } from '../drill/drill'
import { useTexts } from '../i18n/i18n'
import { palettes } from '../theme/palette'
import { useTheme } from '../theme/theme'
import { useQuestion } from '../url/use-question'
import styles from './Block.module.css'

type Props = {
  title: string
  /** What of it is of another time or kind than the rest, beside the title. */
  note?: string
  /** Choices that change this block alone. */
  tools?: ReactNode
  /** What it shows, for its terms, its table twin and its files. */
  answer?: Answer
  terms?: Told
  /** How it is to be read, ahead of its terms. */
  help?: string
  /** The endpoint that gives the same as a file. */
  file?: { path: string; extra?: Extra }
  /** Words that open the table twin, where the block shows only a part. */
  tableLink?: string
  /** Whether it holds a drawing that may be saved as a picture. */
  picture?: boolean
  drill?: (row: Row, column: Column) => Drill | undefined
  className?: string
  style?: CSSProperties
  children: ReactNode
}

type Open = 'terms' | 'table' | 'large' | null

/** A titled part of a page: its terms behind ⓘ; its table, files and a larger view behind ⋯. */
export function Block({
  title,
  note,
  tools,
  answer,
  terms,
  help,
  file,
  tableLink,
  picture = false,
  drill,
  className,
  style,
  children,
}: Props) {
  const { t } = useTexts()
  const { theme } = useTheme()
  const question = useQuestion()
  const body = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState<Open>(null)
  const told = terms ?? answer

  const items: MenuProps['items'] = [
    ...(answer ? [{ key: 'table', label: t('block.asTable') }] : []),
    { key: 'large', label: t('block.large') },
    ...(picture ? [{ key: 'png', label: t('block.png') }] : []),
    ...(file
      ? (['csv', 'xlsx'] as const).map((format) => ({
          key: format,
          label: (
            <a href={fileAddress(file.path, question, file.extra ?? {}, format)} download>
              {t(`block.${format}`)}
            </a>
          ),
        }))
      : []),
  ]
  const choose = (key: string) => {
    if (key === 'table' || key === 'large') setOpen(key)
    const svg = body.current?.querySelector('svg')
    if (key === 'png' && svg) void downloadPng(svg, title, palettes[theme].surface)
  }
  return (
    <section className={`${styles.block} ${className ?? ''}`} style={style} aria-label={title}>
      <header className={styles.head}>
        <h2 title={title}>{title}</h2>
        {note ? (
          <span className={styles.aside} title={note}>
            {note}
          </span>
        ) : null}
        {told ? (
          <Button
            type="text"
            size="small"
            icon={<InfoCircleOutlined />}
            aria-label={t('block.termsOf', { title })}
            title={t('block.terms')}
            onClick={() => setOpen('terms')}
          />
        ) : null}
        <div className={styles.tools}>
          {tableLink ? (
            <Button type="link" size="small" onClick={() => setOpen('table')}>
              {tableLink}
            </Button>
          ) : null}
          {tools}
        </div>
        <Dropdown trigger={['click']} placement="bottomRight" menu={{ items, onClick: ({ key }) => choose(key) }}>
          <Button type="text" size="small" icon={<EllipsisOutlined />} aria-label={t('block.menu', { title })} />
        </Dropdown>
      </header>
      <div ref={body} className={styles.body}>
        {children}
      </div>
      {told ? (
        <Terms title={title} terms={told} help={help} open={open === 'terms'} onClose={() => setOpen(null)} />
      ) : null}
      <Modal
        open={open === 'table'}
        title={title}
        footer={null}
        width="min(1100px, 96vw)"
        onCancel={() => setOpen(null)}
        destroyOnHidden
      >
        {answer ? <AnswerTable answer={answer} label={title} drill={drill} maxHeight="70vh" /> : null}
      </Modal>
      <Modal
        open={open === 'large'}
        title={title}
        footer={null}
        width="min(1400px, 96vw)"
        onCancel={() => setOpen(null)}
        destroyOnHidden
      >
        <div className={styles.large}>{children}</div>
      </Modal>
    </section>
  )
}

type TermsProps = {
  title: string
  terms: Told
  help?: string
  open: boolean
  onClose: () => void
}

/** What the numbers of a block rest on: population, dates, rules, denominators. */
function Terms({ title, terms, help, open, onClose }: TermsProps) {
  const { t } = useTexts()
  return (
    <Drawer open={open} title={`${title} · ${t('block.terms')}`} onClose={onClose} size={420} destroyOnHidden>
      <TermList terms={terms} help={help} />
    </Drawer>
  )
}

function TermList({ terms, help }: Pick<TermsProps, 'terms' | 'help'>) {
  const { t } = useTexts()
  const { list, notes } = usePlainTerms(terms)
  return (
    <>
      {help ? <p className={styles.help}>{help}</p> : null}
      <dl className={styles.terms}>
        {list.map((term) => (
          <div key={term.key}>
            <dt>{term.label}</dt>
            <dd>{term.value}</dd>
          </div>
        ))}
      </dl>
      {notes.length ? (
        <>
          <h2>{t('block.notes')}</h2>
          {notes.map((note) => (
            <p key={note} className={styles.note}>
              {note}
            </p>
          ))}
        </>
      ) : null}
    </>
  )
}
