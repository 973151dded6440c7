//! Counting for the engine: journeys in, cells between, rows out.
//!
//! The group of a cell is the engine's own group number. Journeys are observed where they lie, through a view
//! of their partition; nothing is copied. State between stages of a plan is the cells themselves.

use std::mem::size_of_val;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, RecordBatch, StructArray, UInt64Array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{filter_record_batch, take_record_batch};
use arrow::datatypes::{DataType, Field, UInt64Type};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};
use domain::Rates;
use journey::{Amounts, Cells, Column, Tally, View};

use super::super::column::behind;
use super::super::source::Seen;
use super::Terms;
use super::words::{Layout, spoken};

/// One list of cells a group.
pub(super) fn state_type() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Struct(journey::travel::schema().fields().clone()), false)))
}

/// Counts of one tally, by the engine's groups.
#[derive(Debug)]
pub(super) struct Counting<T: Tally> {
    tally: T,
    layout: Layout,
    seen: Arc<Seen>,
    terms: Arc<Terms>,
    rates: Option<Arc<Rates>>,
    cells: T::Cells,
    groups: usize,
    /// The group of each deal of the partition at hand; only those being observed are read.
    group_of: Vec<u32>,
}

/// Journeys of one partition, in ascending order, each with its group.
type Run = (usize, Vec<(u32, u32)>);

impl<T: Tally> Counting<T> {
    pub(super) fn new(tally: T, layout: Layout, seen: Arc<Seen>, terms: Arc<Terms>) -> Result<Self> {
        let rates = if T::COLUMNS.contains(&Column::AmountMinor) { rates(&seen)? } else { None };
        let cells = T::Cells::default();
        Ok(Self { tally, layout, seen, terms, rates, cells, groups: 0, group_of: Vec::new() })
    }

    /// Observes the journeys behind `handles`; a null counts nothing, and one that is not seen does not exist.
    fn observe(
        &mut self,
        handles: &ArrayRef,
        group_of: impl Fn(usize) -> usize,
        counts: impl Fn(usize) -> bool,
    ) -> Result<()> {
        let handles = handles.as_primitive_opt::<UInt64Type>().ok_or_else(not_journeys)?;
        let mut run: Run = (0, Vec::new());
        for row in (0..handles.len()).filter(|row| handles.is_valid(*row) && counts(*row)) {
            let (part, deal) = behind(handles.value(row));
            if !self.seen.sees(part, deal) || !self.layout.holds(self.seen.journeys(part).process[deal]) {
                continue;
            }
            let (Ok(deal), Ok(group)) = (u32::try_from(deal), u32::try_from(group_of(row))) else {
                return Err(DataFusionError::Execution("there are more groups than can be told apart".to_owned()));
            };
            let follows = run.0 == part && run.1.last().is_none_or(|(before, _)| *before < deal);
            if !follows {
                self.observe_run(&run);
                run.0 = part;
                run.1.clear();
            }
            run.1.push((deal, group));
        }
        self.observe_run(&run);
        Ok(())
    }

    fn observe_run(&mut self, (part, run): &Run) {
        let Some((last, _)) = run.last() else { return };
        if self.group_of.len() <= *last as usize {
            self.group_of.resize(self.seen.journeys(*part).len(), 0);
        }
        for (deal, group) in run {
            self.group_of[*deal as usize] = *group;
        }
        let view = View {
            journeys: self.seen.counted(*part),
            member: None,
            entry_member: None,
            group: Some(&self.group_of),
            entry_group: None,
            entry_groups: 1,
            slots: &self.layout.slots,
            amounts: self.rates.as_deref().map_or(Amounts::AsBooked, Amounts::Converted),
            parked_limit_days: self.terms.parked_limit_days,
            as_of: self.terms.as_of,
        };
        for (deal, _) in run {
            self.tally.observe(view.journeys.get(*deal as usize), &view, &mut self.cells);
        }
    }

    /// The cells of the groups that are emitted; those of the others stay, their numbers shifted down.
    fn take(&mut self, emit_to: EmitTo) -> Result<(T::Cells, usize)> {
        let cells = std::mem::take(&mut self.cells);
        match emit_to {
            EmitTo::All => Ok((cells, std::mem::take(&mut self.groups))),
            EmitTo::First(groups) => {
                let all = cells.to_batch();
                let first = |group: u64| group < groups as u64;
                let shifted = |batch: RecordBatch| regrouped(&batch, |group| group - groups as u64);
                self.cells = read::<T>(&shifted(where_group(&all, |group| !first(group))?)?)?;
                self.groups -= groups;
                Ok((read::<T>(&where_group(&all, first)?)?, groups))
            }
        }
    }

    fn rows(&self, cells: &T::Cells, groups: usize) -> Result<ArrayRef> {
        by_group(&spoken(&self.tally.finish(cells), &self.layout)?, groups)
    }

    fn merge(&mut self, states: &ArrayRef, group_of: impl Fn(usize) -> usize) -> Result<()> {
        let lists = states.as_list_opt::<i32>().ok_or_else(not_journeys)?;
        let mut groups = Vec::new();
        for row in 0..lists.len() {
            groups.extend(std::iter::repeat_n(group_of(row) as u64, lists.value(row).len()));
        }
        let from = lists.value_offsets().first().map_or(0, |at| *at as usize);
        let values = lists.values().slice(from, groups.len());
        let batch = RecordBatch::from(values.as_struct_opt().ok_or_else(not_journeys)?);
        let mut columns = batch.columns().to_vec();
        columns[batch.schema().index_of("group")?] = Arc::new(UInt64Array::from(groups));
        self.cells.merge(read::<T>(&RecordBatch::try_new(batch.schema(), columns)?)?);
        Ok(())
    }

