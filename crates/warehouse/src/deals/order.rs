//! The order of a list: one comparable number a deal, the text behind it where numbers are equal, the id at last.
//!
//! What has no value comes last in either direction. Places are kept by value, not by number: a list goes on where
//! it stopped though deals came and went meanwhile. Must not know sums or pages.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::Date32Type;
use domain::field::{FieldId, ids};
use domain::{Outcome, RecordId, StageId};
use journey::{Journey, NO_AMOUNT, NO_CURRENCY, NO_DAY, NO_PROBABILITY, NONE, View};

use super::texts::{Names, Texts, names};
use crate::keys::CodeBook;
use crate::labels::Dimension;
use crate::memory::Memory;
use crate::snapshot::{Partition, Snapshot};

/// A column that lists are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named like the fields of Listed, which are documented")]
pub enum SortBy {
    Id,
    ExternalId,
    Name,
    Member(Dimension),
    Process,
    Stage,
    Outcome,
    AmountMinor,
    Currency,
    CreatedOn,
    ClosedOn,
    ExpectedCloseOn,
    DaysInStage,
    ProbabilityPpm,
    NextStep,
    NextStepOn,
    /// What the deal adds to the cell asked about.
    CellMinor,
}

impl SortBy {
    const WORDS: [(&'static str, Self); 16] = [
        ("id", Self::Id),
        ("external_id", Self::ExternalId),
        ("name", Self::Name),
        ("process", Self::Process),
        ("stage", Self::Stage),
        ("outcome", Self::Outcome),
        ("amount_minor", Self::AmountMinor),
        ("currency", Self::Currency),
        ("created_on", Self::CreatedOn),
        ("closed_on", Self::ClosedOn),
        ("expected_close_on", Self::ExpectedCloseOn),
        ("days_in_stage", Self::DaysInStage),
        ("probability_ppm", Self::ProbabilityPpm),
        ("next_step", Self::NextStep),
        ("next_step_on", Self::NextStepOn),
        ("cell_minor", Self::CellMinor),
    ];

    /// Every word there is.
    pub fn words() -> impl Iterator<Item = &'static str> {
        Self::WORDS.into_iter().map(|(word, _)| word).chain(Dimension::ALL.map(Dimension::name))
    }

    /// The column of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let member = || Dimension::ALL.into_iter().find(|dimension| dimension.name() == word).map(Self::Member);
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, by)| *by).or_else(member)
    }
}

/// How a list is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// The largest first.
    pub descending: bool,
}

/// The value by which a deal has its place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SortValue {
    /// It has none.
    None,
    /// A number, date or code.
    Int(i64),
    /// A text, folded where people do not tell its spellings apart.
    Text(String),
}

/// The last deal that was shown; the list goes on after it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct After {
    /// Its value.
    pub value: SortValue,
    /// Its id.
    pub deal: RecordId,
}

/// A partition as the question sees it, and what ordering reads of it.
pub(super) struct Part<'a> {
    pub(super) partition: &'a Partition,
    pub(super) view: View<'a>,
    pub(super) texts: Option<&'a Texts>,
    kept: Option<ArrayRef>,
}

impl<'a> Part<'a> {
    pub(super) fn new(partition: &'a Partition, view: View<'a>, texts: Option<&'a Texts>, order: &Order<'_>) -> Self {
        let field = |id: FieldId| order.snapshot.labels.fields().iter().find(|field| field.id == id);
        let kept = match order.sort.by {
            SortBy::NextStep => field(ids::OPPORTUNITY_NEXT_STEP),
            SortBy::NextStepOn => field(ids::OPPORTUNITY_NEXT_STEP_ON),
            _ => None,
        };
        Self { partition, view, texts, kept: kept.map(|field| partition.attributes.column(field)) }
    }
}

/// A deal that is shown, with its place in the order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) key: u64,
    pub(super) part: u32,
    pub(super) row: u32,
    /// The entry that holds.
    pub(super) entry: u32,
    pub(super) deal: RecordId,
    pub(super) added: journey::Added,
}

/// The key of what has no value: last.
const LAST: u64 = u64::MAX;

/// An order over a snapshot.
pub(super) struct Order<'a> {
    sort: Sort,
    snapshot: &'a Snapshot,
    book: &'a CodeBook,
    names: Option<Arc<Names>>,
    after: Option<(u64, Option<&'a str>, RecordId)>,
}

