//! The journal, its projection, undo, merge, versions and concurrent writers.

use domain::field::{BUILTIN, FieldType, Value, ids};
use domain::journal::{Cut, Facts, HotSet, Op};
use domain::{Currency, Day, Instant, Kind, Outcome, StageId};
use store::{ImportState, Store, StoreError};

use crate::support::{
    allocate, assert_facts, current, deal, import, is_consistent, journal, of_import, on_both, run_import, text, write,
};

#[tokio::test]
async fn what_is_appended_is_read_back_in_order_and_survives_reopening() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        assert_eq!(store.head().await.expect("a head"), 0);
        let first = allocate(&store, 2).await;
        let everything = Facts::default()
            .stage(StageId(9))
            .outcome(Outcome::Won)
            .amount_minor(Some(i64::MIN))
            .currency(Some(Currency::CNY))
            .owner(Some(5))
            .team(None)
            .expected_close_on(Some(Day(-1)))
            .probability_ppm(Some(1_000_000))
            .with(ids::OPPORTUNITY_NAME, text("a,b\n\"客户\"\\"))
            .with(ids::OPPORTUNITY_PROCESS, Value::Int(3))
            .with(ids::OPPORTUNITY_ACCOUNT, Value::Ref(8))
            .with(ids::OPPORTUNITY_TAX_INCLUDED, Value::Bool(false))
            .with(ids::OPPORTUNITY_PARTIES, Value::Json(r#"[{"role": "user"}]"#.into()))
            .with(ids::OPPORTUNITY_REASON, Value::Null);
        let mut given = assert_facts(Kind::Opportunity, first, i64::MAX, everything.clone());
        (given.source_seq, given.known_at) = (i64::MIN, Instant(-7));
        let range = write(&store, vec![given, assert_facts(Kind::Team, first + 1, 3, Facts::default())], 77).await;
        assert_eq!(range, 1..3);
        store.close().await.expect("it closes");
        let store = fresh.open().await;
        let entries = journal(&store).await;
        assert_eq!(entries.len(), 2);
        let entry = &entries[0];
        assert_eq!((entry.seq, entry.record, entry.kind, entry.actor), (1, first, Kind::Opportunity, 1));
        assert_eq!((entry.effective_at, entry.known_at), (Instant(i64::MAX), Instant(-7)));
        assert_eq!((entry.recorded_at, entry.source_seq, entry.import), (Instant(77), i64::MIN, None));
        assert_eq!(entry.op, Op::Assert(everything));
        assert_eq!(store.entries_of(&[first]).await.expect("entries"), entries[..1]);
        assert_eq!(store.tail(1, 10).await.expect("a tail"), entries[1..]);
        assert_eq!(store.tail(0, 1).await.expect("a tail"), entries[..1]);
        assert!(store.tail(2, 10).await.expect("a tail").is_empty());
        is_consistent(&store).await;
        assert_eq!(allocate(&store, 1).await, first + 2);
    })
    .await;
}

#[tokio::test]
async fn every_builtin_field_has_its_column() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let first = allocate(&store, Kind::ALL.len()).await;
        let drafts = (first..).zip(Kind::ALL).map(|(record, kind)| {
            let mut facts = Facts::default();
            for def in BUILTIN.iter().filter(|def| def.kind == kind && def.id > ids::OPPORTUNITY_PROBABILITY) {
                facts.put(
                    def.id,
                    match def.ty {
                        FieldType::Text | FieldType::Personal => text(def.name),
                        FieldType::Json => Value::Json(format!("{{\"{}\":1}}", def.name).into()),
                        FieldType::Bool => Value::Bool(true),
                        FieldType::Ref(_) => Value::Ref(i64::from(def.id.0)),
                        _ => Value::Int(i64::from(def.id.0)),
                    },
                );
            }
            assert_facts(kind, record, 1, facts)
        });
        write(&store, drafts.collect(), 1).await;
        // Every value has come back through the column of its name, and none through `rest`.
        for kind in Kind::ALL {
            let record = store.all_records(kind).await.expect("records").remove(0);
            let expected = BUILTIN.iter().filter(|def| def.kind == kind && def.id > ids::OPPORTUNITY_PROBABILITY);
            assert!(record.rest.iter().map(|(id, _)| *id).eq(expected.map(|def| def.id)), "{kind:?}");
        }
        is_consistent(&store).await;
    })
    .await;
}

