//! A question in plain terms, which the naive readings read as it is, and which is laid out into a view for
//! the tallies.

use domain::{Day, Outcome, Rates, StageId};
use journey::{Amounts, EntryRow, Journeys, Slots, View};

use crate::deals::Deal;

/// What is grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Nothing: one group, 0.
    All,
    /// What never changes.
    Region,
    /// What changes.
    Owner,
    /// Both: region × [`Terms::OWNERS`] + owner.
    RegionAndOwner,
}

/// A question.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Open slots in order.
    pub stages: Vec<StageId>,
    /// Stages without a slot whose ends count all the same.
    pub members: Vec<StageId>,
    /// Groups.
    pub by: By,
    /// Only deals of this region.
    pub region: Option<u32>,
    /// Only while owned by this one.
    pub owner: Option<u32>,
    /// Only while the amount is known and at least this.
    pub at_least_minor: Option<i64>,
    /// Convert, or count as booked.
    pub rates: Option<Rates>,
    /// A deal parked for longer is cancelled.
    pub parked_limit_days: i32,
    /// Nothing is seen after the end of this day.
    pub as_of: Day,
}

impl Terms {
    /// Owner codes are below.
    pub const OWNERS: u32 = 8;

    /// Everything, in these stages, as of `as_of`, deals parked for over 180 days being cancelled.
    #[must_use]
    pub const fn all(stages: Vec<StageId>, as_of: Day) -> Self {
        Self {
            stages,
            members: Vec::new(),
            by: By::All,
            region: None,
            owner: None,
            at_least_minor: None,
            rates: None,
            parked_limit_days: 180,
            as_of,
        }
    }

    /// Whether the deal may count at all.
    #[must_use]
    pub fn sees(&self, deal: &Deal) -> bool {
        self.region.is_none_or(|region| region == deal.row.region)
    }

    /// Whether a state is inside the filters on what changes.
    #[must_use]
    pub fn admits(&self, entry: &EntryRow) -> bool {
        self.owner.is_none_or(|owner| owner == entry.owner)
            && self.at_least_minor.is_none_or(|least| entry.amount_minor.is_some_and(|amount| amount >= least))
    }

    /// The group of a state.
    #[must_use]
    pub fn group(&self, deal: &Deal, entry: &EntryRow) -> u64 {
        let (region, owner) = (u64::from(deal.row.region), u64::from(entry.owner));
        match self.by {
            By::All => 0,
            By::Region => region,
            By::Owner => owner,
            By::RegionAndOwner => region * u64::from(Self::OWNERS) + owner,
        }
    }

    /// The open slot of a state; absent where it is not open or in none of the stages.
    #[must_use]
    pub fn open_slot(&self, entry: &EntryRow) -> Option<usize> {
        let open = entry.outcome == Some(Outcome::Open);
        self.stages.iter().position(|stage| *stage == entry.stage).filter(|_| open)
    }

    /// Whether a state is in the process asked for: its stage has a slot or, of one that ended, is a member.
    #[must_use]
    pub fn in_process(&self, entry: &EntryRow) -> bool {
        match entry.outcome {
            None => false,
            Some(Outcome::Open) => self.stages.contains(&entry.stage),
            Some(_) => self.stages.contains(&entry.stage) || self.members.contains(&entry.stage),
        }
    }

    /// The amount of a state at the rate of `day`.
    #[must_use]
    pub fn amount_minor(&self, entry: &EntryRow, day: Day) -> Option<i64> {
        let amount_minor = entry.amount_minor?;
        let Some(rates) = &self.rates else { return Some(amount_minor) };
        let currency = entry.currency.and_then(domain::Currency::from_code).unwrap_or(rates.into_currency());
        rates.convert(amount_minor, currency, day).ok()
    }

    /// The masks, groups and slots of the question over a partition.
    #[must_use]
    pub fn lay(&self, journeys: Journeys) -> Laid {
        let numbered = |stages: &[StageId]| stages.iter().zip(0..).map(|(stage, at)| (*stage, at)).collect::<Vec<_>>();
        let slots = Slots::of_stages(&numbered(&self.stages), &numbered(&self.members));
        let member = self.region.map(|region| journeys.region.iter().map(|code| *code == region).collect());
        let entries = &journeys.entries;
        let filtered = self.owner.is_some() || self.at_least_minor.is_some();
        let entry_member = filtered.then(|| {
            let owned = |owner: u32| self.owner.is_none_or(|asked| asked == owner);
            let large = |amount: i64| self.at_least_minor.is_none_or(|least| amount >= least);
            entries.owner.iter().zip(entries.amount_minor.iter()).map(|(o, a)| owned(*o) && large(*a)).collect()
        });
        let by_region = matches!(self.by, By::Region | By::RegionAndOwner);
        let by_owner = matches!(self.by, By::Owner | By::RegionAndOwner);
        let group = by_region.then(|| journeys.region.to_vec());
        let entry_group = by_owner.then(|| entries.owner.to_vec());
        let entry_groups = if by_owner { Self::OWNERS } else { 1 };
        Laid { terms: self.clone(), journeys, slots, member, entry_member, group, entry_group, entry_groups }
    }
}

/// A question laid out over a partition; it owns what the view borrows.
#[derive(Debug, Clone)]
pub struct Laid {
    terms: Terms,
    journeys: Journeys,
    slots: Slots,
    member: Option<Vec<bool>>,
    entry_member: Option<Vec<bool>>,
    group: Option<Vec<u32>>,
    entry_group: Option<Vec<u32>>,
    entry_groups: u32,
}

impl Laid {
    /// The view.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View {
            journeys: &self.journeys,
            member: self.member.as_deref(),
            entry_member: self.entry_member.as_deref(),
            group: self.group.as_deref(),
            entry_group: self.entry_group.as_deref(),
            entry_groups: self.entry_groups,
            slots: &self.slots,
            amounts: self.terms.rates.as_ref().map_or(Amounts::AsBooked, Amounts::Converted),
            parked_limit_days: self.terms.parked_limit_days,
            as_of: self.terms.as_of,
        }
    }
}
