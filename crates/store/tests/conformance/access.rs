//! Users, sessions, tokens, links, throttling, the log, kept answers; and what becomes of them in a backup.

use std::collections::BTreeSet;

use domain::field::{Value, ids};
use domain::journal::Facts;
use domain::people::{May, Role};
use domain::{Instant, Kind};
use store::access::{Attempts, Link, LogDraft, Purpose, Reserved, SessionDraft, TokenDraft, UserDraft};
use store::{Mark, Store, StoreError, restore};

use crate::support::{self, allocate, assert_facts, custom, on_both, text, write};

fn roles(roles: &[Role]) -> BTreeSet<Role> {
    roles.iter().copied().collect()
}

fn ada(person: i64) -> UserDraft {
    UserDraft {
        name: "Ada".into(),
        name_key: "ada".into(),
        roles: roles(&[Role::Manager, Role::Administrator]),
        person,
        password_hash: Some("hash".into()),
    }
}

fn session(user: i64, hash: &str) -> SessionDraft {
    SessionDraft {
        token_hash: hash.into(),
        user,
        csrf: "c".into(),
        expires_at: Instant(100),
        address: "192.0.2.1".into(),
        agent: "Firefox 客户".into(),
    }
}

fn token(user: i64, hash: &str) -> TokenDraft {
    let may = Some([May::Analyse, May::Sql].into());
    TokenDraft { token_hash: hash.into(), user, name: "nightly".into(), may, expires_at: Instant(100) }
}

/// A user with a person in a team, and the ids of the three.
async fn with_user(store: &Store) -> (i64, i64, i64) {
    let person = allocate(store, 2).await;
    let team = person + 1;
    let facts = Facts::default().with(ids::PERSON_NAME, text("Ada")).with(ids::PERSON_TEAM, Value::Ref(team));
    let above = Facts::default().with(ids::TEAM_NAME, text("East")).with(ids::TEAM_PARENT, Value::Ref(77));
    let drafts = vec![assert_facts(Kind::Person, person, 1, facts), assert_facts(Kind::Team, team, 1, above)];
    write(store, drafts, 1).await;
    let mut writer = store.begin().await.expect("a writer");
    let user = writer.add_user(ada(person), Instant(5)).await.expect("a user");
    writer.commit().await.expect("the commit");
    (user, person, team)
}

#[tokio::test]
async fn users_are_made_once_a_name_and_changed_by_version() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        assert!(!store.has_users().await.expect("a look"));
        let (id, person, team) = with_user(&store).await;
        assert!(store.has_users().await.expect("a look"));
        let found = store.user(id).await.expect("a read").expect("a user");
        assert_eq!(store.user_named("ada").await.expect("a read").as_ref(), Some(&found));
        assert_eq!(store.users().await.expect("a read"), std::slice::from_ref(&found));
        let user = &found.user;
        assert_eq!((user.name.as_str(), user.person, found.team, user.version), ("Ada", person, Some(team), 1));
        assert_eq!(user.roles, roles(&[Role::Administrator, Role::Manager]));
        assert!(user.active && user.has_password && user.last_sign_in_at.is_none());
        assert_eq!(store.password_hash(id).await.expect("a read").as_deref(), Some("hash"));
        assert_eq!(store.team_parents().await.expect("teams"), [(team, Some(77))]);

        let mut writer = store.begin().await.expect("a writer");
        let again = writer.add_user(UserDraft { name: "ADA".into(), ..ada(9) }, Instant(6)).await;
        assert!(matches!(again, Err(StoreError::NameTaken(name)) if name == "Ada"));
        writer.rollback().await.expect("given up");

        let mut writer = store.begin().await.expect("a writer");
        writer.expect_user(id, 1).await.expect("as read");
        writer.change_user(id, &roles(&[Role::Rep]), false).await.expect("a change");
        writer.set_password_hash(id, "other").await.expect("a change");
        writer.note_sign_in(id, Instant(9)).await.expect("a note");
        let stale = writer.expect_user(id, 1).await;
        assert!(matches!(stale, Err(StoreError::UserChanged { expected: 1, found: 3, .. })), "{stale:?}");
        assert!(matches!(writer.expect_user(999, 1).await, Err(StoreError::NoUser(999))));
        assert!(matches!(writer.set_password_hash(999, "x").await, Err(StoreError::NoUser(999))));
        writer.commit().await.expect("the commit");
        let user = store.user(id).await.expect("a read").expect("a user").user;
        assert_eq!((user.roles, user.active, user.last_sign_in_at), (roles(&[Role::Rep]), false, Some(Instant(9))));
        assert_eq!(store.password_hash(id).await.expect("a read").as_deref(), Some("other"));
    })
    .await;
}

