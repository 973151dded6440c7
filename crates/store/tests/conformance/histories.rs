//! Random histories: the tables are the fold, undo leaves no trace, and the engines agree to the last value.

use crate::support::{current, import as import_of, journal, postgres, replay, sqlite, text};
use domain::field::{Value, ids};
use domain::journal::{Facts, Op};
use domain::{Calendar, Currency, Day, Instant, Kind, Outcome, StageId};
use proptest::prelude::*;
use store::{Draft, Store};

/// One record of each sort is enough to have every kind of table.
const KINDS: [Kind; 3] = [Kind::Opportunity, Kind::Account, Kind::Contact];
const RECORDS: usize = 4;

/// One entry, told by small numbers.
#[derive(Debug, Clone)]
struct Line {
    /// Which of the records; those of the first half exist before, the others are made by the transaction.
    record: usize,
    effective: i64,
    source_seq: i64,
    known: i64,
    field: u8,
    value: Option<i64>,
}

/// One transaction.
#[derive(Debug, Clone)]
enum Step {
    Write { import: bool, fresh: usize, lines: Vec<Vec<Line>> },
    Undo(usize),
    Delete(usize, i64),
    Merge(usize, usize),
    RetractEntry(usize),
    Erase(usize),
}

fn line() -> impl Strategy<Value = Line> {
    (0..2 * RECORDS, 0..12_i64, 0..3_i64, 0..20_i64, 0..12_u8, proptest::option::of(0..5_i64)).prop_map(
        |(record, effective, source_seq, known, field, value)| Line {
            record,
            effective,
            source_seq,
            known,
            field,
            value,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let lines = proptest::collection::vec(proptest::collection::vec(line(), 0..6), 1..3);
    prop_oneof![
        6 => (any::<bool>(), 0..RECORDS, lines)
            .prop_map(|(import, fresh, lines)| Step::Write { import, fresh, lines }),
        2 => (0..4_usize).prop_map(Step::Undo),
        1 => (0..20_usize, 0..12_i64).prop_map(|(record, at)| Step::Delete(record, at)),
        1 => (0..20_usize, 0..20_usize).prop_map(|(from, into)| Step::Merge(from, into)),
        1 => (0..40_usize).prop_map(Step::RetractEntry),
        1 => (0..20_usize).prop_map(Step::Erase),
    ]
}

fn facts(kind: Kind, line: &Line) -> Facts {
    let none = Facts::default();
    let value = line.value;
    let of = |of: fn(i64) -> Value| value.map_or(Value::Null, of);
    let words = |value: i64| text(["", "a,b", "\"q\"\n", "客户", "%s"][usize::try_from(value).unwrap_or(0)]);
    match (kind, line.field) {
        (Kind::Opportunity, 0) => none.stage(StageId(u32::try_from(value.unwrap_or(0)).unwrap_or(0))),
        (Kind::Opportunity, 1 | 2) => none.outcome(Outcome::ALL[usize::try_from(value.unwrap_or(0)).unwrap_or(0)]),
        (Kind::Opportunity, 3) => none.amount_minor(value).currency(value.map(|_| Currency::EUR)),
        (Kind::Opportunity, 4) => none.owner(value).team(None),
        (Kind::Opportunity, 5) => none.expected_close_on(value.map(|day| Day(i32::try_from(day).unwrap_or(0)))),
        (Kind::Opportunity, 6) => none.probability_ppm(value.map(|ppm| i32::try_from(ppm).unwrap_or(0))),
        (Kind::Opportunity, 7) => none.with(ids::OPPORTUNITY_TAX_INCLUDED, of(|value| Value::Bool(value > 2))),
        (Kind::Opportunity, 8) => {
            none.with(ids::OPPORTUNITY_PARTIES, of(|value| Value::Json(format!("[{value}]").into())))
        }
        (Kind::Opportunity, 9) => none.with(ids::OPPORTUNITY_ACCOUNT, of(Value::Ref)),
        (Kind::Opportunity, _) => none.with(ids::OPPORTUNITY_NAME, value.map_or(Value::Null, words)),
        (Kind::Account, 0..5) => none.with(ids::ACCOUNT_NAME, value.map_or(Value::Null, words)),
        (Kind::Account, _) => none.with(ids::ACCOUNT_PHONE, value.map_or(Value::Null, words)),
        (_, 0..5) => none.with(ids::CONTACT_NAME, value.map_or(Value::Null, words)),
        _ => none.with(ids::CONTACT_ACCOUNT, of(Value::Ref)),
    }
}

/// A history as it is being written; the same steps make the same calls on every engine.
struct History {
    store: Store,
    records: Vec<(Kind, i64)>,
    imports: Vec<i64>,
    clock: i64,
}

impl History {
    async fn new(store: Store) -> Self {
        let mut writer = store.begin().await.expect("a writer");
        let first = writer.allocate(RECORDS);
        writer.commit().await.expect("the commit");
        let records = (first..).take(RECORDS).map(|id| (KINDS[usize::try_from(id).unwrap_or(0) % 3], id)).collect();
        Self { store, records, imports: Vec::new(), clock: 100 }
    }

    async fn take(&mut self, step: &Step) {
        self.clock += 1;
        let now = Instant(self.clock);
        let mut writer = self.store.begin().await.expect("a writer");
        let pick = |at: usize| self.records[at % self.records.len()];
        match step {
            Step::Write { import, fresh, lines } => {
                let first = writer.allocate(*fresh);
                let mut known = self.records[..RECORDS].to_vec();
                known.extend((first..).take(*fresh).map(|id| (KINDS[usize::try_from(id).unwrap_or(0) % 3], id)));
                let import = import.then(|| writer.new_import_id());
                for lines in lines {
                    let drafts = lines.iter().map(|line| {
                        let (kind, record) = known[line.record % known.len()];
                        Draft {
                            kind,
                            record,
                            effective_at: Instant(line.effective * 43_200_000_000),
                            known_at: Instant(line.known),
                            source_seq: line.source_seq,
                            import,
                            actor: i64::from(import.is_none()),
                            op: Op::Assert(facts(kind, line)),
                        }
                    });
                    writer.append(drafts.collect(), now).await.expect("the entries fit");
                }
                self.records.extend_from_slice(&known[RECORDS..]);
                if let Some(id) = import {
                    self.imports.push(id);
                    writer.record_import(&import_of(id)).await.expect("the import is recorded");
                }
            }
            Step::Undo(at) => {
                // An undo that is not possible (none there, undone before) changes nothing.
                if let Some(id) = self.imports.get(*at) {
                    let _refused = writer.retract_import(*id, 1, now).await;
                }
            }
            Step::Delete(at, when) => {
                let (kind, id) = pick(*at);
                let _refused = writer.delete(kind, id, Instant(when * 43_200_000_000), 1, now).await;
            }
            Step::Merge(from, into) => {
                let (kind, from) = pick(*from);
                let _refused = writer.merge(kind, from, pick(*into).1, 1, now).await;
            }
            Step::RetractEntry(at) => {
                let entries = self.store.tail(0, 40).await.expect("the journal");
                let Some(entry) = entries.get(*at).filter(|entry| entry.record != 0) else { return };
                let draft = Draft {
                    kind: entry.kind,
                    record: entry.record,
                    effective_at: entry.effective_at,
                    known_at: now,
                    source_seq: 0,
                    import: None,
                    actor: 1,
                    op: Op::RetractEntry { seq: entry.seq },
                };
                writer.append(vec![draft], now).await.expect("the retraction fits");
            }
            Step::Erase(at) => {
                let (kind, id) = pick(*at);
                let _refused = writer.erase(kind, id, 1, now).await;
            }
        }
        writer.commit().await.expect("the commit");
    }

    /// The tables are what a fold of the whole journal gives; the journal has no gaps.
    async fn check(&self) {
        let entries = journal(&self.store).await;
        assert!(entries.iter().map(|entry| entry.seq).eq(1..=entries.len() as i64));
        assert_eq!(current(&self.store).await, replay(&entries, &Calendar::new(chrono_tz::UTC)));
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tables_are_the_fold_and_engines_agree(steps in proptest::collection::vec(step(), 1..10)) {
        block_on(async {
            let embedded = sqlite();
            let mut here = History::new(embedded.open().await).await;
            for step in &steps {
                here.take(step).await;
                here.check().await;
            }
            if let Some(server) = postgres().await {
                let mut there = History::new(server.open().await).await;
                for step in &steps {
                    there.take(step).await;
                }
                assert_eq!(journal(&there.store).await, journal(&here.store).await);
                assert_eq!(current(&there.store).await, current(&here.store).await);
                there.store.close().await.expect("it closes");
            }
            here.store.close().await.expect("it closes");
        });
    }

    #[test]
    fn an_undone_import_leaves_the_fields_of_every_record_as_they_were(
        before in proptest::collection::vec(step(), 0..5),
        fresh in 0..RECORDS,
        lines in proptest::collection::vec(proptest::collection::vec(line(), 0..8), 1..3),
    ) {
        block_on(async {
            let embedded = sqlite();
            let mut history = History::new(embedded.open().await).await;
            for step in &before {
                history.take(step).await;
            }
            let then = fields(&history.store).await;
            history.take(&Step::Write { import: true, fresh, lines }).await;
            history.take(&Step::Undo(history.imports.len() - 1)).await;
            assert_eq!(fields(&history.store).await, then);
            history.check().await;
            history.store.close().await.expect("it closes");
        });
    }
}

/// Every record without its version, which an undo moves on.
async fn fields(store: &Store) -> Vec<store::Record> {
    let mut out = Vec::new();
    for kind in Kind::ALL {
        out.extend(store.all_records(kind).await.expect("the records"));
    }
    for record in &mut out {
        record.version = 0;
    }
    out
}
