//! The tables of current records: one a kind, a typed column for each built-in field.
//!
//! Columns follow [`domain::field::BUILTIN`]; custom fields lie together in `rest`. A deal's table also has
//! the instants and business days of its creation and close.

use std::sync::LazyLock;

use domain::field::{self, FIRST_CUSTOM, FieldDef, FieldId, FieldType, Value, ids};
use domain::journal::Hot;
use domain::{Calendar, Currency, Day, Instant, Kind, Outcome, StageId};
use sea_orm::{QueryResult, Value as Sql};

use crate::current::Current;
use crate::{Record, StoreError, codec};

/// What a column holds, as both engines know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Int,
    Text,
    Bool,
}

/// How a field's values are stored. Personal text is a number: its place in the vault.
pub(crate) const fn sort_of(ty: FieldType) -> Sort {
    match ty {
        FieldType::Text | FieldType::Json => Sort::Text,
        FieldType::Bool => Sort::Bool,
        _ => Sort::Int,
    }
}

/// Columns of the deals' table before its fields.
const DEAL_COLUMNS: [&str; 4] = ["created_at", "created_on", "closed_at", "closed_on"];

/// The table of a kind.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) kind: Kind,
    fields: Vec<&'static FieldDef>,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) sorts: Vec<Sort>,
}

static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| Kind::ALL.into_iter().map(Shape::new).collect());

/// The table of `kind`.
pub(crate) fn shape(kind: Kind) -> &'static Shape {
    let at = Kind::ALL.iter().position(|other| *other == kind).unwrap_or(0);
    &SHAPES[at]
}

/// Whether the field is one of those that a journal entry keeps in columns of their own.
pub(crate) fn is_hot(id: FieldId) -> bool {
    id <= ids::OPPORTUNITY_PROBABILITY
}

impl Shape {
    fn new(kind: Kind) -> Self {
        let fields: Vec<_> = field::of(kind).collect();
        let mut columns = vec!["id", "version"];
        if kind == Kind::Opportunity {
            columns.extend(DEAL_COLUMNS);
        }
        let mut sorts = vec![Sort::Int; columns.len()];
        columns.extend(fields.iter().map(|def| def.name));
        sorts.extend(fields.iter().map(|def| sort_of(def.ty)));
        columns.push("rest");
        sorts.push(Sort::Text);
        Self { kind, fields, columns, sorts }
    }

    /// The columns as a list for a `SELECT`.
    pub(crate) fn column_list(&self) -> String {
        self.columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(",")
    }

    /// The values of a record's row.
    pub(crate) fn push_row(&self, id: i64, current: &Current, calendar: &Calendar, out: &mut Vec<Sql>) {
        let int = |value: i64| Sql::BigInt(Some(value));
        out.extend([int(id), int(current.version)]);
        if self.kind == Kind::Opportunity {
            let day = |at: Instant| i64::from(calendar.day(at).0);
            let closed_at = current.closed_at();
            out.extend([
                int(current.created_at.0),
                int(day(current.created_at)),
                Sql::BigInt(closed_at.map(|at| at.0)),
                Sql::BigInt(closed_at.map(day)),
            ]);
        }
        let mut rest = current.rest.iter().peekable();
        for def in &self.fields {
            if is_hot(def.id) {
                out.push(hot_value(def.id, &current.hot));
                continue;
            }
            while rest.next_if(|(id, _)| *id < def.id).is_some() {}
            let value = rest.next_if(|(id, _)| *id == def.id).map(|(_, value)| value);
            out.push(column_value(def.ty, value));
        }
        let custom = current.rest.iter().filter(|(id, value)| id.0 >= FIRST_CUSTOM && *value != Value::Null);
        out.push(Sql::String(codec::encode_rest(custom)));
    }

    /// Reads a row of [`Shape::column_list`].
    pub(crate) fn read_row(&self, row: &QueryResult) -> Result<Record, StoreError> {
        let mut record = Record {
            kind: self.kind,
            id: row.try_get_by_index(0)?,
            version: row.try_get_by_index(1)?,
            hot: Hot::default(),
            rest: Vec::new(),
            created_at: None,
            created_on: None,
            closed_at: None,
            closed_on: None,
        };
        let mut at = 2;
        if self.kind == Kind::Opportunity {
            record.created_at = row.try_get_by_index::<Option<i64>>(2)?.map(Instant);
            record.created_on = narrow(row.try_get_by_index(3)?)?.map(Day);
            record.closed_at = row.try_get_by_index::<Option<i64>>(4)?.map(Instant);
            record.closed_on = narrow(row.try_get_by_index(5)?)?.map(Day);
            at += DEAL_COLUMNS.len();
        }
        for def in &self.fields {
            if is_hot(def.id) {
                read_hot(def.id, row.try_get_by_index(at)?, &mut record.hot)?;
            } else if let Some(value) = read_value(def.ty, row, at)? {
                record.rest.push((def.id, value));
            }
            at += 1;
        }
        if let Some(custom) = row.try_get_by_index::<Option<String>>(at)? {
            record.rest.extend(codec::decode_rest(&custom)?);
        }
        Ok(record)
    }
}

