//! What a step can do. Adding one takes a variant here, its plan in `plan.rs`, and a line in docs/steps.md.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A change to a table. Where `columns` may be absent, all texts are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// Keeps these columns, in this order.
    Choose {
        /// The columns.
        columns: Vec<String>,
    },
    /// Takes columns out.
    Drop {
        /// The columns.
        columns: Vec<String>,
    },
    /// Calls columns otherwise.
    Rename {
        /// New names by old ones.
        columns: BTreeMap<String, String>,
    },
    /// Takes the space around texts off, and makes runs of space inside one; an empty text is nothing.
    Trim {
        /// The columns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<Vec<String>>,
    },
    /// Makes full-width letters, figures and signs half-width (全角 → 半角).
    Width {
        /// The columns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<Vec<String>>,
    },
    /// Puts Latin letters for Cyrillic and Greek ones that look like them, in words that are Latin otherwise.
    Lookalikes {
        /// The columns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<Vec<String>>,
    },
    /// Writes texts in one case.
    Case {
        /// The columns.
        columns: Vec<String>,
        /// Which.
        to: Case,
    },
    /// Puts one text for another wherever it stands in a value.
    Replace {
        /// The columns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<Vec<String>>,
        /// What stands there.
        from: String,
        /// What is to stand there.
        to: String,
        /// Whether `from` is a regular expression; groups are then `$1` in `to`.
        #[serde(default, skip_serializing_if = "is_false")]
        regex: bool,
    },
    /// Parts a text at a sign; what is left over stands in the last column.
    Split {
        /// The column.
        column: String,
        /// The sign.
        by: String,
        /// The new columns.
        into: Vec<String>,
    },
    /// Joins texts to one, leaving out what is empty.
    Merge {
        /// The columns.
        columns: Vec<String>,
        /// What stands between them.
        by: String,
        /// The new column.
        into: String,
    },
    /// Puts whole values for others.
    Map {
        /// The column.
        column: String,
        /// New values by old ones; an empty one is nothing.
        values: BTreeMap<String, String>,
        /// What every other value becomes; absent: it stays.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        otherwise: Option<String>,
    },
    /// Fills what is empty with a value.
    Fill {
        /// The columns.
        columns: Vec<String>,
        /// The value.
        with: String,
    },
    /// Keeps the rows that a condition holds for.
    Filter {
        /// The condition in SQL: `"Amount" > 0 and "Region" <> 'Total'`.
        #[serde(rename = "where")]
        condition: String,
    },
    /// Adds a column, or makes one anew.
    Derive {
        /// Its name.
        into: String,
        /// The expression in SQL.
        expr: String,
    },
    /// Reads texts as values; what is none becomes nothing and is told with its row.
    Type {
        /// Types by column.
        columns: BTreeMap<String, Type>,
        /// How dates are written; `iso` where absent.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        dates: Vec<String>,
        /// Whether a comma parts the decimals.
        #[serde(default, skip_serializing_if = "is_false")]
        decimal_comma: bool,
    },
    /// Puts rows in order; rows that are equal stay in theirs.
    Sort {
        /// The columns, `-` before one that descends.
        by: Vec<String>,
    },
    /// One row for each combination of values.
    Group {
        /// The columns.
        by: Vec<String>,
        /// New columns by their aggregate in SQL: `sum("Amount")`, `count(*)`.
        take: BTreeMap<String, String>,
    },
    /// Makes a row of each column: its name, and its value.
    Unpivot {
        /// The columns.
        columns: Vec<String>,
        /// The new column with their names.
        names: String,
        /// The new column with their values; empty ones make no row.
        values: String,
    },
    /// Makes columns of the values of one: a row for each combination of all the others.
    Pivot {
        /// The column whose values become columns.
        names: String,
        /// The column with what stands in them.
        values: String,
        /// The values that become columns, in this order; rows with others say nothing.
        columns: Vec<String>,
        /// What is taken where several rows fall together.
        #[serde(default)]
        take: Take,
    },
    /// Brings in columns of another table by equal values.
    Join {
        /// The other table.
        with: String,
        /// Columns of the other by columns of this.
        on: BTreeMap<String, String>,
        /// Which rows stay.
        #[serde(default)]
        kind: Kind,
    },
    /// Puts the rows of another table below; columns go by their names.
    Append {
        /// The other table.
        with: String,
    },
    /// Keeps one of the rows that agree in these columns.
    Dedupe {
        /// The columns; all where absent.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        by: Vec<String>,
        /// Which one.
        #[serde(default)]
        keep: Keep,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// A case of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Case {
    /// small letters
    Lower,
    /// CAPITAL LETTERS
    Upper,
    /// A Capital Letter Each
    Title,
}

/// What texts are read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    /// A number with up to six decimals, in any of the writings of money: `50万`, `€ 2.900,00`, `(1,035.50)`.
    Number,
    /// A whole number.
    Whole,
    /// A date.
    Date,
    /// Yes or no.
    YesNo,
}

/// What a pivot takes of several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Take {
    /// The first one.
    #[default]
    First,
    /// Their sum.
    Sum,
    /// How many there are.
    Count,
}

/// Which rows a join keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// All of this table.
    #[default]
    Left,
    /// Those that the other table has too.
    Inner,
    /// Those that it has not.
    Anti,
}

/// Which of several equal rows is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// The first.
    #[default]
    First,
    /// The last.
    Last,
}

impl Action {
    /// The word in the file.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Choose { .. } => "choose",
            Self::Drop { .. } => "drop",
            Self::Rename { .. } => "rename",
            Self::Trim { .. } => "trim",
            Self::Width { .. } => "width",
            Self::Lookalikes { .. } => "lookalikes",
            Self::Case { .. } => "case",
            Self::Replace { .. } => "replace",
            Self::Split { .. } => "split",
            Self::Merge { .. } => "merge",
            Self::Map { .. } => "map",
            Self::Fill { .. } => "fill",
            Self::Filter { .. } => "filter",
            Self::Derive { .. } => "derive",
            Self::Type { .. } => "type",
            Self::Sort { .. } => "sort",
            Self::Group { .. } => "group",
            Self::Unpivot { .. } => "unpivot",
            Self::Pivot { .. } => "pivot",
            Self::Join { .. } => "join",
            Self::Append { .. } => "append",
            Self::Dedupe { .. } => "dedupe",
        }
    }
}