#[tokio::test]
async fn sessions_come_by_their_hash_are_renewed_and_end() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let (user, _, team) = with_user(&store).await;
        let mut writer = store.begin().await.expect("a writer");
        let first = writer.add_session(session(user, "one"), Instant(10)).await.expect("a session");
        let second = writer.add_session(session(user, "two"), Instant(11)).await.expect("a session");
        writer.commit().await.expect("the commit");
        let (found, account) = store.session("one", Instant(12)).await.expect("a read").expect("a session");
        assert_eq!((found.id, found.user, found.created_at), (first, user, Instant(10)));
        assert_eq!((account.user.id, account.team, found.agent.as_str()), (user, Some(team), "Firefox 客户"));
        assert!(store.session("three", Instant(12)).await.expect("a read").is_none());
        let listed: Vec<_> = store.sessions_of(user).await.expect("sessions").iter().map(|one| one.id).collect();
        assert_eq!(listed, [second, first]);

        let mut writer = store.begin().await.expect("a writer");
        writer.renew_sessions_of(user).await.expect("a mark");
        writer.note_session(second, Instant(20), Instant(120)).await.expect("a note");
        assert!(writer.renew_session("one", "new", Some(Instant(30))).await.expect("a renewal"));
        assert!(!writer.renew_session("one", "newer", Some(Instant(30))).await.expect("no second one"));
        writer.commit().await.expect("the commit");
        let of = async |hash: &str, at| {
            let found = store.session(hash, Instant(at)).await.expect("a read");
            found.map(|(session, _)| (session.id, session.to_renew))
        };
        assert_eq!(of("new", 20).await, Some((first, false)));
        assert_eq!(of("one", 29).await, Some((first, false)), "what was under way is answered");
        assert_eq!(of("one", 30).await, None);
        assert_eq!(of("two", 20).await, Some((second, true)));

        let mut writer = store.begin().await.expect("a writer");
        assert!(!writer.end_session(user + 9, first).await.expect("not another's"));
        assert!(writer.end_session(user, first).await.expect("an end"));
        let third = writer.add_session(session(user, "three"), Instant(40)).await.expect("a session");
        writer.forget_sessions(Instant(100)).await.expect("none but the ended");
        writer.commit().await.expect("the commit");
        assert!(third > second, "no number comes again");
        assert_eq!((of("new", 41).await, of("three", 41).await.is_some()), (None, false));
        let mut writer = store.begin().await.expect("a writer");
        let fourth = writer.add_session(session(user, "four"), Instant(50)).await.expect("a session");
        assert_eq!(writer.end_sessions_of(user, Some(fourth)).await.expect("ends"), 1);
        writer.commit().await.expect("the commit");
        assert_eq!(of("two", 51).await, None);
        let mut writer = store.begin().await.expect("a writer");
        writer.end_session_of_token("four").await.expect("an end");
        writer.commit().await.expect("the commit");
        assert_eq!(of("four", 51).await, None);
    })
    .await;
}