fn hot_value(field: FieldId, hot: &Hot) -> Sql {
    Sql::BigInt(match field {
        ids::OPPORTUNITY_STAGE => Some(i64::from(hot.stage.0)),
        ids::OPPORTUNITY_OUTCOME => Some(i64::from(hot.outcome as u8)),
        ids::OPPORTUNITY_AMOUNT => hot.amount_minor,
        ids::OPPORTUNITY_CURRENCY => hot.currency.map(|currency| i64::from(currency.code())),
        ids::OPPORTUNITY_OWNER => hot.owner,
        ids::OPPORTUNITY_TEAM => hot.team,
        ids::OPPORTUNITY_EXPECTED_CLOSE => hot.expected_close_on.map(|day| i64::from(day.0)),
        _ => hot.probability_ppm.map(i64::from),
    })
}

fn read_hot(field: FieldId, value: Option<i64>, hot: &mut Hot) -> Result<(), StoreError> {
    let damaged = || StoreError::damaged("a column of a deal", format!("{value:?} in field {}", field.0));
    match field {
        ids::OPPORTUNITY_STAGE => {
            hot.stage = StageId(u32::try_from(value.unwrap_or(0)).map_err(|_| damaged())?);
        }
        ids::OPPORTUNITY_OUTCOME => {
            let code = u8::try_from(value.unwrap_or(0)).ok();
            hot.outcome = code.and_then(Outcome::from_code).ok_or_else(damaged)?;
        }
        ids::OPPORTUNITY_AMOUNT => hot.amount_minor = value,
        ids::OPPORTUNITY_CURRENCY => {
            hot.currency = match value {
                Some(code) => Some(u16::try_from(code).ok().and_then(Currency::from_code).ok_or_else(damaged)?),
                None => None,
            };
        }
        ids::OPPORTUNITY_OWNER => hot.owner = value,
        ids::OPPORTUNITY_TEAM => hot.team = value,
        ids::OPPORTUNITY_EXPECTED_CLOSE => hot.expected_close_on = narrow(value)?.map(Day),
        _ => hot.probability_ppm = narrow(value)?,
    }
    Ok(())
}

fn narrow(value: Option<i64>) -> Result<Option<i32>, StoreError> {
    value
        .map(|value| i32::try_from(value).map_err(|_| StoreError::damaged("a column of a deal", value.to_string())))
        .transpose()
}

fn column_value(ty: FieldType, value: Option<&Value>) -> Sql {
    match sort_of(ty) {
        Sort::Int => Sql::BigInt(match value {
            Some(Value::Int(value) | Value::Ref(value)) => Some(*value),
            _ => None,
        }),
        Sort::Bool => Sql::Bool(match value {
            Some(Value::Bool(value)) => Some(*value),
            _ => None,
        }),
        Sort::Text => Sql::String(match value {
            Some(Value::Text(text) | Value::Json(text)) => Some(text.to_string()),
            _ => None,
        }),
    }
}

fn read_value(ty: FieldType, row: &QueryResult, at: usize) -> Result<Option<Value>, StoreError> {
    Ok(match ty {
        FieldType::Text => row.try_get_by_index::<Option<String>>(at)?.map(|text| Value::Text(text.into())),
        FieldType::Json => row.try_get_by_index::<Option<String>>(at)?.map(|text| Value::Json(text.into())),
        FieldType::Bool => row.try_get_by_index::<Option<bool>>(at)?.map(Value::Bool),
        FieldType::Ref(_) | FieldType::Personal => row.try_get_by_index::<Option<i64>>(at)?.map(Value::Ref),
        _ => row.try_get_by_index::<Option<i64>>(at)?.map(Value::Int),
    })
}

/// Whether a field of this type takes the value. Personal text arrives as text.
pub(crate) const fn takes(ty: FieldType, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) => matches!(ty, FieldType::Bool),
        Value::Text(_) => matches!(ty, FieldType::Text | FieldType::Personal),
        Value::Json(_) => matches!(ty, FieldType::Json),
        Value::Ref(_) => matches!(ty, FieldType::Ref(_)),
        Value::Int(_) => {
            !matches!(ty, FieldType::Text | FieldType::Personal | FieldType::Json | FieldType::Bool | FieldType::Ref(_))
        }
    }
}
