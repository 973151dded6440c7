import type { Contact } from '@/shared/api/records'
import { undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { recordStyles as styles } from '@/shared/records/RecordPage'

export function Contacts({ contacts }: { contacts: readonly Contact[] }) {
  const { t } = useTexts()
  return (
    <section className={styles.panel} aria-label={t('customers.contacts')}>
      <h2>{t('customers.contacts')}</h2>
      {contacts.length === 0 ? <p className={styles.faint}>{t('customers.noContacts')}</p> : null}
      {contacts.length > 0 ? (
        <div className={styles.scroller}>
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
                <tr key={contact.id}>
                  <th scope="row">{contact.name ?? undefinedMark}</th>
                  <td>{contact.post ?? undefinedMark}</td>
                  <td>
                    {contact.role
                      ? t(`deal.roles.${contact.role as 'user'}`, { defaultValue: contact.role })
                      : undefinedMark}
                  </td>
                  <td>{contact.phone ? <a href={`tel:${contact.phone}`}>{contact.phone}</a> : undefinedMark}</td>
                  <td>{contact.email ? <a href={`mailto:${contact.email}`}>{contact.email}</a> : undefinedMark}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </section>
  )
}
