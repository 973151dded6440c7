//! Connections on both engines: versions, leases, marks and runs.

use domain::Instant;
use store::{ConnectionDraft, RunDraft, RunEnd, Store, StoreError};

use crate::support::on_both;

fn draft(name: &str) -> ConnectionDraft {
    ConnectionDraft {
        name: name.into(),
        name_key: name.to_lowercase(),
        definition: "[files]".into(),
        recipe: None,
        column_names: None,
        schedule: Some("hourly".into()),
        skip_rejected: false,
    }
}

async fn add(store: &Store, name: &str, next_at: i64) -> Result<i64, StoreError> {
    let mut writer = store.begin().await?;
    let id = writer.add_connection(&draft(name), "{}", Some(Instant(next_at)), Instant(1)).await?;
    writer.commit().await?;
    Ok(id)
}

async fn lease(store: &Store, id: i64, who: &str, now: i64, until: i64) -> bool {
    let mut writer = store.begin().await.expect("a writer");
    let got = writer.lease_connection(id, who, Instant(now), Instant(until)).await.expect("it is asked");
    writer.commit().await.expect("it is written");
    got
}

#[tokio::test]
async fn a_connection_is_changed_by_whoever_has_read_it_last() {
    on_both(async |fresh| {
        let store = fresh.open().await;
        let before = store.mark().await.expect("the head").config;
        let id = add(&store, "CRM", 10).await.expect("it is made");
        assert!(store.mark().await.expect("the head").config > before, "followers look again");
        assert!(matches!(add(&store, "crm", 10).await, Err(StoreError::ConnectionTaken(_))));
        let mut writer = store.begin().await.expect("a writer");
        let changed = ConnectionDraft { recipe: Some("x".into()), schedule: None, ..draft("crm") };
        assert_eq!(writer.change_connection(id, 1, &changed, None).await.expect("its own name is free"), 2);
        assert!(matches!(
            writer.change_connection(id, 1, &changed, None).await,
            Err(StoreError::ConnectionChanged { expected: 1, found: 2, .. })
        ));
        writer.set_connection_secret(id, Some("cipher")).await.expect("it is set");
        writer.commit().await.expect("it is written");
        let found = store.connection(id).await.expect("it is there");
        assert_eq!((found.draft, found.has_secret, found.version, found.next_at), (changed, true, 2, None));
        assert_eq!(store.connection_secrets().await.expect("one"), [(id, "cipher".to_owned())]);
        assert_eq!(store.connections().await.expect("one").len(), 1);
        let mut writer = store.begin().await.expect("a writer");
        assert!(writer.remove_connection(id, 1).await.is_err());
        writer.remove_connection(id, 2).await.expect("it goes");
        assert!(matches!(writer.set_connection_secret(id, None).await, Err(StoreError::NoConnection(_))));
        writer.commit().await.expect("it is written");
        assert!(matches!(store.connection(id).await, Err(StoreError::NoConnection(_))));
        assert_ne!(add(&store, "CRM", 10).await.expect("it is made"), id, "a number is never given twice");
    })
    .await;
}

#[tokio::test]
async fn of_two_openings_one_gets_a_due_connection() {
    on_both(async |fresh| {
        let (one, two) = (fresh.open().await, fresh.open().await);
        let id = add(&one, "CRM", 100).await.expect("it is made");
        assert!(one.due_connections(Instant(99)).await.expect("a list").is_empty());
        assert_eq!(two.due_connections(Instant(100)).await.expect("a list"), [id]);
        let (first, second) = tokio::join!(lease(&one, id, "one", 100, 200), lease(&two, id, "two", 100, 200));
        assert!(first ^ second, "exactly one: {first} {second}");
        let (winner, loser) = if first { ("one", "two") } else { ("two", "one") };
        assert!(two.due_connections(Instant(150)).await.expect("a list").is_empty());
        assert!(lease(&one, id, winner, 150, 300).await, "whoever has it may go on");
        assert!(!lease(&one, id, loser, 250, 400).await);
        assert!(lease(&one, id, loser, 300, 400).await, "a lease that ran out is free");
        let mut writer = one.begin().await.expect("a writer");
        writer.release_connection(id, winner, Some(Instant(900))).await.expect("it is asked");
        writer.commit().await.expect("it is written");
        assert!(!two.renew_lease(id, winner, Instant(500)).await.expect("it is asked"), "it is another's by now");
        let writing = one.begin().await.expect("a long import");
        if fresh.url.starts_with("postgres") {
            assert!(two.renew_lease(id, loser, Instant(400)).await.expect("it is asked"), "it waits for no import");
        }
        drop(writing);
        assert!(two.renew_lease(id, loser, Instant(400)).await.expect("it is asked"));
        let held = one.connection(id).await.expect("it is there");
        assert_eq!((held.lease_until, held.next_at), (Some(Instant(400)), Some(Instant(100))), "another's lease stays");
        let mut writer = one.begin().await.expect("a writer");
        writer.release_connection(id, loser, Some(Instant(900))).await.expect("it is asked");
        writer.commit().await.expect("it is written");
        let free = one.connection(id).await.expect("it is there");
        assert_eq!((free.lease_until, free.next_at), (None, Some(Instant(900))));
    })
    .await;
}

#[tokio::test]
async fn marks_move_from_where_they_are_and_runs_are_remembered() {
    on_both(async |fresh| {
        let store = fresh.open().await;
        let id = add(&store, "CRM", 10).await.expect("it is made");
        let mut writer = store.begin().await.expect("a writer");
        let mut moved = async |definition: &str, from: &str, to: &str| {
            writer.move_mark(id, definition, from, to).await.expect("it is asked")
        };
        assert!(!moved("[sql]", "{}", "5").await, "it was pulled by another definition");
        assert!(moved("[files]", "{}", "7").await);
        assert!(!moved("[files]", "{}", "5").await, "somebody was faster");
        writer.set_mark(id, "0").await.expect("it is set");
        assert!(matches!(writer.set_mark(id + 1, "0").await, Err(StoreError::NoConnection(_))));
        let run = RunDraft { connection: id, cause: "schedule".into(), actor: "system".into() };
        let mut last = 0;
        for at in 0..520 {
            last = writer.begin_run(&run, Instant(at)).await.expect("it begins");
        }
        let end = RunEnd { state: "done".into(), rows: Some(3), bytes: None, detail: "{}".into() };
        writer.end_run(last, &end, Instant(600)).await.expect("it ends");
        let other = RunEnd { state: "failed".into(), ..end.clone() };
        writer.end_run(last, &other, Instant(700)).await.expect("it is left");
        writer.commit().await.expect("it is written");
        let runs = store.connection_runs(id, 1000).await.expect("runs");
        assert_eq!(runs.len(), 500);
        assert_eq!((runs[0].id, runs[0].end.clone()), (last, Some((Instant(600), end))));
        assert_eq!((runs[1].end.clone(), runs[499].begun_at), (None, Instant(20)));
        assert_eq!(store.connection(id).await.expect("it is there").mark, "0");
        let mut writer = store.begin().await.expect("a writer");
        writer.end_broken_runs(id, &other, Instant(800)).await.expect("they end");
        writer.commit().await.expect("it is written");
        let runs = store.connection_runs(id, 1000).await.expect("runs");
        let ends: Vec<_> =
            runs.iter().take(2).map(|run| run.end.as_ref().map(|(at, end)| (at.0, &*end.state))).collect();
        assert_eq!(ends, [Some((600, "done")), Some((800, "failed"))]);
        assert_eq!(store.latest_runs().await.expect("one").len(), 1);
    })
    .await;
}
