-- Format 3: a customer's industry as a classifier infers it, apart from the one that somebody told.
ALTER TABLE accounts ADD COLUMN "industry_inferred" BIGINT;
ALTER TABLE accounts ADD COLUMN "industry_confidence_ppm" BIGINT;

-- Which record was merged into which. The journal's merge entries say so too; here also what a merge gave the survivor
-- (`filled`, an entry of it) and whether it was undone (`undone_seq`, the entry that takes it back).
CREATE TABLE merges (
  seq BIGINT PRIMARY KEY,
  kind BIGINT NOT NULL,
  record BIGINT NOT NULL,
  into_record BIGINT NOT NULL,
  filled BIGINT,
  merged_at BIGINT NOT NULL,
  actor BIGINT NOT NULL,
  undone_seq BIGINT,
  undone_at BIGINT,
  undone_by BIGINT
);
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
