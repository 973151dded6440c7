import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Popconfirm, Tag } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { useTexts } from '@/shared/i18n/i18n'
import { type OwnField, useOwnFields } from '@/shared/own/own-fields'
import { ProblemLine } from '@/shared/ui/Notice'
import { Scroller } from '@/shared/ui/Scroller'
import { Skeleton } from '@/shared/ui/Skeleton'
import { OwnFieldDialog } from './OwnFieldDialog'
import styles from './Settings.module.css'

/** Fields of the organisation's own: what there is, added, changed, retired. */
export function OwnFields() {
  const { t } = useTexts()
  const queries = useQueryClient()
  const fields = useOwnFields()
  const [open, setOpen] = useState<OwnField | 'new' | null>(null)
  // What can be grouped by, listed and filled in may be another now.
  const changed = () => queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
  const retire = useMutation({
    mutationFn: ({ id, retired }: { id: number; retired: boolean }) =>
      ok(api.PATCH('/api/v1/fields/{id}', { params: { path: { id } }, body: { retired } })),
    onSettled: changed,
  })
  const problem = fields.error ?? retire.error
  return (
    <section className={styles.panel} aria-label={t('fields.title')}>
      <div className={styles.head}>
        <h2>{t('fields.title')}</h2>
        <Button type="primary" onClick={() => setOpen('new')}>
          {t('fields.add')}
        </Button>
      </div>
      <p className={styles.soft}>{t('fields.help')}</p>
      {problem ? <ProblemLine error={problem} /> : null}
      {fields.isPending ? <Skeleton height={120} /> : null}
      {fields.data?.length === 0 ? <p className={styles.soft}>{t('fields.none')}</p> : null}
      {fields.data?.length ? (
        <Listed
          fields={fields.data}
          onOpen={setOpen}
          onRetire={(field, retired) => retire.mutate({ id: field.id, retired })}
        />
      ) : null}
      {open ? (
        <OwnFieldDialog
          field={open === 'new' ? null : open}
          onChanged={() => void changed()}
          onClose={() => setOpen(null)}
        />
      ) : null}
    </section>
  )
}

type ListedProps = {
  fields: readonly OwnField[]
  onOpen: (field: OwnField) => void
  onRetire: (field: OwnField, retired: boolean) => void
}

function Listed({ fields, onOpen, onRetire }: ListedProps) {
  const { t, say } = useTexts()
  return (
    <Scroller>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('fields.record')}</th>
            <th scope="col">{t('model.name')}</th>
            <th scope="col">{t('fields.key')}</th>
            <th scope="col">{t('fields.type')}</th>
            <th scope="col" aria-label={t('model.dimension')} />
            <th scope="col" aria-label={t('common.more')} />
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.id}>
              <td>{t(`fields.kinds.${field.kind as 'account'}`, { defaultValue: field.kind })}</td>
              <th scope="row">{say(field.label)}</th>
              <td>{field.name}</td>
              <td>
                <TypeOf field={field} />
              </td>
              <td>
                {field.dimension ? <Tag color="blue">{t('fields.isDimension', { name: field.dimension })}</Tag> : null}
                {field.required ? <Tag>{t('fields.required')}</Tag> : null}
                {field.retired ? <Tag>{t('model.retired')}</Tag> : null}
              </td>
              <td data-actions>
                <Button size="small" type="link" onClick={() => onOpen(field)}>
                  {t('fields.edit', { name: '' }).replace(/[“”]/g, '').trim()}
                </Button>
                {field.retired ? (
                  <Button size="small" type="text" onClick={() => onRetire(field, false)}>
                    {t('fields.restore')}
                  </Button>
                ) : (
                  <Popconfirm
                    title={t('fields.retireSure', { name: say(field.label) })}
                    okText={t('fields.retire')}
                    onConfirm={() => onRetire(field, true)}
                  >
                    <Button size="small" type="text" danger>
                      {t('fields.retire')}
                    </Button>
                  </Popconfirm>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}

function TypeOf({ field }: { field: OwnField }) {
  const { t, lang, say } = useTexts()
  const [type = '', of] = field.type.split(':')
  const name = t(`fields.types.${type as 'text'}`, { defaultValue: type })
  if (of) return `${name} → ${t(`fields.kinds.${of as 'account'}`, { defaultValue: of })}`
  if (!field.choices.length) return name
  const values = field.choices.map((choice) => say(choice.name)).join(lang === 'zh' ? '、' : ', ')
  return <span title={values}>{`${name} · ${values}`}</span>
}