#[tokio::test]
async fn tokens_links_attempts_log_and_kept_answers() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let (user, _, team) = with_user(&store).await;
        let mut writer = store.begin().await.expect("a writer");
        let id = writer.add_token(token(user, "t1"), Instant(10)).await.expect("a token");
        let all = TokenDraft { may: None, ..token(user, "t2") };
        let other = writer.add_token(all, Instant(10)).await.expect("a token");
        writer.note_token(id, Instant(12)).await.expect("a note");
        writer.commit().await.expect("the commit");
        let (found, account) = store.token("t1").await.expect("a read").expect("a token");
        assert_eq!((found.id, found.last_used_at, account.team), (id, Some(Instant(12)), Some(team)));
        assert_eq!(found.may, Some([May::Sql, May::Analyse].into()));
        assert_eq!(store.tokens(Some(user)).await.expect("tokens").len(), 2);
        assert!(store.tokens(Some(user + 9)).await.expect("tokens").is_empty());
        assert_eq!(store.tokens(None).await.expect("tokens")[1].may, None);

        let link = |hash: &str, until| Link {
            hash: hash.into(),
            purpose: Purpose::SetPassword,
            user,
            expires_at: Instant(until),
        };
        let mut writer = store.begin().await.expect("a writer");
        assert!(writer.revoke_token(other).await.expect("it goes"));
        assert!(!writer.revoke_token(other).await.expect("it is gone"));
        for (hash, until) in [("l1", 50), ("l2", 60)] {
            writer.add_link(&link(hash, until), Instant(1)).await.expect("a link");
        }
        assert_eq!(writer.take_link("l1", Purpose::SetPassword, Instant(50)).await.expect("a look"), None);
        assert_eq!(writer.take_link("l2", Purpose::FirstRun, Instant(5)).await.expect("a look"), None);
        assert_eq!(writer.take_link("l2", Purpose::SetPassword, Instant(5)).await.expect("it works"), Some(user));
        assert_eq!(writer.take_link("l1", Purpose::SetPassword, Instant(5)).await.expect("once"), None);

        let tried = Attempts { failures: 3, last_at: Instant(5), closed_until: Instant(9) };
        assert_eq!(writer.attempts("account:ada").await.expect("a look"), Attempts::default());
        writer.set_attempts("account:ada", &tried).await.expect("it is set");
        writer.set_attempts("account:ada", &Attempts { failures: 4, ..tried }).await.expect("it is set");
        writer.set_attempts("address:x", &tried).await.expect("it is set");
        let line = |action| LogDraft {
            user,
            action,
            subject: "Ada".into(),
            address: "192.0.2.1".into(),
            detail: serde_json::json!({"roles": ["rep"]}),
        };
        writer.log_access(line("signed_in"), Instant(7)).await.expect("a line");
        writer.log_access(line("signed_out"), Instant(8)).await.expect("a line");
        writer.commit().await.expect("the commit");
        assert_eq!(store.attempts("account:ada").await.expect("a look").failures, 4);
        let log = store.access_log(i64::MAX, 1).await.expect("the log");
        assert_eq!((log.len(), log[0].action.as_str(), log[0].at), (1, "signed_out", Instant(8)));
        let rest = store.access_log(log[0].seq, 9).await.expect("the log");
        assert_eq!((rest.len(), rest[0].action.as_str()), (1, "signed_in"));
        assert_eq!(rest[0].detail, serde_json::json!({"roles": ["rep"]}));

        let mut writer = store.begin().await.expect("a writer");
        writer.set_attempts("address:x", &Attempts::default()).await.expect("it is forgotten");
        writer.forget_attempts(Instant(5)).await.expect("nothing is older");
        assert_eq!(writer.attempts("account:ada").await.expect("a look").failures, 4);
        assert_eq!(writer.attempts("address:x").await.expect("a look"), Attempts::default());
        let mut reserve = async |key: &str, hash: &str, at| {
            writer.reserve_key(user, key, hash, Instant(at), Instant(at - 10)).await.expect("a look")
        };
        assert_eq!(reserve("k", "h", 1).await, Reserved::Now);
        assert_eq!(reserve("k", "h", 2).await, Reserved::Begun);
        assert_eq!(reserve("k", "other", 2).await, Reserved::Other);
        writer.keep_answer(user, "k", 201, "{\"id\":1}").await.expect("it is kept");
        let answered = Reserved::Answered { status: 201, body: "{\"id\":1}".into() };
        let mut reserve = async |hash: &str, at| {
            writer.reserve_key(user, "k", hash, Instant(at), Instant(at - 10)).await.expect("a look")
        };
        assert_eq!(reserve("h", 3).await, answered);
        assert_eq!(reserve("other", 12).await, Reserved::Now, "a day later the key is free");
        writer.release_key(user, "k").await.expect("it is given back");
        let again = writer.reserve_key(user, "k", "h", Instant(13), Instant(3)).await.expect("a look");
        assert_eq!(again, Reserved::Now);
        writer.commit().await.expect("the commit");
    })
    .await;
}

#[tokio::test]
async fn the_mark_tells_what_has_no_entry() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let before = store.mark().await.expect("a mark");
        store.set_setting("web.language", "zh").await.expect("it is set");
        let (..) = with_user(&store).await;
        let after = store.mark().await.expect("a mark");
        assert_eq!(after, Mark { seq: before.seq + 2, ..before }, "accounts and settings raise nothing");
        let mut writer = store.begin().await.expect("a writer");
        writer.configure("quality.rules", "{}").await.expect("it is set");
        writer.commit().await.expect("the commit");
        let configured = store.mark().await.expect("a mark");
        assert!(configured.config > after.config && configured.seq == after.seq, "answers rest on it");
        let after = configured;
        let process = domain::process::load(domain::process::ready_made()[0].toml).expect("a process");
        store.add_process(&process, Instant(1)).await.expect("a process");
        let added = store.mark().await.expect("a mark");
        assert!(added.config > after.config && added.seq == after.seq);
        store.add_process(&process, Instant(1)).await.expect("the same one");
        assert_eq!(store.mark().await.expect("a mark"), added, "nothing has changed");
        let text = domain::field::FieldType::Text;
        store.add_custom_field(&custom(Kind::Account, "colour", text), Instant(1)).await.expect("a field");
        assert!(store.mark().await.expect("a mark").config > added.config);
    })
    .await;
}

