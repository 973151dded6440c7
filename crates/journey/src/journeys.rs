//! Journeys in columns: one row a deal, one list entry a change.
//!
//! An entry is the full state of the deal from its moment to the next entry's. Every list column shares one
//! offsets buffer, so a partition is offsets plus flat columns: the same bytes serve a loop in memory, an
//! Arrow batch and a Parquet file. Absence is a sentinel inside the flat columns, never zero.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int32Array, Int64Array, ListArray, PrimitiveArray, RecordBatch, UInt8Array,
    UInt16Array, UInt32Array,
};
use arrow::buffer::{BooleanBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Field, Int32Type, Int64Type, Schema, UInt8Type, UInt16Type, UInt32Type,
};
use arrow::error::ArrowError;
use domain::{Day, Outcome, StageId};

/// The code of a dimension's missing member (no owner, no region).
pub const NONE: u32 = 0;
/// The amount of an entry whose amount is unknown.
pub const NO_AMOUNT: i64 = i64::MIN;
/// The day of an expected close that nobody gave.
pub const NO_DAY: i32 = i32::MIN;
/// The currency code of an entry without one.
pub const NO_CURRENCY: u16 = u16::MAX;
/// The probability of an entry without one.
pub const NO_PROBABILITY: i32 = -1;
/// The state code of a deleted deal, beside the codes of [`Outcome`](domain::Outcome).
pub const STATE_DELETED: u8 = 5;

/// A partition of journeys. Columns named in the singular hold one value a deal, those of [`Entries`] one
/// value an entry; `offsets[j]..offsets[j + 1]` are the entries of deal `j`, by time.
#[derive(Debug, Clone)]
pub struct Journeys {
    /// Record id of the deal.
    pub deal: ScalarBuffer<i64>,
    /// The process version the deal lives under.
    pub process: ScalarBuffer<u32>,
    /// Codes of the account, as of now.
    pub account: ScalarBuffer<u32>,
    /// Codes of the primary product.
    pub product: ScalarBuffer<u32>,
    /// Codes of the region.
    pub region: ScalarBuffer<u32>,
    /// Codes of the industry.
    pub industry: ScalarBuffer<u32>,
    /// Codes of the channel.
    pub channel: ScalarBuffer<u32>,
    /// Codes of the campaign.
    pub campaign: ScalarBuffer<u32>,
    /// Whether a known-at could read differently from a prefix of the entries.
    pub revised: BooleanBuffer,
    /// Where each deal's entries begin; one longer than the deals.
    pub offsets: OffsetBuffer<i32>,
    /// The entries of all deals.
    pub entries: Entries,
}

/// The entries of a partition, one column a field.
#[derive(Debug, Clone)]
pub struct Entries {
    /// Business day the state begins.
    pub day: ScalarBuffer<i32>,
    /// The exact instant it begins, microseconds UTC.
    pub at: ScalarBuffer<i64>,
    /// Business day the entry was known.
    pub known_day: ScalarBuffer<i32>,
    /// Stage id, 0 where unknown.
    pub stage: ScalarBuffer<u32>,
    /// Code of the [`Outcome`](domain::Outcome), or [`STATE_DELETED`].
    pub state: ScalarBuffer<u8>,
    /// Minor units, or [`NO_AMOUNT`].
    pub amount_minor: ScalarBuffer<i64>,
    /// Packed currency, or [`NO_CURRENCY`].
    pub currency: ScalarBuffer<u16>,
    /// Code of the owner.
    pub owner: ScalarBuffer<u32>,
    /// Code of the team.
    pub team: ScalarBuffer<u32>,
    /// Expected close, or [`NO_DAY`].
    pub expected_close: ScalarBuffer<i32>,
    /// The seller's probability in millionths, or [`NO_PROBABILITY`].
    pub probability_ppm: ScalarBuffer<i32>,
    /// Which hot fields the entry set (bits of [`HotSet`](domain::journal::HotSet)).
    pub set: ScalarBuffer<u16>,
}

/// A column that a tally or a filter may read; the projection of a question is a set of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "named like the fields of Journeys and Entries, which are documented")]
pub enum Column {
    Deal,
    Process,
    Account,
    Product,
    Region,
    Industry,
    Channel,
    Campaign,
    Revised,
    Day,
    At,
    KnownDay,
    Stage,
    State,
    AmountMinor,
    Currency,
    Owner,
    Team,
    ExpectedClose,
    ProbabilityPpm,
    Set,
}

