//! The chain and the customers in it against a naive reading: every record folded for itself, every customer looked for
//! in all records. And the laws that the counts keep.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::field::{FieldId, Value, ids};
use domain::id::Kind;
use domain::journal::{Cut, Entry, Facts, Op, Withdrawn, fold};
use domain::{Currency, Day, Instant, Outcome, RecordId, Scope};
use proptest::prelude::*;

use super::customers::{CustomerBy, GroupKey, STEPS, Step, read};
use super::funnel::{CustomersAsk, StepList, Which, funnel, listed};
use super::records::Folder;
use super::{Chain, KINDS, Moment};
use crate::days::DayClock;
use crate::testing::{Journal, context};

/// The chain of a journal up to an entry, from nothing.
fn chain_of(journal: &Journal, until: usize, cut: Cut) -> Chain {
    let mut chain = Chain::new(context().calendar);
    let withdrawn = withdrawn(&journal.0[..until]);
    let mut folder = Folder { withdrawn: &withdrawn, cut, clock: DayClock::new(context().calendar) };
    take(&mut chain, &mut folder, journal, until, &records(&journal.0[..until]));
    chain
}

fn take(chain: &mut Chain, folder: &mut Folder<'_>, journal: &Journal, until: usize, ids: &BTreeSet<(Kind, RecordId)>) {
    for kind in KINDS {
        let of_kind = ids.iter().filter(|(of, _)| *of == kind);
        let entries: Vec<(RecordId, Vec<Entry>)> = of_kind
            .map(|(_, id)| (*id, journal.0[..until].iter().filter(|entry| entry.record == *id).cloned().collect()))
            .collect();
        if let Some(records) = chain.of_mut(kind) {
            records.apply(folder, entries.iter().map(|(id, entries)| (*id, entries.as_slice())));
        }
    }
    chain.seq = until as i64;
}

fn records(entries: &[Entry]) -> BTreeSet<(Kind, RecordId)> {
    entries.iter().filter(|entry| entry.record != 0).map(|entry| (entry.kind, entry.record)).collect()
}

fn withdrawn(entries: &[Entry]) -> Withdrawn {
    let mut withdrawn = Withdrawn::default();
    entries.iter().for_each(|entry| withdrawn.note(entry));
    withdrawn
}

fn moment(journal: &Journal) -> Moment {
    let snapshot = Arc::new(journal.rebuild().snapshot());
    Moment { snapshot, chain: Arc::new(chain_of(journal, journal.0.len(), Cut::Everything)) }
}

fn ask(as_of: i32) -> CustomersAsk {
    CustomersAsk {
        scope: Scope::All,
        keepers: None,
        as_of: Day(as_of),
        known_at: None,
        from: None,
        to: None,
        by: None,
        currency: None,
    }
}

/// Every record of the journal, looked at one by one.
struct Naive {
    entries: BTreeMap<(Kind, RecordId), Vec<Entry>>,
    withdrawn: Withdrawn,
    as_of: Day,
}

impl Naive {
    fn new(journal: &Journal, as_of: Day) -> Self {
        let mut entries: BTreeMap<(Kind, RecordId), Vec<Entry>> = BTreeMap::new();
        for entry in journal.0.iter().filter(|entry| entry.record != 0) {
            entries.entry((entry.kind, entry.record)).or_default().push(entry.clone());
        }
        Self { entries, withdrawn: withdrawn(&journal.0), as_of }
    }

    fn day(at: Instant) -> Day {
        context().calendar.day(at)
    }

