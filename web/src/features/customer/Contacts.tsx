import { PlusOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import type { Contact } from '@/shared/api/records'
import { undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { recordStyles as styles } from '@/shared/records/RecordPage'
import { wantedRow } from '@/shared/records/wanted-row'
import { Scroller } from '@/shared/ui/Scroller'
import { useAddressValue } from '@/shared/url/use-view'
import { NewContact } from './NewContact'

type Props = { customer: number; contacts: readonly Contact[]; editable: boolean }

export function Contacts({ customer, contacts, editable }: Props) {
  const { t } = useTexts()
  const [adding, setAdding] = useState(false)
  const [wanted] = useAddressValue('record')
  return (
    <section className={styles.panel} aria-label={t('customers.contacts')}>
      <h2>
        {t('customers.contacts')}
        {editable ? (
          <Button size="small" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
            {t('customers.addContact')}
          </Button>
        ) : null}
      </h2>
      {adding ? <NewContact customer={customer} onClose={() => setAdding(false)} /> : null}
      {contacts.length === 0 ? <p className={styles.faint}>{t('customers.noContacts')}</p> : null}
      {contacts.length > 0 ? (
        <Scroller>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t('customers.contactName')}</th>
                <th scope="col">{t('customers.post')}</th>
                <th scope="col">{t('customers.role')}</th>
                <th scope="col">{t('customers.phone')}</th>
                <th scope="col">{t('customers.email')}</th>
              </tr>
            </thead>
            <tbody>
              {contacts.map((contact) => (
                <tr key={contact.id} {...wantedRow(wanted === `contact:${contact.id}`)}>
                  <th scope="row">{contact.name ?? undefinedMark}</th>
                  <td>{contact.post ?? undefinedMark}</td>
                  <td>
                    {contact.role
                      ? t(`deal.roles.${contact.role as 'user'}`, { defaultValue: contact.role })
                      : undefinedMark}
                  </td>
                  <td>{contact.phone ? <a href={`tel:${contact.phone}`}>{contact.phone}</a> : undefinedMark}</td>
                  <td className={styles.wraps}>
                    {contact.email ? <a href={`mailto:${contact.email}`}>{contact.email}</a> : undefinedMark}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      ) : null}
    </section>
  )
}