impl<'a> Order<'a> {
    pub(super) fn new(
        sort: Sort,
        after: Option<&'a After>,
        snapshot: &'a Snapshot,
        book: &'a CodeBook,
        memory: &Memory,
    ) -> Self {
        let names = match sort.by {
            SortBy::Member(dimension) => Some(names(snapshot, dimension, memory)),
            _ => None,
        };
        let mut order = Self { sort, snapshot, book, names, after: None };
        order.after = after.map(|after| {
            let (key, text) = match &after.value {
                SortValue::None => (LAST, None),
                SortValue::Int(value) => (order.of_int(*value), None),
                SortValue::Text(text) => match &order.names {
                    Some(names) => {
                        let doubled = |rank: u32| u64::from(rank) * 2;
                        let key = names.rank_of(text).map_or_else(|next| doubled(next) + 1, |rank| doubled(rank) + 2);
                        (order.turned(key), None)
                    }
                    None => (order.turned(beginning(text)), Some(text.as_str())),
                },
            };
            (key, text, after.deal)
        });
        order
    }

    /// Whether folded texts of deals are needed.
    pub(super) fn reads_texts(&self) -> bool {
        matches!(self.sort.by, SortBy::Name)
    }

    fn turned(&self, key: u64) -> u64 {
        if self.sort.descending { !key } else { key }
    }

    fn of_int(&self, value: i64) -> u64 {
        self.turned(value.cast_unsigned() ^ (1 << 63))
    }

    /// The key of a deal that is shown by its entry at `place`.
    pub(super) fn key(&self, part: &Part<'_>, journey: Journey<'_>, place: usize, added: journey::Added) -> u64 {
        match (self.sort.by, &self.names) {
            (SortBy::Member(dimension), Some(names)) => match code(part, journey, place, dimension) {
                NONE => LAST,
                code => self.turned(u64::from(names.rank(code)) * 2 + 2),
            },
            (SortBy::Name | SortBy::ExternalId | SortBy::NextStep | SortBy::Process | SortBy::Currency, _) => {
                self.text(part, journey.index, place).map_or(LAST, |text| self.turned(beginning(text.as_ref())))
            }
            _ => self.int(part, journey, place, added).map_or(LAST, |value| self.of_int(value)),
        }
    }

    fn int(&self, part: &Part<'_>, journey: Journey<'_>, place: usize, added: journey::Added) -> Option<i64> {
        let e = &part.view.journeys.entries;
        match self.sort.by {
            SortBy::Stage => self
                .snapshot
                .labels
                .stage(StageId(self.book.stage(e.stage[place])))
                .map(|(_, stage)| i64::from(stage.order)),
            SortBy::Outcome => Some(i64::from(e.state[place])),
            SortBy::AmountMinor => part.view.amount_minor(place, part.view.as_of).filter(|minor| *minor != NO_AMOUNT),
            SortBy::CreatedOn => journey.days().first().map(|day| i64::from(*day)),
            SortBy::ClosedOn => closed_on(journey, place).map(i64::from),
            SortBy::ExpectedCloseOn => Some(e.expected_close[place]).filter(|day| *day != NO_DAY).map(i64::from),
            SortBy::DaysInStage => days_in_stage(&part.view, journey, place).map(i64::from),
            SortBy::ProbabilityPpm => {
                Some(e.probability_ppm[place]).filter(|ppm| *ppm != NO_PROBABILITY).map(i64::from)
            }
            SortBy::NextStepOn => {
                let days = part.kept.as_ref()?.as_primitive_opt::<Date32Type>()?;
                days.is_valid(journey.index).then(|| i64::from(days.value(journey.index)))
            }
            SortBy::CellMinor => Some(i64::try_from(added.amount_minor).unwrap_or(i64::MAX)),
            _ => Some(journey.deal()),
        }
    }

