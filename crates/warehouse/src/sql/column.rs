//! Columns of the tables: what each holds, its type, and how it is read out of a partition.
//!
//! A column is read for chosen rows only, so that a filter decides first and nothing else is touched for
//! rows it drops. Codes become words here; absence, a sentinel in the flat columns, becomes null. This module
//! must not know which table a column stands in, nor who asks.

use std::sync::{Arc, LazyLock};

use arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Int32Array, ListArray, PrimitiveArray, StringViewArray, StringViewBuilder,
    TimestampMicrosecondArray, UInt32Array, UInt64Array,
};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};
use arrow::compute::{TakeOptions, take};
use arrow::datatypes::{ArrowPrimitiveType, DataType, Date32Type, Field, Int32Type, Int64Type, TimeUnit, UInt32Type};
use arrow::error::ArrowError;
use domain::{Currency, Outcome, StageId};
use journey::{Entries, NO_AMOUNT, NO_CURRENCY, NO_DAY, NO_PROBABILITY, STATE_DELETED};

use super::moves::{self, Move, MoveKind};
use super::source::Seen;
use crate::labels::Dimension;

/// The zone of timestamps: UTC, written so that it needs no zone database.
const UTC: &str = "+00:00";

/// The rows of one partition that are read: deal by deal, and of each the entry that the row is about.
#[derive(Debug, Default, Clone)]
pub(super) struct Rows {
    /// Places of the deals.
    pub(super) deal: Vec<u32>,
    /// Places of the entries.
    pub(super) entry: Vec<u32>,
}

impl Rows {
    pub(super) const fn len(&self) -> usize {
        self.deal.len()
    }

    pub(super) fn push(&mut self, deal: u32, entry: usize) {
        self.deal.push(deal);
        self.entry.push(u32::try_from(entry).unwrap_or(u32::MAX));
    }

    /// The rows whose flag is set.
    pub(super) fn filter(&self, flags: impl Iterator<Item = bool>) -> Self {
        let mut kept = Self::default();
        for ((deal, entry), keep) in self.deal.iter().zip(&self.entry).zip(flags) {
            if keep {
                kept.deal.push(*deal);
                kept.entry.push(*entry);
            }
        }
        kept
    }
}

/// What a list column of `journeys` holds, one item an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Items {
    /// Business day.
    On,
    /// Instant.
    At,
    /// Business day it was known.
    KnownOn,
    /// Stage id.
    StageId,
    /// Words of a column of codes.
    Words(Words),
    /// Minor units.
    AmountMinor,
    /// Expected close.
    ExpectedCloseOn,
    /// The seller's probability.
    ProbabilityPpm,
}

/// A column of an entry whose codes stand for words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// Key of the stage.
    Stage,
    /// Open, won, lost, cancelled, parked.
    Outcome,
    /// ISO 4217.
    Currency,
    /// Name of the seller or the team.
    Of(Dimension),
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// The number by which tally functions find the journey.
    Journey,
    /// Record id of the deal.
    OpportunityId,
    /// Id of the deal in the system it came from.
    ExternalId,
    /// Key of the process.
    Process,
    /// Version of the process, by its id.
    ProcessId,
    /// Name of a dimension's member that never changes for a deal.
    Name(Dimension),
    /// A value of an own dimension, by its place among them.
    Own(usize),
    /// Record id of such a member.
    Id(Dimension),
    /// Words of the row's entry.
    Words(Words),
    /// Record id of the owner or team of the row's entry.
    EntryId(Dimension),
    /// Order of the stage in its source.
    StageOrder,
    /// Minor units.
    AmountMinor,
    /// Expected close.
    ExpectedCloseOn,
    /// The seller's probability.
    ProbabilityPpm,
    /// Business day of the first entry.
    CreatedOn,
    /// Business day since which the deal is won, lost or cancelled.
    ClosedOn,
    /// Business day since which the deal is in its stage.
    StageSinceOn,
    /// Instant of the row's entry.
    At,
    /// Its business day.
    On,
    /// Business day it was known.
    KnownOn,
    /// Instant of the entry after it.
    ToAt,
    /// Business day of the entry after it.
    ToOn,
    /// Key of the stage before.
    FromStage,
    /// State before.
    FromOutcome,
    /// Difference of orders.
    Steps,
    /// Kind of the move.
    Kind,
    /// A field kept beside the journeys, by position.
    Kept(usize),
    /// All entries of the deal.
    List(Items),
    /// How many entries the deal has.
    Entries,
}

