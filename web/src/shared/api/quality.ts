/** Data quality on the server. Shapes are generated: `npm run api`. */
import type { components } from './schema'

type Schemas = components['schemas']

/** A record that fails rules. */
export type Fix = Schemas['FixBody']
export type FixRule = Schemas['FixRuleBody']
export type FixesPage = Schemas['FixesBody']
/** A rule as the organisation has it. */
export type QualityRule = Schemas['QualityRuleBody']
export type Inferred = Schemas['InferredRow']
export type Inference = Schemas['InferenceBody']