    fn bytes(&self) -> usize {
        size_of_val(self) + self.cells.bytes() + self.group_of.capacity() * size_of::<u32>()
    }
}

impl<T: Tally> GroupsAccumulator for Counting<T> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.groups = self.groups.max(total_num_groups);
        let counts = |row| opt_filter.is_none_or(|filter: &BooleanArray| filter.is_valid(row) && filter.value(row));
        self.observe(&values[0], |row| group_indices[row], counts)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let (cells, groups) = self.take(emit_to)?;
        self.rows(&cells, groups)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (cells, groups) = self.take(emit_to)?;
        Ok(vec![state_of(&cells, groups)?])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.groups = self.groups.max(total_num_groups);
        self.merge(&values[0], |row| group_indices[row])
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let mut own =
            Self::new(self.tally.clone(), self.layout.clone(), Arc::clone(&self.seen), Arc::clone(&self.terms))?;
        let each: Vec<usize> = (0..values[0].len()).collect();
        own.update_batch(values, &each, opt_filter, each.len())?;
        own.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        self.bytes()
    }
}

/// The same without groups.
#[derive(Debug)]
pub(super) struct One<T: Tally>(Counting<T>);

impl<T: Tally> One<T> {
    pub(super) fn new(counting: Counting<T>) -> Self {
        Self(counting)
    }
}

impl<T: Tally> Accumulator for One<T> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.observe(&values[0], |_| 0, |_| true)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let rows = self.0.rows(&self.0.cells, 1)?;
        ScalarValue::try_from_array(&rows, 0)
    }

    fn size(&self) -> usize {
        self.0.bytes()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let state = state_of(&self.0.cells, 1)?;
        Ok(vec![ScalarValue::try_from_array(&state, 0)?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.merge(&states[0], |_| 0)
    }
}

/// How amounts become one currency: not at all where there is but one.
fn rates(seen: &Seen) -> Result<Option<Arc<Rates>>> {
    let currencies = seen.currencies();
    if currencies.len() < 2 {
        return Ok(None);
    }
    let listed = currencies.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let refused = |why: String| {
        DataFusionError::Plan(format!(
            "amounts are in several currencies ({listed}), and {why}; or sum the amounts of `intervals` by currency"
        ))
    };
    let rates =
        seen.snapshot.rates.clone().ok_or_else(|| refused("there are no exchange rates: add them".to_owned()))?;
    for (currency, first) in currencies {
        rates.convert(0, *currency, *first).map_err(|error| refused(error.to_string()))?;
    }
    Ok(Some(rates))
}

fn not_journeys() -> DataFusionError {
    DataFusionError::Plan("the first argument of a tally function is the column `journey` of `journeys`".to_owned())
}

fn read<T: Tally>(batch: &RecordBatch) -> Result<T::Cells> {
    T::Cells::from_batch(batch).map_err(|error| DataFusionError::External(Box::new(error)))
}

fn groups(batch: &RecordBatch) -> Result<&UInt64Array> {
    let groups = batch.column_by_name("group").and_then(|column| column.as_primitive_opt::<UInt64Type>());
    groups.ok_or_else(|| DataFusionError::Internal("counts of a tally have no column `group`".to_owned()))
}

fn where_group(batch: &RecordBatch, keep: impl Fn(u64) -> bool) -> Result<RecordBatch> {
    let kept: BooleanArray = groups(batch)?.values().iter().map(|group| Some(keep(*group))).collect();
    Ok(filter_record_batch(batch, &kept)?)
}

fn regrouped(batch: &RecordBatch, to: impl Fn(u64) -> u64) -> Result<RecordBatch> {
    let groups = groups(batch)?.values().iter().map(|group| to(*group));
    let mut columns = batch.columns().to_vec();
    columns[batch.schema().index_of("group")?] = Arc::new(UInt64Array::from_iter_values(groups));
    Ok(RecordBatch::try_new(batch.schema(), columns)?)
}

fn state_of<C: Cells>(cells: &C, of: usize) -> Result<ArrayRef> {
    let batch = cells.to_batch();
    let mut order: Vec<u64> = (0..batch.num_rows() as u64).collect();
    let group = groups(&batch)?.values();
    // A tally of several parts lists its groups once a part.
    order.sort_by_key(|row| group[usize::try_from(*row).unwrap_or(usize::MAX)]);
    let sorted = take_record_batch(&batch, &UInt64Array::from(order))?;
    let groups = groups(&sorted)?.clone();
    lists(&groups, StructArray::from(sorted), of)
}

/// The rows of a batch that ascends by `group`, as one list a group, without that column.
fn by_group(batch: &RecordBatch, of: usize) -> Result<ArrayRef> {
    let groups = groups(batch)?.clone();
    let rest: Vec<usize> = (0..batch.num_columns()).filter(|at| *batch.schema().field(*at).name() != "group").collect();
    lists(&groups, StructArray::from(batch.project(&rest)?), of)
}

fn lists(groups: &UInt64Array, rows: StructArray, of: usize) -> Result<ArrayRef> {
    let mut lengths = vec![0; of];
    for group in groups.values() {
        let at = usize::try_from(*group).ok().filter(|at| *at < of);
        lengths[at.ok_or_else(|| DataFusionError::Internal(format!("group {group} of {of}")))?] += 1;
    }
    let item = Arc::new(Field::new("item", rows.data_type().clone(), false));
    Ok(Arc::new(ListArray::try_new(item, OffsetBuffer::from_lengths(lengths), Arc::new(rows), None)?))
}
