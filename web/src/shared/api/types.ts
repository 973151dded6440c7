/** The server's documents by their short names. The shapes are generated: `npm run api`. */
import type { components } from './schema'

type Schemas = components['schemas']

/** An answer, with what its rows come to where they add up. */
export type Answer = Schemas['AnswerBody']
export type Column = Schemas['ColumnBody']
export type Analyser = Schemas['AnalyserBody']
export type Pivot = Schemas['PivotBody']
export type Session = Schemas['SessionBody']
export type Meta = Schemas['MetaBody']
export type Process = Schemas['ProcessBody']
export type Dimension = Schemas['DimensionBody']
export type Stage = Schemas['StageBody']
export type Member = Schemas['FacetBody']
export type Found = Schemas['SearchBody']
export type Welcome = Schemas['WelcomeBody']
/** A problem document; the request's id comes with its header. */
export type Problem = Schemas['Problem']
export type Deal = Schemas['DealBody']
export type Deals = Schemas['DealsBody']
export type Term = Schemas['TermBody']

/** A row of an answer: values by column key, names in both languages as `key_zh` and `key_en`. */
export type Row = Record<string, unknown>

export type May =
  'analyse' | 'edit_deals' | 'edit_customers' | 'edit_targets' | 'import' | 'sql' | 'configure' | 'administer'