#[tokio::test]
async fn a_restore_brings_users_back_and_no_session() {
    for from in support::engines().await {
        for into in support::engines().await {
            if from.url == into.url {
                continue;
            }
            let source = from.open().await;
            let name_taken = source.has_users().await.expect("a look");
            let user = if name_taken { 1 } else { with_user(&source).await.0 };
            let mut writer = source.begin().await.expect("a writer");
            let hash = format!("s-{}", into.name);
            writer.add_session(session(user, &hash), Instant(10)).await.expect("a session");
            writer.add_token(token(user, &format!("t-{}", into.name)), Instant(10)).await.expect("a token");
            writer.commit().await.expect("the commit");
            let file = from.path(&format!("{}.db", into.name));
            source.backup(&file).await.expect("a backup");
            let before = into.open().await;
            let mark = before.mark().await.expect("a mark");
            before.close().await.expect("it closes");
            restore(&file, &into.url, 9).await.expect("a restore");
            let target = into.open().await;
            assert_eq!(target.users().await.expect("users"), source.users().await.expect("users"));
            assert_eq!(target.tokens(None).await.expect("tokens"), source.tokens(None).await.expect("tokens"));
            assert!(target.session(&hash, Instant(11)).await.expect("a read").is_none());
            assert!(source.session(&hash, Instant(11)).await.expect("a read").is_some());
            assert!(target.mark().await.expect("a mark").config > mark.config, "whoever follows looks again");
        }
    }
}

/// A database as the first released format left it, with a deal in its journal.
async fn of_format_1(fresh: &support::Fresh) {
    let id_type = if fresh.name == "SQLite" { "INTEGER" } else { "BIGINT" };
    if fresh.name == "SQLite" {
        // The file has to be there before a connection that makes none.
        std::fs::File::create(fresh.path("loudou.db")).expect("a file");
    }
    fresh.raw(&include_str!("../../src/migrations/0001.sql").replace("{id}", id_type)).await;
    fresh
        .raw(
            "CREATE TABLE schema_format (step BIGINT PRIMARY KEY);
             INSERT INTO schema_format (step) VALUES (1);
             INSERT INTO settings (key, value) VALUES ('database_id', 'd'), ('lineage_id', 'd');
             INSERT INTO journal (seq, kind, record, effective_at, known_at, recorded_at, source_seq, actor, op, hot_set)
               VALUES (1, 5, 1, 10, 10, 10, 0, 0, 0, 0);
             INSERT INTO teams (id, version) VALUES (1, 1);
             UPDATE journal_head SET seq = 1, record = 1",
        )
        .await;
}

#[tokio::test]
async fn a_database_of_the_first_format_is_brought_up_to_date_and_keeps_its_journal() {
    on_both(|fresh| async move {
        of_format_1(&fresh).await;
        let store = fresh.open().await;
        assert_eq!(store.mark().await.expect("a mark"), Mark { seq: 1, config: 0 });
        assert_eq!(store.database_id().await.expect("an id"), "d");
        support::is_consistent(&store).await;
        assert!(!store.has_users().await.expect("a look"));
        let (user, person, _) = with_user(&store).await;
        assert_eq!((user, person), (1, 2), "records go on where they were");
        store.close().await.expect("it closes");
        let again = fresh.open().await;
        assert!(again.has_users().await.expect("a look"));
        support::is_consistent(&again).await;
    })
    .await;
}

#[tokio::test]
async fn a_backup_of_the_first_format_restores() {
    let old = support::sqlite();
    of_format_1(&old).await;
    on_both(|fresh| {
        let file = old.path("loudou.db");
        async move {
            restore(&file, &fresh.url, 3).await.expect("a restore");
            let store = fresh.open().await;
            assert_eq!(store.mark().await.expect("a mark").seq, 1);
            support::is_consistent(&store).await;
        }
    })
    .await;
}
