//! The profile's file format, key by key. Unknown keys are refused with their place.
//!
//! Only shapes are read here; whether names fit together is checked in [`super::check`], and against the
//! files and the process when an extraction begins.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bilingual {
    pub(crate) zh: String,
    pub(crate) en: String,
}

/// The whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    pub(crate) name: String,
    pub(crate) title: Bilingual,
    pub(crate) description: Bilingual,
    /// The namespace of external keys; the profile's name where absent.
    pub(crate) source: Option<String>,
    pub(crate) currency: String,
    pub(crate) zone: String,
    /// `YYYY-MM-DD`, or `last-change`.
    pub(crate) exported_on: String,
    #[serde(default)]
    pub(crate) known: Known,
    /// Key of a ready-made process, or a table in the format of `processes/*.toml`.
    pub(crate) process: toml::Value,
    #[serde(default = "iso")]
    pub(crate) dates: Vec<String>,
    #[serde(default)]
    pub(crate) decimal: Decimal,
    #[serde(default)]
    pub(crate) empty: Vec<String>,
    #[serde(default)]
    pub(crate) maps: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) tables: BTreeMap<String, TableSpec>,
    #[serde(default)]
    pub(crate) records: Vec<RecordSpec>,
    pub(crate) deals: Option<DealSpec>,
    #[serde(default)]
    pub(crate) changes: Vec<ChangeSpec>,
    #[serde(default)]
    pub(crate) checks: Vec<CheckSpec>,
}

fn iso() -> Vec<String> {
    vec!["iso".to_owned()]
}

/// When changes count as known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Known {
    /// When they are imported.
    #[default]
    Import,
    /// At the stamp of the source's change log, which is trusted.
    Stamp,
}

/// Which sign parts whole and fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Decimal {
    /// `1,234.50`
    #[default]
    Point,
    /// `1.234,50`
    Comma,
}

/// Where a table lies.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableSpec {
    /// Names in the input folder; `*` stands for anything. The first that matches counts.
    pub(crate) files: Vec<String>,
    pub(crate) format: Option<Format>,
    pub(crate) delimiter: Option<char>,
    pub(crate) encoding: Option<String>,
    pub(crate) sheet: Option<String>,
    /// The row of the headings, from 1 on; rows above it are not read.
    pub(crate) header_row: Option<u32>,
    #[serde(default)]
    pub(crate) optional: bool,
    /// Other tables by a key: their columns are then called `alias.Column`.
    #[serde(default)]
    pub(crate) joins: Vec<JoinSpec>,
    /// What is done to the table before its rows are read. What a step is, is not for this crate to know.
    #[serde(default)]
    pub(crate) steps: Vec<toml::Table>,
}

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    Csv,
    Xlsx,
    Xls,
    Ods,
    Parquet,
    Json,
    Xes,
}

/// One row of another table for each row of this one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JoinSpec {
    #[serde(rename = "as")]
    pub(crate) alias: String,
    pub(crate) table: String,
    /// Column of this table, possibly of an earlier join.
    pub(crate) column: String,
    /// Column of the other table.
    pub(crate) key: String,
}

/// Where a field's value comes from and how it is written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FieldSpec {
    pub(crate) column: Option<String>,
    pub(crate) constant: Option<String>,
    pub(crate) map: Option<MapSpec>,
    /// What values outside of the map become; without it they pass, or are rejected where they are codes.
    pub(crate) otherwise: Option<String>,
    pub(crate) dates: Option<Vec<String>>,
    pub(crate) decimal: Option<Decimal>,
    pub(crate) empty: Option<Vec<String>>,
    /// Zero stands for "not known".
    pub(crate) zero_is_unknown: bool,
    pub(crate) times: Option<i64>,
    pub(crate) rounding: Rounding,
    /// The column may be absent.
    pub(crate) optional: bool,
    /// The cell has to hold something.
    pub(crate) required: bool,
    /// What becomes of a reference to a record that no file holds.
    pub(crate) missing: Option<Missing>,
    /// Outcomes of the deal for which the field holds; empty: all.
    pub(crate) only: Vec<String>,
    /// JSON fields: the columns that make an object.
    pub(crate) columns: Vec<String>,
    /// JSON fields: the sign that parts a plain list.
    pub(crate) split: Option<String>,
    pub(crate) percent: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullField {
    column: Option<String>,
    constant: Option<Scalar>,
    map: Option<MapSpec>,
    otherwise: Option<String>,
    dates: Option<Vec<String>>,
    decimal: Option<Decimal>,
    empty: Option<Vec<String>>,
    #[serde(default)]
    zero_is_unknown: bool,
    times: Option<i64>,
    #[serde(default)]
    rounding: Rounding,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    required: bool,
    missing: Option<Missing>,
    #[serde(default)]
    only: Vec<String>,
    #[serde(default)]
    columns: Vec<String>,
    split: Option<String>,
    #[serde(default)]
    percent: bool,
}