#[tokio::test]
async fn entries_that_do_not_fit_are_refused_and_leave_nothing() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let id = allocate(&store, 1).await;
        let account = |facts| assert_facts(Kind::Account, id, 1, facts);
        let mut undo = account(Facts::default());
        undo.op = Op::RetractImport { import: 1 };
        for (draft, words) in [
            (account(deal(1, 1)), "has no stage"),
            (account(Facts::default().with(ids::OPPORTUNITY_NAME, text("x"))), "does not take"),
            (account(Facts::default().with(ids::ACCOUNT_EMPLOYEES, text("many"))), "does not take"),
            (account(Facts::default().with(ids::ACCOUNT_OWNER, Value::Int(3))), "does not take"),
            (account(Facts::default().with(domain::field::FieldId(4000), text("x"))), "does not take"),
            (account(Facts::default().with(ids::ACCOUNT_NAME, text("a\0b"))), "zero character"),
            (
                assert_facts(Kind::Opportunity, id, 1, Facts::default().with(ids::OPPORTUNITY_STAGE, Value::Int(1))),
                "does not take",
            ),
            (assert_facts(Kind::Account, 0, 1, Facts::default()), "cannot be appended"),
            (undo, "cannot be appended"),
        ] {
            let mut writer = store.begin().await.expect("a writer");
            let error = writer.append(vec![draft], Instant(1)).await.expect_err("a refusal");
            assert!(error.to_string().contains(words), "{error}");
        }
        let mut writer = store.begin().await.expect("a writer");
        writer.append(vec![account(Facts::default())], Instant(1)).await.expect("it fits");
        drop(writer);
        assert_eq!(store.head().await.expect("a head"), 0);
        assert!(journal(&store).await.is_empty());
        is_consistent(&store).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_never_hide_an_entry_from_a_reader_at_the_head() {
    on_both(|fresh| async move {
        const WRITERS: i64 = 4;
        const WRITES: i64 = 20;
        let stores = [fresh.open().await, fresh.open().await];
        let first = allocate(&stores[0], WRITERS as usize).await;
        let writers = (0..WRITERS).map(|number| {
            let store = stores[usize::try_from(number % 2).expect("small")].clone();
            tokio::spawn(async move {
                for turn in 0..WRITES {
                    let draft = |part| assert_facts(Kind::Opportunity, first + number, turn * 10 + part, deal(1, turn));
                    write(&store, vec![draft(0), draft(1)], turn).await;
                }
            })
        });
        let writers: Vec<_> = writers.collect();
        let reader = stores[1].clone();
        let mut seen = Vec::new();
        loop {
            // Asked before the read: what was committed by then must be in what is read.
            let done = writers.iter().all(tokio::task::JoinHandle::is_finished);
            let head = reader.head().await.expect("a head");
            let mut part = reader.tail(seen.len() as i64, u32::MAX).await.expect("a tail");
            assert!(seen.len() + part.len() >= usize::try_from(head).expect("a head"), "the head was passed");
            seen.append(&mut part);
            if done {
                break;
            }
            tokio::task::yield_now().await;
        }
        for writer in writers {
            writer.await.expect("a writer");
        }
        assert!(seen.iter().map(|entry| entry.seq).eq(1..=WRITERS * WRITES * 2));
        // Both entries of a write lie together: the order of the journal is the order of the commits.
        assert!(seen.chunks(2).all(|pair| pair[0].record == pair[1].record));
        is_consistent(&stores[0]).await;
    })
    .await;
}

