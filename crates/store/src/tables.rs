//! Every table with its columns, for copying a database as a whole.

use domain::Kind;

use crate::columns::{Sort, shape};

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) sorts: Vec<Sort>,
    /// How many columns at the front are the primary key.
    pub(crate) keys: usize,
    /// Whether a copy holds its rows. Sessions and what is like them belong to a moment, which a restore must
    /// not bring back.
    pub(crate) lasting: bool,
}

/// Columns by name; `:t` marks text, `:b` yes or no, the others are whole numbers.
const PLAIN: &[(&str, usize, &str)] = &[
    ("settings", 1, "key:t value:t"),
    ("journal_head", 1, "id seq record process stage import vault source config access"),
    (
        "journal",
        1,
        "seq kind record effective_at known_at recorded_at source_seq import actor op target hot_set stage \
         outcome amount_minor currency owner team expected_close_on probability_ppm rest:t",
    ),
    ("withdrawals", 1, "seq import known_at"),
    ("import_spans", 2, "import from_seq to_seq"),
    ("imports", 1, "id profile:t source:t started_at finished_at actor files:t counts:t state:t"),
    ("merges", 1, "seq kind record into_record filled merged_at actor batch undone_seq undone_at undone_by"),
    ("not_duplicates", 3, "kind a b decided_at actor"),
    ("processes", 1, "id key:t version first_stage content:t added_at"),
    ("custom_fields", 1, "id kind name:t type:t label:t added_at content:t"),
    ("sources", 1, "id name:t"),
    ("external_ids", 3, "source kind external_id:t record"),
    ("exchange_rates", 3, "into_currency from_currency day rate"),
    ("vault", 1, "id record field value:t"),
    ("erasures", 2, "record erased_at kind born_at actor"),
    ("backups", 1, "path:t made_at_seq"),
    ("users", 1, "id name:t name_key:t roles:t person password_hash:t active:b version created_at last_sign_in_at"),
    ("tokens", 1, "id token_hash:t user_id name:t may:t created_at expires_at last_used_at"),
    (
        "connections",
        1,
        "id name:t name_key:t definition:t secret:t recipe:t column_names:t schedule:t skip_rejected:b mark:t next_at \
         lease:t lease_until version created_at",
    ),
    ("connection_runs", 1, "id connection cause:t actor:t begun_at ended_at state:t row_count byte_count detail:t"),
    ("access_log", 1, "seq at user_id action:t subject:t address:t detail:t"),
];

/// What belongs to a moment.
const PASSING: &[(&str, usize, &str)] = &[
    (
        "sessions",
        1,
        "id token_hash:t former_hash:t former_until user_id csrf:t to_renew:b created_at last_seen_at expires_at \
         address:t agent:t",
    ),
    ("one_time_links", 1, "link_hash:t purpose:t user_id expires_at"),
    ("attempts", 1, "subject:t failures last_at closed_until"),
    ("idempotency", 2, "user_id key:t request_hash:t status body:t created_at"),
];

/// Every table but `schema_format`.
pub(crate) fn all() -> Vec<Table> {
    let listed = PLAIN.iter().map(|table| (table, true)).chain(PASSING.iter().map(|table| (table, false)));
    let plain = listed.map(|((name, keys, columns), lasting)| {
        let (columns, sorts) = columns.split_whitespace().map(marked).unzip();
        Table { name, columns, sorts, keys: *keys, lasting }
    });
    let records = Kind::ALL.into_iter().map(|kind| {
        let shape = shape(kind);
        Table { name: kind.table(), columns: shape.columns.clone(), sorts: shape.sorts.clone(), keys: 1, lasting: true }
    });
    plain.chain(records).collect()
}

fn marked(column: &'static str) -> (&'static str, Sort) {
    match column.split_once(':') {
        Some((name, "t")) => (name, Sort::Text),
        Some((name, _)) => (name, Sort::Bool),
        None => (column, Sort::Int),
    }
}
