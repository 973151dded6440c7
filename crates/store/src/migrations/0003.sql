-- Format 3: a customer's industry as a classifier infers it, apart from the one that somebody told.
ALTER TABLE accounts ADD COLUMN "industry_inferred" BIGINT;
ALTER TABLE accounts ADD COLUMN "industry_confidence_ppm" BIGINT;
