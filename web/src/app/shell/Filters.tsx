import { CloseOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Popover } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { useMeta } from '@/shared/api/queries'
import { date } from '@/shared/format/dates'
import { capital } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { useMemberName } from '@/shared/records/use-member-name'
import { type Chip, chipOf, chipText } from '@/shared/url/search'
import { useSetAddress, useView } from '@/shared/url/use-view'
import { FilterMenu } from './FilterMenu'
import styles from './Filters.module.css'

/** Filter chips (dimension = value), the condition and known-at, each removable; and the menu that adds one. */
export function Filters() {
  const { t, lang } = useTexts()
  const { f = [], where, known_at } = useView()
  const setAddress = useSetAddress()
  const [open, setOpen] = useState(false)

  const add = (chip: Chip) => {
    const text = chipText(chip)
    if (!f.includes(text)) void setAddress({ f: [...f, text] })
    setOpen(false)
  }
  const without = (text: string) => {
    const rest = f.filter((one) => one !== text)
    void setAddress({ f: rest.length ? rest : undefined })
  }
  return (
    <>
      {f.map((text) => (
        <Member key={text} chip={chipOf(text)} onRemove={() => without(text)} />
      ))}
      {where ? <Removable text={where} code onRemove={() => void setAddress({ where: undefined })} /> : null}
      {known_at ? (
        <Removable
          text={`${t('frame.knownAt')} ${date(known_at, lang)}`}
          onRemove={() => void setAddress({ known_at: undefined })}
        />
      ) : null}
      <Popover
        trigger="click"
        placement="bottomLeft"
        arrow={false}
        // Where there is no room to the right it moves along, instead of reaching beyond the screen.
        align={{ overflow: { shiftX: true, adjustY: true } }}
        open={open}
        onOpenChange={setOpen}
        destroyOnHidden
        content={<FilterMenu onAdd={add} onDone={() => setOpen(false)} />}
      >
        <Button type="text" icon={<PlusOutlined />} className={styles.add} aria-expanded={open}>
          {t('frame.addFilter')}
        </Button>
      </Popover>
    </>
  )
}

function Member({ chip, onRemove }: { chip: Chip; onRemove: () => void }) {
  const { t, say } = useTexts()
  const { dimensions } = useMeta()
  const nameOf = useMemberName()
  const { dimension: key, value } = chip
  const dimension = dimensions.find((one) => one.key === key)
  // Who is filtered by its number is called by its name.
  const named = useQuery({
    queryKey: ['member-name', chip],
    queryFn: () => ok(api.GET('/api/v1/members', { params: { query: { dimension: key, f: [chipText(chip)] } } })),
    enabled: /^#\d+$/.test(value),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const name = named.data?.[0]?.label ?? nameOf(key, value)
  const text = `${dimension ? capital(say(dimension.label)) : key} = ${name || t('common.notRecorded')}`
  return <Removable text={text} onRemove={onRemove} />
}

function Removable({ text, code = false, onRemove }: { text: string; code?: boolean; onRemove: () => void }) {
  const { t } = useTexts()
  return (
    <span className={styles.chip} title={text}>
      <span className={code ? styles.code : styles.text}>{text}</span>
      <button type="button" aria-label={t('frame.removeFilter', { filter: text })} onClick={onRemove}>
        <CloseOutlined />
      </button>
    </span>
  )
}
