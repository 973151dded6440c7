//! Journal entries and the fold that turns them into the states of a record.
//!
//! An entry *asserts* values from an effective instant on; it does not tell what was there before. The fold
//! takes a record's entries in the order (effective instant, the source's sequence, journal sequence),
//! leaves out what was retracted, and carries every value forward until the next entry sets it. So an entry
//! that arrives late finds its place without falsifying those after it.
//!
//! Three times are kept apart: `effective_at` (when it was true), `known_at` (when the source knew it) and
//! `recorded_at` (when it was written here). As-of cuts states by the first, known-at cuts entries by the
//! second.

use std::collections::{BTreeMap, HashMap};

use crate::calendar::{Day, Instant};
use crate::field::{FieldId, Value};
use crate::id::{Kind, Outcome, RecordId, StageId};
use crate::money::Currency;

/// The person that entries made by the system itself are booked on.
pub const SYSTEM_ACTOR: RecordId = 0;

/// Which of the hot fields an entry sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct HotSet(pub u16);

impl HotSet {
    /// `stage`
    pub const STAGE: Self = Self(1);
    /// `outcome`
    pub const OUTCOME: Self = Self(1 << 1);
    /// `amount_minor`
    pub const AMOUNT: Self = Self(1 << 2);
    /// `currency`
    pub const CURRENCY: Self = Self(1 << 3);
    /// `owner`
    pub const OWNER: Self = Self(1 << 4);
    /// `team`
    pub const TEAM: Self = Self(1 << 5);
    /// `expected_close_on`
    pub const EXPECTED_CLOSE: Self = Self(1 << 6);
    /// `probability_ppm`
    pub const PROBABILITY: Self = Self(1 << 7);

    /// Whether every field of `other` is set here.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The fields of a deal that analyses read at every date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hot {
    /// The stage; [`StageId::UNKNOWN`] where no source tells it.
    pub stage: StageId,
    /// How the deal stands.
    pub outcome: Outcome,
    /// Expected contract amount, in minor units of `currency`; absent is unknown, not zero.
    pub amount_minor: Option<i64>,
    /// The currency of the amount.
    pub currency: Option<Currency>,
    /// The seller.
    pub owner: Option<RecordId>,
    /// The team that owns the deal.
    pub team: Option<RecordId>,
    /// When the seller expects the deal to close.
    pub expected_close_on: Option<Day>,
    /// The seller's own probability, in millionths.
    pub probability_ppm: Option<i32>,
}

impl Default for Hot {
    fn default() -> Self {
        Self {
            stage: StageId::UNKNOWN,
            outcome: Outcome::Open,
            amount_minor: None,
            currency: None,
            owner: None,
            team: None,
            expected_close_on: None,
            probability_ppm: None,
        }
    }
}

/// What an entry asserts: the hot fields named by `set` (an absent value asserts "empty"), and any others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Which fields of `hot` count.
    pub set: HotSet,
    /// The values; those not in `set` are to be ignored and stay at their default.
    pub hot: Hot,
    /// Other fields, by ascending id, each at most once.
    pub rest: Vec<(FieldId, Value)>,
}

impl Facts {
    /// Sets the stage.
    #[must_use]
    pub fn stage(mut self, stage: StageId) -> Self {
        self.set = self.set.with(HotSet::STAGE);
        self.hot.stage = stage;
        self
    }

