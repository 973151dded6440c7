import type { kindsZh } from './kinds.zh'

/** Texts of imports of every kind of record, in English. */
export const kindsEn: typeof kindsZh = {
  kinds: {
    title: 'What each table holds',
    help: 'A table may hold records of several kinds (orders in a list of their lines); one without any is not imported.',
    none: 'not imported',
    notDeals: 'Not a table of deals?',
    history: 'changes of the deals',
    nothing: 'No table would come in: choose what at least one of them holds.',
    repeats: 'One id may stand on several rows: only the first is taken',
    dates: 'Dates of this table',
    datesHelp: 'As in the other tables where empty',
    keyNeeded: 'Choose the column of ids of {{table}}',
    nameHelp:
      'Ids of one source know each other: payments may name orders or contracts that the source brought before. Sources of before are offered.',
    done: '{{entries}} entries written.',
    tables: {
      opportunities: 'Deals',
      leads: 'Leads',
      accounts: 'Customers',
      contacts: 'Contacts',
      contracts: 'Contracts',
      orders: 'Orders',
      order_lines: 'Order lines',
      invoices: 'Invoices',
      payments: 'Payments',
      service_requests: 'Service requests',
      deal_lines: 'Deal lines',
      activities: 'Activities',
      expenses: 'Expenses',
      targets: 'Targets',
      metric_values: 'Metric values',
      products: 'Products',
      people: 'People',
      teams: 'Teams',
      regions: 'Regions',
      industries: 'Industries',
      channels: 'Channels',
      campaigns: 'Campaigns',
    },
  },
}
