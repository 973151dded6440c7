//! A mapping: what a person says about their own table, column by column.
//!
//! It is smaller than a profile and always becomes one ([`Mapping::to_profile`]): there is one way for files to come in.
//! What the mapping cannot say, a profile can; the text that it becomes is a file to be kept, changed and run by its
//! path. Nothing here knows files: whether the columns are there is found when they are read.

mod compile;
mod fields;
mod kept;
mod part;
mod records;

use std::collections::BTreeMap;

use domain::process::{Level, StageKind, StageRole};
use domain::words::Text2;
use serde::{Deserialize, Serialize};

use crate::profile::OF_IMPORT;

pub use fields::{TargetField, mappable, target_fields, value_word};

/// Where a table is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableChoice {
    /// The file's name.
    pub file: String,
    /// The sheet of a workbook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The row of the headings, from 1 on; the first row where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u32>,
    /// The encoding, where it is not found by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The sign between fields, where it is not found by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// What is done to the table before its rows are read, as a file of steps has it. Columns are those after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<toml::Table>,
}

/// The column of a field, and how it is written where that is not plain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappedField {
    /// The column's heading. Of deals also `account.Heading`: that of the record which their field `account` refers to
    /// (see [`Mapping::aliases`]).
    pub column: String,
    /// What amounts are counted in: 10000 for 万.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<i64>,
    /// Probabilities are written 0 to 100.
    #[serde(default, skip_serializing_if = "is_false")]
    pub percent: bool,
    /// A zero means that nobody knows.
    #[serde(default, skip_serializing_if = "is_false")]
    pub zero_is_unknown: bool,
    /// Outcomes of the deal for which the column says this; all where empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// How its dates are written, where not as the mapping says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<String>,
}

/// A table whose rows are records of a kind other than deals.
///
/// Fields that refer to records of this kind name their key, or what they are called. Of the first table of a kind
/// whose key is one column, the deals may have columns as their own: `account.Industry`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappedRecords {
    /// What they are: the word of a kind, such as `payment`.
    pub kind: String,
    /// Where the table is. One table may hold records of several kinds.
    pub table: TableChoice,
    /// The columns that together tell one record from another.
    pub key: Vec<String>,
    /// A record may stand on several rows, the first of which tells what it is: orders in a table of their lines.
    #[serde(default, skip_serializing_if = "is_false")]
    pub repeats: bool,
    /// Fields of the kind and their columns.
    pub fields: BTreeMap<String, MappedField>,
}

/// Rows each of which is a change of a deal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The table they stand in; that of the deals itself where absent, which is then a log of events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<TableChoice>,
    /// Its column with the key of the deal.
    pub deal: String,
    /// Its column with the moment of the change.
    pub at: String,
    /// Fields that a change sets, and their columns in it.
    pub fields: BTreeMap<String, MappedField>,
}

/// A column of dates on which deals came to a stage, to an outcome, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// The column's heading. A deal whose cell is empty has not come so far.
    pub column: String,
    /// The stage, a key of the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// A stage of a process of the mapping's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappedStage {
    /// Small letters, digits, `-` and `_`.
    pub key: String,
    /// What people call it.
    pub name: Text2,
    /// What it means to stand in it.
    pub kind: StageKind,
    /// Early or late.
    pub level: Level,
    /// The part it plays for dials and guards.
    #[serde(default, skip_serializing_if = "has_no_role")]
    pub role: StageRole,
    /// The chance of winning, if the file tells one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability_percent: Option<u32>,
}

/// A process of the mapping's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnProcess {
    /// Small letters, digits, `-` and `_`.
    pub key: String,
    /// What people call it.
    pub name: Text2,
    /// Its stages in their order.
    pub stages: Vec<MappedStage>,
}

/// The process of the deals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MappedProcess {
    /// One that is there, by its key.
    Key(String),
    /// One made of the values of the file.
    Own(OwnProcess),
}

/// What a person says about their table of deals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The name of the source: keys of later files under the same name are the same records.
    pub name: String,
    /// The table of deals; absent where the files hold none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<TableChoice>,
    /// The columns that together tell one deal from another.
    pub key: Vec<String>,
    /// What a second row with the same key is: `separate` for a deal of its own, `continue` for the same deal; absent, it
    /// stays out. In a log of events it is the next event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<String>,
    /// Fields of the deals (see [`target_fields`]) and their columns.
    pub fields: BTreeMap<String, MappedField>,
    /// Columns that are kept with the deal as they are, beyond the fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<String>,
    /// The process.
    pub process: MappedProcess,
    /// Values of the stage's column, and the stages they mean; empty for one that says nothing about the stage.
    #[serde(default)]
    pub stages: BTreeMap<String, String>,
    /// Values of the outcome's column, and the outcomes they mean.
    #[serde(default)]
    pub outcomes: BTreeMap<String, String>,
    /// The outcome that any other value means; without it such rows stay out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_outcome: Option<String>,
    /// How dates are written, in the order they are tried; see the guide.
    #[serde(default)]
    pub dates: Vec<String>,
    /// Whether a comma parts whole and fraction.
    #[serde(default)]
    pub decimal_comma: bool,
    /// Texts that mean nothing.
    #[serde(default)]
    pub empty: Vec<String>,
    /// The currency of amounts that do not name theirs.
    pub currency: String,
    /// The zone of dates and times.
    pub zone: String,
    /// The day on which open deals stood as the file says, `import` for that of the import, or `last-change`.
    pub exported_on: String,
    /// Tables of other records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<MappedRecords>,
    /// How the deals changed, where rows tell it: those of another table, or of a log of events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
    /// Columns of dates that each tell when a deal came to a stage or an outcome, in the order in which that happens: it
    /// decides where two are of one day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub milestones: Vec<Milestone>,
    /// Further tables, by the names under which steps bring them in.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, TableChoice>,
    /// What stands before the dot in `account.Heading`, by the field that refers, where it is not the field's name:
    /// headings of the deals' own table may begin with that (`account.id` in JSON).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, String>,
}

impl Mapping {
    /// The mapping for files that come later: a day of export that was named is that of the files of then.
    #[must_use]
    pub fn of_each_day(mut self) -> Self {
        if domain::Day::parse(&self.exported_on).is_some() {
            OF_IMPORT.clone_into(&mut self.exported_on);
        }
        self
    }

    /// Whether the deals are read from a log of events: a row an event, several of one deal.
    #[must_use]
    pub fn is_event_log(&self) -> bool {
        self.table.is_some() && self.history.as_ref().is_some_and(|history| history.table.is_none())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn has_no_role(role: &StageRole) -> bool {
    *role == StageRole::None
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
const fn is_false(value: &bool) -> bool {
    !*value
}
