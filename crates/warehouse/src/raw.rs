//! The whole journal at once: entries in a compact form until every one has been read, then one row a deal.
//!
//! A journal comes in commit order, so a deal's entries lie apart; they are kept at about a hundred bytes
//! each, grouped by counting, and folded partition by partition on all cores. The result equals
//! [`crate::fold::Folder::deal`] for each deal. Must not know partitions' columns.

use std::collections::BTreeMap;

use domain::field::{FieldId, Value};
use domain::journal::{Entry, HotSet, Op};
use domain::{Day, Instant, Outcome, RecordId, StageId};
use journey::{EntryRow, NO_AMOUNT, NO_CURRENCY, NO_DAY, NO_PROBABILITY, NONE};

use crate::codes::{ById, Codes};
use crate::fold::{Folded, Folder, is_read};
use crate::labels::Dimension;

#[derive(Clone, Copy, PartialEq, Eq)]
enum RawOp {
    Assert,
    Delete,
    Merge,
    RetractEntry,
}

/// An entry with codes for references and sentinels for absence. `amount_minor` holds the sequence that a
/// retraction names.
#[derive(Clone, Copy)]
struct Raw {
    seq: i64,
    effective_at: i64,
    known_at: i64,
    source_seq: i64,
    /// 0 where there is none.
    import: i64,
    amount_minor: i64,
    deal: u32,
    /// Place in `rest`, `u32::MAX` where there is none.
    rest: u32,
    stage: u32,
    owner: u32,
    team: u32,
    expected_close: i32,
    probability_ppm: i32,
    currency: u16,
    set: HotSet,
    outcome: Outcome,
    op: RawOp,
}

/// Every deal's entries, compact.
#[derive(Default)]
pub(crate) struct RawDeals {
    raws: Vec<Raw>,
    rest: Vec<Vec<(FieldId, Value)>>,
    deals: Vec<RecordId>,
    places: ById<u32>,
}

impl RawDeals {
    /// Takes an entry of a deal; the records it names have their codes already.
    pub(crate) fn add(&mut self, codes: &Codes, entry: Entry) {
        let next = u32::try_from(self.deals.len()).unwrap_or(u32::MAX);
        let deal = *self.places.entry(entry.record).or_insert(next);
        if deal == next {
            self.deals.push(entry.record);
        }
        let mut raw = Raw {
            seq: entry.seq,
            effective_at: entry.effective_at.0,
            known_at: entry.known_at.0,
            source_seq: entry.source_seq,
            import: entry.import.unwrap_or(0),
            amount_minor: NO_AMOUNT,
            deal,
            rest: u32::MAX,
            stage: 0,
            owner: NONE,
            team: NONE,
            expected_close: NO_DAY,
            probability_ppm: NO_PROBABILITY,
            currency: NO_CURRENCY,
            set: HotSet::default(),
            outcome: Outcome::Open,
            op: RawOp::Assert,
        };
        match entry.op {
            Op::Assert(mut facts) => {
                let hot = &facts.hot;
                raw.set = facts.set;
                raw.stage = hot.stage.0;
                raw.outcome = hot.outcome;
                raw.amount_minor = hot.amount_minor.unwrap_or(NO_AMOUNT);
                raw.currency = hot.currency.map_or(NO_CURRENCY, domain::Currency::code);
                raw.owner = codes.get(Dimension::Owner, hot.owner);
                raw.team = codes.get(Dimension::Team, hot.team);
                raw.expected_close = hot.expected_close_on.map_or(NO_DAY, |day| day.0);
                raw.probability_ppm = hot.probability_ppm.unwrap_or(NO_PROBABILITY);
                facts.rest.retain(|(field, _)| is_read(*field));
                if !facts.rest.is_empty() {
                    facts.rest.shrink_to_fit();
                    raw.rest = u32::try_from(self.rest.len()).unwrap_or(u32::MAX);
                    self.rest.push(facts.rest);
                }
            }
            Op::Delete => raw.op = RawOp::Delete,
            Op::Merge { .. } => raw.op = RawOp::Merge,
            Op::RetractEntry { seq } => (raw.op, raw.amount_minor) = (RawOp::RetractEntry, seq),
            Op::RetractImport { .. } | Op::Erase => return,
        }
        self.raws.push(raw);
    }

    /// Groups the entries by deal.
    pub(crate) fn group(self) -> Grouped {
        let mut begins = vec![0_u32; self.deals.len() + 1];
        for raw in &self.raws {
            begins[raw.deal as usize + 1] += 1;
        }
        for at in 1..begins.len() {
            begins[at] += begins[at - 1];
        }
        let mut next = begins.clone();
        let mut order = vec![0_u32; self.raws.len()];
        for (at, raw) in (0_u32..).zip(&self.raws) {
            let place = &mut next[raw.deal as usize];
            order[*place as usize] = at;
            *place += 1;
        }
        Grouped { raw: self, begins, order }
    }
}

/// Every deal's entries, grouped; deals in the order in which the journal first names them.
pub(crate) struct Grouped {
    raw: RawDeals,
    begins: Vec<u32>,
    order: Vec<u32>,
}