    /// Sets the outcome.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.set = self.set.with(HotSet::OUTCOME);
        self.hot.outcome = outcome;
        self
    }

    /// Sets the amount, in minor units.
    #[must_use]
    pub fn amount_minor(mut self, amount_minor: Option<i64>) -> Self {
        self.set = self.set.with(HotSet::AMOUNT);
        self.hot.amount_minor = amount_minor;
        self
    }

    /// Sets the currency.
    #[must_use]
    pub fn currency(mut self, currency: Option<Currency>) -> Self {
        self.set = self.set.with(HotSet::CURRENCY);
        self.hot.currency = currency;
        self
    }

    /// Sets the owner.
    #[must_use]
    pub fn owner(mut self, owner: Option<RecordId>) -> Self {
        self.set = self.set.with(HotSet::OWNER);
        self.hot.owner = owner;
        self
    }

    /// Sets the team.
    #[must_use]
    pub fn team(mut self, team: Option<RecordId>) -> Self {
        self.set = self.set.with(HotSet::TEAM);
        self.hot.team = team;
        self
    }

    /// Sets the expected close.
    #[must_use]
    pub fn expected_close_on(mut self, on: Option<Day>) -> Self {
        self.set = self.set.with(HotSet::EXPECTED_CLOSE);
        self.hot.expected_close_on = on;
        self
    }

    /// Sets the seller's own probability, in millionths.
    #[must_use]
    pub fn probability_ppm(mut self, ppm: Option<i32>) -> Self {
        self.set = self.set.with(HotSet::PROBABILITY);
        self.hot.probability_ppm = ppm;
        self
    }

    /// Sets any other field, replacing what was set for it.
    #[must_use]
    pub fn with(mut self, field: FieldId, value: Value) -> Self {
        self.put(field, value);
        self
    }

    /// Sets any other field, replacing what was set for it.
    pub fn put(&mut self, field: FieldId, value: Value) {
        match self.rest.binary_search_by_key(&field, |(id, _)| *id) {
            Ok(at) => self.rest[at].1 = value,
            Err(at) => self.rest.insert(at, (field, value)),
        }
    }

    /// These and others; where both tell a field, the others' value.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        others.apply(&mut self.hot);
        self.set = self.set.with(others.set);
        for (field, value) in others.rest {
            self.put(field, value);
        }
        self
    }

    /// Nothing is asserted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.0 == 0 && self.rest.is_empty()
    }

    /// Writes the asserted hot values over `state`.
    pub fn apply(&self, state: &mut Hot) {
        let hot = &self.hot;
        if self.set.has(HotSet::STAGE) {
            state.stage = hot.stage;
        }
        if self.set.has(HotSet::OUTCOME) {
            state.outcome = hot.outcome;
        }
        if self.set.has(HotSet::AMOUNT) {
            state.amount_minor = hot.amount_minor;
        }
        if self.set.has(HotSet::CURRENCY) {
            state.currency = hot.currency;
        }
        if self.set.has(HotSet::OWNER) {
            state.owner = hot.owner;
        }
        if self.set.has(HotSet::TEAM) {
            state.team = hot.team;
        }
        if self.set.has(HotSet::EXPECTED_CLOSE) {
            state.expected_close_on = hot.expected_close_on;
        }
        if self.set.has(HotSet::PROBABILITY) {
            state.probability_ppm = hot.probability_ppm;
        }
    }
}

/// What an entry does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Values hold from `effective_at` on.
    Assert(Facts),
    /// The record ends at `effective_at`; what was before stays.
    Delete,
    /// The record was a duplicate of `into`: it never counts again.
    Merge {
        /// The record that stays.
        into: RecordId,
    },
    /// One entry is withdrawn.
    RetractEntry {
        /// The entry's journal sequence.
        seq: i64,
    },
    /// Every entry of an import written before this one is withdrawn (`record` is 0).
    RetractImport {
        /// The import's id.
        import: i64,
    },
    /// The personal text of the record was erased from the vault.
    Erase,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the journal: dense, in commit order, from 1.
    pub seq: i64,
    /// The kind of the record.
    pub kind: Kind,
    /// The record, 0 for a retraction of an import.
    pub record: RecordId,
    /// When it was true.
    pub effective_at: Instant,
    /// When the source knew it.
    pub known_at: Instant,
    /// When it was written.
    pub recorded_at: Instant,
    /// The source's own order among entries of one instant.
    pub source_seq: i64,
    /// The import that brought it, if one did.
    pub import: Option<i64>,
    /// Who did it.
    pub actor: RecordId,
    /// What it does.
    pub op: Op,
}

/// Imports that were withdrawn: id → (sequence and instant of the retraction).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Withdrawn(HashMap<i64, Vec<(i64, Instant)>>);

impl Withdrawn {
    /// Notes a retraction; entries of other sorts are ignored.
    pub fn note(&mut self, entry: &Entry) {
        if let Op::RetractImport { import } = entry.op {
            self.0.entry(import).or_default().push((entry.seq, entry.known_at));
        }
    }

    /// Whether an entry of `import` with sequence `seq` is withdrawn as far as was known at `cut`.
    #[must_use]
    pub fn covers(&self, import: Option<i64>, seq: i64, cut: Cut) -> bool {
        import
            .and_then(|import| self.0.get(&import))
            .is_some_and(|retractions| retractions.iter().any(|(at, known_at)| *at > seq && cut.admits(*known_at)))
    }

