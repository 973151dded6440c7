/** The server's documents by their short names. The shapes are generated: `npm run api`. */
import type { components } from './schema'

type Schemas = components['schemas']

export type Answer = Schemas['Answer']
export type Column = Schemas['Column']
export type Analyser = Schemas['Analyser']
export type Pivot = Schemas['Pivot']
export type Session = Schemas['Session']
export type Meta = Schemas['Meta']
export type Process = Schemas['Process']
export type Dimension = Schemas['Dimension']
export type Stage = Schemas['Stage']
export type Member = Schemas['Member']
export type Found = Schemas['Found']
export type Welcome = Schemas['Welcome']
export type Problem = Schemas['Problem']
export type Deal = Schemas['Deal']
export type Deals = Schemas['Deals']
export type Term = Schemas['Term']

/** A row of an answer: values by column key, names in both languages as `key_zh` and `key_en`. */
export type Row = Record<string, unknown>

export type May =
  'analyse' | 'edit_deals' | 'edit_customers' | 'edit_targets' | 'import' | 'sql' | 'configure' | 'administer'