    fn all(&self, kind: Kind) -> impl Iterator<Item = RecordId> + '_ {
        self.entries.keys().filter(move |(of, _)| *of == kind).map(|(_, id)| *id)
    }

    /// How a record stood at the end of the day.
    fn state(&self, kind: Kind, id: RecordId) -> Option<BTreeMap<FieldId, Value>> {
        let entries = self.entries.get(&(kind, id))?;
        let is_later = |entry: &Entry| {
            matches!(entry.op, Op::Assert(_) | Op::Delete) && Self::day(entry.effective_at) > self.as_of
        };
        let held: Vec<Entry> = entries.iter().filter(|entry| !is_later(entry)).cloned().collect();
        let timeline = fold(&held, &self.withdrawn, Cut::Everything);
        timeline.current()?;
        Some(timeline.rest)
    }

    fn first_day(&self, kind: Kind, id: RecordId) -> Option<Day> {
        let timeline = fold(self.entries.get(&(kind, id))?, &self.withdrawn, Cut::Everything);
        timeline.states.first().map(|state| Self::day(state.effective_at))
    }

    fn import_of(&self, id: RecordId) -> Option<i64> {
        let entries = self.entries.get(&(Kind::Account, id))?;
        domain::journal::standing(entries, &self.withdrawn, Cut::Everything).entries.first()?.import
    }

    fn canonical(&self, id: RecordId) -> RecordId {
        let Some(entries) = self.entries.get(&(Kind::Account, id)) else { return id };
        let into = fold(entries, &self.withdrawn, Cut::Everything).merged_into;
        into.map_or(id, |into| if into == id { id } else { self.canonical(into) })
    }

    fn customers_of(&self, kind: Kind, id: RecordId) -> BTreeSet<RecordId> {
        let Some(state) = self.state(kind, id) else { return BTreeSet::new() };
        let reference = |field: Option<FieldId>| match field.and_then(|field| state.get(&field)) {
            Some(Value::Ref(id)) => Some(*id),
            _ => None,
        };
        let mut found: BTreeSet<RecordId> =
            reference(domain::chain::account_field(kind)).map(|id| self.canonical(id)).into_iter().collect();
        if kind == Kind::Order {
            for line in self.all(Kind::OrderLine) {
                let Some(state) = self.state(Kind::OrderLine, line) else { continue };
                if state.get(&ids::ORDER_LINE_ORDER) == Some(&Value::Ref(id))
                    && let Some(Value::Ref(account)) = state.get(&ids::ORDER_LINE_ACCOUNT)
                {
                    found.insert(self.canonical(*account));
                }
            }
        }
        if found.is_empty()
            && let Some(deal) = reference(domain::chain::opportunity_field(kind))
        {
            found.extend(self.account_of_deal(deal));
        }
        for field in domain::chain::parent_fields(kind) {
            if found.is_empty()
                && let Some(parent) = reference(Some(*field))
                && let Some(domain::field::FieldType::Ref(kind)) = domain::field::builtin(*field).map(|def| def.ty)
            {
                found = self.customers_of(kind, parent);
            }
        }
        found
    }

    fn account_of_deal(&self, deal: RecordId) -> Option<RecordId> {
        let timeline = fold(self.entries.get(&(Kind::Opportunity, deal))?, &self.withdrawn, Cut::Everything);
        timeline.states.first()?;
        match timeline.rest.get(&ids::OPPORTUNITY_ACCOUNT) {
            Some(Value::Ref(account)) => Some(self.canonical(*account)),
            _ => None,
        }
    }

    /// The first day of each step by customer.
    fn customers(&self) -> BTreeMap<RecordId, [Option<Day>; STEPS]> {
        let mut found: BTreeMap<RecordId, [Option<Day>; STEPS]> = BTreeMap::new();
        let mut told: BTreeMap<RecordId, Day> = BTreeMap::new();
        let mut earliest: BTreeMap<i64, Day> = BTreeMap::new();
        for id in self.all(Kind::Account) {
            if let (Some(import), Some(day)) = (self.import_of(id), self.first_day(Kind::Account, id)) {
                earliest.entry(import).and_modify(|known| *known = day.min(*known)).or_insert(day);
            }
        }
        for id in self.all(Kind::Account) {
            let Some(first) = self.first_day(Kind::Account, id) else { continue };
            let stands = self.state(Kind::Account, id).is_some();
            if !stands && first <= self.as_of {
                continue;
            }
            let dated = self.import_of(id).is_none_or(|import| earliest[&import] != first);
            found.insert(id, [(stands && dated).then_some(first), None, None, None]);
            if stands {
                told.insert(id, first);
            }
        }
        let known: BTreeSet<RecordId> = found.keys().copied().collect();
        let mut reach = |id: RecordId, step: usize, day: Day| {
            let since = &mut found.entry(id).or_default()[step];
            *since = Some(since.map_or(day, |known: Day| known.min(day)));
        };
        for deal in self.all(Kind::Opportunity) {
            let account = self.account_of_deal(deal).filter(|account| known.contains(account));
            if let (Some(account), Some(_)) = (account, self.state(Kind::Opportunity, deal)) {
                reach(account, 1, self.first_day(Kind::Opportunity, deal).expect("it began"));
            }
        }
        for lead in self.all(Kind::Lead) {
            let Some(day) = self.own_day(Kind::Lead, lead) else { continue };
            let customer = self.customers_of(Kind::Lead, lead).into_iter().find(|id| known.contains(id));
            reach(customer.unwrap_or(lead), 0, day);
        }
        for (kind, step) in [(Kind::Contract, 2), (Kind::Order, 2), (Kind::Payment, 3)] {
            for id in self.all(kind) {
                let Some(day) = self.own_day(kind, id).filter(|_| self.counts(kind, id)) else { continue };
                for customer in self.customers_of(kind, id).into_iter().filter(|id| known.contains(id)) {
                    reach(customer, step, day);
                }
            }
        }
        for (id, since) in &mut found {
            since[0] = since.iter().flatten().min().copied().or_else(|| told.get(id).copied());
        }
        found.retain(|_, since| since[0].is_some());
        found
    }

    /// The day a record counts from, where that has come.
    fn own_day(&self, kind: Kind, id: RecordId) -> Option<Day> {
        let state = self.state(kind, id)?;
        let own = match domain::chain::day_field(kind).and_then(|field| state.get(&field)) {
            Some(Value::Int(day)) => Some(Day(i32::try_from(*day).expect("a day"))),
            _ => self.first_day(kind, id),
        };
        own.filter(|day| *day <= self.as_of)
    }

    fn counts(&self, kind: Kind, id: RecordId) -> bool {
        let Some(state) = self.state(kind, id) else { return false };
        let is = |field: FieldId, word: &str| state.get(&field) == Some(&Value::Text(word.into()));
        match kind {
            Kind::Contract => !is(ids::CONTRACT_STATUS, "void") && !is(ids::CONTRACT_SIGNED_WITH, "competitor"),
            Kind::Order => !is(ids::ORDER_STATUS, "void"),
            _ => !matches!(state.get(&ids::PAYMENT_AMOUNT), Some(Value::Int(minor)) if *minor <= 0),
        }
    }
}