    /// No import was withdrawn.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every retraction: the import, its place in the journal, and when it was known.
    pub fn retractions(&self) -> impl Iterator<Item = (i64, i64, Instant)> {
        self.0.iter().flat_map(|(import, all)| all.iter().map(|(seq, at)| (*import, *seq, *at)))
    }

    /// The imports that were withdrawn.
    pub fn imports(&self) -> impl Iterator<Item = i64> {
        self.0.keys().copied()
    }
}

/// How much of the journal is taken to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Cut {
    /// Everything that is in it.
    #[default]
    Everything,
    /// What was known before this instant.
    KnownBefore(Instant),
}

impl Cut {
    /// Whether something known at `known_at` is inside.
    #[must_use]
    pub fn admits(self, known_at: Instant) -> bool {
        match self {
            Self::Everything => true,
            Self::KnownBefore(end) => known_at < end,
        }
    }
}

/// The state of a deal from one entry to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// From when on.
    pub effective_at: Instant,
    /// When the entry behind it was known.
    pub known_at: Instant,
    /// The journal sequence of the entry.
    pub seq: i64,
    /// Which hot fields the entry set (a stage set to itself is a recorded "stayed").
    pub set: HotSet,
    /// Every hot value.
    pub hot: Hot,
    /// The record ended here (deleted).
    pub deleted: bool,
}

/// A folded record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline {
    /// States by effective time; empty where nothing stands: all was withdrawn, or the record was merged.
    pub states: Vec<State>,
    /// The latest value of every other field.
    pub rest: BTreeMap<FieldId, Value>,
    /// The record that this one was merged into.
    pub merged_into: Option<RecordId>,
    /// Whether any known-at could read differently from a plain prefix of `states`: entries that arrived
    /// out of order, retractions, merges.
    pub revised: bool,
}

impl Timeline {
    /// The state that holds at the end, unless the record is gone.
    #[must_use]
    pub fn current(&self) -> Option<&State> {
        self.states.last().filter(|state| !state.deleted)
    }

    /// Whether the record stands: not deleted, merged or wholly withdrawn.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.current().is_some()
    }
}

/// The entries of one record that stand, in the order in which they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing<'a> {
    /// Assertions and deletions; none where the record was merged.
    pub entries: Vec<&'a Entry>,
    /// The record that this one was merged into.
    pub merged_into: Option<RecordId>,
}

/// The entries of one record (in any order) that stand, as far as `cut` admits them.
#[must_use]
pub fn standing<'a>(entries: &'a [Entry], withdrawn: &Withdrawn, cut: Cut) -> Standing<'a> {
    let retraction = |entry: &Entry| match entry.op {
        Op::RetractEntry { seq } if cut.admits(entry.known_at) => Some(seq),
        _ => None,
    };
    let retracted: Vec<i64> = entries.iter().filter_map(retraction).collect();
    let mut merged_into = None;
    let mut standing: Vec<&Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        let gone = withdrawn.covers(entry.import, entry.seq, cut) || retracted.contains(&entry.seq);
        if gone || !cut.admits(entry.known_at) {
            continue;
        }
        match entry.op {
            Op::Merge { into } => merged_into = Some(into),
            Op::Assert(_) | Op::Delete => standing.push(entry),
            Op::RetractEntry { .. } | Op::RetractImport { .. } | Op::Erase => {}
        }
    }
    if merged_into.is_some() {
        standing.clear();
    }
    standing.sort_by_key(|entry| (entry.effective_at, entry.source_seq, entry.seq));
    Standing { entries: standing, merged_into }
}

