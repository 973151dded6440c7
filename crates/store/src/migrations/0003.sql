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
  import BIGINT,
  detail TEXT NOT NULL
);
CREATE INDEX connection_runs_connection ON connection_runs (connection);