impl Column {
    /// Every column in the order of the Arrow schema.
    pub const ALL: [Self; 21] = [
        Self::Deal,
        Self::Process,
        Self::Account,
        Self::Product,
        Self::Region,
        Self::Industry,
        Self::Channel,
        Self::Campaign,
        Self::Revised,
        Self::Day,
        Self::At,
        Self::KnownDay,
        Self::Stage,
        Self::State,
        Self::AmountMinor,
        Self::Currency,
        Self::Owner,
        Self::Team,
        Self::ExpectedClose,
        Self::ProbabilityPpm,
        Self::Set,
    ];

    /// The column's name in Arrow, Parquet and the `journeys` table of SQL.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deal => "deal",
            Self::Process => "process",
            Self::Account => "account",
            Self::Product => "product",
            Self::Region => "region",
            Self::Industry => "industry",
            Self::Channel => "channel",
            Self::Campaign => "campaign",
            Self::Revised => "revised",
            Self::Day => "day",
            Self::At => "at",
            Self::KnownDay => "known_day",
            Self::Stage => "stage",
            Self::State => "state",
            Self::AmountMinor => "amount_minor",
            Self::Currency => "currency",
            Self::Owner => "owner",
            Self::Team => "team",
            Self::ExpectedClose => "expected_close",
            Self::ProbabilityPpm => "probability_ppm",
            Self::Set => "set",
        }
    }

    /// Whether the column holds a list a deal.
    #[must_use]
    pub const fn is_list(self) -> bool {
        self as u8 >= Self::Day as u8
    }

    fn item(self) -> DataType {
        match self {
            Self::Deal | Self::At | Self::AmountMinor => DataType::Int64,
            Self::Revised => DataType::Boolean,
            Self::Day | Self::KnownDay | Self::ExpectedClose | Self::ProbabilityPpm => DataType::Int32,
            Self::State => DataType::UInt8,
            Self::Currency | Self::Set => DataType::UInt16,
            _ => DataType::UInt32,
        }
    }

    /// The column's Arrow field.
    #[must_use]
    pub fn field(self) -> Field {
        let ty =
            if self.is_list() { DataType::List(Arc::new(Field::new("item", self.item(), false))) } else { self.item() };
        Field::new(self.name(), ty, false)
    }
}

impl Journeys {
    /// The Arrow schema of [`Journeys::to_batch`].
    #[must_use]
    pub fn schema() -> Arc<Schema> {
        Arc::new(Schema::new(Column::ALL.map(Column::field).to_vec()))
    }

    /// Number of deals.
    #[must_use]
    pub fn len(&self) -> usize {
        self.deal.len()
    }

