import { CloseOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Popover } from 'antd'
import { useState } from 'react'
import { useMeta } from '@/shared/api/queries'
import { date } from '@/shared/format/dates'
import { capital } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { type Chip, chipOf, chipText } from '@/shared/url/search'
import { useSetAddress, useView } from '@/shared/url/use-view'
import { FilterMenu } from './FilterMenu'
import styles from './Filters.module.css'

/** Filter chips (dimension = value), the condition and known-at, each removable; and the menu that adds one. */
export function Filters() {
  const { t, lang, say } = useTexts()
  const { dimensions } = useMeta()
  const { f = [], where, known_at } = useView()
  const setAddress = useSetAddress()
  const [open, setOpen] = useState(false)

  const nameOf = (chip: Chip) => {
    const dimension = dimensions.find((one) => one.key === chip.dimension)
    return `${dimension ? capital(say(dimension.label)) : chip.dimension} = ${chip.value || t('common.notRecorded')}`
  }
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
        <Removable key={text} text={nameOf(chipOf(text))} onRemove={() => without(text)} />
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