/// Folds the entries of one record (in any order) into its timeline, as far as `cut` admits them.
#[must_use]
pub fn fold(entries: &[Entry], withdrawn: &Withdrawn, cut: Cut) -> Timeline {
    let revises = |entry: &Entry| {
        matches!(entry.op, Op::Merge { .. } | Op::RetractEntry { .. })
            || withdrawn.covers(entry.import, entry.seq, Cut::Everything)
    };
    let Standing { entries: standing, merged_into } = standing(entries, withdrawn, cut);
    let late = standing.windows(2).any(|pair| pair[1].known_at < pair[0].known_at);
    let revised = late || entries.iter().any(revises);
    let mut timeline = Timeline { revised, merged_into, ..Timeline::default() };
    let mut hot = Hot::default();
    for entry in standing {
        let (set, deleted) = match &entry.op {
            Op::Assert(facts) => {
                facts.apply(&mut hot);
                for (field, value) in &facts.rest {
                    timeline.rest.insert(*field, value.clone());
                }
                (facts.set, false)
            }
            _ => (HotSet::default(), true),
        };
        let (effective_at, known_at, seq) = (entry.effective_at, entry.known_at, entry.seq);
        timeline.states.push(State { effective_at, known_at, seq, set, hot, deleted });
    }
    timeline
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq: i64, effective: i64, known: i64, facts: Facts) -> Entry {
        Entry {
            seq,
            kind: Kind::Opportunity,
            record: 1,
            effective_at: Instant(effective),
            known_at: Instant(known),
            recorded_at: Instant(known),
            source_seq: 0,
            import: None,
            actor: SYSTEM_ACTOR,
            op: Op::Assert(facts),
        }
    }

    fn amounts(timeline: &Timeline) -> Vec<(i64, Option<i64>)> {
        timeline.states.iter().map(|state| (state.effective_at.0, state.hot.amount_minor)).collect()
    }

    #[test]
    fn a_late_entry_finds_its_place_and_leaves_later_values_alone() {
        let entries = [
            entry(1, 10, 10, Facts::default().stage(StageId(1)).amount_minor(Some(100))),
            entry(2, 30, 30, Facts::default().stage(StageId(2))),
            entry(3, 20, 40, Facts::default().amount_minor(Some(70))),
        ];
        let now = fold(&entries, &Withdrawn::default(), Cut::Everything);
        assert_eq!(amounts(&now), [(10, Some(100)), (20, Some(70)), (30, Some(70))]);
        assert!(now.revised);
        let then = fold(&entries, &Withdrawn::default(), Cut::KnownBefore(Instant(40)));
        assert_eq!(amounts(&then), [(10, Some(100)), (30, Some(100))]);
    }

    #[test]
    fn an_undone_import_is_gone_from_its_undo_on_and_seen_before() {
        let mut imported = entry(2, 20, 20, Facts::default().amount_minor(Some(5)));
        imported.import = Some(7);
        let mut undo = entry(3, 50, 50, Facts::default());
        (undo.record, undo.op) = (0, Op::RetractImport { import: 7 });
        let mut again = entry(4, 60, 60, Facts::default().amount_minor(Some(9)));
        again.import = Some(7);
        let mut withdrawn = Withdrawn::default();
        withdrawn.note(&undo);
        let entries = [entry(1, 10, 10, Facts::default().amount_minor(Some(1))), imported, again];
        let read = |cut| amounts(&fold(&entries, &withdrawn, cut));
        assert_eq!(read(Cut::Everything), [(10, Some(1)), (60, Some(9))]);
        assert_eq!(read(Cut::KnownBefore(Instant(50))), [(10, Some(1)), (20, Some(5))]);
    }

    #[test]
    fn a_merged_deal_leaves_every_date_from_the_merge_on() {
        let mut merge = entry(2, 90, 90, Facts::default());
        merge.op = Op::Merge { into: 5 };
        let entries = [entry(1, 10, 10, Facts::default()), merge];
        let now = fold(&entries, &Withdrawn::default(), Cut::Everything);
        assert_eq!((now.states.len(), now.merged_into, now.stands()), (0, Some(5), false));
        let before = fold(&entries, &Withdrawn::default(), Cut::KnownBefore(Instant(90)));
        assert!(before.stands());
    }

    #[test]
    fn order_within_an_instant_is_the_sources_then_ours() {
        let mut first = entry(2, 10, 10, Facts::default().stage(StageId(1)));
        first.source_seq = 1;
        let mut second = entry(1, 10, 10, Facts::default().stage(StageId(2)));
        second.source_seq = 2;
        let timeline = fold(&[second, first], &Withdrawn::default(), Cut::Everything);
        let stages: Vec<_> = timeline.states.iter().map(|state| state.hot.stage.0).collect();
        assert_eq!(stages, [1, 2]);
    }

    #[test]
    fn an_asserted_empty_value_clears_and_an_unset_one_does_not() {
        let entries = [
            entry(1, 10, 10, Facts::default().amount_minor(Some(3)).owner(Some(4))),
            entry(2, 20, 20, Facts::default().amount_minor(None)),
        ];
        let timeline = fold(&entries, &Withdrawn::default(), Cut::Everything);
        let last = timeline.current().expect("it stands").hot;
        assert_eq!((last.amount_minor, last.owner), (None, Some(4)));
    }
}
