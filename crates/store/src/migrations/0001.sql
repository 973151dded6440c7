-- Format 1. `{id}` is the engine's type of a numeric key. One statement ends at `;` and a line end.

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- One row: the last numbers given out. Writers hold its lock.
CREATE TABLE journal_head (
  id {id} PRIMARY KEY,
  seq BIGINT NOT NULL,
  record BIGINT NOT NULL,
  process BIGINT NOT NULL,
  stage BIGINT NOT NULL,
  import BIGINT NOT NULL,
  vault BIGINT NOT NULL,
  source BIGINT NOT NULL
);
INSERT INTO journal_head (id, seq, record, process, stage, import, vault, source) VALUES (1, 0, 0, 0, 0, 0, 0, 0);

CREATE TABLE journal (
  seq {id} PRIMARY KEY,
  kind BIGINT NOT NULL,
  record BIGINT NOT NULL,
  effective_at BIGINT NOT NULL,
  known_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  source_seq BIGINT NOT NULL,
  import BIGINT,
  actor BIGINT NOT NULL,
  op BIGINT NOT NULL,
  target BIGINT,
  hot_set BIGINT NOT NULL,
  stage BIGINT,
  outcome BIGINT,
  amount_minor BIGINT,
  currency BIGINT,
  owner BIGINT,
  team BIGINT,
  expected_close_on BIGINT,
  probability_ppm BIGINT,
  rest TEXT
);
CREATE INDEX journal_record ON journal (record);

-- The retractions of imports once more, so that a fold finds them without a walk through the journal.
CREATE TABLE withdrawals (
  seq {id} PRIMARY KEY,
  import BIGINT NOT NULL,
  known_at BIGINT NOT NULL
);

-- Where in the journal an import's entries lie.
CREATE TABLE import_spans (
  import BIGINT NOT NULL,
  from_seq BIGINT NOT NULL,
  to_seq BIGINT NOT NULL,
  PRIMARY KEY (import, from_seq)
);

CREATE TABLE imports (
  id {id} PRIMARY KEY,
  profile TEXT NOT NULL,
  source TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  finished_at BIGINT NOT NULL,
  actor BIGINT NOT NULL,
  files TEXT NOT NULL,
  counts TEXT NOT NULL,
  state TEXT NOT NULL
);

CREATE TABLE processes (
  id {id} PRIMARY KEY,
  key TEXT NOT NULL,
  version BIGINT NOT NULL,
  first_stage BIGINT NOT NULL,
  content TEXT NOT NULL,
  added_at BIGINT NOT NULL,
  UNIQUE (key, version)
);

CREATE TABLE custom_fields (
  id {id} PRIMARY KEY,
  kind BIGINT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  label TEXT NOT NULL,
  added_at BIGINT NOT NULL,
  UNIQUE (kind, name)
);