#[tokio::test]
async fn undo_leaves_every_record_as_it_was_and_lists_what_people_edited() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let id = allocate(&store, 4).await;
        let set = |record, at, amount| assert_facts(Kind::Opportunity, record, at, deal(1, amount));
        write(&store, vec![set(id, 10, 100), set(id + 1, 10, 200)], 10).await;
        let before = current(&store).await;
        // The import updates both, makes two more; people then edit an old deal and a new one.
        let drafts = vec![set(id, 20, 111), set(id + 1, 20, 222), set(id + 2, 20, 333), set(id + 3, 20, 444)];
        let first = run_import(&store, drafts.clone(), 20).await;
        let edits = write(&store, vec![set(id + 1, 30, 999), set(id + 3, 30, 888)], 30).await;
        let mut writer = store.begin().await.expect("a writer");
        let undo = writer.retract_import(first, 1, Instant(40)).await.expect("an undo");
        writer.commit().await.expect("the commit");
        assert_eq!((undo.import, undo.entries, undo.records.len()), (first, 4, 4));
        let survivors: Vec<_> = undo.survivors.iter().map(|found| (found.record, found.edits.clone())).collect();
        assert_eq!(survivors, [(id + 1, vec![edits.start]), (id + 3, vec![edits.start + 1])]);
        is_consistent(&store).await;
        let after = store.records(Kind::Opportunity, &[id, id + 1, id + 2, id + 3]).await.expect("records");
        let amounts: Vec<_> = after.iter().map(|record| (record.id, record.hot.amount_minor)).collect();
        assert_eq!(amounts, [(id, Some(100)), (id + 1, Some(999)), (id + 3, Some(888))]);
        assert_eq!(current(&store).await.len(), before.len() + 1);
        assert_eq!(store.imports().await.expect("imports")[0].state, ImportState::Undone);
        assert!(store.withdrawn().await.expect("retractions").covers(Some(first), 3, Cut::Everything));
        let mut writer = store.begin().await.expect("a writer");
        let again = writer.retract_import(first, 1, Instant(41)).await;
        assert!(matches!(again, Err(StoreError::AlreadyUndone(id)) if id == first));
        let unknown = writer.retract_import(99, 1, Instant(41)).await;
        assert!(matches!(unknown, Err(StoreError::NoImport(99))));
        drop(writer);
        // The same again as another import, and its undo.
        let second = run_import(&store, drafts, 50).await;
        assert_ne!(first, second);
        is_consistent(&store).await;
        assert_eq!(store.all_records(Kind::Opportunity).await.expect("records").len(), 4);
        let mut writer = store.begin().await.expect("a writer");
        let undo = writer.retract_import(second, 1, Instant(60)).await.expect("an undo");
        assert!(undo.survivors.is_empty(), "nobody edited since the second import");
        writer.commit().await.expect("the commit");
        is_consistent(&store).await;
        let states: Vec<_> = store.imports().await.expect("imports").iter().map(|import| import.state).collect();
        assert_eq!(states, [ImportState::Undone, ImportState::Undone]);
    })
    .await;
}

#[tokio::test]
async fn undo_finds_entries_between_those_of_others() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let mut writer = store.begin().await.expect("a writer");
        let first = writer.allocate(6);
        let (a, b) = (writer.new_import_id(), writer.new_import_id());
        let sources = [Some(a), None, Some(b), Some(a), Some(a), None];
        let drafts = (first..).zip(sources).map(|(record, source)| {
            let draft = assert_facts(Kind::Opportunity, record, 1, deal(1, record));
            source.map_or(draft.clone(), |id| of_import(draft, id))
        });
        writer.append(drafts.collect(), Instant(1)).await.expect("the entries fit");
        writer.record_import(&import(a)).await.expect("the import is recorded");
        writer.record_import(&import(b)).await.expect("the import is recorded");
        writer.commit().await.expect("the commit");
        let mut writer = store.begin().await.expect("a writer");
        let undo = writer.retract_import(a, 1, Instant(2)).await.expect("an undo");
        writer.commit().await.expect("the commit");
        let touched: Vec<_> = undo.records.iter().map(|(_, record)| record - first).collect();
        assert_eq!((touched, undo.entries), (vec![0, 3, 4], 3));
        let left = store.all_records(Kind::Opportunity).await.expect("records");
        assert_eq!(left.iter().map(|record| record.id - first).collect::<Vec<_>>(), [1, 2, 5]);
        is_consistent(&store).await;
    })
    .await;
}

#[tokio::test]
async fn a_close_is_dated_by_the_entry_that_closed() {
    const DAY: i64 = 86_400_000_000;
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let mut writer = store.begin().await.expect("a writer");
        let id = writer.allocate(2);
        let at =
            |record, day, outcome| assert_facts(Kind::Opportunity, record, day * DAY, deal(1, day).outcome(outcome));
        // Carried in memory, and (as its entries come out of order) folded: the same days.
        let (open, won) = (Outcome::Open, Outcome::Won);
        let in_order = [at(id, 1, open), at(id, 5, won), at(id, 9, won)];
        let out_of_order = [at(id + 1, 9, won), at(id + 1, 5, won), at(id + 1, 1, open)];
        writer.append(in_order.to_vec(), Instant(1)).await.expect("the entries fit");
        writer.append(out_of_order.to_vec(), Instant(1)).await.expect("the entries fit");
        writer.commit().await.expect("the commit");
        for record in store.all_records(Kind::Opportunity).await.expect("records") {
            assert_eq!((record.created_on, record.closed_on), (Some(Day(1)), Some(Day(5))), "{}", record.id - id);
            assert_eq!(record.closed_at, Some(Instant(5 * DAY)));
        }
        // Open again: no close any more; lost: another one.
        write(&store, vec![at(id, 12, open), at(id + 1, 12, Outcome::Lost)], 2).await;
        let closed: Vec<_> =
            store.all_records(Kind::Opportunity).await.expect("records").iter().map(|deal| deal.closed_on).collect();
        assert_eq!(closed, [None, Some(Day(12))]);
        is_consistent(&store).await;
    })
    .await;
}