/// What a line of a random journal says: kind, record, and its fields by small numbers.
fn facts(kind: Kind, pick: &[u8]) -> Facts {
    let mut facts = Facts::default();
    let at = |place: usize| pick[place % pick.len()];
    let mut put = |field: Option<FieldId>, place: usize, base: i64, of: u8| {
        if let Some(field) = field.filter(|_| !at(place).is_multiple_of(3)) {
            let value = if at(place) > 240 { Value::Null } else { Value::Ref(base + i64::from(at(place + 1) % of)) };
            facts.put(field, value);
        }
    };
    put(domain::chain::account_field(kind), 0, 40, 3);
    put(domain::chain::opportunity_field(kind), 2, 1, 3);
    for (place, field) in domain::chain::parent_fields(kind).iter().enumerate() {
        let base = match domain::field::builtin(*field).map(|def| def.name) {
            Some("contract") => 80,
            Some("order") => 90,
            _ => 120,
        };
        put(Some(*field), 4 + place, base, 3);
    }
    if let Some(field) = domain::chain::day_field(kind).filter(|_| at(8).is_multiple_of(2)) {
        facts.put(field, Value::Int(i64::from(at(9) % 40)));
    }
    let word =
        |place: usize, word: &str| if at(place).is_multiple_of(4) { word.to_owned() } else { "in force".to_owned() };
    let text = |word: String| Value::Text(word.into());
    match kind {
        Kind::Contract => {
            facts.put(ids::CONTRACT_STATUS, text(word(10, "void")));
            facts.put(ids::CONTRACT_SIGNED_WITH, text(word(11, "competitor")));
        }
        Kind::Order => facts.put(ids::ORDER_STATUS, text(word(10, "void"))),
        Kind::Payment => facts.put(ids::PAYMENT_AMOUNT, Value::Int(i64::from(at(10)) - 60)),
        Kind::Lead => facts.put(ids::LEAD_CHANNEL, Value::Ref(130 + i64::from(at(10) % 2))),
        Kind::Account => facts.put(ids::ACCOUNT_GRADE, text(["A", "B"][usize::from(at(10) % 2)].to_owned())),
        _ => {}
    }
    facts
}