impl Grouped {
    /// The deals, in order.
    pub(crate) fn deals(&self) -> &[RecordId] {
        &self.raw.deals
    }

    /// The row of the deal at a place.
    pub(crate) fn fold(&self, place: usize, folder: &mut Folder<'_>) -> Folded {
        let range = self.begins[place] as usize..self.begins[place + 1] as usize;
        let raws: Vec<&Raw> = self.order[range].iter().map(|at| &self.raw.raws[*at as usize]).collect();
        let retracted: Vec<i64> =
            raws.iter().filter(|raw| raw.op == RawOp::RetractEntry).map(|raw| raw.amount_minor).collect();
        let (mut revised, mut merged) = (!retracted.is_empty(), false);
        let mut standing = Vec::with_capacity(raws.len());
        for raw in &raws {
            let import = (raw.import != 0).then_some(raw.import);
            let withdrawn = !folder.withdrawn.is_empty()
                && folder.withdrawn.covers(import, raw.seq, domain::journal::Cut::Everything);
            revised |= withdrawn || raw.op == RawOp::Merge;
            if withdrawn || retracted.contains(&raw.seq) {
                continue;
            }
            match raw.op {
                RawOp::Merge => merged = true,
                RawOp::Assert | RawOp::Delete => standing.push(*raw),
                RawOp::RetractEntry => {}
            }
        }
        if merged {
            standing.clear();
        } else {
            by_time(&mut standing);
            revised |= standing.windows(2).any(|pair| pair[1].known_at < pair[0].known_at);
        }
        let mut folded = self.states(self.raw.deals[place], revised, &standing, folder);
        if standing.is_empty() {
            (folded.owner, folded.team) = last_owner(raws);
        }
        folded
    }

    fn states(&self, deal: RecordId, revised: bool, standing: &[&Raw], folder: &mut Folder<'_>) -> Folded {
        let mut rest = BTreeMap::new();
        let mut entries = Vec::with_capacity(standing.len());
        let mut state = Carried::default();
        for raw in standing {
            if raw.op == RawOp::Assert {
                state.apply(raw);
                if let Some(facts) = self.raw.rest.get(raw.rest as usize) {
                    rest.extend(facts.iter().map(|(field, value)| (*field, value)));
                }
            }
            entries.push(EntryRow {
                day: folder.days.day(Instant(raw.effective_at)),
                at: raw.effective_at,
                known_day: folder.days.day(Instant(raw.known_at)),
                stage: StageId(state.stage),
                outcome: (raw.op == RawOp::Assert).then_some(state.outcome),
                amount_minor: (state.amount_minor != NO_AMOUNT).then_some(state.amount_minor),
                currency: (state.currency != NO_CURRENCY).then_some(state.currency),
                owner: state.owner,
                team: state.team,
                expected_close: (state.expected_close != NO_DAY).then_some(Day(state.expected_close)),
                probability_ppm: (state.probability_ppm != NO_PROBABILITY).then_some(state.probability_ppm),
                set: raw.set,
            });
        }
        folder.row(deal, revised, entries, &rest)
    }
}

fn by_time(standing: &mut [&Raw]) {
    standing.sort_by_key(|raw| (raw.effective_at, raw.source_seq, raw.seq));
}

/// Owner and team at the end of all that was ever asserted, withdrawn or not.
fn last_owner(mut raws: Vec<&Raw>) -> (u32, u32) {
    by_time(&mut raws);
    let mut state = Carried::default();
    for raw in raws.iter().filter(|raw| raw.op == RawOp::Assert) {
        state.apply(raw);
    }
    (state.owner, state.team)
}

/// The values carried from entry to entry.
struct Carried {
    stage: u32,
    outcome: Outcome,
    amount_minor: i64,
    currency: u16,
    owner: u32,
    team: u32,
    expected_close: i32,
    probability_ppm: i32,
}

impl Default for Carried {
    fn default() -> Self {
        Self {
            stage: 0,
            outcome: Outcome::Open,
            amount_minor: NO_AMOUNT,
            currency: NO_CURRENCY,
            owner: NONE,
            team: NONE,
            expected_close: NO_DAY,
            probability_ppm: NO_PROBABILITY,
        }
    }
}

impl Carried {
    fn apply(&mut self, raw: &Raw) {
        let set = raw.set;
        if set.has(HotSet::STAGE) {
            self.stage = raw.stage;
        }
        if set.has(HotSet::OUTCOME) {
            self.outcome = raw.outcome;
        }
        if set.has(HotSet::AMOUNT) {
            self.amount_minor = raw.amount_minor;
        }
        if set.has(HotSet::CURRENCY) {
            self.currency = raw.currency;
        }
        if set.has(HotSet::OWNER) {
            self.owner = raw.owner;
        }
        if set.has(HotSet::TEAM) {
            self.team = raw.team;
        }
        if set.has(HotSet::EXPECTED_CLOSE) {
            self.expected_close = raw.expected_close;
        }
        if set.has(HotSet::PROBABILITY) {
            self.probability_ppm = raw.probability_ppm;
        }
    }
}
