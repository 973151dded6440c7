//! Partitions out of rows, and a partition with some rows replaced.
//!
//! A change replaces a few of 8,192 rows: the rest is copied column by column in runs, never row by row.
//! Must not know how a row came about.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, BooleanBufferBuilder, Date32Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::compute::concat;
use arrow::datatypes::{ArrowNativeType, DataType};
use domain::RecordId;
use domain::field::{FieldId, Value};
use journey::{Entries, Journeys, JourneysBuilder, NONE};

use crate::codes::ById;
use crate::fold::Folded;
use crate::labels::{KeptField, Labels};
use crate::snapshot::{Attributes, Partition};

/// Ids in the source, by deal.
pub(crate) type ExternalIds = ById<Arc<str>>;

/// Rows on their way into a partition.
#[derive(Default)]
pub(crate) struct PartitionBuilder {
    journeys: JourneysBuilder,
    owner: Vec<u32>,
    team: Vec<u32>,
    inherited: Vec<u8>,
    kept: Vec<Vec<(FieldId, Value)>>,
    external: Vec<Option<Arc<str>>>,
    own: Vec<Vec<u32>>,
}

impl PartitionBuilder {
    pub(crate) fn push(&mut self, folded: Folded, external: &ExternalIds) {
        for entry in &folded.entries {
            self.journeys.entry(entry);
        }
        self.journeys.deal(&folded.row);
        self.owner.push(folded.owner);
        self.team.push(folded.team);
        self.inherited.push(folded.inherited);
        self.kept.push(folded.kept);
        self.own.push(folded.own);
        self.external.push(external.get(&folded.row.deal).map(Arc::clone));
    }

    pub(crate) fn finish(self, version: u64, labels: &Labels) -> Partition {
        let Self { journeys, owner, team, inherited, kept, external, own } = self;
        let codes = |at: usize| own.iter().map(|row| row.get(at).copied().unwrap_or(NONE)).collect();
        let own = labels.own_dimensions().iter().enumerate().map(|(at, own)| (own.field.id, codes(at)));
        let own = own.collect();
        let columns = labels.fields().iter().filter_map(|field| Some((field.id, column(field, &kept)?))).collect();
        let attributes = Attributes {
            owner: owner.into(),
            team: team.into(),
            inherited: inherited.into(),
            external_id: external.iter().map(Option::as_deref).collect(),
            columns,
            own,
        };
        Partition::new(version, Arc::new(journeys.finish()), Arc::new(attributes))
    }
}

/// The column of a kept field, absent where no row has it. Values of another sort than the field's are none.
fn column(field: &KeptField, rows: &[Vec<(FieldId, Value)>]) -> Option<ArrayRef> {
    let values: Vec<Option<&Value>> =
        rows.iter().map(|row| row.binary_search_by_key(&field.id, |(id, _)| *id).ok().map(|at| &row[at].1)).collect();
    values.iter().any(Option::is_some).then(|| {
        let ints = || {
            values.iter().map(|value| match value {
                Some(Value::Int(int) | Value::Ref(int)) => Some(*int),
                _ => None,
            })
        };
        match field.data_type() {
            DataType::Utf8 => Arc::new(
                values
                    .iter()
                    .map(|value| match value {
                        Some(Value::Text(text) | Value::Json(text)) => Some(&**text),
                        _ => None,
                    })
                    .collect::<StringArray>(),
            ) as ArrayRef,
            DataType::Boolean => Arc::new(
                values
                    .iter()
                    .map(|value| match value {
                        Some(Value::Bool(flag)) => Some(*flag),
                        _ => None,
                    })
                    .collect::<BooleanArray>(),
            ),
            DataType::Date32 => {
                Arc::new(ints().map(|int| int.and_then(|day| i32::try_from(day).ok())).collect::<Date32Array>())
            }
            DataType::Timestamp(..) => Arc::new(ints().collect::<TimestampMicrosecondArray>().with_timezone("+00:00")),
            _ => Arc::new(ints().collect::<Int64Array>()),
        }
    })
}

/// A run of rows of the old partition or of the new rows.
#[derive(Clone, Copy)]
struct Run {
    new: bool,
    from: usize,
    until: usize,
}

/// `old` with the rows at the keys replaced, and those at keys past its end appended (without gaps).
pub(crate) fn splice(
    old: &Partition,
    rows: BTreeMap<usize, Folded>,
    version: u64,
    external: &ExternalIds,
    labels: &Labels,
) -> Partition {
    let mut external_of_rows = ExternalIds::default();
    for (place, folded) in &rows {
        let deal: RecordId = folded.row.deal;
        let known = external.get(&deal).map(Arc::clone);
        let held = &old.attributes.external_id;
        let before = (*place < held.len() && held.is_valid(*place)).then(|| Arc::from(held.value(*place)));
        if let Some(id) = known.or(before) {
            external_of_rows.insert(deal, id);
        }
    }
    let mut runs: Vec<Run> = Vec::with_capacity(rows.len() * 2 + 1);
    let (mut next, mut builder) = (0, PartitionBuilder::default());
    for (at, (place, folded)) in rows.into_iter().enumerate() {
        if place > next {
            runs.push(Run { new: false, from: next, until: place });
        }
        match runs.last_mut() {
            Some(last) if last.new => last.until = at + 1,
            _ => runs.push(Run { new: true, from: at, until: at + 1 }),
        }
        next = place + 1;
        builder.push(folded, &external_of_rows);
    }
    if next < old.len() {
        runs.push(Run { new: false, from: next, until: old.len() });
    }
    let new = builder.finish(version, labels);
    let journeys = journeys(&old.journeys, &new.journeys, &runs);
    Partition::new(version, Arc::new(journeys), Arc::new(attributes(&old.attributes, &new.attributes, &runs, labels)))
}