#[tokio::test]
async fn an_edit_on_a_stale_version_is_a_conflict() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let id = allocate(&store, 1).await;
        let set = |at, amount| assert_facts(Kind::Opportunity, id, at, deal(1, amount));
        write(&store, vec![set(1, 1)], 1).await;
        let read = store.records(Kind::Opportunity, &[id]).await.expect("a record")[0].version;
        let imported = run_import(&store, vec![set(2, 2)], 2).await;
        let found = |result: Result<(), StoreError>| match result {
            Ok(()) => None,
            Err(StoreError::Conflict { expected, found, .. }) => Some((expected, found)),
            Err(other) => panic!("{other}"),
        };
        let mut writer = store.begin().await.expect("a writer");
        assert_eq!(found(writer.expect_version(Kind::Opportunity, id, read).await), Some((1, 2)));
        assert_eq!(found(writer.expect_version(Kind::Opportunity, id, 2).await), None);
        assert_eq!(found(writer.expect_version(Kind::Opportunity, id + 9, 5).await), Some((5, 0)));
        // An undo is a change too, though it is no entry of the record.
        writer.retract_import(imported, 1, Instant(3)).await.expect("an undo");
        writer.commit().await.expect("the commit");
        let mut writer = store.begin().await.expect("a writer");
        assert_eq!(found(writer.expect_version(Kind::Opportunity, id, 2).await), Some((2, 3)));
        // So is the end of a record, after which it stands in no table.
        writer.delete(Kind::Opportunity, id, Instant(9), 1, Instant(9)).await.expect("an end");
        writer.commit().await.expect("the commit");
        let mut writer = store.begin().await.expect("a writer");
        assert_eq!(found(writer.expect_version(Kind::Opportunity, id, 3).await), Some((3, 4)));
    })
    .await;
}

#[tokio::test]
async fn merged_and_deleted_records_leave_their_table() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let id = allocate(&store, 3).await;
        let drafts = (0..3).map(|at| assert_facts(Kind::Opportunity, id + at, 1, deal(1, at))).collect();
        write(&store, drafts, 1).await;
        let mut writer = store.begin().await.expect("a writer");
        let itself = writer.merge(Kind::Opportunity, id, id, 1, Instant(2)).await;
        assert!(matches!(itself, Err(StoreError::MergeIntoItself { .. })));
        writer.merge(Kind::Opportunity, id, id + 1, 1, Instant(2)).await.expect("a merge");
        let gone = writer.merge(Kind::Opportunity, id + 2, id, 1, Instant(2)).await;
        assert!(matches!(gone, Err(StoreError::NoRecord { record, .. }) if record == id));
        writer.delete(Kind::Opportunity, id + 2, Instant(2), 1, Instant(2)).await.expect("an end");
        writer.commit().await.expect("the commit");
        let left = store.all_records(Kind::Opportunity).await.expect("records");
        assert_eq!(left.iter().map(|record| record.id).collect::<Vec<_>>(), [id + 1]);
        is_consistent(&store).await;
        // Touched again in one transaction, after its table was written on the way.
        let mut writer = store.begin().await.expect("a writer");
        let new = writer.allocate(2);
        let drafts = (new..new + 2).map(|record| assert_facts(Kind::Opportunity, record, 7, deal(1, 70)));
        writer.append(drafts.collect(), Instant(7)).await.expect("the entries fit");
        writer.delete(Kind::Opportunity, new + 1, Instant(9), 1, Instant(9)).await.expect("an end");
        let late = Facts::default().owner(Some(4));
        writer.append(vec![assert_facts(Kind::Opportunity, new, 10, late)], Instant(10)).await.expect("it fits");
        writer.commit().await.expect("the commit");
        let record = store.records(Kind::Opportunity, &[new]).await.expect("a record").remove(0);
        assert_eq!(
            (record.hot.amount_minor, record.hot.owner, record.created_at),
            (Some(70), Some(4), Some(Instant(7)))
        );
        is_consistent(&store).await;
        // An assertion after the end brings it back.
        write(&store, vec![assert_facts(Kind::Opportunity, id + 2, 5, deal(2, 2))], 5).await;
        assert_eq!(store.all_records(Kind::Opportunity).await.expect("records").len(), 3);
        is_consistent(&store).await;
    })
    .await;
}