impl Holds {
    /// The Arrow type of the column.
    pub(super) fn data_type(self, seen: &Seen) -> DataType {
        match self {
            Self::Journey => DataType::UInt64,
            Self::OpportunityId | Self::Id(_) | Self::EntryId(_) | Self::AmountMinor => DataType::Int64,
            Self::ProcessId | Self::Entries => DataType::UInt32,
            Self::ExternalId => DataType::Utf8,
            Self::Process
            | Self::Name(_)
            | Self::Own(_)
            | Self::Words(_)
            | Self::FromStage
            | Self::FromOutcome
            | Self::Kind => DataType::Utf8View,
            Self::StageOrder | Self::ProbabilityPpm | Self::Steps => DataType::Int32,
            Self::ExpectedCloseOn
            | Self::CreatedOn
            | Self::ClosedOn
            | Self::StageSinceOn
            | Self::On
            | Self::KnownOn
            | Self::ToOn => DataType::Date32,
            Self::At | Self::ToAt => timestamp(),
            Self::Kept(at) => seen.snapshot.labels.fields()[at].data_type(),
            Self::List(items) => DataType::List(Arc::new(items.field())),
        }
    }

    /// Whether the column may hold nulls.
    pub(super) const fn nullable(self) -> bool {
        !matches!(
            self,
            Self::Journey | Self::OpportunityId | Self::At | Self::On | Self::KnownOn | Self::List(_) | Self::Entries
        )
    }

    /// The words behind the column where it is made of codes, by code.
    pub(super) fn words(self, seen: &Seen) -> Result<Option<Arc<StringViewArray>>, ArrowError> {
        Ok(Some(match self {
            Self::Process => Arc::clone(seen.catalogue.process_keys()),
            Self::Name(of) => Arc::clone(seen.names(of)?),
            Self::Own(at) => Arc::clone(seen.own(at)?),
            Self::Words(words) => words.by_code(seen)?,
            Self::FromStage => Words::Stage.by_code(seen)?,
            Self::FromOutcome => Words::Outcome.by_code(seen)?,
            Self::Kind => Arc::clone(&KINDS),
            _ => return Ok(None),
        }))
    }

    /// The codes of the column in these rows; only for columns that have [`Holds::words`].
    pub(super) fn codes(self, seen: &Seen, part: usize, rows: &Rows) -> Vec<u32> {
        let journeys = seen.journeys(part);
        let entries = &journeys.entries;
        match self {
            Self::Process => pick(&journeys.process, &rows.deal),
            Self::Name(of) => match of {
                Dimension::Account => pick(&journeys.account, &rows.deal),
                Dimension::Product => pick(&journeys.product, &rows.deal),
                Dimension::Region => pick(&journeys.region, &rows.deal),
                Dimension::Industry => pick(&journeys.industry, &rows.deal),
                Dimension::Channel => pick(&journeys.channel, &rows.deal),
                Dimension::Campaign => pick(&journeys.campaign, &rows.deal),
                Dimension::Owner => pick(&entries.owner, &rows.entry),
                Dimension::Team => pick(&entries.team, &rows.entry),
            },
            Self::Own(at) => {
                let field = seen.snapshot.labels.own_dimensions()[at].field.id;
                pick(&seen.part(part).attributes.own(field), &rows.deal)
            }
            Self::Words(words) => rows.entry.iter().map(|entry| words.code(entries, *entry as usize)).collect(),
            Self::FromStage => befores(seen, part, rows, |entries, before| entries.stage[before]),
            Self::FromOutcome => befores(seen, part, rows, |entries, before| outcome_code(entries.state[before])),
            Self::Kind => moves_of(seen, part, rows)
                .map(|made| made.and_then(|made| made.kind).map_or(0, |kind| kind as u32))
                .collect(),
            _ => vec![0; rows.len()],
        }
    }

