//! Erasure, backup, restore, and databases that are refused.

use domain::field::{Value, ids};
use domain::journal::{Facts, Op};
use domain::{Currency, Day, Instant, Kind};
use store::{Rate, Store, StoreError, restore};

use crate::support::{
    self, Fresh, allocate, assert_facts, current, deal, is_consistent, journal, ledger, on_both, run_import, text,
    write,
};

#[tokio::test]
async fn erasing_forgets_in_the_present_and_in_the_history() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let id = allocate(&store, 2).await;
        let named = |record, at, name: &str| {
            let facts = Facts::default().with(ids::CONTACT_NAME, text(name)).with(ids::CONTACT_POST, text("buyer"));
            assert_facts(Kind::Contact, record, at, facts)
        };
        write(&store, vec![named(id, 1, "Ada"), named(id, 2, "Ada B."), named(id + 1, 1, "Bo")], 1).await;
        is_consistent(&store).await;
        let mut writer = store.begin().await.expect("a writer");
        let wrong = writer.erase(Kind::Account, id, 1, Instant(5)).await;
        assert!(matches!(wrong, Err(StoreError::NoRecord { .. })));
        writer.erase(Kind::Contact, id, 1, Instant(5)).await.expect("an erasure");
        writer.commit().await.expect("the commit");
        let records = store.all_records(Kind::Contact).await.expect("records");
        assert_eq!((records[0].text(ids::CONTACT_NAME), records[0].text(ids::CONTACT_POST)), (None, Some("buyer")));
        assert_eq!(records[1].text(ids::CONTACT_NAME), Some("Bo"));
        let entries = journal(&store).await;
        assert_eq!(entries.last().map(|entry| &entry.op), Some(&Op::Erase));
        assert!(!format!("{entries:?}").contains("Ada"));
        is_consistent(&store).await;
        store.close().await.expect("it closes");
        if fresh.name == "SQLite" {
            let file = std::fs::read(fresh.path("loudou.db")).expect("the file");
            assert!(!file.windows(3).any(|bytes| bytes == b"Ada"), "the text is overwritten");
        }
    })
    .await;
}

/// A store with a contact, a deal, an import and most other things in it.
async fn filled(fresh: &Fresh) -> (Store, i64) {
    let store = fresh.open().await;
    let id = allocate(&store, 2).await;
    let facts = Facts::default().with(ids::CONTACT_NAME, text("Ada"));
    write(&store, vec![assert_facts(Kind::Contact, id, 1, facts)], 1).await;
    let sure = deal(1, 5).with(ids::OPPORTUNITY_TAX_INCLUDED, Value::Bool(true));
    run_import(&store, vec![assert_facts(Kind::Opportunity, id + 1, 1, sure)], 2).await;
    let process = domain::process::load(domain::process::ready_made()[0].toml).expect("a process");
    store.add_process(&process, Instant(1)).await.expect("a process");
    let mut writer = store.begin().await.expect("a writer");
    writer.link_external("crm", Kind::Contact, vec![("c1".into(), id)]).await.expect("links");
    let rate = Rate { from: Currency::EUR, day: Day(1), numerator: 5 };
    writer.set_rates(Currency::CNY, &[rate]).await.expect("rates");
    writer.commit().await.expect("the commit");
    (store, id)
}

async fn same_content(a: &Store, b: &Store) {
    assert_eq!(journal(a).await, journal(b).await);
    assert_eq!(current(a).await, current(b).await);
    assert_eq!(a.imports().await.expect("imports"), b.imports().await.expect("imports"));
    assert_eq!(a.processes().await.expect("processes"), b.processes().await.expect("processes"));
    for kind in Kind::ALL {
        assert_eq!(a.external_ids_of(kind).await.expect("ids"), b.external_ids_of(kind).await.expect("ids"));
    }
    assert_eq!(a.rates(Currency::CNY).await.expect("rates"), b.rates(Currency::CNY).await.expect("rates"));
}

