//! Records of one kind as columns: a row a state, each the full state from its entry on.
//!
//! What the latest row says is how a record stands; the last row that began by a day is how it stood then. Rows of
//! up to [`PAGE`] records lie in a page, and pages are copied on write, so whoever reads a snapshot is not moved.
//! Personal text and lists are not kept. This module must not know what a field means.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanBuilder, Int64Builder, StringBuilder};
use arrow::compute::interleave;
use arrow::datatypes::Int64Type;
use domain::field::{self, FieldDef, FieldId, FieldType, Value};
use domain::id::Kind;
use domain::journal::{Cut, Entry, Op, Standing, Withdrawn, standing};
use domain::{Day, RecordId};

use crate::codes::ById;
use crate::days::DayClock;

/// Records of a page.
const PAGE: usize = 8192;

/// One record folded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Folded {
    id: RecordId,
    merged_into: Option<RecordId>,
    /// The import that brought it, if one did.
    import: Option<i64>,
    states: Vec<State>,
}

#[derive(Debug, Clone, PartialEq)]
struct State {
    day: Day,
    deleted: bool,
    values: Vec<Value>,
}

/// The fields of a kind that are kept, by ascending id.
fn kept(kind: Kind) -> Vec<&'static FieldDef> {
    field::of(kind).filter(|def| !matches!(def.ty, FieldType::Personal | FieldType::Json)).collect()
}

/// What entries are folded with.
pub(crate) struct Folder<'a> {
    pub(crate) withdrawn: &'a Withdrawn,
    pub(crate) cut: Cut,
    pub(crate) clock: DayClock,
}

impl Folder<'_> {
    /// Folds all entries of one record.
    fn record(&mut self, id: RecordId, entries: &[Entry], fields: &[&FieldDef]) -> Folded {
        let Standing { entries: standing, merged_into } = standing(entries, self.withdrawn, self.cut);
        let import = standing.first().and_then(|entry| entry.import);
        let mut values = vec![Value::Null; fields.len()];
        let mut states = Vec::with_capacity(standing.len());
        for entry in standing {
            let day = self.clock.day(entry.effective_at);
            if let Op::Assert(facts) = &entry.op {
                for (field, value) in &facts.rest {
                    if let Ok(at) = fields.binary_search_by_key(field, |def| def.id) {
                        values[at] = value.clone();
                    }
                }
            }
            states.push(State { day, deleted: entry.op == Op::Delete, values: values.clone() });
        }
        Folded { id, merged_into, import, states }
    }
}

enum Builder {
    Int(Int64Builder),
    Text(StringBuilder),
    Bool(BooleanBuilder),
}

impl Builder {
    fn of(ty: FieldType) -> Self {
        match ty {
            FieldType::Text => Self::Text(StringBuilder::new()),
            FieldType::Bool => Self::Bool(BooleanBuilder::new()),
            _ => Self::Int(Int64Builder::new()),
        }
    }

    fn push(&mut self, value: &Value) {
        match (self, value) {
            (Self::Int(builder), Value::Int(int) | Value::Ref(int)) => builder.append_value(*int),
            (Self::Int(builder), _) => builder.append_null(),
            (Self::Text(builder), Value::Text(text)) => builder.append_value(text),
            (Self::Text(builder), _) => builder.append_null(),
            (Self::Bool(builder), Value::Bool(flag)) => builder.append_value(*flag),
            (Self::Bool(builder), _) => builder.append_null(),
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Int(mut builder) => Arc::new(builder.finish()),
            Self::Text(mut builder) => Arc::new(builder.finish()),
            Self::Bool(mut builder) => Arc::new(builder.finish()),
        }
    }
}

/// Up to [`PAGE`] records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    /// Ids, record for record.
    pub(crate) ids: Vec<RecordId>,
    /// What each was merged into; 0: nothing.
    pub(crate) merged_into: Vec<RecordId>,
    /// The import that brought each; 0: none.
    pub(crate) import: Vec<i64>,
    /// Where each record's rows begin, and where the last one's end.
    starts: Vec<u32>,
    day: Vec<i32>,
    deleted: Vec<bool>,
    columns: Vec<ArrayRef>,
}