    /// The column in these rows.
    pub(super) fn read(self, seen: &Seen, part: usize, rows: &Rows) -> Result<ArrayRef, ArrowError> {
        if let Some(words) = self.words(seen)? {
            return spell(&words, self.codes(seen, part, rows));
        }
        let journeys = seen.journeys(part);
        let entries = &journeys.entries;
        Ok(match self {
            Self::Journey => Arc::new(rows.deal.iter().map(|deal| handle(part, *deal)).collect::<UInt64Array>()),
            Self::OpportunityId => plain::<Int64Type>(pick(&journeys.deal, &rows.deal)),
            Self::ExternalId => by_row(&seen.part(part).attributes.external_id, &rows.deal)?,
            Self::Kept(at) => {
                let column = seen.part(part).attributes.column(&seen.snapshot.labels.fields()[at]);
                by_row(&column, &rows.deal)?
            }
            Self::ProcessId => plain::<UInt32Type>(pick(&journeys.process, &rows.deal)),
            Self::Id(of) => {
                let codes = Self::Name(of).codes(seen, part, rows);
                by_row(seen.ids(of).as_ref(), &codes)?
            }
            Self::EntryId(of) => {
                let codes = Self::Words(Words::Of(of)).codes(seen, part, rows);
                by_row(seen.ids(of).as_ref(), &codes)?
            }
            Self::StageOrder => {
                let order = |entry: &u32| seen.catalogue.rung(entries.stage[*entry as usize]).map(|rung| rung.order);
                Arc::new(rows.entry.iter().map(order).collect::<Int32Array>())
            }
            Self::AmountMinor => known::<Int64Type>(pick(&entries.amount_minor, &rows.entry), NO_AMOUNT),
            Self::ExpectedCloseOn => known::<Date32Type>(pick(&entries.expected_close, &rows.entry), NO_DAY),
            Self::ProbabilityPpm => known::<Int32Type>(pick(&entries.probability_ppm, &rows.entry), NO_PROBABILITY),
            Self::CreatedOn => by_row(&seen.part(part).created_on(), &rows.deal)?,
            Self::ClosedOn => by_row(&seen.part(part).closed_on(), &rows.deal)?,
            Self::StageSinceOn => stage_since(seen, part, rows),
            Self::At => instants(pick(&entries.at, &rows.entry)),
            Self::On => plain::<Date32Type>(pick(&entries.day, &rows.entry)),
            Self::KnownOn => plain::<Date32Type>(pick(&entries.known_day, &rows.entry)),
            Self::ToAt => {
                let to: TimestampMicrosecondArray = nexts(seen, part, rows, |entries, next| entries.at[next]).collect();
                Arc::new(to.with_timezone(UTC))
            }
            Self::ToOn => Arc::new(nexts(seen, part, rows, |entries, next| entries.day[next]).collect::<Date32Array>()),
            Self::Steps => {
                let steps = moves_of(seen, part, rows).map(|made| made.and_then(|made| made.steps));
                Arc::new(steps.collect::<Int32Array>())
            }
            Self::List(items) => items.read(seen, part, rows)?,
            Self::Entries => {
                let count = |deal: &u32| journeys.get(*deal as usize).range().len();
                let counts = rows.deal.iter().map(|deal| u32::try_from(count(deal)).ok());
                Arc::new(counts.collect::<UInt32Array>())
            }
            Self::Process
            | Self::Name(_)
            | Self::Own(_)
            | Self::Words(_)
            | Self::FromStage
            | Self::FromOutcome
            | Self::Kind => {
                return Err(ArrowError::ComputeError("a column of words has no words".to_owned()));
            }
        })
    }
}

impl Words {
    fn by_code(self, seen: &Seen) -> Result<Arc<StringViewArray>, ArrowError> {
        Ok(match self {
            Self::Stage => Arc::clone(seen.catalogue.stage_keys()),
            Self::Outcome => Arc::clone(&OUTCOMES),
            Self::Currency => Arc::clone(&CURRENCIES),
            Self::Of(of) => Arc::clone(seen.names(of)?),
        })
    }

