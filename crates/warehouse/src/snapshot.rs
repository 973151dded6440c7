//! One moment of the warehouse: what a question reads, unmoved by writes that come meanwhile.
//!
//! A snapshot is partitions of journeys, each with a version, and the labels of their codes. It is shared,
//! never changed: a refresh publishes the next one. Scope becomes a predicate here, once, for tallies and for
//! SQL alike.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Date32Array, StringArray, new_null_array};
use arrow::buffer::ScalarBuffer;
use domain::field::FieldId;
use domain::journal::Withdrawn;
use domain::scope::Scope;
use domain::{Calendar, Currency, Day, Outcome, Rates, RecordId, StageId};
use journey::{Journey, Journeys, NO_CURRENCY, NO_DAY, NONE, STATE_DELETED};

use crate::labels::{Dimension, KeptField, Labels};

/// Journeys in a full partition.
pub const PARTITION_DEALS: usize = 8192;

/// Deals of one partition beside their journeys, row for row.
#[derive(Debug, Clone)]
pub struct Attributes {
    /// Code of the owner now: of the latest entry; where nothing stands, the last one there was.
    pub owner: ScalarBuffer<u32>,
    /// Code of the team now, likewise.
    pub team: ScalarBuffer<u32>,
    /// Which statics come from the account: [`Attributes::REGION`], [`Attributes::INDUSTRY`].
    pub inherited: ScalarBuffer<u8>,
    /// Id in the source it was imported from; null where it was not.
    pub external_id: StringArray,
    /// Columns of the kept fields that any deal here has, by ascending id.
    pub columns: Vec<(FieldId, ArrayRef)>,
    /// Codes of the own dimensions, by ascending field.
    pub own: Vec<(FieldId, ScalarBuffer<u32>)>,
}

impl Attributes {
    /// The region is the account's.
    pub const REGION: u8 = 1;
    /// The industry is the account's.
    pub const INDUSTRY: u8 = 2;

    /// The column of a kept field: nulls where no deal here has it.
    #[must_use]
    pub fn column(&self, field: &KeptField) -> ArrayRef {
        let found = self.columns.iter().find(|(id, _)| *id == field.id);
        found.map_or_else(|| new_null_array(&field.data_type(), self.owner.len()), |(_, column)| Arc::clone(column))
    }

    /// The codes of an own dimension: none where no deal here has it.
    #[must_use]
    pub fn own(&self, field: FieldId) -> ScalarBuffer<u32> {
        let found = self.own.iter().find(|(id, _)| *id == field);
        found.map_or_else(|| vec![NONE; self.owner.len()].into(), |(_, codes)| codes.clone())
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let columns: usize = self.columns.iter().map(|(_, column)| column.get_array_memory_size()).sum();
        self.owner.len() * (9 + 4 * self.own.len()) + self.external_id.get_array_memory_size() + columns
    }
}

/// Up to [`PARTITION_DEALS`] deals. Rows never move: a deal keeps its place for as long as the process lives.
#[derive(Debug, Clone)]
pub struct Partition {
    /// Changes with every change of its content; unique over all partitions and time of one process.
    pub version: u64,
    /// What happened to the deals.
    pub journeys: Arc<Journeys>,
    /// What else is known of them.
    pub attributes: Arc<Attributes>,
    occurs: Occurs,
}

/// What occurs in the entries of a partition: found once, so that most questions need not look for it.
#[derive(Debug, Clone)]
pub(crate) struct Occurs {
    /// Packed currencies, ascending.
    pub(crate) currencies: Vec<u16>,
    /// A deal that was open in an unknown stage.
    pub(crate) unknown_stage: bool,
    /// Of the deals that are not deleted, by process.
    spans: BTreeMap<u32, Span>,
}

/// Deals, and the days between which something happened to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Deals.
    pub deals: u64,
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
    /// Whether one of them was open in two stages: an export without stage history shows each where it stands alone.
    pub has_steps: bool,
}

