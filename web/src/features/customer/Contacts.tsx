import { EditOutlined, PlusOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import type { Contact } from '@/shared/api/records'
import { undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { recordStyles as styles } from '@/shared/records/RecordPage'
import { wantedRow } from '@/shared/records/wanted-row'
import { Scroller } from '@/shared/ui/Scroller'
import { useAddressValue } from '@/shared/url/use-view'
import { ContactDialog } from './ContactDialog'

type Props = { customer: number; contacts: readonly Contact[]; editable: boolean }

export function Contacts({ customer, contacts, editable }: Props) {
  const { t } = useTexts()
  const [asked, setAsked] = useState<number | 'new' | null>(null)
  const [wanted] = useAddressValue('record')
  return (
    <section className={styles.panel} aria-label={t('customers.contacts')}>
      <h2>
        {t('customers.contacts')}
        {editable ? (
          <Button size="small" icon={<PlusOutlined />} onClick={() => setAsked('new')}>
            {t('customers.addContact')}
          </Button>
        ) : null}
      </h2>
      {asked ? (
        <ContactDialog
          customer={customer}
          contact={contacts.find((contact) => contact.id === asked)}
          onClose={() => setAsked(null)}
        />
      ) : null}
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
                {editable ? <td /> : null}
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
                  {editable ? (
                    <td>
                      <Button
                        size="small"
                        type="text"
                        icon={<EditOutlined />}
                        aria-label={t('customers.editContact', { name: contact.name ?? `#${contact.id}` })}
                        onClick={() => setAsked(contact.id)}
                      />
                    </td>
                  ) : null}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      ) : null}
    </section>
  )
}