    /// The text by which deals with equal keys are told apart.
    fn text<'p>(&self, part: &'p Part<'_>, row: usize, place: usize) -> Option<std::borrow::Cow<'p, str>> {
        use std::borrow::Cow;
        match self.sort.by {
            SortBy::Name => Some(part.texts?.parts(row).0).filter(|name| !name.is_empty()).map(Cow::Borrowed),
            SortBy::ExternalId => {
                let ids = &part.partition.attributes.external_id;
                ids.is_valid(row).then(|| Cow::Borrowed(ids.value(row)))
            }
            SortBy::NextStep => {
                let texts = part.kept.as_ref()?.as_string_opt::<i32>()?;
                texts.is_valid(row).then(|| Cow::Borrowed(texts.value(row)))
            }
            SortBy::Process => {
                let process = domain::ProcessId(part.partition.journeys.process[row]);
                self.snapshot.labels.process(process).map(|process| Cow::Owned(process.key.clone()))
            }
            SortBy::Currency => {
                let code = part.view.journeys.entries.currency[place];
                let known = (code != NO_CURRENCY).then(|| domain::Currency::from_code(code)).flatten();
                known.map(|currency| Cow::Owned(currency.to_string()))
            }
            _ => None,
        }
    }

    fn texts_in_order(&self, a: Option<&str>, b: Option<&str>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if self.sort.descending => b.cmp(a),
            (Some(a), Some(b)) => a.cmp(b),
            (a, b) => a.is_none().cmp(&b.is_none()),
        }
    }

    /// Which of two places comes first.
    pub(super) fn compare(&self, parts: &[Part<'_>], a: &Place, b: &Place) -> Ordering {
        let texts = || {
            let text = |place: &Place| self.text(&parts[place.part as usize], place.row as usize, place.entry as usize);
            self.texts_in_order(text(a).as_deref(), text(b).as_deref())
        };
        a.key.cmp(&b.key).then_with(texts).then(a.deal.cmp(&b.deal))
    }

    /// Whether a place comes after the last deal that was shown.
    pub(super) fn is_next(&self, parts: &[Part<'_>], place: &Place) -> bool {
        let Some((key, text, deal)) = self.after else { return true };
        let texts = || {
            let own = self.text(&parts[place.part as usize], place.row as usize, place.entry as usize);
            self.texts_in_order(own.as_deref(), text)
        };
        place.key.cmp(&key).then_with(texts).then(place.deal.cmp(&deal)).is_gt()
    }

    /// Where the list goes on after a place.
    pub(super) fn after(&self, parts: &[Part<'_>], place: &Place) -> After {
        let part = &parts[place.part as usize];
        let journey = part.view.journeys.get(place.row as usize);
        let entry = place.entry as usize;
        let value = match (self.sort.by, &self.names) {
            (SortBy::Member(dimension), Some(names)) => match code(part, journey, entry, dimension) {
                NONE => SortValue::None,
                code => SortValue::Text(names.name(code).to_owned()),
            },
            (SortBy::Name | SortBy::ExternalId | SortBy::NextStep | SortBy::Process | SortBy::Currency, _) => self
                .text(part, place.row as usize, entry)
                .map_or(SortValue::None, |text| SortValue::Text(text.into_owned())),
            _ => self.int(part, journey, entry, place.added).map_or(SortValue::None, SortValue::Int),
        };
        After { value, deal: place.deal }
    }
}

/// The first eight bytes of a text, in its order.
fn beginning(text: &str) -> u64 {
    let mut bytes = [0; 8];
    for (into, from) in bytes.iter_mut().zip(text.bytes()) {
        *into = from;
    }
    u64::from_be_bytes(bytes)
}

/// The code of a dimension that a deal has while its entry at `place` holds.
pub(super) fn code(part: &Part<'_>, journey: Journey<'_>, place: usize, dimension: Dimension) -> u32 {
    let journeys = &part.partition.journeys;
    match dimension {
        Dimension::Account => journeys.account[journey.index],
        Dimension::Product => journeys.product[journey.index],
        Dimension::Region => journeys.region[journey.index],
        Dimension::Industry => journeys.industry[journey.index],
        Dimension::Channel => journeys.channel[journey.index],
        Dimension::Campaign => journeys.campaign[journey.index],
        Dimension::Owner => journeys.entries.owner[place],
        Dimension::Team => journeys.entries.team[place],
    }
}

/// The day since which the deal has stood closed as it does at `place`.
pub(super) fn closed_on(journey: Journey<'_>, place: usize) -> Option<i32> {
    let entries = &journey.journeys.entries;
    let closed = Outcome::from_code(entries.state[place]).is_some_and(Outcome::is_closed);
    closed.then(|| entries.day[journey.run_start(place)])
}

/// Days that an open deal has been in its stage without a break, at the as-of; none where that is not known.
pub(super) fn days_in_stage(view: &View<'_>, journey: Journey<'_>, place: usize) -> Option<i32> {
    journey.stay_since(place).map(|since| view.as_of.0 - since)
}
