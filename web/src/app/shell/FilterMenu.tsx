import { LeftOutlined } from '@ant-design/icons'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import { useDeferredValue, useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { useMeta } from '@/shared/api/queries'
import type { Dimension } from '@/shared/api/types'
import { capital, count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { useMemberName } from '@/shared/records/use-member-name'
import { ProblemLine } from '@/shared/ui/Notice'
import { Skeleton } from '@/shared/ui/Skeleton'
import type { Chip } from '@/shared/url/search'
import { useQuestion } from '@/shared/url/use-question'
import { useSetAddress, useView } from '@/shared/url/use-view'
import styles from './Filters.module.css'

type Props = { onAdd: (chip: Chip) => void; onDone: () => void }

/** First a dimension, then one of its members; the free condition and known-at under "advanced". */
export function FilterMenu({ onAdd, onDone }: Props) {
  const { t, say } = useTexts()
  const { dimensions } = useMeta()
  const [chosen, setChosen] = useState<Dimension | 'advanced' | null>(null)
  if (chosen === 'advanced') return <Advanced onBack={() => setChosen(null)} onDone={onDone} />
  if (chosen) return <Members dimension={chosen} onBack={() => setChosen(null)} onAdd={onAdd} />
  return (
    <div className={styles.menu}>
      <h2>{t('frame.chooseDimension')}</h2>
      <ul className={styles.choices}>
        {dimensions.map((dimension) => (
          <li key={dimension.key}>
            <button type="button" onClick={() => setChosen(dimension)}>
              {capital(say(dimension.label))}
            </button>
          </li>
        ))}
        <li className={styles.apart}>
          <button type="button" onClick={() => setChosen('advanced')}>
            {t('frame.advanced')}…
          </button>
        </li>
      </ul>
    </div>
  )
}

function Members({
  dimension,
  onBack,
  onAdd,
}: {
  dimension: Dimension
  onBack: () => void
  onAdd: (chip: Chip) => void
}) {
  const { t, lang, say } = useTexts()
  const nameOf = useMemberName()
  const question = useQuestion()
  const [typed, setTyped] = useState('')
  const q = useDeferredValue(typed)
  const query = { ...question, dimension: dimension.key, q: q || undefined, limit: 50 }
  const members = useQuery({
    queryKey: ['members', query],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/members', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  })
  return (
    <div className={styles.menu}>
      <BackHead title={t('frame.chooseMember', { dimension: say(dimension.label) })} onBack={onBack} />
      <Input
        allowClear
        autoFocus
        placeholder={t('frame.findMember')}
        aria-label={t('frame.findMember')}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {members.isError ? <ProblemLine error={members.error} /> : null}
      {members.isPending ? <Skeleton height={200} /> : null}
      {members.data?.length === 0 ? <p className={styles.empty}>{t('frame.noMember')}</p> : null}
      <ul className={styles.choices}>
        {members.data?.map((member) => (
          <li key={member.value}>
            <button type="button" onClick={() => onAdd({ dimension: dimension.key, value: member.value })}>
              <span>{member.label ? nameOf(dimension.key, member.label) : t('common.notRecorded')}</span>
              <span className="number">{count(member.deals, lang)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Advanced({ onBack, onDone }: { onBack: () => void; onDone: () => void }) {
  const { t } = useTexts()
  const { where, known_at } = useView()
  const { today } = useMeta()
  const setAddress = useSetAddress()
  const apply = (values: { where?: string; known_at?: string }) => {
    void setAddress({ where: values.where?.trim() || undefined, known_at: values.known_at || undefined })
    onDone()
  }
  return (
    <div className={styles.menu}>
      <BackHead title={t('frame.advanced')} onBack={onBack} />
      <Form layout="vertical" initialValues={{ where, known_at }} onFinish={apply}>
        <Form.Item name="where" label={t('frame.where')} extra={t('frame.whereHelp')}>
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} spellCheck={false} className={styles.code} />
        </Form.Item>
        <Form.Item name="known_at" label={t('frame.knownAt')} extra={t('frame.knownAtHelp')}>
          <Input type="date" max={today} allowClear />
        </Form.Item>
        <Button type="primary" htmlType="submit">
          {t('common.apply')}
        </Button>
      </Form>
    </div>
  )
}

function BackHead({ title, onBack }: { title: string; onBack: () => void }) {
  const { t } = useTexts()
  return (
    <h2 className={styles.head}>
      <Button type="text" size="small" icon={<LeftOutlined />} aria-label={t('common.back')} onClick={onBack} />
      {title}
    </h2>
  )
}