    fn code(self, entries: &Entries, entry: usize) -> u32 {
        match self {
            Self::Stage => entries.stage[entry],
            Self::Outcome => outcome_code(entries.state[entry]),
            Self::Currency => match entries.currency[entry] {
                NO_CURRENCY => 0,
                code => u32::from(code) + 1,
            },
            Self::Of(Dimension::Team) => entries.team[entry],
            Self::Of(_) => entries.owner[entry],
        }
    }
}

impl Items {
    fn field(self) -> Field {
        let (ty, nullable) = match self {
            Self::On | Self::KnownOn => (DataType::Date32, false),
            Self::At => (timestamp(), false),
            Self::StageId => (DataType::UInt32, true),
            Self::Words(_) => (DataType::Utf8View, true),
            Self::AmountMinor => (DataType::Int64, true),
            Self::ExpectedCloseOn => (DataType::Date32, true),
            Self::ProbabilityPpm => (DataType::Int32, true),
        };
        Field::new("item", ty, nullable)
    }

    /// The lists of these rows: of all deals without copying a number, of some by copying theirs.
    fn read(self, seen: &Seen, part: usize, rows: &Rows) -> Result<ArrayRef, ArrowError> {
        let journeys = seen.journeys(part);
        let e = &journeys.entries;
        let items: ArrayRef = match self {
            Self::On => Arc::new(Date32Array::new(e.day.clone(), None)),
            Self::KnownOn => Arc::new(Date32Array::new(e.known_day.clone(), None)),
            Self::At => Arc::new(TimestampMicrosecondArray::new(e.at.clone(), None).with_timezone(UTC)),
            Self::StageId => shared::<UInt32Type>(&e.stage, StageId::UNKNOWN.0),
            Self::AmountMinor => shared::<Int64Type>(&e.amount_minor, NO_AMOUNT),
            Self::ExpectedCloseOn => shared::<Date32Type>(&e.expected_close, NO_DAY),
            Self::ProbabilityPpm => shared::<Int32Type>(&e.probability_ppm, NO_PROBABILITY),
            Self::Words(words) => {
                let codes = (0..e.day.len()).map(|entry| words.code(e, entry)).collect();
                spell(words.by_code(seen)?.as_ref(), codes)?
            }
        };
        let lists = ListArray::try_new(Arc::new(self.field()), journeys.offsets.clone(), items, None)?;
        by_row(&lists, &rows.deal)
    }
}

/// The number by which tally functions find a journey.
pub(super) fn handle(part: usize, deal: u32) -> u64 {
    (part as u64) << 32 | u64::from(deal)
}

/// The partition and the deal behind a number of [`handle`].
pub(super) fn behind(handle: u64) -> (usize, usize) {
    let part = usize::try_from(handle >> 32).unwrap_or(usize::MAX);
    (part, (handle & u64::from(u32::MAX)) as usize)
}

pub(super) fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into()))
}

/// Words of outcomes by code plus one; a deleted deal has none.
static OUTCOMES: LazyLock<Arc<StringViewArray>> =
    LazyLock::new(|| Arc::new(std::iter::once(None).chain(Outcome::ALL.map(|of| Some(of.as_str()))).collect()));

static KINDS: LazyLock<Arc<StringViewArray>> =
    LazyLock::new(|| Arc::new(std::iter::once(None).chain(MoveKind::ALL.map(|of| Some(of.as_str()))).collect()));

/// Every packed currency by code plus one.
static CURRENCIES: LazyLock<Arc<StringViewArray>> = LazyLock::new(|| {
    let mut views = StringViewBuilder::new();
    views.append_null();
    for code in 0..1 << 15 {
        views.append_option(Currency::from_code(code).map(|currency| currency.to_string()));
    }
    Arc::new(views.finish())
});

fn outcome_code(state: u8) -> u32 {
    if state == STATE_DELETED { 0 } else { u32::from(state) + 1 }
}

fn pick<T: Copy>(values: &[T], at: &[u32]) -> Vec<T> {
    at.iter().map(|at| values[*at as usize]).collect()
}

fn plain<T: ArrowPrimitiveType>(values: Vec<T::Native>) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::new(values.into(), None))
}

