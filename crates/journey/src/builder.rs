//! Building a partition of journeys, one deal after another.

use arrow::buffer::{BooleanBuffer, OffsetBuffer, ScalarBuffer};
use domain::journal::HotSet;
use domain::{Day, Outcome, StageId};

use crate::journeys::{Entries, Journeys, NO_AMOUNT, NO_CURRENCY, NO_DAY, NO_PROBABILITY, STATE_DELETED};

/// Builds a partition, one deal after another: [`JourneysBuilder::entry`] for each entry by time, then
/// [`JourneysBuilder::deal`].
#[derive(Debug, Default, Clone)]
pub struct JourneysBuilder {
    deal: Vec<i64>,
    codes: [Vec<u32>; 7],
    revised: Vec<bool>,
    offsets: Vec<i32>,
    day: Vec<i32>,
    at: Vec<i64>,
    known_day: Vec<i32>,
    stage: Vec<u32>,
    state: Vec<u8>,
    amount_minor: Vec<i64>,
    currency: Vec<u16>,
    owner: Vec<u32>,
    team: Vec<u32>,
    expected_close: Vec<i32>,
    probability_ppm: Vec<i32>,
    set: Vec<u16>,
}

/// An entry to be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryRow {
    /// Business day.
    pub day: Day,
    /// Microseconds UTC.
    pub at: i64,
    /// Business day it was known.
    pub known_day: Day,
    /// Stage.
    pub stage: StageId,
    /// Absent where the deal was deleted.
    pub outcome: Option<Outcome>,
    /// Minor units, absent where unknown.
    pub amount_minor: Option<i64>,
    /// Packed currency.
    pub currency: Option<u16>,
    /// Code of the owner.
    pub owner: u32,
    /// Code of the team.
    pub team: u32,
    /// Expected close.
    pub expected_close: Option<Day>,
    /// Millionths.
    pub probability_ppm: Option<i32>,
    /// Fields the entry set.
    pub set: HotSet,
}

/// What never changes about a deal, to be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "named like the fields of Journeys, which are documented")]
pub struct DealRow {
    pub deal: i64,
    pub process: u32,
    pub account: u32,
    pub product: u32,
    pub region: u32,
    pub industry: u32,
    pub channel: u32,
    pub campaign: u32,
    pub revised: bool,
}

impl JourneysBuilder {
    /// Adds an entry of the deal under way.
    pub fn entry(&mut self, row: &EntryRow) {
        self.day.push(row.day.0);
        self.at.push(row.at);
        self.known_day.push(row.known_day.0);
        self.stage.push(row.stage.0);
        self.state.push(row.outcome.map_or(STATE_DELETED, |outcome| outcome as u8));
        self.amount_minor.push(row.amount_minor.unwrap_or(NO_AMOUNT));
        self.currency.push(row.currency.unwrap_or(NO_CURRENCY));
        self.owner.push(row.owner);
        self.team.push(row.team);
        self.expected_close.push(row.expected_close.map_or(NO_DAY, |day| day.0));
        self.probability_ppm.push(row.probability_ppm.unwrap_or(NO_PROBABILITY));
        self.set.push(row.set.0);
    }

    /// Ends the deal under way.
    ///
    /// # Panics
    /// Past 2³¹ entries in one partition.
    pub fn deal(&mut self, row: &DealRow) {
        self.deal.push(row.deal);
        let codes = [row.process, row.account, row.product, row.region, row.industry, row.channel, row.campaign];
        for (column, code) in self.codes.iter_mut().zip(codes) {
            column.push(code);
        }
        self.revised.push(row.revised);
        self.offsets.push(i32::try_from(self.day.len()).expect("a partition holds fewer than 2^31 entries"));
    }

    /// Deals ended so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.deal.len()
    }

    /// Whether no deal was ended.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.deal.is_empty()
    }

    /// The partition.
    #[must_use]
    pub fn finish(self) -> Journeys {
        let offsets: Vec<i32> = std::iter::once(0).chain(self.offsets).collect();
        let [process, account, product, region, industry, channel, campaign] = self.codes.map(ScalarBuffer::from);
        Journeys {
            deal: self.deal.into(),
            process,
            account,
            product,
            region,
            industry,
            channel,
            campaign,
            revised: BooleanBuffer::from(self.revised),
            offsets: OffsetBuffer::new(offsets.into()),
            entries: Entries {
                day: self.day.into(),
                at: self.at.into(),
                known_day: self.known_day.into(),
                stage: self.stage.into(),
                state: self.state.into(),
                amount_minor: self.amount_minor.into(),
                currency: self.currency.into(),
                owner: self.owner.into(),
                team: self.team.into(),
                expected_close: self.expected_close.into(),
                probability_ppm: self.probability_ppm.into(),
                set: self.set.into(),
            },
        }
    }
}