/// Random journals over three deals, three customers and what hangs on them, with imports, undos, merges, deletions and
/// late news.
fn journals() -> impl Strategy<Value = Journal> {
    let line = (
        (0_u8..40, 0_u8..8, 0_i64..3),
        (0_i64..40, 0_i64..6, 0_i64..3),
        (prop::option::of(1_i64..4), any::<u16>()),
        prop::collection::vec(any::<u8>(), 12),
    );
    prop::collection::vec(line, 1..70).prop_map(|lines| {
        let mut journal = Journal::default();
        for ((what, of, number), (day, late, source_seq), (import, any), pick) in lines {
            let written = journal.0.len() as i64;
            let (kind, base) = [
                (Kind::Account, 40),
                (Kind::Opportunity, 1),
                (Kind::Lead, 70),
                (Kind::Contract, 80),
                (Kind::Order, 90),
                (Kind::OrderLine, 100),
                (Kind::Payment, 110),
                (Kind::Invoice, 120),
            ][usize::from(of)];
            let record = base + number;
            let (kind, record, op) = match what {
                0 => (kind, record, Op::Delete),
                1 if record == 41 => (Kind::Account, 41, Op::Merge { into: 40 }),
                2 if written > 0 => {
                    let seq = i64::from(any) % written + 1;
                    let of = &journal.0[usize::try_from(seq - 1).expect("a place")];
                    (of.kind, of.record, Op::RetractEntry { seq })
                }
                3 => (Kind::Opportunity, 0, Op::RetractImport { import: import.unwrap_or(1) }),
                _ if kind == Kind::Opportunity => {
                    let won = if pick[0] > 128 { Outcome::Won } else { Outcome::Open };
                    let facts = Facts::default()
                        .outcome(won)
                        .amount_minor(Some(i64::from(pick[1])))
                        .currency(Some(Currency::CNY));
                    (
                        kind,
                        record,
                        Op::Assert(facts.with(ids::OPPORTUNITY_ACCOUNT, Value::Ref(40 + i64::from(pick[2] % 4)))),
                    )
                }
                _ => (kind, record, Op::Assert(facts(kind, &pick))),
            };
            let undo = matches!(op, Op::RetractImport { .. });
            if record == 0 && !undo {
                continue;
            }
            let entry = journal.put(kind, record, day, day + late, op);
            entry.source_seq = source_seq;
            entry.import = if undo { None } else { import };
        }
        journal
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn customers_are_those_of_a_naive_reading(journal in journals(), as_of in 0_i32..45) {
        let moment = moment(&journal);
        let expected = Naive::new(&journal, Day(as_of)).customers();
        let found: BTreeMap<RecordId, [Option<Day>; STEPS]> =
            read(&moment, &ask(as_of)).all.iter().map(|one| (one.id, one.since)).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_chain_that_followed_is_one_from_nothing(journal in journals(), cut in 0_usize..70, as_of in 0_i32..45) {
        let (cut, end) = (cut.min(journal.0.len()), journal.0.len());
        let mut followed = chain_of(&journal, cut, Cut::Everything);
        let withdrawn = withdrawn(&journal.0);
        let mut folder = Folder { withdrawn: &withdrawn, cut: Cut::Everything, clock: DayClock::new(context().calendar) };
        // An undo is read from nothing; everything else touches its own records alone.
        let undone = journal.0[cut..].iter().any(|entry| matches!(entry.op, Op::RetractImport { .. }));
        let touched = records(&journal.0[if undone { 0 } else { cut }..]);
        take(&mut followed, &mut folder, &journal, end, &touched);
        let snapshot = Arc::new(journal.rebuild().snapshot());
        let of = |chain: Chain| {
            let moment = Moment { snapshot: Arc::clone(&snapshot), chain: Arc::new(chain) };
            let customers = read(&moment, &ask(as_of));
            customers.all.iter().map(|one| (one.id, (one.is_lead, one.since))).collect::<BTreeMap<_, _>>()
        };
        prop_assert_eq!(of(followed), of(chain_of(&journal, end, Cut::Everything)));
    }

    #[test]
    fn the_counts_keep_their_laws(journal in journals(), as_of in 0_i32..45, from in 0_i32..40) {
        let moment = moment(&journal);
        let all = funnel(&moment, &ask(as_of));
        let steps = &all.total.steps;
        for at in 1..STEPS {
            prop_assert_eq!(steps[at].customers, steps[at].from_before + steps[at].skipped);
            prop_assert_eq!(steps[at - 1].customers, steps[at].from_before + steps[at].pending + steps[at].ended);
            prop_assert!(steps[at].customers <= steps[0].customers, "whoever is anywhere is potential");
            let timed: u64 = steps[at].days.values().sum();
            prop_assert_eq!(timed + steps[at].out_of_order, steps[at - 1].customers);
            let from_first: u64 = steps[at].days_from_first.values().sum();
            prop_assert_eq!(from_first, steps[0].customers);
        }
        // Groups are disjoint, and so are cohorts.
        for by in [CustomerBy::Channel, CustomerBy::Grade] {
            let grouped = funnel(&moment, &CustomersAsk { by: Some(by), ..ask(as_of) });
            for (at, step) in steps.iter().enumerate() {
                let sum: u64 = grouped.groups.iter().map(|group| group.steps[at].customers).sum();
                prop_assert_eq!(sum, step.customers);
            }
            for measure in 0..4 {
                let sum: i128 = grouped.groups.iter().map(|group| group.amounts[measure].minor).sum();
                prop_assert_eq!(sum + grouped.shared[measure].minor, all.total.amounts[measure].minor);
            }
        }
        let early = funnel(&moment, &CustomersAsk { to: Some(Day(from - 1)), ..ask(as_of) });
        let late = funnel(&moment, &CustomersAsk { from: Some(Day(from)), ..ask(as_of) });
        for ((early, late), step) in early.total.steps.iter().zip(&late.total.steps).zip(steps) {
            prop_assert_eq!(early.customers + late.customers, step.customers);
        }
        // The list behind each number is as long as the number.
        for (at, step) in Step::ALL.into_iter().enumerate() {
            let cells = &steps[at];
            for (which, expected) in [
                (Which::Here, cells.customers),
                (Which::FromBefore, if at == 0 { 0 } else { cells.from_before }),
                (Which::Skipped, cells.skipped),
                (Which::Pending, cells.pending),
                (Which::Ended, cells.ended),
            ] {
                let list = listed(&moment, &ask(as_of), &StepList { step, which, group: None });
                prop_assert_eq!(list.len() as u64, expected, "{:?} {:?}", step, which);
                let distinct: BTreeSet<RecordId> = list.iter().map(|(id, ..)| *id).collect();
                prop_assert_eq!(distinct.len(), list.len(), "each once");
            }
        }
    }

    /// What was known before the last entry is the journal without it.
    #[test]
    fn known_at_is_the_journal_of_then(journal in journals(), known in 0_i32..46, as_of in 0_i32..45) {
        let then = Journal(journal.0.iter().filter(|entry| context().calendar.day(entry.known_at) <= Day(known)).cloned().collect());
        // Sequences have gaps now, which the chain does not mind.
        let end = context().calendar.start_of(Day(known + 1));
        let cut = chain_of(&journal, journal.0.len(), Cut::KnownBefore(end));
        let plain = chain_of(&then, then.0.len(), Cut::Everything);
        let snapshot = Arc::new(Journal::default().rebuild().snapshot());
        let of = |chain: Chain| {
            let moment = Moment { snapshot: Arc::clone(&snapshot), chain: Arc::new(chain) };
            read(&moment, &ask(as_of)).all.iter().map(|one| (one.id, one.since)).collect::<BTreeMap<_, _>>()
        };
        prop_assert_eq!(of(cut), of(plain));
    }
}

fn put(journal: &mut Journal, kind: Kind, record: RecordId, day: i64, facts: Facts) {
    journal.put(kind, record, day, day, Op::Assert(facts));
}

fn reference(field: FieldId, id: RecordId) -> Facts {
    Facts::default().with(field, Value::Ref(id))
}

/// A lead that became a customer is that customer, and one of an unknown customer is one of its own; what was void, or
/// signed elsewhere, or flowed back, puts nobody anywhere.
#[test]
fn what_counts_and_what_does_not() {
    let mut journal = Journal::default();
    put(&mut journal, Kind::Account, 40, 5, Facts::default().with(ids::ACCOUNT_GRADE, Value::Text("A".into())));
    put(&mut journal, Kind::Account, 41, 6, Facts::default());
    put(&mut journal, Kind::Lead, 70, 2, reference(ids::LEAD_ACCOUNT, 40));
    put(&mut journal, Kind::Lead, 71, 3, Facts::default());
    let closed = Facts::default().with(ids::LEAD_STATUS, Value::Text("disqualified".into()));
    put(&mut journal, Kind::Lead, 72, 4, closed);
    journal.deal(1, 8, Facts::default().outcome(Outcome::Open).with(ids::OPPORTUNITY_ACCOUNT, Value::Ref(40)));
    let contract =
        |status: &str| reference(ids::CONTRACT_ACCOUNT, 41).with(ids::CONTRACT_STATUS, Value::Text(status.into()));
    put(
        &mut journal,
        Kind::Contract,
        80,
        9,
        contract("signed").with(ids::CONTRACT_SIGNED_WITH, Value::Text("competitor".into())),
    );
    put(&mut journal, Kind::Contract, 81, 9, contract("draft"));
    put(&mut journal, Kind::Order, 90, 12, reference(ids::ORDER_OPPORTUNITY, 1));
    put(&mut journal, Kind::Order, 90, 20, Facts::default().with(ids::ORDER_STATUS, Value::Text("cancelled".into())));
    put(&mut journal, Kind::Invoice, 120, 13, reference(ids::INVOICE_ORDER, 90));
    let paid = |minor: i64| reference(ids::PAYMENT_INVOICE, 120).with(ids::PAYMENT_AMOUNT, Value::Int(minor));
    put(&mut journal, Kind::Payment, 110, 14, paid(-5));
    put(&mut journal, Kind::Payment, 111, 15, paid(50));
    let moment = moment(&journal);
    let counts = |as_of| funnel(&moment, &ask(as_of)).total.steps.map(|step| step.customers);
    assert_eq!(counts(1), [0, 0, 0, 0]);
    assert_eq!(counts(5), [3, 0, 0, 0], "two leads, and a customer whose lead came first");
    assert_eq!(counts(11), [4, 1, 0, 0], "signed with somebody else, and a draft");
    assert_eq!(counts(14), [4, 1, 1, 0], "money that flowed back");
    assert_eq!(counts(19), [4, 1, 1, 1]);
    assert_eq!(counts(20), [4, 1, 0, 1], "the order is cancelled since");
    let at = funnel(&moment, &ask(19)).total.steps;
    assert_eq!((at[1].pending, at[1].ended, at[2].pending), (2, 1, 0));
    assert_eq!(at[1].days, BTreeMap::from([((6, true), 1), ((13, false), 1), ((15, false), 1), ((16, false), 1)]));
    let grouped = funnel(&moment, &CustomersAsk { by: Some(CustomerBy::Grade), ..ask(19) });
    let groups: Vec<_> = grouped.groups.iter().map(|group| (group.key.clone(), group.steps[0].customers)).collect();
    assert_eq!(groups, [(GroupKey::None, 3), (GroupKey::Text("A".into()), 1)]);
}

/// Records of the chain lie in pages: one that is changed among many leaves the others as they were.
#[test]
fn many_records_fill_pages_and_a_change_touches_its_own() {
    let mut journal = Journal::default();
    let number = 20_000_i64;
    for id in 0..number {
        put(
            &mut journal,
            Kind::Lead,
            1_000 + id,
            id % 30,
            Facts::default().with(ids::LEAD_COMPANY, Value::Text(format!("c{id}").into())),
        );
    }
    // Of one record at a time: filtering the whole journal for each would take a walk a record.
    let mut chain = Chain::new(context().calendar);
    let withdrawn = Withdrawn::default();
    let mut folder = Folder { withdrawn: &withdrawn, cut: Cut::Everything, clock: DayClock::new(context().calendar) };
    let mut again = BTreeSet::new();
    for chunk in journal.0.chunks(7_000) {
        chain.meet(&mut folder, chunk, &mut again);
    }
    assert!(again.is_empty());
    put(&mut journal, Kind::Lead, 1_003, 35, reference(ids::LEAD_ACCOUNT, 40));
    take(&mut chain, &mut folder, &journal, journal.0.len(), &BTreeSet::from([(Kind::Lead, 1_003)]));
    let leads = chain.of(Kind::Lead);
    assert_eq!((leads.pages.len(), leads.iter().count() as i64), (3, number));
    let company = leads.place(ids::LEAD_COMPANY);
    for (at, (page, place)) in leads.iter().enumerate() {
        let row = page.row_now(place).expect("it stands");
        assert_eq!(page.text(company, row), Some(format!("c{at}").as_str()));
    }
    let (page, place) = leads.find(1_003).expect("it is there");
    assert_eq!(page.int(leads.place(ids::LEAD_ACCOUNT), page.row_now(place).expect("it stands")), Some(40));
    assert_eq!(page.row_at(place, Day(10)).map(|row| page.int(leads.place(ids::LEAD_ACCOUNT), row)), Some(None));
}