/// Values with nulls in the place of `missing`.
fn known<T: ArrowPrimitiveType>(values: Vec<T::Native>, missing: T::Native) -> ArrayRef {
    shared::<T>(&values.into(), missing)
}

/// Values that are not copied, with nulls in the place of `missing`.
fn shared<T: ArrowPrimitiveType>(values: &ScalarBuffer<T::Native>, missing: T::Native) -> ArrayRef {
    let nulls = NullBuffer::new(BooleanBuffer::collect_bool(values.len(), |at| values[at] != missing));
    Arc::new(PrimitiveArray::<T>::new(values.clone(), (nulls.null_count() > 0).then_some(nulls)))
}

fn instants(values: Vec<i64>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::new(values.into(), None).with_timezone(UTC))
}

/// `words[code]` for each code, sharing the words' text; where that text is long beside the rows, with a text
/// of its own, so that a row in the engine's memory does not weigh as much as every word there is.
fn spell(words: &StringViewArray, codes: Vec<u32>) -> Result<ArrayRef, ArrowError> {
    let text: usize = words.data_buffers().iter().map(Buffer::len).sum();
    let spelt = take(words, &UInt32Array::from(codes), Some(TakeOptions { check_bounds: true }))?;
    Ok(if text > spelt.len() * TEXT_PER_ROW { Arc::new(spelt.as_string_view().gc()) } else { spelt })
}

/// Bytes of shared text a row at most.
const TEXT_PER_ROW: usize = 32;

/// The values at these places; the array itself where that is all of it.
fn by_row(array: &dyn Array, at: &[u32]) -> Result<ArrayRef, ArrowError> {
    if at.len() == array.len() && at.iter().zip(0..).all(|(at, place)| *at == place) {
        return Ok(array.slice(0, array.len()));
    }
    take(array, &UInt32Array::from(at.to_vec()), Some(TakeOptions { check_bounds: true }))
}

fn moves_of<'a>(seen: &'a Seen, part: usize, rows: &'a Rows) -> impl Iterator<Item = Option<Move>> + 'a {
    let journeys = seen.journeys(part);
    rows.deal.iter().zip(&rows.entry).map(move |(deal, entry)| {
        let range = journeys.get(*deal as usize).range();
        moves::at(&journeys.entries, &range, *entry as usize, &seen.catalogue)
    })
}

/// A code of the entry before each row's; 0 for the first.
fn befores(seen: &Seen, part: usize, rows: &Rows, code: fn(&Entries, usize) -> u32) -> Vec<u32> {
    let journeys = seen.journeys(part);
    let before = |(deal, entry): (&u32, &u32)| {
        let first = journeys.get(*deal as usize).range().start;
        let before = (*entry as usize).checked_sub(1).filter(|before| *before >= first);
        before.map_or(0, |before| code(&journeys.entries, before))
    };
    rows.deal.iter().zip(&rows.entry).map(before).collect()
}

/// A value of the entry after each row's; absent for the last.
fn nexts<'a, T: 'a>(
    seen: &'a Seen,
    part: usize,
    rows: &'a Rows,
    value: fn(&Entries, usize) -> T,
) -> impl Iterator<Item = Option<T>> + 'a {
    let journeys = seen.journeys(part);
    rows.deal.iter().zip(&rows.entry).map(move |(deal, entry)| {
        let next = *entry as usize + 1;
        (next < journeys.get(*deal as usize).range().end).then(|| value(&journeys.entries, next))
    })
}

/// The day since which each deal has been in the stage of its row's entry, without a break.
fn stage_since(seen: &Seen, part: usize, rows: &Rows) -> ArrayRef {
    let journeys = seen.journeys(part);
    let since = |(deal, entry): (&u32, &u32)| {
        let (first, entry) = (journeys.get(*deal as usize).range().start, *entry as usize);
        let stage = &journeys.entries.stage[first..=entry];
        let here = journeys.entries.stage[entry];
        let run = stage.iter().rev().take_while(|stage| **stage == here).count();
        (here != StageId::UNKNOWN.0).then(|| journeys.entries.day[entry + 1 - run])
    };
    Arc::new(rows.deal.iter().zip(&rows.entry).map(since).collect::<Date32Array>())
}
