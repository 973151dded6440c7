-- Format 2: accounts. They lie beside the journal: who may come in is no business fact, and is never undone.

-- `config` is raised by every write that the journal does not tell: processes, custom fields, rates, the
-- organisation. `access` numbers users, sessions, tokens and the lines of the access log.
ALTER TABLE journal_head ADD COLUMN config BIGINT NOT NULL DEFAULT 0;
ALTER TABLE journal_head ADD COLUMN access BIGINT NOT NULL DEFAULT 0;

-- `name_key` is the name without regard to case and width; `roles` are words with a space between.
CREATE TABLE users (
  id {id} PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  roles TEXT NOT NULL,
  person BIGINT NOT NULL,
  password_hash TEXT,
  active BOOLEAN NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  last_sign_in_at BIGINT
);

-- Of a session's token only the hash is kept. The hash before a renewal is good for a short while, so that
-- what was under way at the renewal is answered.
CREATE TABLE sessions (
  id {id} PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  former_hash TEXT UNIQUE,
  former_until BIGINT,
  user_id BIGINT NOT NULL,
  csrf TEXT NOT NULL,
  to_renew BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

-- `may` narrows what the user may; where it is absent, the token may what the user may.
CREATE TABLE tokens (
  id {id} PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  user_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  may TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  last_used_at BIGINT
);
CREATE INDEX tokens_user ON tokens (user_id);

-- `user_id` is 0 for the link of the first run: there is no user yet.
CREATE TABLE one_time_links (
  link_hash TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,
  user_id BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

-- Wrong sign-ins in a row, by account and by address.
CREATE TABLE attempts (
  subject TEXT PRIMARY KEY,
  failures BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  closed_until BIGINT NOT NULL
);

-- `user_id` is 0 where nobody was signed in, or the machine's own command line did it.
CREATE TABLE access_log (
  seq {id} PRIMARY KEY,
  at BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  address TEXT NOT NULL,
  detail TEXT NOT NULL
);

-- Answers to requests that must not be carried out twice; without a status while the first is under way.
CREATE TABLE idempotency (
  user_id BIGINT NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  status BIGINT,
  body TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, key)
);
