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
}

/// Columns by name; `:t` marks text, the others are whole numbers.
const PLAIN: &[(&str, usize, &str)] = &[
    ("settings", 1, "key:t value:t"),
    ("journal_head", 1, "id seq record process stage import vault source"),
    (
        "journal",
        1,
        "seq kind record effective_at known_at recorded_at source_seq import actor op target hot_set stage \
         outcome amount_minor currency owner team expected_close_on probability_ppm rest:t",
    ),
    ("withdrawals", 1, "seq import known_at"),
    ("import_spans", 2, "import from_seq to_seq"),
    ("imports", 1, "id profile:t source:t started_at finished_at actor files:t counts:t state:t"),
    ("processes", 1, "id key:t version first_stage content:t added_at"),
    ("custom_fields", 1, "id kind name:t type:t label:t added_at"),
    ("sources", 1, "id name:t"),
    ("external_ids", 3, "source kind external_id:t record"),
    ("exchange_rates", 3, "into_currency from_currency day rate"),
    ("vault", 1, "id record field value:t"),
    ("erasures", 2, "record erased_at kind born_at actor"),
    ("backups", 1, "path:t made_at_seq"),
];

/// Every table but `schema_format`.
pub(crate) fn all() -> Vec<Table> {
    let plain = PLAIN.iter().map(|(name, keys, columns)| {
        let marked: Vec<(&'static str, Sort)> = columns
            .split_whitespace()
            .map(|column| column.strip_suffix(":t").map_or((column, Sort::Int), |name| (name, Sort::Text)))
            .collect();
        let (columns, sorts) = marked.into_iter().unzip();
        Table { name, columns, sorts, keys: *keys }
    });
    let records = Kind::ALL.into_iter().map(|kind| {
        let shape = shape(kind);
        Table { name: kind.table(), columns: shape.columns.clone(), sorts: shape.sorts.clone(), keys: 1 }
    });
    plain.chain(records).collect()
}
