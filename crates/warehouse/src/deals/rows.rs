//! A deal as a list shows it: its codes turned into words.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Date32Type, Int64Type};
use domain::field::{FIRST_CUSTOM, FieldId, FieldType, Value, ids};
use domain::{Currency, Day, Outcome, ProcessId, RecordId, StageId};
use journey::{Added, NO_AMOUNT, NO_DAY, NO_PROBABILITY};

use super::order::{Part, Place, closed_on, code, days_in_stage};
use crate::keys::CodeBook;
use crate::labels::{Dimension, KeptField, Labels};
use crate::snapshot::{Attributes, Snapshot};

/// A record by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its id.
    pub id: RecordId,
    /// Its name, or `#` and the id.
    pub name: String,
}

/// A stage of a process version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedStage {
    /// Its key.
    pub key: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
}

/// A deal as it stood at the as-of. Its name, next step and external id are those of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its record.
    pub id: RecordId,
    /// Its id in the source it was imported from.
    pub external_id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Key of its process.
    pub process: Option<String>,
    /// Its stage; absent where unknown.
    pub stage: Option<ListedStage>,
    /// How it stood; absent where it was deleted.
    pub outcome: Option<Outcome>,
    /// Its amount in minor units of its own currency.
    pub amount_minor: Option<i64>,
    /// The currency it is booked in.
    pub currency: Option<Currency>,
    /// What it has of each dimension, in the order of [`Dimension::ALL`].
    pub members: [Option<Named>; 8],
    /// The business day it began.
    pub created_on: Day,
    /// The business day since which it is closed.
    pub closed_on: Option<Day>,
    /// When it was expected to close.
    pub expected_close_on: Option<Day>,
    /// Days in its stage; absent where it is not open or the stage unknown.
    pub days_in_stage: Option<i32>,
    /// The seller's own probability.
    pub probability_ppm: Option<i32>,
    /// The next step.
    pub next_step: Option<String>,
    /// When that is due.
    pub next_step_on: Option<Day>,
    /// Its custom fields, those of now.
    pub own: Vec<(FieldId, Value)>,
    /// What it adds to the cell that was asked about.
    pub added: Added,
}

impl Listed {
    /// What it has of a dimension.
    #[must_use]
    pub const fn member(&self, dimension: Dimension) -> Option<&Named> {
        self.members[dimension as usize].as_ref()
    }
}

pub(super) fn listed(snapshot: &Snapshot, book: &CodeBook, part: &Part<'_>, place: &Place) -> Listed {
    let (row, at) = (place.row as usize, place.entry as usize);
    let journey = part.partition.journeys.get(row);
    let e = &part.partition.journeys.entries;
    let labels = &snapshot.labels;
    let attributes = &part.partition.attributes;
    let kept = |id: FieldId| labels.fields().iter().find(|field| field.id == id).map(|field| attributes.column(field));
    let text = |id: FieldId| {
        let column = kept(id)?;
        let texts = column.as_string_opt::<i32>()?;
        texts.is_valid(row).then(|| texts.value(row).to_owned())
    };
    let kept_day = |id: FieldId| {
        let column = kept(id)?;
        let days = column.as_primitive_opt::<Date32Type>()?;
        days.is_valid(row).then(|| Day(days.value(row)))
    };
    let members = Dimension::ALL.map(|dimension| {
        let code = code(part, journey, at, dimension);
        let members = labels.members(dimension);
        Some(Named { id: members.get(code)?.id, name: members.label(code)? })
    });
    let stage = labels.stage(StageId(book.stage(e.stage[at]))).map(|(_, stage)| ListedStage {
        key: stage.key.clone(),
        zh: stage.name.zh.clone(),
        en: stage.name.en.clone(),
    });
    let external = &attributes.external_id;
    Listed {
        id: place.deal,
        external_id: external.is_valid(row).then(|| external.value(row).to_owned()),
        name: text(ids::OPPORTUNITY_NAME),
        process: labels.process(ProcessId(journey.journeys.process[row])).map(|process| process.key.clone()),
        stage,
        outcome: Outcome::from_code(e.state[at]),
        amount_minor: Some(e.amount_minor[at]).filter(|minor| *minor != NO_AMOUNT),
        currency: Currency::from_code(e.currency[at]),
        members,
        created_on: Day(journey.days().first().copied().unwrap_or(NO_DAY)),
        closed_on: closed_on(journey, at).map(Day),
        expected_close_on: Some(e.expected_close[at]).filter(|day| *day != NO_DAY).map(Day),
        days_in_stage: days_in_stage(&part.view, part.view.journeys.get(row), at),
        probability_ppm: Some(e.probability_ppm[at]).filter(|ppm| *ppm != NO_PROBABILITY),
        next_step: text(ids::OPPORTUNITY_NEXT_STEP),
        next_step_on: kept_day(ids::OPPORTUNITY_NEXT_STEP_ON),
        own: own(labels, attributes, row),
        added: place.added,
    }
}

/// The custom fields of the deal in a row.
fn own(labels: &Labels, attributes: &Attributes, row: usize) -> Vec<(FieldId, Value)> {
    let custom = labels.fields().iter().filter(|field| field.id.0 >= FIRST_CUSTOM);
    let value = |field: &KeptField| {
        let (_, column) = attributes.columns.iter().find(|(id, _)| *id == field.id)?;
        if column.is_null(row) {
            return None;
        }
        let int = || column.as_primitive_opt::<Int64Type>().map(|ints| ints.value(row));
        let value = match field.data_type() {
            DataType::Utf8 => Value::Text(column.as_string_opt::<i32>()?.value(row).into()),
            DataType::Boolean => Value::Bool(column.as_boolean_opt()?.value(row)),
            DataType::Date32 => Value::Int(column.as_primitive_opt::<Date32Type>()?.value(row).into()),
            DataType::Int64 if matches!(field.ty, FieldType::Ref(_)) => Value::Ref(int()?),
            DataType::Int64 => Value::Int(int()?),
            _ => return None,
        };
        Some((field.id, value))
    };
    custom.filter_map(value).collect()
}
