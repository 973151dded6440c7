//! Answers as the API tells them: the CLI's rows, with what a page needs to show them.

use app::Words;
use app::answer::{Answer, Cell, Column, Label, Terms, Unit};
use domain::words::Text2;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Both {
    /// Simplified Chinese.
    pub(crate) zh: String,
    /// English.
    pub(crate) en: String,
}

impl Both {
    pub(crate) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// Words of which Chinese may be missing: English stands in for it.
    pub(crate) fn told(Words { en, zh }: Words) -> Self {
        Self { zh: zh.unwrap_or_else(|| en.clone()), en }
    }
}

impl From<Text2> for Both {
    fn from(text: Text2) -> Self {
        Self { zh: text.zh, en: text.en }
    }
}

impl From<Label> for Both {
    fn from(label: Label) -> Self {
        Self::new(label.zh, label.en)
    }
}

/// What a column counts in, and so how it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UnitBody {
    Text,
    Count,
    AmountMinor,
    Share,
    Days,
    Date,
    Number,
}

impl From<Unit> for UnitBody {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::Text => Self::Text,
            Unit::Count => Self::Count,
            Unit::AmountMinor => Self::AmountMinor,
            Unit::Share => Self::Share,
            Unit::Days => Self::Days,
            Unit::Date => Self::Date,
            Unit::Number => Self::Number,
        }
    }
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ColumnBody {
    /// Its key in the rows.
    pub(crate) key: String,
    /// Its head.
    pub(crate) label: Both,
    /// Its unit.
    pub(crate) unit: UnitBody,
    /// Whether a bar beside it helps the eye.
    pub(crate) bar: bool,
}

/// A term: one of the choices that an answer's numbers depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct TermBody {
    /// Its key in `terms`.
    pub(crate) key: String,
    /// What it is called.
    pub(crate) label: Both,
    /// What it is here.
    pub(crate) value: Both,
}

/// Rows with named, typed columns, under stated terms.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct AnswerBody {
    /// What it is called.
    pub(crate) title: Both,
    /// What its numbers mean, for programs.
    #[schema(value_type = Object)]
    pub(crate) terms: Value,
    /// The same for people; terms that say nothing here are left out.
    pub(crate) term_list: Vec<TermBody>,
    /// The currency of its amounts; absent where there are none, or several.
    pub(crate) currency: Option<String>,
    /// Decimals of that currency: amounts are whole minor units.
    pub(crate) decimals: Option<u32>,
    /// Its columns.
    pub(crate) columns: Vec<ColumnBody>,
    /// Its rows: a value by column key; names bring `KEY_zh` and `KEY_en`; what is not defined is null and brings
    /// `KEY_why`.
    #[schema(value_type = Vec<Object>)]
    pub(crate) rows: Vec<Value>,
    /// What the rows come to, by column key like a row; absent where they do not add up, as null where a column does
    /// not.
    #[schema(value_type = Option<Object>)]
    pub(crate) totals: Option<Map<String, Value>>,
    /// Sentences to be read beside the numbers.
    pub(crate) notes: Vec<Both>,
}

impl From<Answer> for AnswerBody {
    fn from(answer: Answer) -> Self {
        let columns = columns(&answer.columns);
        let rows = answer.rows.iter().map(|row| Value::Object(row_body(&columns, row))).collect();
        let totals = answer.totals.as_ref().map(|row| row_body(&columns, row));
        Self {
            title: answer.title.into(),
            terms: answer.terms.to_json(),
            term_list: term_list(&answer.terms),
            currency: answer.currency.map(|currency| currency.to_string()),
            decimals: answer.currency.map(domain::Currency::decimals),
            columns,
            rows,
            totals,
            notes: answer.notes.into_iter().map(|(zh, en)| Both { zh, en }).collect(),
        }
    }
}

fn row_body(columns: &[ColumnBody], row: &[Cell]) -> Map<String, Value> {
    let mut object = Map::new();
    for (column, cell) in columns.iter().zip(row) {
        cell_into(&mut object, &column.key, cell);
    }
    object
}

/// Writes a cell into a row: its value, and what people read instead of it.
pub(crate) fn cell_into(row: &mut Map<String, Value>, key: &str, cell: &Cell) {
    row.insert(key.to_owned(), cell.to_json());
    match cell {
        Cell::Name { zh, en, .. } => {
            row.insert(format!("{key}_zh"), json!(zh));
            row.insert(format!("{key}_en"), json!(en));
        }
        Cell::Undefined(why) => {
            row.insert(format!("{key}_why"), json!({"zh": why.zh, "en": why.en}));
        }
        _ => {}
    }
}

/// Columns as the API tells them.
pub(crate) fn columns(columns: &[Column]) -> Vec<ColumnBody> {
    let body = |column: &Column| ColumnBody {
        key: column.key.clone(),
        label: column.label.clone().into(),
        unit: column.unit.into(),
        bar: column.bar,
    };
    columns.iter().map(body).collect()
}

pub(crate) fn term_list(terms: &Terms) -> Vec<TermBody> {
    let said = |value: &Value| match value {
        Value::Null => None,
        Value::Array(values) if values.is_empty() => None,
        Value::Array(values) => Some(values.iter().map(plain).collect::<Vec<_>>().join(", ")),
        value => Some(plain(value)),
    };
    terms
        .iter()
        .filter_map(|(key, value)| {
            let en = said(value)?;
            let label = Terms::label(key).map_or_else(|| Both::new(key, key), Both::from);
            let zh = terms.zh(key).map_or_else(|| en.clone(), str::to_owned);
            Some(TermBody { key: key.to_owned(), label, value: Both { zh, en } })
        })
        .collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