impl Span {
    /// Both together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            deals: self.deals + other.deals,
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            has_steps: self.has_steps || other.has_steps,
        }
    }
}

/// Spans of the flagged deals that are not deleted, by process id.
fn spans(journeys: &Journeys, member: Option<&[bool]>) -> BTreeMap<u32, Span> {
    let mut spans: BTreeMap<u32, Span> = BTreeMap::new();
    for journey in journeys.iter().filter(|journey| member.is_none_or(|member| member[journey.index])) {
        let Some((first, last)) = journey.days().first().zip(journey.days().last()) else { continue };
        if journeys.entries.state[journey.range().end - 1] == STATE_DELETED {
            continue;
        }
        let process = journeys.process[journey.index];
        let has_steps = spans.get(&process).is_some_and(|span| span.has_steps) || has_steps(journeys, journey.range());
        let one = Span { deals: 1, first: Day(*first), last: Day(*last), has_steps };
        spans.entry(process).and_modify(|span| *span = span.with(one)).or_insert(one);
    }
    spans
}

/// Whether a deal was open in two stages that are known.
fn has_steps(journeys: &Journeys, entries: std::ops::Range<usize>) -> bool {
    let (stages, states) = (&journeys.entries.stage[entries.clone()], &journeys.entries.state[entries]);
    let is_open = |(stage, state): &(&u32, &u8)| **state == Outcome::Open as u8 && **stage != StageId::UNKNOWN.0;
    let mut stages = stages.iter().zip(states).filter(is_open).map(|(stage, _)| stage);
    let first = stages.next();
    stages.any(|stage| Some(stage) != first)
}

impl Occurs {
    fn of(journeys: &Journeys) -> Self {
        let e = &journeys.entries;
        let mut currencies: Vec<u16> = Vec::new();
        for code in e.currency.iter().filter(|code| **code != NO_CURRENCY) {
            if currencies.last() != Some(code) && !currencies.contains(code) {
                currencies.push(*code);
            }
        }
        currencies.sort_unstable();
        let unknown = |(stage, state): (&u32, &u8)| *stage == StageId::UNKNOWN.0 && *state == Outcome::Open as u8;
        Self {
            currencies,
            unknown_stage: e.stage.iter().zip(e.state.iter()).any(unknown),
            spans: spans(journeys, None),
        }
    }
}

impl Partition {
    /// A partition of these deals, row for row.
    #[must_use]
    pub fn new(version: u64, journeys: Arc<Journeys>, attributes: Arc<Attributes>) -> Self {
        let occurs = Occurs::of(&journeys);
        Self { version, journeys, attributes, occurs }
    }

    pub(crate) const fn occurs(&self) -> &Occurs {
        &self.occurs
    }

    /// Number of deals.
    #[must_use]
    pub fn len(&self) -> usize {
        self.journeys.len()
    }

    /// Whether there is no deal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.journeys.is_empty()
    }

    /// Business day of each deal's first entry; null where nothing stands.
    #[must_use]
    pub fn created_on(&self) -> Date32Array {
        self.journeys.iter().map(|journey| journey.days().first().copied()).collect()
    }

    /// Business day since which each deal has been won, lost or cancelled; null where it is not, or is deleted.
    #[must_use]
    pub fn closed_on(&self) -> Date32Array {
        self.journeys.iter().map(closed_on).collect()
    }

    /// Deals in scope that are not deleted, by process id, and when something happened to them.
    #[must_use]
    pub fn spans(&self, scope: &ScopeCodes) -> BTreeMap<u32, Span> {
        self.in_scope(scope).map_or_else(|| self.occurs.spans.clone(), |member| spans(&self.journeys, Some(&member)))
    }

    /// One flag a deal: whether it is in scope. `None`: all are.
    #[must_use]
    pub fn in_scope(&self, scope: &ScopeCodes) -> Option<Vec<bool>> {
        match scope {
            ScopeCodes::All => None,
            ScopeCodes::Some { owners, teams } => {
                let Attributes { owner, team, .. } = &*self.attributes;
                let holds = |codes: &[bool], code: u32| codes.get(code as usize).copied().unwrap_or(false);
                let flags = owner.iter().zip(team.iter());
                Some(flags.map(|(owner, team)| holds(owners, *owner) || holds(teams, *team)).collect())
            }
            ScopeCodes::Both(a, b) => match (self.in_scope(a), self.in_scope(b)) {
                (Some(a), Some(b)) => Some(a.into_iter().zip(b).map(|(a, b)| a && b).collect()),
                (one, None) | (None, one) => one,
            },
        }
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.journeys.bytes() + self.attributes.bytes()
    }
}