impl Page {
    /// Number of records.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    fn rows(&self, at: usize) -> std::ops::Range<usize> {
        self.starts[at] as usize..self.starts[at + 1] as usize
    }

    /// The row that holds at the end of a day; absent before the first, and where the record is deleted then.
    pub(crate) fn row_at(&self, at: usize, day: Day) -> Option<usize> {
        let rows = self.rows(at);
        let until = self.day[rows.clone()].partition_point(|from| *from <= day.0);
        let row = rows.start + until.checked_sub(1)?;
        (!self.deleted[row]).then_some(row)
    }

    /// The row that holds now; absent where the record is deleted, merged or withdrawn.
    pub(crate) fn row_now(&self, at: usize) -> Option<usize> {
        self.rows(at).last().filter(|row| !self.deleted[*row])
    }

    /// The first day that is told of a record.
    pub(crate) fn first_day(&self, at: usize) -> Option<Day> {
        self.rows(at).next().map(|row| Day(self.day[row]))
    }

    /// The day from which a row holds.
    pub(crate) fn day(&self, row: usize) -> Day {
        Day(self.day[row])
    }

    /// A number, date, code or record.
    pub(crate) fn int(&self, place: Place, row: usize) -> Option<i64> {
        let column = self.columns[place.0?].as_primitive::<Int64Type>();
        column.is_valid(row).then(|| column.value(row))
    }

    /// A text.
    pub(crate) fn text(&self, place: Place, row: usize) -> Option<&str> {
        let column = self.columns[place.0?].as_string::<i32>();
        column.is_valid(row).then(|| column.value(row))
    }

    /// Yes or no.
    pub(crate) fn flag(&self, place: Place, row: usize) -> Option<bool> {
        let column = self.columns[place.0?].as_boolean();
        column.is_valid(row).then(|| column.value(row))
    }

    /// The page with these records in place of those at the keys; keys past its end follow without gaps.
    fn with(&self, changed: &BTreeMap<usize, Folded>, fields: &[&FieldDef]) -> Self {
        let mut fresh = Fresh::new(fields);
        let mut page = Self::default();
        let end = changed.keys().last().map_or(0, |last| last + 1).max(self.len());
        let mut order: Vec<(usize, usize)> = Vec::with_capacity(self.day.len() + changed.len());
        page.starts.push(0);
        for at in 0..end {
            if let Some(folded) = changed.get(&at) {
                page.ids.push(folded.id);
                page.merged_into.push(folded.merged_into.unwrap_or(0));
                page.import.push(folded.import.unwrap_or(0));
                for state in &folded.states {
                    order.push((1, fresh.push(state)));
                    page.day.push(state.day.0);
                    page.deleted.push(state.deleted);
                }
            } else {
                page.ids.push(self.ids[at]);
                page.merged_into.push(self.merged_into[at]);
                page.import.push(self.import[at]);
                for row in self.rows(at) {
                    order.push((0, row));
                    page.day.push(self.day[row]);
                    page.deleted.push(self.deleted[row]);
                }
            }
            page.starts.push(u32::try_from(order.len()).unwrap_or(u32::MAX));
        }
        let fresh = fresh.finish();
        page.columns = if self.columns.is_empty() {
            fresh
        } else {
            let both = self.columns.iter().zip(&fresh);
            // Columns of one field have one type.
            both.map(|(old, new)| interleave(&[old, new], &order).expect("two columns of one field")).collect()
        };
        page
    }
}

/// Columns of new states.
struct Fresh {
    builders: Vec<Builder>,
    rows: usize,
}

impl Fresh {
    fn new(fields: &[&FieldDef]) -> Self {
        Self { builders: fields.iter().map(|def| Builder::of(def.ty)).collect(), rows: 0 }
    }

    fn push(&mut self, state: &State) -> usize {
        for (builder, value) in self.builders.iter_mut().zip(&state.values) {
            builder.push(value);
        }
        self.rows += 1;
        self.rows - 1
    }

    fn finish(self) -> Vec<ArrayRef> {
        self.builders.into_iter().map(Builder::finish).collect()
    }
}

/// Where a field's column lies; nowhere where the kind does not keep it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place(Option<usize>);

/// Every record of a kind, in the order in which they were first told of.
#[derive(Debug, Clone)]
pub(crate) struct Records {
    pub(crate) kind: Kind,
    fields: Arc<Vec<&'static FieldDef>>,
    pub(crate) pages: Vec<Arc<Page>>,
    places: Arc<ById<u32>>,
}

impl Records {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, fields: Arc::new(kept(kind)), pages: Vec::new(), places: Arc::default() }
    }

    /// Where a field's column lies.
    pub(crate) fn place(&self, field: FieldId) -> Place {
        Place(self.fields.binary_search_by_key(&field, |def| def.id).ok())
    }

    /// Where the field of this kind's own table of fields lies, where it has one.
    pub(crate) fn place_of(&self, field: Option<FieldId>) -> Place {
        field.map_or(Place(None), |field| self.place(field))
    }

    /// Whether a record has a place already.
    pub(crate) fn holds(&self, id: RecordId) -> bool {
        self.places.contains_key(&id)
    }

    /// A record's page and place in it.
    pub(crate) fn find(&self, id: RecordId) -> Option<(&Page, usize)> {
        let place = *self.places.get(&id)? as usize;
        Some((self.pages.get(place / PAGE)?, place % PAGE))
    }

    /// Every record: its page and place in it.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Page, usize)> {
        self.pages.iter().flat_map(|page| (0..page.len()).map(move |at| (&**page, at)))
    }

    /// Takes records with all their entries, in place of what was known of them.
    pub(crate) fn apply<'e>(
        &mut self,
        folder: &mut Folder<'_>,
        records: impl Iterator<Item = (RecordId, &'e [Entry])>,
    ) {
        let fields = Arc::clone(&self.fields);
        let places = Arc::make_mut(&mut self.places);
        let mut changed: BTreeMap<usize, BTreeMap<usize, Folded>> = BTreeMap::new();
        for (id, entries) in records {
            let next = u32::try_from(places.len()).unwrap_or(u32::MAX);
            let place = *places.entry(id).or_insert(next) as usize;
            changed.entry(place / PAGE).or_default().insert(place % PAGE, folder.record(id, entries, &fields));
        }
        for (at, records) in changed {
            if let Some(page) = self.pages.get_mut(at) {
                *page = Arc::new(page.with(&records, &fields));
            } else {
                self.pages.push(Arc::new(Page::default().with(&records, &fields)));
            }
        }
    }
}