    /// Whether there is no deal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.deal.is_empty()
    }

    /// Deal `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Journey<'_> {
        Journey { journeys: self, index }
    }

    /// Every deal, in order.
    pub fn iter(&self) -> impl Iterator<Item = Journey<'_>> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Bytes held by the columns.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let deals = self.len() * (8 + 7 * 4) + self.len() / 8;
        deals + self.offsets.len() * 4 + self.entries.day.len() * (8 + 8 + 7 * 4 + 2 + 2 + 1)
    }

    /// The partition as an Arrow batch, without copying: lists share one offsets buffer.
    ///
    /// # Panics
    /// Never: the columns of a partition have the lengths that its schema asks for.
    #[must_use]
    pub fn to_batch(&self) -> RecordBatch {
        let columns = Column::ALL.iter().map(|column| self.array(*column)).collect();
        RecordBatch::try_new(Self::schema(), columns).expect("columns of a partition match its schema")
    }

    /// One column as an Arrow array, without copying.
    #[must_use]
    pub fn array(&self, column: Column) -> ArrayRef {
        let e = &self.entries;
        match column {
            Column::Deal => Arc::new(Int64Array::new(self.deal.clone(), None)),
            Column::Process => Arc::new(UInt32Array::new(self.process.clone(), None)),
            Column::Account => Arc::new(UInt32Array::new(self.account.clone(), None)),
            Column::Product => Arc::new(UInt32Array::new(self.product.clone(), None)),
            Column::Region => Arc::new(UInt32Array::new(self.region.clone(), None)),
            Column::Industry => Arc::new(UInt32Array::new(self.industry.clone(), None)),
            Column::Channel => Arc::new(UInt32Array::new(self.channel.clone(), None)),
            Column::Campaign => Arc::new(UInt32Array::new(self.campaign.clone(), None)),
            Column::Revised => Arc::new(BooleanArray::new(self.revised.clone(), None)),
            Column::Day => self.list(Int32Array::new(e.day.clone(), None)),
            Column::At => self.list(Int64Array::new(e.at.clone(), None)),
            Column::KnownDay => self.list(Int32Array::new(e.known_day.clone(), None)),
            Column::Stage => self.list(UInt32Array::new(e.stage.clone(), None)),
            Column::State => self.list(UInt8Array::new(e.state.clone(), None)),
            Column::AmountMinor => self.list(Int64Array::new(e.amount_minor.clone(), None)),
            Column::Currency => self.list(UInt16Array::new(e.currency.clone(), None)),
            Column::Owner => self.list(UInt32Array::new(e.owner.clone(), None)),
            Column::Team => self.list(UInt32Array::new(e.team.clone(), None)),
            Column::ExpectedClose => self.list(Int32Array::new(e.expected_close.clone(), None)),
            Column::ProbabilityPpm => self.list(Int32Array::new(e.probability_ppm.clone(), None)),
            Column::Set => self.list(UInt16Array::new(e.set.clone(), None)),
        }
    }

    fn list<T: ArrowPrimitiveType>(&self, values: PrimitiveArray<T>) -> ArrayRef {
        let item = Arc::new(Field::new("item", T::DATA_TYPE, false));
        Arc::new(ListArray::new(item, self.offsets.clone(), Arc::new(values), None))
    }

    /// Reads a batch of [`Journeys::schema`], without copying where its lists agree on their offsets.
    ///
    /// # Errors
    /// [`ArrowError::SchemaError`] where a column is missing, of another type, holds nulls, or lists of one
    /// deal differ in length; [`ArrowError::InvalidArgumentError`] where entries of a deal are not by time.
    pub fn from_batch(batch: &RecordBatch) -> Result<Self, ArrowError> {
        let lists = list(batch, Column::Day)?.offsets().clone();
        let base = lists.first().copied().unwrap_or(0);
        let offsets = if base == 0 { lists } else { OffsetBuffer::new(lists.iter().map(|at| at - base).collect()) };
        let journeys = Self {
            deal: flat::<Int64Type>(batch, Column::Deal)?,
            process: flat::<UInt32Type>(batch, Column::Process)?,
            account: flat::<UInt32Type>(batch, Column::Account)?,
            product: flat::<UInt32Type>(batch, Column::Product)?,
            region: flat::<UInt32Type>(batch, Column::Region)?,
            industry: flat::<UInt32Type>(batch, Column::Industry)?,
            channel: flat::<UInt32Type>(batch, Column::Channel)?,
            campaign: flat::<UInt32Type>(batch, Column::Campaign)?,
            revised: column(batch, Column::Revised)?
                .as_boolean_opt()
                .ok_or_else(|| wrong(Column::Revised, "is not boolean"))?
                .values()
                .clone(),
            entries: Entries {
                day: items::<Int32Type>(batch, Column::Day, &offsets)?,
                at: items::<Int64Type>(batch, Column::At, &offsets)?,
                known_day: items::<Int32Type>(batch, Column::KnownDay, &offsets)?,
                stage: items::<UInt32Type>(batch, Column::Stage, &offsets)?,
                state: items::<UInt8Type>(batch, Column::State, &offsets)?,
                amount_minor: items::<Int64Type>(batch, Column::AmountMinor, &offsets)?,
                currency: items::<UInt16Type>(batch, Column::Currency, &offsets)?,
                owner: items::<UInt32Type>(batch, Column::Owner, &offsets)?,
                team: items::<UInt32Type>(batch, Column::Team, &offsets)?,
                expected_close: items::<Int32Type>(batch, Column::ExpectedClose, &offsets)?,
                probability_ppm: items::<Int32Type>(batch, Column::ProbabilityPpm, &offsets)?,
                set: items::<UInt16Type>(batch, Column::Set, &offsets)?,
            },
            offsets,
        };
        for journey in journeys.iter() {
            if journey.days().windows(2).any(|pair| pair[1] < pair[0]) {
                let deal = journey.deal();
                return Err(ArrowError::InvalidArgumentError(format!("entries of deal {deal} are not by time")));
            }
        }
        Ok(journeys)
    }
}

fn wrong(column: Column, what: &str) -> ArrowError {
    ArrowError::SchemaError(format!("column `{}` of the journeys {what}", column.name()))
}