/// The day since which the deal has stood closed as it does now.
fn closed_on(journey: Journey<'_>) -> Option<i32> {
    let range = journey.range();
    let states = &journey.journeys.entries.state[range];
    let last = *states.last()?;
    if !Outcome::from_code(last).is_some_and(Outcome::is_closed) {
        return None;
    }
    let since = states.iter().rposition(|state| *state != last).map_or(0, |before| before + 1);
    journey.days().get(since).copied().filter(|day| *day != NO_DAY)
}

/// A scope in codes: flags by code of owner and of team. [`NONE`] is never in them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ScopeCodes {
    /// Every deal.
    All,
    /// Deals whose owner or team is flagged.
    Some {
        /// By code of the owner.
        owners: Vec<bool>,
        /// By code of the team.
        teams: Vec<bool>,
    },
    /// Deals that both show.
    Both(Box<ScopeCodes>, Box<ScopeCodes>),
}

/// One moment of the warehouse.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The database it was read from.
    pub database_id: String,
    /// The journal up to here is in it.
    pub seq: i64,
    /// The organisation's calendar, by which business days were cut.
    pub calendar: Calendar,
    /// The organisation's own currency.
    pub currency: Option<Currency>,
    /// Exchange rates into the organisation's currency.
    pub rates: Option<Arc<Rates>>,
    /// The deals.
    pub partitions: Vec<Arc<Partition>>,
    /// The words.
    pub labels: Labels,
    pub(crate) withdrawn: Arc<Withdrawn>,
}

impl Snapshot {
    /// Number of deals, of every scope; also those of which nothing stands any more.
    #[must_use]
    pub fn deals(&self) -> usize {
        self.partitions.iter().map(|partition| partition.len()).sum()
    }

    /// Where a deal lies: partition and row.
    #[must_use]
    pub fn place_of(&self, deal: RecordId) -> Option<(usize, usize)> {
        let row = |partition: &Partition| partition.journeys.deal.iter().position(|id| *id == deal);
        self.partitions.iter().enumerate().find_map(|(at, partition)| Some((at, row(partition)?)))
    }

    /// Bytes held by the partitions.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.partitions.iter().map(|partition| partition.bytes()).sum()
    }

    /// The scope as codes of this snapshot.
    #[must_use]
    pub fn scope(&self, scope: &Scope) -> ScopeCodes {
        let flags = |dimension, wanted: &dyn Fn(RecordId) -> bool| {
            let members = self.labels.members(dimension);
            let mut flags = vec![false; members.len() + 1];
            for (code, member) in members.iter() {
                flags[code as usize] = wanted(member.id);
            }
            flags[NONE as usize] = false;
            flags
        };
        match scope {
            Scope::All => ScopeCodes::All,
            Scope::Nothing => ScopeCodes::Some { owners: Vec::new(), teams: Vec::new() },
            Scope::Person(person) => {
                ScopeCodes::Some { owners: flags(Dimension::Owner, &|id| id == *person), teams: Vec::new() }
            }
            Scope::Teams { teams, person } => ScopeCodes::Some {
                owners: flags(Dimension::Owner, &|id| Some(id) == *person),
                teams: flags(Dimension::Team, &|id| teams.contains(&id)),
            },
            Scope::Both(a, b) => ScopeCodes::Both(Box::new(self.scope(a)), Box::new(self.scope(b))),
        }
    }
}
