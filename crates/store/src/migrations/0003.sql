-- Format 3: a customer's industry as a classifier infers it, apart from the one that somebody told.
ALTER TABLE accounts ADD COLUMN "industry_inferred" BIGINT;
ALTER TABLE accounts ADD COLUMN "industry_confidence_ppm" BIGINT;

-- Which record was merged into which. The journal's merge entries say so too; here also what a merge gave the survivor
-- (`filled`, an entry of it), whether it was undone (`undone_seq`, the entry that takes it back), and the first of the
-- merges that were made at once (`batch`).
CREATE TABLE merges (
  seq BIGINT PRIMARY KEY,
  kind BIGINT NOT NULL,
  record BIGINT NOT NULL,
  into_record BIGINT NOT NULL,
  filled BIGINT,
  merged_at BIGINT NOT NULL,
  actor BIGINT NOT NULL,
  batch BIGINT NOT NULL,
  undone_seq BIGINT,
  undone_at BIGINT,
  undone_by BIGINT
);
CREATE INDEX merges_batch ON merges (batch);
CREATE INDEX merges_record ON merges (record);
CREATE INDEX merges_into ON merges (into_record);

-- Pairs that people said are two, `a` the smaller id.
CREATE TABLE not_duplicates (
  kind BIGINT NOT NULL,
  a BIGINT NOT NULL,
  b BIGINT NOT NULL,
  decided_at BIGINT NOT NULL,
  actor BIGINT NOT NULL,
  PRIMARY KEY (kind, a, b)
);

-- Format 3: the chain from lead to cash and service as records, and expenses that name their campaign.

ALTER TABLE expenses ADD COLUMN "campaign" BIGINT;
ALTER TABLE expenses ADD COLUMN "channel" BIGINT;

CREATE TABLE leads (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "name" BIGINT,
  "company" TEXT,
  "status" TEXT,
  "channel" BIGINT,
  "campaign" BIGINT,
  "account" BIGINT,
  "contact" BIGINT,
  "owner" BIGINT,
  "opportunity" BIGINT,
  "first_contact_on" BIGINT,
  "verified_on" BIGINT,
  "closed_on" BIGINT,
  "reason" TEXT,
  "phone" BIGINT,
  "email" BIGINT,
  "region" BIGINT,
  "industry" BIGINT,
  "rest" TEXT
);

CREATE TABLE contracts (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "number" TEXT,
  "account" BIGINT,
  "opportunity" BIGINT,
  "amount_minor" BIGINT,
  "currency" BIGINT,
  "signed_on" BIGINT,
  "begins_on" BIGINT,
  "ends_on" BIGINT,
  "status" TEXT,
  "signed_with" TEXT,
  "rest" TEXT
);

CREATE TABLE orders (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "number" TEXT,
  "account" BIGINT,
  "opportunity" BIGINT,
  "contract" BIGINT,
  "ordered_on" BIGINT,
  "amount_minor" BIGINT,
  "freight_minor" BIGINT,
  "tax_minor" BIGINT,
  "currency" BIGINT,
  "status" TEXT,
  "promised_on" BIGINT,
  "delivered_on" BIGINT,
  "rest" TEXT
);

CREATE TABLE order_lines (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "order" BIGINT,
  "product" BIGINT,
  "account" BIGINT,
  "amount_minor" BIGINT,
  "freight_minor" BIGINT,
  "currency" BIGINT,
  "quantity_milli" BIGINT,
  "rest" TEXT
);

CREATE TABLE invoices (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "number" TEXT,
  "account" BIGINT,
  "opportunity" BIGINT,
  "contract" BIGINT,
  "order" BIGINT,
  "issued_on" BIGINT,
  "due_on" BIGINT,
  "amount_minor" BIGINT,
  "currency" BIGINT,
  "status" TEXT,
  "rest" TEXT
);

CREATE TABLE payments (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "number" TEXT,
  "account" BIGINT,
  "opportunity" BIGINT,
  "contract" BIGINT,
  "order" BIGINT,
  "invoice" BIGINT,
  "paid_on" BIGINT,
  "amount_minor" BIGINT,
  "currency" BIGINT,
  "method" TEXT,
  "installments" BIGINT,
  "rest" TEXT
);

CREATE TABLE service_requests (
  "id" {id} PRIMARY KEY,
  "version" BIGINT NOT NULL,
  "number" TEXT,
  "account" BIGINT,
  "contact" BIGINT,
  "opportunity" BIGINT,
  "order" BIGINT,
  "type" TEXT,
  "subject" TEXT,
  "status" TEXT,
  "opened_on" BIGINT,
  "closed_on" BIGINT,
  "person" BIGINT,
  "satisfaction" BIGINT,
  "rest" TEXT
);

-- A customer's page asks for what belongs to one customer or deal.
CREATE INDEX leads_account ON leads ("account");
CREATE INDEX leads_opportunity ON leads ("opportunity");
CREATE INDEX contracts_account ON contracts ("account");
CREATE INDEX contracts_opportunity ON contracts ("opportunity");
CREATE INDEX orders_account ON orders ("account");
CREATE INDEX orders_opportunity ON orders ("opportunity");
CREATE INDEX order_lines_account ON order_lines ("account");
CREATE INDEX order_lines_order ON order_lines ("order");
CREATE INDEX invoices_account ON invoices ("account");
CREATE INDEX invoices_opportunity ON invoices ("opportunity");
CREATE INDEX invoices_order ON invoices ("order");
CREATE INDEX payments_account ON payments ("account");
CREATE INDEX payments_opportunity ON payments ("opportunity");
CREATE INDEX payments_order ON payments ("order");
CREATE INDEX payments_invoice ON payments ("invoice");
CREATE INDEX service_requests_account ON service_requests ("account");
CREATE INDEX service_requests_opportunity ON service_requests ("opportunity");

-- Connections: where rows are pulled from, their secrets (ciphertext alone), and what pulls have come to. They are
-- configuration and no history: `journal_head.config` is raised by what people change about them.

-- `mark` is up to where everything was brought in; `lease` is held by the process that is at it, until a time.
CREATE TABLE connections (
  id {id} PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  definition TEXT NOT NULL,
  secret TEXT,
  recipe TEXT,
  column_names TEXT,
  schedule TEXT,
  skip_rejected BOOLEAN NOT NULL,
  mark TEXT NOT NULL,
  next_at BIGINT,
  lease TEXT,
  lease_until BIGINT,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE connection_runs (
  id {id} PRIMARY KEY,
  connection BIGINT NOT NULL,
  cause TEXT NOT NULL,
  actor TEXT NOT NULL,
  begun_at BIGINT NOT NULL,
  ended_at BIGINT,
  state TEXT NOT NULL,
  row_count BIGINT,
  byte_count BIGINT,
  detail TEXT NOT NULL
);
CREATE INDEX connection_runs_connection ON connection_runs (connection);

-- Format 3: fields of the organisation's own. What may change about one (names in both languages, values, whether it is
-- asked for, counted by or retired) is JSON in `content`; `label` stays for programs that read format 2.
ALTER TABLE custom_fields ADD COLUMN content TEXT NOT NULL DEFAULT '{}';
