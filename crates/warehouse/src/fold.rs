//! From a deal's entries to its row.
//!
//! [`domain::journal::fold`] is the definition. [`Folder::timeline`] turns its result into a row;
//! [`RawDeals`] reaches the same row without building a timeline a deal, for the whole journal at once. A
//! property holds the two together. Must not know partitions, nor where entries come from.

use std::collections::BTreeMap;

use domain::field::{FIRST_CUSTOM, FieldId, Value, ids};
use domain::journal::{Cut, Entry, Op, Timeline, Withdrawn, fold};
use domain::{Calendar, RecordId};
use journey::{DealRow, EntryRow, NONE};

use crate::codes::{Codes, STATICS, reference};
use crate::days::DayClock;
use crate::labels::{Dimension, KEPT, Labels, OwnDimension};
use crate::snapshot::Attributes;

/// A deal's row, to be put into a partition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Folded {
    pub(crate) row: DealRow,
    pub(crate) entries: Vec<EntryRow>,
    pub(crate) owner: u32,
    pub(crate) team: u32,
    pub(crate) inherited: u8,
    pub(crate) kept: Vec<(FieldId, Value)>,
    /// Codes of the own dimensions, in their order.
    pub(crate) own: Vec<u32>,
}

/// Whether a field is kept beside the journeys, should a deal have it.
pub(crate) fn is_kept(field: FieldId) -> bool {
    field.0 >= FIRST_CUSTOM || KEPT.binary_search(&field).is_ok()
}

/// Whether the fold needs a field beside the hot ones.
pub(crate) fn is_read(field: FieldId) -> bool {
    field == ids::OPPORTUNITY_PROCESS || STATICS.iter().any(|(_, id)| *id == field) || is_kept(field)
}

/// What folding needs to know beside the entries.
pub(crate) struct Folder<'a> {
    pub(crate) codes: &'a Codes,
    pub(crate) labels: &'a Labels,
    pub(crate) withdrawn: &'a Withdrawn,
    pub(crate) days: DayClock,
}

impl<'a> Folder<'a> {
    pub(crate) fn new(codes: &'a Codes, labels: &'a Labels, withdrawn: &'a Withdrawn, calendar: Calendar) -> Self {
        Self { codes, labels, withdrawn, days: DayClock::new(calendar) }
    }

    /// The row of a deal out of all its entries, as far as `cut` admits them.
    pub(crate) fn deal(&mut self, deal: RecordId, entries: &[Entry], cut: Cut) -> Folded {
        let timeline = fold(entries, self.withdrawn, cut);
        let mut folded = self.timeline(deal, &timeline);
        if timeline.states.is_empty() {
            // Nothing stands: it still belongs to whoever had it last, for those who ask what was known.
            let plain: Vec<Entry> =
                entries.iter().filter(|entry| matches!(entry.op, Op::Assert(_) | Op::Delete)).cloned().collect();
            let ever = fold(&plain, &Withdrawn::default(), Cut::Everything);
            if let Some(state) = ever.states.last() {
                folded.owner = self.codes.get(Dimension::Owner, state.hot.owner);
                folded.team = self.codes.get(Dimension::Team, state.hot.team);
            }
        }
        folded
    }

    fn timeline(&mut self, deal: RecordId, timeline: &Timeline) -> Folded {
        let mut entries = Vec::with_capacity(timeline.states.len());
        for state in &timeline.states {
            let hot = &state.hot;
            entries.push(EntryRow {
                day: self.days.day(state.effective_at),
                at: state.effective_at.0,
                known_day: self.days.day(state.known_at),
                stage: hot.stage,
                outcome: (!state.deleted).then_some(hot.outcome),
                amount_minor: hot.amount_minor,
                currency: hot.currency.map(domain::Currency::code),
                owner: self.codes.get(Dimension::Owner, hot.owner),
                team: self.codes.get(Dimension::Team, hot.team),
                expected_close: hot.expected_close_on,
                probability_ppm: hot.probability_ppm,
                set: state.set,
            });
        }
        let rest = timeline.rest.iter().map(|(field, value)| (*field, value)).collect();
        self.row(deal, timeline.revised, entries, &rest)
    }

    pub(crate) fn row(
        &self,
        deal: RecordId,
        revised: bool,
        entries: Vec<EntryRow>,
        rest: &BTreeMap<FieldId, &Value>,
    ) -> Folded {
        let [account, product, region, industry, channel, campaign] = STATICS
            .map(|(dimension, field)| self.codes.get(dimension, rest.get(&field).and_then(|value| reference(value))));
        let (region, industry, inherited) = inherit(self.labels, account, region, industry);
        let named = rest.get(&ids::OPPORTUNITY_PROCESS).and_then(|value| reference(value));
        let process = named.and_then(|id| u32::try_from(id).ok()).unwrap_or_else(|| self.process_of(&entries));
        let kept = rest.iter().filter(|(field, value)| is_kept(**field) && ***value != Value::Null);
        let own = self.labels.own_dimensions().iter().map(|own| self.own(own, account, rest));
        let (owner, team) = entries.last().map_or((NONE, NONE), |entry| (entry.owner, entry.team));
        Folded {
            row: DealRow { deal, process, account, product, region, industry, channel, campaign, revised },
            owner,
            team,
            inherited,
            own: own.collect(),
            kept: kept.map(|(field, value)| (*field, (*value).clone())).collect(),
            entries,
        }
    }

    /// The deal's own value of an own dimension, or its account's.
    fn own(&self, own: &OwnDimension, account: u32, rest: &BTreeMap<FieldId, &Value>) -> u32 {
        if own.is_of_account() {
            own_of_account(self.labels, account, own.field.id)
        } else {
            self.codes.own(own, rest.get(&own.field.id).copied())
        }
    }

    /// The process of the last stage that a source told; 0 where none did.
    fn process_of(&self, entries: &[EntryRow]) -> u32 {
        let known = entries.iter().rev().find_map(|entry| self.labels.stage(entry.stage));
        known.and_then(|(process, _)| process.id).map_or(0, |id| id.0)
    }
}

/// The code that an account has of an own dimension.
pub(crate) fn own_of_account(labels: &Labels, account: u32, field: FieldId) -> u32 {
    let own = labels.members(Dimension::Account).get(account).map(|account| &account.own);
    own.and_then(|own| own.iter().find(|(id, _)| *id == field)).map_or(NONE, |(_, code)| *code)
}

/// Region and industry of a deal, the account's where its own are missing, and which are the account's.
pub(crate) fn inherit(labels: &Labels, account: u32, region: u32, industry: u32) -> (u32, u32, u8) {
    let Some(account) = labels.members(Dimension::Account).get(account) else {
        return (region, industry, missing(region, Attributes::REGION) | missing(industry, Attributes::INDUSTRY));
    };
    let own = |own: u32, of_account: u32| if own == NONE { of_account } else { own };
    let inherited = missing(region, Attributes::REGION) | missing(industry, Attributes::INDUSTRY);
    (own(region, account.region), own(industry, account.industry), inherited)
}

const fn missing(code: u32, flag: u8) -> u8 {
    if code == NONE { flag } else { 0 }
}