impl From<FullField> for FieldSpec {
    fn from(full: FullField) -> Self {
        Self {
            column: full.column,
            constant: full.constant.map(|Scalar(text)| text),
            map: full.map,
            otherwise: full.otherwise,
            dates: full.dates,
            decimal: full.decimal,
            empty: full.empty,
            zero_is_unknown: full.zero_is_unknown,
            times: full.times,
            rounding: full.rounding,
            optional: full.optional,
            required: full.required,
            missing: full.missing,
            only: full.only,
            columns: full.columns,
            split: full.split,
            percent: full.percent,
        }
    }
}

/// What becomes of decimals that the currency has no unit for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rounding {
    /// Half to even, with a warning.
    #[default]
    Warn,
    /// Half to even, as a matter of course.
    Even,
    /// The row stays out.
    Reject,
}

/// What becomes of a reference to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Missing {
    /// The field stays empty, with a warning.
    Warn,
    /// The field stays empty.
    Empty,
    /// The row stays out.
    Reject,
    /// The record is made, named by the value.
    Create,
}

/// A map of values, or the name of one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum MapSpec {
    Named(String),
    Inline(BTreeMap<String, String>),
}

/// A plain value, as text.
struct Scalar(String);

macro_rules! string_or_map {
    ($type:ty, $expecting:literal, |$text:ident| $from_text:expr, |$map:ident| $from_map:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Either;
                impl<'de> Visitor<'de> for Either {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_str<E: de::Error>(self, $text: &str) -> Result<Self::Value, E> {
                        Ok($from_text)
                    }
                    fn visit_map<A: MapAccess<'de>>(self, $map: A) -> Result<Self::Value, A::Error> {
                        $from_map
                    }
                }
                deserializer.deserialize_any(Either)
            }
        }
    };
}

string_or_map!(
    FieldSpec,
    "the name of a column, or a table with `column`, `constant`, `map` …",
    |text| FieldSpec { column: Some(text.to_owned()), ..FieldSpec::default() },
    |map| FullField::deserialize(MapAccessDeserializer::new(map)).map(Into::into)
);
string_or_map!(MapSpec, "the name of a map, or a table of values", |text| MapSpec::Named(text.to_owned()), |map| {
    BTreeMap::deserialize(MapAccessDeserializer::new(map)).map(MapSpec::Inline)
});

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Plain;
        impl Visitor<'_> for Plain {
            type Value = Scalar;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a whole number, true or false")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar(text.to_owned()))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }
            fn visit_bool<E: de::Error>(self, yes: bool) -> Result<Scalar, E> {
                Ok(Scalar(yes.to_string()))
            }
        }
        deserializer.deserialize_any(Plain)
    }
}

/// What becomes of a second row with the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Duplicates {
    /// It stays out.
    #[default]
    Reject,
    /// It goes in as a record of its own, with a warning.
    Separate,
    /// It goes on with the same record, with a warning.
    Continue,
    /// It is the same again, and says nothing new.
    Same,
}

/// Rows that become records of a kind other than deals.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordSpec {
    pub(crate) kind: String,
    pub(crate) table: String,
    pub(crate) key: FieldSpec,
    #[serde(default)]
    pub(crate) duplicates: Duplicates,
    /// When the record began to hold; without it, with the earliest date of the import.
    pub(crate) at: Option<FieldSpec>,
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, FieldSpec>,
}

