/**
 * What English says of one thing: the texts of `en.ts` that count, under the same keys. Chinese knows no plural. A text
 * that counts is given `count` beside what it shows (`counted`).
 */
export const singularEn = {
  common: { dealCount_one: '{{n}} deal' },
  frame: { processDeals_one: '{{name}} · {{n}} deal' },
  drill: {
    sum_one: '{{n}} deal, {{amount}} in total',
    sumPlain_one: '{{n}} deal',
    weighted_one: '{{n}} deal, {{amount}} before weighting; {{weighted}} by the probability of its stage',
  },
  model: {
    rows_one: '{{n}} row',
    bare_one: '{{n}} of them is only a key that no file describes',
    looseRows_one: '{{n}} row unmatched',
    joinsTo_one: '{{from}} → {{to}}: {{n}} row matched',
    rowsSome_one: '{{n}} row, the newest {{shown}} is listed.',
  },
  winRate: { cycleDays_one: '{{n}} day' },
  deals: { sum_one: 'Total · {{n}} deal', leftOut_one: '{{n}} closed deal left out' },
  list: { copied_one: '{{n}} row copied' },
  record: { unsaved_one: '{{n}} unsaved change', faulty_one: '{{n}} field cannot be saved yet' },
  customerFunnel: { here_one: '{{n}} customer' },
  chain: { openCount_one: '{{n}} invoice' },
  customers: { sum_one: 'Total · {{n}} customer' },
  targets: {
    foreign_one:
      '{{n}} of these targets is in another currency than the deals ({{currency}}): it is compared with nothing.',
  },
  imports: {
    rows_one: '{{n}} row seen',
    leftOut_one: '{{n}} column with values is left out: {{names}}',
    wouldImport_one: '{{n}} deal would come in',
    read_one: '{{n}} row read',
    rejected_one: '{{n}} row rejected',
    moreRows_one: '{{n}} more row',
    warnings_one: '{{n}} warning',
    doneDeals_one: '{{n}} deal, {{entries}} entries written.',
  },
  studio: { rowsAfter_one: '{{n}} row', unread_one: '{{n}} value could not be read' },
  settings: { stagesOf_one: '{{n}} stage' },
} as const