fn flat<T: ArrowNativeType>(old: &[T], new: &[T], runs: &[Run]) -> ScalarBuffer<T> {
    let mut column = Vec::with_capacity(runs.iter().map(|run| run.until - run.from).sum());
    for run in runs {
        column.extend_from_slice(&(if run.new { new } else { old })[run.from..run.until]);
    }
    column.into()
}

fn journeys(old: &Journeys, new: &Journeys, runs: &[Run]) -> Journeys {
    let entry_runs: Vec<Run> = runs
        .iter()
        .map(|run| {
            let offsets = if run.new { &new.offsets } else { &old.offsets };
            Run { new: run.new, from: offsets[run.from].as_usize(), until: offsets[run.until].as_usize() }
        })
        .collect();
    let mut offsets = vec![0_i32];
    let mut end = 0;
    for run in runs {
        let own = if run.new { &new.offsets } else { &old.offsets };
        for at in run.from..run.until {
            end += own[at + 1] - own[at];
            offsets.push(end);
        }
    }
    let mut revised = BooleanBufferBuilder::new(old.len());
    for run in runs {
        let from = if run.new { &new.revised } else { &old.revised };
        revised.append_buffer(&from.slice(run.from, run.until - run.from));
    }
    let (a, b) = (&old.entries, &new.entries);
    let e = &entry_runs;
    Journeys {
        deal: flat(&old.deal, &new.deal, runs),
        process: flat(&old.process, &new.process, runs),
        account: flat(&old.account, &new.account, runs),
        product: flat(&old.product, &new.product, runs),
        region: flat(&old.region, &new.region, runs),
        industry: flat(&old.industry, &new.industry, runs),
        channel: flat(&old.channel, &new.channel, runs),
        campaign: flat(&old.campaign, &new.campaign, runs),
        revised: revised.finish(),
        offsets: OffsetBuffer::new(offsets.into()),
        entries: Entries {
            day: flat(&a.day, &b.day, e),
            at: flat(&a.at, &b.at, e),
            known_day: flat(&a.known_day, &b.known_day, e),
            stage: flat(&a.stage, &b.stage, e),
            state: flat(&a.state, &b.state, e),
            amount_minor: flat(&a.amount_minor, &b.amount_minor, e),
            currency: flat(&a.currency, &b.currency, e),
            owner: flat(&a.owner, &b.owner, e),
            team: flat(&a.team, &b.team, e),
            expected_close: flat(&a.expected_close, &b.expected_close, e),
            probability_ppm: flat(&a.probability_ppm, &b.probability_ppm, e),
            set: flat(&a.set, &b.set, e),
        },
    }
}

fn attributes(old: &Attributes, new: &Attributes, runs: &[Run], labels: &Labels) -> Attributes {
    let own = labels.own_dimensions().iter().map(|own| own.field.id);
    let own = own.map(|field| (field, flat(&old.own(field), &new.own(field), runs)));
    let columns = labels.fields().iter().filter_map(|field| {
        let has = |of: &Attributes| of.columns.iter().any(|(id, _)| *id == field.id);
        (has(old) || has(new)).then(|| (field.id, joined(&old.column(field), &new.column(field), runs)))
    });
    let external: ArrayRef = joined(&old.external_id, &new.external_id, runs);
    Attributes {
        owner: flat(&old.owner, &new.owner, runs),
        team: flat(&old.team, &new.team, runs),
        inherited: flat(&old.inherited, &new.inherited, runs),
        external_id: external
            .as_any()
            .downcast_ref::<StringArray>()
            .cloned()
            .unwrap_or_else(|| old.external_id.clone()),
        columns: columns.collect(),
        own: own.collect(),
    }
}

fn joined(old: &dyn Array, new: &dyn Array, runs: &[Run]) -> ArrayRef {
    let slices: Vec<ArrayRef> =
        runs.iter().map(|run| (if run.new { new } else { old }).slice(run.from, run.until - run.from)).collect();
    let parts: Vec<&dyn Array> = slices.iter().map(AsRef::as_ref).collect();
    // Both sides are of the field's one type, and a partition's texts stay far below 2 GiB.
    concat(&parts).unwrap_or_else(|_| old.slice(0, 0))
}