#[tokio::test]
async fn a_large_import_reads_back_in_portions() {
    on_both(|fresh| async move {
        const DEALS: usize = 9_000;
        let store = fresh.open().await;
        let mut writer = store.begin().await.expect("a writer");
        let first = writer.allocate(DEALS + 1);
        let id = writer.new_import_id();
        let account = first + DEALS as i64;
        for step in 0..3_i64 {
            let mut drafts: Vec<_> = (first..account)
                .map(|record| of_import(assert_facts(Kind::Opportunity, record, 10 - step % 2, deal(1, step)), id))
                .collect();
            drafts.push(of_import(assert_facts(Kind::Account, account, step, Facts::default()), id));
            writer.append(drafts, Instant(step)).await.expect("the entries fit");
        }
        writer.record_import(&import(id)).await.expect("the import is recorded");
        let head = writer.commit().await.expect("the commit");
        let mut seen = Vec::new();
        let read = store.for_each_entry(&[Kind::Opportunity], 0, head, |part| seen.extend(part));
        assert_eq!(read.await.expect("entries"), 3 * DEALS as u64);
        assert!(seen.is_sorted_by_key(|entry| entry.seq));
        assert!(seen.iter().all(|entry| entry.kind == Kind::Opportunity && entry.op != Op::Delete));
        assert!(seen.iter().all(|entry| matches!(&entry.op, Op::Assert(facts) if facts.set.has(HotSet::AMOUNT))));
        is_consistent(&store).await;
        let mut writer = store.begin().await.expect("a writer");
        let undo = writer.retract_import(id, 1, Instant(9)).await.expect("an undo");
        let head = writer.commit().await.expect("the commit");
        assert_eq!((undo.records.len(), undo.entries), (DEALS + 1, head as u64 - 1));
        assert!(current(&store).await.is_empty());
        let mut kinds = Vec::new();
        let read = store.for_each_entry(&[], 0, head, |part| kinds.extend(part.into_iter().map(|entry| entry.op)));
        assert_eq!(read.await.expect("entries"), 1);
        assert_eq!(kinds, [Op::RetractImport { import: id }]);
        is_consistent(&store).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_may_open_a_new_database_at_once() {
    on_both(|fresh| async move {
        let opening = (0..6).map(|id| {
            let url = fresh.url.clone();
            tokio::spawn(async move { Store::open(&url, id).await.expect("it opens") })
        });
        let mut ids = Vec::new();
        for store in opening.collect::<Vec<_>>() {
            ids.push(store.await.expect("it opened").database_id().await.expect("an id"));
        }
        ids.push(fresh.open().await.database_id().await.expect("an id"));
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "one of them made it: {ids:?}");
    })
    .await;
}

#[tokio::test]
async fn every_call_may_move_between_threads() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    on_both(|fresh| async move {
        let store = is_send(Store::open(&fresh.url, 1)).await.expect("it opens");
        is_send(store.tail(0, 1)).await.expect("a tail");
        is_send(store.entries_of(&[1])).await.expect("entries");
        is_send(store.for_each_entry(&[Kind::Team], 0, 0, |_| ())).await.expect("entries");
        is_send(store.for_each_record(Kind::Team, |_| ())).await.expect("records");
        is_send(store.records(Kind::Team, &[1])).await.expect("records");
        let mut writer = is_send(store.begin()).await.expect("a writer");
        is_send(writer.append(Vec::new(), Instant(1))).await.expect("nothing to append");
        is_send(writer.retract_import(1, 1, Instant(1))).await.expect_err("no import");
        is_send(writer.erase(Kind::Team, 1, 1, Instant(1))).await.expect_err("no record");
        is_send(writer.commit()).await.expect("the commit");
        let file = fresh.path("b.db");
        is_send(store.backup(&file)).await.expect("a backup");
        is_send(store::restore(&file, &fresh.url, 1)).await.expect("a restore");
    })
    .await;
}

#[tokio::test]
async fn a_writer_waits_no_longer_than_it_said() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        // Another program, as far as the database knows.
        let other = fresh.open().await;
        for first in [&store, &other] {
            let writer = first.begin().await.expect("a writer");
            let hurried = store.with_turn(Some(std::time::Duration::from_millis(50)));
            let refused = hurried.begin().await.map(|_| ());
            assert!(matches!(refused, Err(StoreError::Busy { waited_seconds: 0 })), "{refused:?}");
            writer.rollback().await.expect("given up");
            store.begin().await.expect("its turn").rollback().await.expect("given up");
        }
    })
    .await;
}