fn column(batch: &RecordBatch, column: Column) -> Result<&ArrayRef, ArrowError> {
    let array = batch.column_by_name(column.name()).ok_or_else(|| wrong(column, "is missing"))?;
    if array.null_count() > 0 { Err(wrong(column, "holds nulls")) } else { Ok(array) }
}

fn flat<T: ArrowPrimitiveType>(batch: &RecordBatch, of: Column) -> Result<ScalarBuffer<T::Native>, ArrowError> {
    let array = column(batch, of)?.as_primitive_opt::<T>().ok_or_else(|| wrong(of, "has another type"))?;
    Ok(array.values().clone())
}

fn list(batch: &RecordBatch, of: Column) -> Result<&ListArray, ArrowError> {
    column(batch, of)?.as_list_opt::<i32>().ok_or_else(|| wrong(of, "is not a list"))
}

fn items<T: ArrowPrimitiveType>(
    batch: &RecordBatch,
    of: Column,
    offsets: &OffsetBuffer<i32>,
) -> Result<ScalarBuffer<T::Native>, ArrowError> {
    let list = list(batch, of)?;
    let own = list.offsets();
    let base = own.first().copied().unwrap_or(0);
    let same = own.ptr_eq(offsets)
        || (own.len() == offsets.len() && own.iter().zip(offsets.iter()).all(|(a, b)| a - base == *b));
    if !same {
        return Err(wrong(of, "has lists of other lengths"));
    }
    let values = list.values().as_primitive_opt::<T>().ok_or_else(|| wrong(of, "has another item type"))?;
    if values.null_count() > 0 {
        return Err(wrong(of, "holds null items"));
    }
    let (from, len) = (usize_of(base), usize_of(offsets.last().copied().unwrap_or(0)));
    Ok(values.values().slice(from, len))
}

fn usize_of(offset: i32) -> usize {
    usize::try_from(offset).unwrap_or(0)
}

/// One deal of a partition.
#[derive(Debug, Clone, Copy)]
pub struct Journey<'a> {
    /// The partition.
    pub journeys: &'a Journeys,
    /// Its place in the partition.
    pub index: usize,
}

impl<'a> Journey<'a> {
    /// Record id of the deal.
    #[must_use]
    pub fn deal(self) -> i64 {
        self.journeys.deal[self.index]
    }

    /// The places of its entries in the columns of [`Entries`]; empty where nothing stands.
    #[must_use]
    #[inline]
    pub fn range(self) -> Range<usize> {
        let offsets = &self.journeys.offsets;
        usize_of(offsets[self.index])..usize_of(offsets[self.index + 1])
    }

    /// The days of its entries, ascending.
    #[must_use]
    #[inline]
    pub fn days(self) -> &'a [i32] {
        &self.journeys.entries.day[self.range()]
    }

    /// The place of the entry that holds at the end of `day`, absent before the deal began.
    #[must_use]
    #[inline]
    pub fn at(self, day: Day) -> Option<usize> {
        let range = self.range();
        let days = self.days();
        // Journeys are short: a scan from the end beats a binary search.
        let held = days.iter().rposition(|begins| *begins <= day.0)?;
        Some(range.start + held)
    }

    /// The first entry of the run of entries in one state (of [`Outcome`](domain::Outcome), or deleted) that holds `place`.
    #[must_use]
    #[inline]
    pub fn run_start(self, place: usize) -> usize {
        let states = &self.journeys.entries.state;
        let first = self.range().start;
        let mut start = place;
        while start > first && states[start - 1] == states[place] {
            start -= 1;
        }
        start
    }

    /// The day since which a deal that is open at `place` has stood in its stage without a break; a change of amount or
    /// owner breaks nothing. None where it is not open or its stage unknown, and none where it came from the unknown
    /// stage: when it came to its own lies before the day on which that was told.
    #[must_use]
    #[inline]
    pub fn stay_since(self, place: usize) -> Option<i32> {
        let entries = &self.journeys.entries;
        let open = |at: usize, stage: u32| entries.state[at] == Outcome::Open as u8 && entries.stage[at] == stage;
        let stage = entries.stage[place];
        if stage == StageId::UNKNOWN.0 || !open(place, stage) {
            return None;
        }
        let first = self.range().start;
        let mut begun = place;
        while begun > first && open(begun - 1, stage) {
            begun -= 1;
        }
        let is_told_late = begun > first && open(begun - 1, StageId::UNKNOWN.0);
        (!is_told_late).then(|| entries.day[begun])
    }
}
