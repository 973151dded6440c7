import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, ok } from '@/shared/api/client'
import { useMay } from '@/shared/api/queries'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { PageBody } from '@/shared/ui/Page'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { usePhone } from '@/shared/ui/use-media'
import { useAddressValue } from '@/shared/url/use-view'
import { dateKind, type Model } from './layout'
import styles from './Model.module.css'
import { Star } from './Star'
import { TableDetail } from './TableDetail'
import { TableList } from './TableList'

/** The dimensional model: the star, a table's fields and references, and how what changes is read. */
export function Page() {
  const { t } = useTexts()
  const model = useQuery({ queryKey: ['model'], queryFn: () => ok(api.GET('/api/v1/model')) })
  const administers = useMay('administer')
  const configures = useMay('configure') || administers
  return (
    <PageBody
      title={t('model.title')}
      tools={
        configures ? (
          <Link to={'/settings' as never} search={{ tab: 'fields' } as never}>
            {t('model.configure')}
          </Link>
        ) : null
      }
    >
      <p className={styles.soft}>{t('model.help')}</p>
      {model.isError ? <ProblemLine error={model.error} /> : null}
      {model.isPending ? (
        <Waiting>
          <Skeleton height="60vh" />
        </Waiting>
      ) : null}
      {model.data ? <Body model={model.data} /> : null}
    </PageBody>
  )
}

function Body({ model }: { model: Model }) {
  const { t } = useTexts()
  const phone = usePhone()
  const [asked, setTable] = useAddressValue('table')
  const chosen = asked ?? 'opportunity'
  const table = model.tables.find((one) => one.kind === chosen)
  const parts = { model, chosen, onChoose: setTable }
  return (
    <div className={styles.page}>
      {model.counted ? null : <p role="status">{t('model.notCounted')}</p>}
      <div className={styles.panel}>{phone ? <TableList {...parts} /> : <Star {...parts} />}</div>
      {table ? (
        <div className={styles.panel}>
          <TableDetail model={model} table={table} />
        </div>
      ) : null}
      {chosen === dateKind ? (
        <p className={styles.panel} role="status">
          {t('model.dateLong', {
            zone: model.zone,
            month: model.fiscal_start_month,
            n: model.tables.filter((one) => one.is_dated).length,
          })}
        </p>
      ) : null}
      <section className={styles.panel}>
        <h2>{t('model.rulesTitle')}</h2>
        <ul className={styles.rules}>
          {([1, 2, 3, 4, 5] as const).map((rule) => (
            <li key={rule}>{t(`model.rule${rule}`)}</li>
          ))}
        </ul>
      </section>
    </div>
  )
}