#[tokio::test]
async fn a_backup_of_either_engine_restores_into_either() {
    for from in support::engines().await {
        for into in support::engines().await {
            let (store, id) = filled(&from).await;
            let file = from.path("backup.db");
            let head = store.backup(&file).await.expect("a backup");
            assert_eq!(head, store.head().await.expect("a head"));
            // The target had a life of its own; all of it goes.
            let (other, _) = filled(&into).await;
            write(&other, vec![assert_facts(Kind::Team, id + 9, 1, Facts::default())], 9).await;
            let before = other.database_id().await.expect("an id");
            other.close().await.expect("it closes");
            let restored = restore(&file, &into.url, 42).await.expect("a restore");
            assert_eq!((restored.head, restored.erasures_repeated), (head, 0), "{} to {}", from.name, into.name);
            let other = Store::open(&into.url, 43).await.expect("it opens");
            assert_ne!(other.database_id().await.expect("an id"), before);
            same_content(&store, &other).await;
            is_consistent(&other).await;
            // Numbers go on where the backup ended.
            assert_eq!(allocate(&other, 1).await, allocate(&store, 1).await);
            // Restoring twice is the same as once, and the backup is left as it was.
            let bytes = std::fs::read(&file).expect("the backup");
            other.close().await.expect("it closes");
            restore(&file, &into.url, 44).await.expect("a restore");
            assert_eq!(std::fs::read(&file).expect("the backup"), bytes);
            // The next case finds the source empty of this one.
            store.close().await.expect("it closes");
            if from.name != "SQLite" {
                continue;
            }
            for suffix in ["", "-wal", "-shm"] {
                match std::fs::remove_file(from.path(&format!("loudou.db{suffix}"))) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
                    _ => {}
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_while_others_write_is_a_prefix_of_the_journal() {
    on_both(|fresh| async move {
        let (store, _) = filled(&fresh).await;
        let id = allocate(&store, 1).await;
        let writer = {
            let store = store.clone();
            tokio::spawn(async move {
                for turn in 0..30 {
                    write(&store, vec![assert_facts(Kind::Opportunity, id, turn, deal(1, turn))], turn).await;
                }
            })
        };
        let mut heads = Vec::new();
        for number in 0..3 {
            heads.push(store.backup(&fresh.path(&format!("b{number}.db"))).await.expect("a backup"));
        }
        writer.await.expect("the writer");
        let whole = journal(&store).await;
        for (number, head) in heads.into_iter().enumerate() {
            let target = support::sqlite();
            restore(&fresh.path(&format!("b{number}.db")), &target.url, 1).await.expect("a restore");
            let copy = target.open().await;
            let head = usize::try_from(head).expect("a head");
            assert_eq!(journal(&copy).await, whole[..head]);
            is_consistent(&copy).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_restore_repeats_erasures() {
    on_both(|fresh| async move {
        let (store, id) = filled(&fresh).await;
        let (here, moved) = (fresh.path("here.db"), fresh.path("moved.db"));
        store.backup(&here).await.expect("a backup");
        std::fs::copy(&here, &moved).expect("a copy");
        let mut writer = store.begin().await.expect("a writer");
        writer.erase(Kind::Contact, id, 1, Instant(50)).await.expect("an erasure");
        writer.commit().await.expect("the commit");
        let name = async |store: &Store| {
            let contact = store.all_records(Kind::Contact).await.expect("contacts").remove(0);
            contact.text(ids::CONTACT_NAME).map(ToOwned::to_owned)
        };
        let after = fresh.path("after.db");
        store.backup(&after).await.expect("a backup");
        store.close().await.expect("it closes");
        // Into another database: the ledger beside the backup knows.
        let target = support::sqlite();
        assert_eq!(restore(&here, &target.url, 1).await.expect("a restore").erasures_repeated, 1);
        assert_eq!(name(&target.open().await).await, None);
        is_consistent(&target.open().await).await;
        // A copy without its ledger, over the database itself: that one knows.
        assert!(!ledger(&moved).exists());
        assert_eq!(restore(&moved, &fresh.url, 2).await.expect("a restore").erasures_repeated, 1);
        assert_eq!(name(&fresh.open().await).await, None);
        // A backup from after the erasure has nothing to repeat.
        let target = support::sqlite();
        assert_eq!(restore(&after, &target.url, 3).await.expect("a restore").erasures_repeated, 0);
        // The same ids in a database of another family are other people.
        let stranger = support::sqlite();
        let other = Store::open(&stranger.url, 1234).await.expect("it opens");
        let first = allocate(&other, 2).await;
        assert_eq!(first, id);
        let facts = Facts::default().with(ids::CONTACT_NAME, text("Eve"));
        write(&other, vec![assert_facts(Kind::Contact, first, 1, facts)], 1).await;
        let file = stranger.path("other.db");
        other.backup(&file).await.expect("a backup");
        std::fs::copy(ledger(&here), ledger(&file)).expect("a wrong ledger");
        other.close().await.expect("it closes");
        let target = support::sqlite();
        assert_eq!(restore(&file, &target.url, 4).await.expect("a restore").erasures_repeated, 0);
        assert_eq!(name(&target.open().await).await.as_deref(), Some("Eve"));
    })
    .await;
}

#[tokio::test]
async fn what_is_no_backup_is_refused_and_changes_nothing() {
    on_both(|fresh| async move {
        let (store, _) = filled(&fresh).await;
        let before = (journal(&store).await, store.database_id().await.expect("an id"));
        let cases =
            [("short.db", b"SQLite".to_vec()), ("text.db", b"deal,amount\n1,2\n".repeat(9)), ("none.db", vec![])];
        for (name, content) in cases {
            let file = fresh.path(name);
            if name != "none.db" {
                std::fs::write(&file, content).expect("a file");
            }
            let error = restore(&file, &fresh.url, 5).await.expect_err("a refusal");
            let expected = if name == "none.db" { "none.db" } else { "no backup" };
            assert!(error.to_string().contains(expected), "{error}");
        }
        let foreign = support::sqlite();
        foreign.open().await.close().await.expect("it closes");
        foreign.raw("DROP TABLE journal_head").await;
        let error = restore(&foreign.path("loudou.db"), &fresh.url, 5).await.expect_err("a refusal");
        assert!(matches!(error, StoreError::NotABackup { .. }), "{error}");
        assert_eq!((journal(&store).await, store.database_id().await.expect("an id")), before);
        if fresh.name == "SQLite" {
            // The database itself is neither a backup nor a place for one; least of all while it is in use.
            let file = fresh.path("loudou.db");
            let error = store.backup(&file).await.expect_err("a refusal");
            assert!(matches!(error, StoreError::BackupOntoItself { .. }), "{error}");
            let error = restore(&file, &fresh.url, 5).await.expect_err("a refusal");
            assert!(error.to_string().contains("in use"), "{error}");
            assert_eq!((journal(&store).await, store.database_id().await.expect("an id")), before);
        }
        let lost = store.backup(&fresh.path("no/such/folder/b.db")).await.expect_err("a refusal");
        assert!(matches!(lost, StoreError::File { .. }), "{lost}");
    })
    .await;
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused() {
    on_both(|fresh| async move {
        let (store, _) = filled(&fresh).await;
        store.close().await.expect("it closes");
        fresh.raw("INSERT INTO schema_format (step) VALUES (999)").await;
        let error = Store::open(&fresh.url, 1).await.expect_err("a refusal");
        assert!(matches!(error, StoreError::NewerVersion { found: 999, .. }), "{error}");
    })
    .await;
    for wrong in ["mysql://x", "file.db", "sqlite:", ""] {
        assert!(matches!(Store::open(wrong, 1).await, Err(StoreError::Address(_))), "{wrong}");
    }
}

#[tokio::test]
async fn looking_for_a_database_makes_none() {
    on_both(|fresh| async move {
        assert!(Store::find(&fresh.url, 1).await.expect("a look").is_none());
        match fresh.name {
            "SQLite" => assert!(!fresh.path("loudou.db").exists()),
            _ => fresh.raw("CREATE TABLE journal (seq BIGINT)").await,
        }
        assert!(Store::find(&fresh.url, 1).await.expect("a look").is_none());
        if fresh.name != "SQLite" {
            fresh.raw("DROP TABLE journal").await;
        }
        let made = fresh.open().await;
        let found = Store::find(&fresh.url, 1).await.expect("a look").expect("a database");
        assert_eq!(found.database_id().await.expect("an id"), made.database_id().await.expect("an id"));
    })
    .await;
}

#[tokio::test]
async fn a_database_opens_beside_a_writer() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let writing = store.begin().await.expect("the only writer");
        let other = fresh.open().await;
        assert_eq!(other.head().await.expect("the head"), 0);
        writing.rollback().await.expect("nothing was written");
    })
    .await;
}