/// The table of deals.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DealSpec {
    pub(crate) table: String,
    pub(crate) key: FieldSpec,
    #[serde(default)]
    pub(crate) duplicates: Duplicates,
    /// When the deal began.
    pub(crate) created: Option<FieldSpec>,
    /// The stage it then was in: a key, or `unknown`.
    #[serde(default = "unknown")]
    pub(crate) start: String,
    /// What becomes of deals without a date of creation.
    #[serde(default)]
    pub(crate) start_missing: StartMissing,
    /// Where it stood at its last known date.
    pub(crate) stage: Option<FieldSpec>,
    pub(crate) outcome: Option<FieldSpec>,
    /// When it closed, of closed deals.
    pub(crate) closed: Option<FieldSpec>,
    /// Fields of which the source keeps no history and that are taken to hold from the start.
    #[serde(default)]
    pub(crate) from_start: Vec<String>,
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, FieldSpec>,
    /// One deal line a row.
    pub(crate) line: Option<BTreeMap<String, FieldSpec>>,
}

fn unknown() -> String {
    "unknown".to_owned()
}

/// What becomes of deals without a date of creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StartMissing {
    /// They begin with their first known date: a change, the close, else the export.
    #[default]
    FirstKnown,
    /// They stay out.
    Reject,
}

/// A table of changes: one column a field, or rows of field and value.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeSpec {
    pub(crate) table: String,
    pub(crate) deal: FieldSpec,
    pub(crate) at: FieldSpec,
    /// A column of numbers that orders changes of one instant; rows follow in their order.
    pub(crate) order: Option<String>,
    #[serde(default)]
    pub(crate) unknown_deals: UnknownDeals,
    /// What becomes of a second creation of one deal.
    #[serde(default)]
    pub(crate) duplicates: Duplicates,
    #[serde(default)]
    pub(crate) blank: Blank,
    /// What becomes of rows that name no moment.
    #[serde(default)]
    pub(crate) undated: Undated,
    /// One column a field.
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, FieldSpec>,
    /// The column that names the field, and the one with its new value.
    pub(crate) field: Option<String>,
    pub(crate) value: Option<String>,
    /// The source's field names and what they set; the column of each is `value`.
    #[serde(default)]
    pub(crate) values: BTreeMap<String, ValueSpec>,
    /// Source's field names that say nothing.
    #[serde(default)]
    pub(crate) ignore: Vec<String>,
}

impl ChangeSpec {
    /// Whether its changes are those of the rows that the deals are read from, each of the deal that the row made.
    pub(crate) fn is_of_rows_of(&self, deals: &DealSpec) -> bool {
        self.table == deals.table && self.deal == deals.key
    }
}

/// What a row of a field-change log sets.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValueSpec {
    /// The row tells that the deal was created.
    #[serde(default)]
    pub(crate) created: bool,
    #[serde(default)]
    pub(crate) set: BTreeMap<String, FieldSpec>,
}

/// What becomes of changes of deals that the deals table does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum UnknownDeals {
    /// They stay out.
    #[default]
    Reject,
    /// They stay out without a word: the table of deals, which is the same, has told why.
    Skip,
    /// The deal begins with its first change.
    Create,
}

/// What an empty cell of a change says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Blank {
    /// Nothing.
    #[default]
    Unchanged,
    /// That the field is empty from then on.
    Clears,
}

/// What a change without a moment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Undated {
    /// A mistake: the row stays out.
    #[default]
    Reject,
    /// One that has not happened: a table with a column of dates for each stage has many such.
    Skip,
}

/// Something that holds on every row of a table, if the export is sound.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckSpec {
    pub(crate) name: String,
    pub(crate) table: String,
    pub(crate) note: Bilingual,
    /// Two fields whose (mapped) texts agree.
    #[serde(default)]
    pub(crate) equal: Vec<FieldSpec>,
    /// Columns of numbers …
    #[serde(default)]
    pub(crate) product: Vec<String>,
    /// … whose product is this column,
    pub(crate) is: Option<String>,
    /// within this.
    #[serde(default = "exactly")]
    pub(crate) within: String,
    #[serde(default)]
    pub(crate) reject: bool,
}

fn exactly() -> String {
    "0".to_owned()
}