CREATE TABLE sources (
  id {id} PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

CREATE TABLE external_ids (
  source BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  external_id TEXT NOT NULL,
  record BIGINT NOT NULL,
  PRIMARY KEY (source, kind, external_id)
);

-- `rate` counts in billionths.
CREATE TABLE exchange_rates (
  into_currency BIGINT NOT NULL,
  from_currency BIGINT NOT NULL,
  day BIGINT NOT NULL,
  rate BIGINT NOT NULL,
  PRIMARY KEY (into_currency, from_currency, day)
);

-- Text about people. The journal and the tables below hold only the id; erasing deletes the row here.
CREATE TABLE vault (
  id {id} PRIMARY KEY,
  record BIGINT NOT NULL,
  field BIGINT NOT NULL,
  value TEXT NOT NULL
);
CREATE INDEX vault_record ON vault (record);

-- Every erasure, to be repeated after a restore. `born_at` tells a record from another that got its id
-- after a restore.
CREATE TABLE erasures (
  record BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  born_at BIGINT NOT NULL,
  erased_at BIGINT NOT NULL,
  actor BIGINT NOT NULL,
  PRIMARY KEY (record, erased_at)
);

-- Where backups were written to: erasures are noted beside them.
CREATE TABLE backups (
  path TEXT PRIMARY KEY,
  made_at_seq BIGINT NOT NULL
);

-- What follows are the current records, a projection of the journal.

CREATE TABLE accounts (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "name" TEXT,
  "aliases" TEXT,
  "industry" BIGINT,
  "region" BIGINT,
  "country" TEXT,
  "owner" BIGINT,
  "grade" TEXT,
  "tax_number" TEXT,
  "employees" BIGINT,
  "revenue_minor" BIGINT,
  "currency" BIGINT,
  "parent" BIGINT,
  "domain" TEXT,
  "phone" BIGINT,
  "address" BIGINT,
  "segment" TEXT,
  "rest" TEXT
);

CREATE TABLE contacts (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "name" BIGINT,
  "phone" BIGINT,
  "email" BIGINT,
  "post" TEXT,
  "account" BIGINT,
  "role" TEXT,
  "rest" TEXT
);

CREATE TABLE products (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "name" TEXT,
  "code" TEXT,
  "category" TEXT,
  "price_minor" BIGINT,
  "currency" BIGINT,
  "rest" TEXT
);

CREATE TABLE people (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "name" BIGINT,
  "email" BIGINT,
  "team" BIGINT,
  "manager" BIGINT,
  "role" TEXT,
  "active" BOOLEAN,
  "rest" TEXT
);

CREATE TABLE teams (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "name" TEXT,
  "parent" BIGINT,
  "rest" TEXT
);

CREATE TABLE regions (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "name" TEXT,
  "parent" BIGINT,
  "country" TEXT,
  "rest" TEXT
);

CREATE TABLE industries (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "name" TEXT,
  "parent" BIGINT,
  "rest" TEXT
);

CREATE TABLE channels (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "name" TEXT,
  "trusted" BOOLEAN,
  "type" TEXT,
  "rest" TEXT
);

CREATE TABLE campaigns (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "name" TEXT,
  "type" TEXT,
  "channel" BIGINT,
  "cost_minor" BIGINT,
  "currency" BIGINT,
  "rest" TEXT
);

CREATE TABLE opportunities (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "created_on" BIGINT NOT NULL,
  "closed_at" BIGINT,
  "closed_on" BIGINT,
  "stage" BIGINT,
  "outcome" BIGINT,
  "amount_minor" BIGINT,
  "currency" BIGINT,
  "owner" BIGINT,
  "team" BIGINT,
  "expected_close_on" BIGINT,
  "probability_ppm" BIGINT,
  "name" TEXT,
  "process" BIGINT,
  "account" BIGINT,
  "product" BIGINT,
  "region" BIGINT,
  "industry" BIGINT,
  "channel" BIGINT,
  "campaign" BIGINT,
  "contact" BIGINT,
  "investment_minor" BIGINT,
  "amount_source" TEXT,
  "tax_included" BOOLEAN,
  "parties" TEXT,
  "supply_list" TEXT,
  "reason" TEXT,
  "competitors" TEXT,
  "next_step" TEXT,
  "next_step_on" BIGINT,
  "next_contact_on" BIGINT,
  "forecast_category" TEXT,
  "source_channel" TEXT,
  "business_owner" TEXT,
  "pain" TEXT,
  "budget_range" TEXT,
  "sales_cost_budget_minor" BIGINT,
  "facts" TEXT,
  "rest" TEXT
);

CREATE TABLE deal_lines (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "opportunity" BIGINT,
  "product" BIGINT,
  "amount_minor" BIGINT,
  "currency" BIGINT,
  "quantity_milli" BIGINT,
  "is_primary" BOOLEAN,
  "rest" TEXT
);

CREATE TABLE activities (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "opportunity" BIGINT,
  "account" BIGINT,
  "contact" BIGINT,
  "person" BIGINT,
  "type" TEXT,
  "at" BIGINT,
  "done" BOOLEAN,
  "note" TEXT,
  "rest" TEXT
);

CREATE TABLE expenses (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "opportunity" BIGINT,
  "account" BIGINT,
  "person" BIGINT,
  "type" TEXT,
  "amount_minor" BIGINT,
  "currency" BIGINT,
  "spent_on" BIGINT,
  "rest" TEXT
);

CREATE TABLE metric_values (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "metric" TEXT,
  "measured_on" BIGINT,
  "process" BIGINT,
  "stage" BIGINT,
  "channel" BIGINT,
  "campaign" BIGINT,
  "product" BIGINT,
  "value_milli" BIGINT,
  "target_milli" BIGINT,
  "origin" TEXT,
  "rest" TEXT
);

CREATE TABLE targets (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "from_on" BIGINT,
  "to_on" BIGINT,
  "process" BIGINT,
  "stage" BIGINT,
  "person" BIGINT,
  "team" BIGINT,
  "region" BIGINT,
  "product" BIGINT,
  "industry" BIGINT,
  "channel" BIGINT,
  "amount_minor" BIGINT,
  "currency" BIGINT,
  "deals" BIGINT,
  "rest" TEXT
);
