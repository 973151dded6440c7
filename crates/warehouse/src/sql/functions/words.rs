//! Slots of a process, and words in the place of slots and codes in the rows of a tally.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Schema, UInt16Type};
use datafusion::error::{DataFusionError, Result};
use domain::process::{Process, StageKind};
use domain::{ProcessId, StageId};
use journey::{Cause, Destination, Line, Origin, Slots, Tally};

use super::super::error::nearest;
use super::super::source::Seen;

/// The slots of one process with the keys of their stages.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) slots: Arc<Slots>,
    /// Keys by slot; absent for the unknown stage.
    stages: Arc<Vec<Option<String>>>,
    /// Flags by process id: versions of the process.
    versions: Arc<Vec<bool>>,
}

impl Layout {
    /// The slots of the process with this key, of all its versions; without a key, of the only process that
    /// deals in scope live under.
    pub(super) fn new(seen: &Seen, key: Option<&str>) -> Result<Self> {
        let processes = seen.snapshot.labels.processes();
        let key = match key {
            Some(key) if processes.iter().any(|process| process.key == key) => key.to_owned(),
            Some(key) => return Err(unknown(key, processes)),
            None => only(seen, processes)?,
        };
        let mut open: Vec<(i32, StageId, Option<String>)> = Vec::new();
        if seen.holds_unknown_stages() {
            open.push((i32::MIN, StageId::UNKNOWN, None));
        }
        let mut members: Vec<(StageId, i32)> = vec![(StageId::UNKNOWN, i32::MIN)];
        let versions = || processes.iter().filter(|process| process.key == key);
        let mut flags = Vec::new();
        for ProcessId(id) in versions().filter_map(|process| process.id) {
            flags.resize(flags.len().max(id as usize + 1), false);
            flags[id as usize] = true;
        }
        for stage in versions().flat_map(|process| &process.stages) {
            // Older versions are counted under the stages of the newest.
            if seen.book.stage(stage.id.0) == stage.id.0 {
                members.push((stage.id, stage.order));
                if stage.kind == StageKind::Open {
                    open.push((stage.order, stage.id, Some(stage.key.clone())));
                }
            }
        }
        open.sort();
        let slots: Vec<(StageId, i32)> = open.iter().map(|(order, id, _)| (*id, *order)).collect();
        Ok(Self {
            slots: Arc::new(Slots::of_stages(&slots, &members)),
            stages: Arc::new(open.into_iter().map(|(.., key)| key).collect()),
            versions: Arc::new(flags),
        })
    }

    /// Whether deals under the process with this id are counted.
    pub(super) fn holds(&self, process: u32) -> bool {
        self.versions.get(process as usize).copied().unwrap_or(false)
    }

    fn stage(&self, slot: u16) -> Option<&str> {
        self.stages.get(usize::from(slot))?.as_deref()
    }
}

fn keys(processes: &[Process]) -> Vec<String> {
    let mut keys: Vec<String> = processes.iter().map(|process| process.key.clone()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn unknown(key: &str, processes: &[Process]) -> DataFusionError {
    let keys = keys(processes);
    let meant = nearest(key, &keys).map_or_else(String::new, |meant| format!("did you mean `{meant}`? "));
    DataFusionError::Plan(format!("there is no process `{key}`; {meant}processes: {}", keys.join(", ")))
}

/// The key of the one process that deals in scope live under.
fn only(seen: &Seen, processes: &[Process]) -> Result<String> {
    let mut used: Vec<u32> = Vec::new();
    for part in 0..seen.parts() {
        let codes = &seen.journeys(part).process;
        for (deal, _) in seen.deals(part) {
            let code = codes[deal as usize];
            if used.last() != Some(&code) && !used.contains(&code) {
                used.push(code);
            }
        }
    }
    let used: Vec<Process> = processes
        .iter()
        .filter(|process| process.id.is_some_and(|ProcessId(id)| used.contains(&id)))
        .cloned()
        .collect();
    match keys(&used).as_slice() {
        [key] => Ok(key.clone()),
        [] => processes.first().map(|process| process.key.clone()).ok_or_else(|| {
            DataFusionError::Plan("there is no process yet: import deals or add a process first".to_owned())
        }),
        several => Err(DataFusionError::Plan(format!(
            "deals live under several processes: name one as the last argument of the function, as in \
             stock(journey, DATE '2026-03-31', '{}'); processes: {}",
            several[0],
            several.join(", ")
        ))),
    }
}

/// What stands in a column of a tally's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codes {
    Slot,
    Origin,
    Destination,
    Line,
    Cause,
}

/// Columns of codes by name, and the names they get once they hold words.
const CODED: [(&str, &str, DataType, Codes); 5] = [
    ("slot", "stage", DataType::UInt16, Codes::Slot),
    ("from", "from_stage", DataType::UInt16, Codes::Origin),
    ("to", "to_stage", DataType::UInt16, Codes::Destination),
    ("line", "line", DataType::UInt8, Codes::Line),
    ("cause", "cause", DataType::UInt8, Codes::Cause),
];

fn coded(field: &Field) -> Option<(&'static str, Codes)> {
    let found = CODED.iter().find(|(name, _, ty, _)| field.data_type() == ty && name == field.name())?;
    Some((found.1, found.3))
}

fn spoken_field(field: &Field) -> Field {
    coded(field).map_or_else(|| field.clone(), |(name, _)| Field::new(name, DataType::Utf8, true))
}

/// The fields of the rows of a tally, without the group.
pub(super) fn spoken_fields<T: Tally>(tally: &T) -> Vec<FieldRef> {
    let batch = tally.finish(&T::Cells::default());
    let fields = batch.schema();
    fields.fields().iter().filter(|field| field.name() != "group").map(|field| Arc::new(spoken_field(field))).collect()
}

/// The rows of a tally with words in the place of codes.
pub(super) fn spoken(batch: &RecordBatch, layout: &Layout) -> Result<RecordBatch> {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, column)| match coded(field) {
        Some((_, codes)) => words(column, codes, layout),
        None => Ok(Arc::clone(column)),
    });
    let fields: Vec<Field> = schema.fields().iter().map(|field| spoken_field(field)).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.collect::<Result<_>>()?)?)
}

fn words(column: &ArrayRef, codes: Codes, layout: &Layout) -> Result<ArrayRef> {
    let word = |code: Option<u16>| {
        let code = code?;
        let small = u8::try_from(code).ok();
        match codes {
            Codes::Slot => layout.stage(code),
            Codes::Origin => match Origin::from_code(code)? {
                Origin::Slot(slot) => layout.stage(slot),
                outside => Some(outside.as_str()),
            },
            Codes::Destination => match Destination::from_code(code)? {
                Destination::Slot(slot) => layout.stage(slot),
                outside => Some(outside.as_str()),
            },
            Codes::Line => small.and_then(Line::from_code).map(Line::as_str),
            Codes::Cause => small.and_then(Cause::from_code).map(Cause::as_str),
        }
    };
    let codes = cast(column, &DataType::UInt16)?;
    Ok(Arc::new(codes.as_primitive::<UInt16Type>().iter().map(word).collect::<StringArray>()))
}
