//! Whom a scope names.

use app::{AppError, Ask, Loudou, Organisation, Place};
use domain::field::{Value, ids};
use domain::journal::{Facts, Op, SYSTEM_ACTOR};
use domain::{Instant, Kind, RecordId};
use store::{Draft, Store};

fn now() -> Instant {
    Instant::from_datetime("2026-11-23T01:00:00Z".parse().expect("a time"))
}

/// Records of names, some below another.
async fn organisation(records: &[(Kind, &str, Option<RecordId>)]) -> (Loudou, RecordId, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a folder");
    let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
    let loudou = Loudou::init(&place, &Organisation::default(), now()).await.expect("it is made");
    let store = Store::open(&place.url().expect("a path"), 1).await.expect("it opens");
    let mut writer = store.begin().await.expect("a writer");
    let first = writer.allocate(records.len());
    let draft = |(number, (kind, name, above)): (i64, &(Kind, &str, Option<RecordId>))| {
        let (of_name, of_above) = match kind {
            Kind::Team => (ids::TEAM_NAME, ids::TEAM_PARENT),
            _ => (ids::PERSON_NAME, ids::PERSON_TEAM),
        };
        let mut facts = Facts::default().with(of_name, Value::Text((*name).into()));
        if let Some(above) = above {
            facts.put(of_above, Value::Ref(first + above));
        }
        Draft {
            kind: *kind,
            record: first + number,
            effective_at: now(),
            known_at: now(),
            source_seq: 0,
            import: None,
            actor: SYSTEM_ACTOR,
            op: Op::Assert(facts),
        }
    };
    writer.append((0..).zip(records).map(draft).collect(), now()).await.expect("they fit");
    writer.commit().await.expect("they are written");
    (loudou, first, dir)
}

async fn told(loudou: &Loudou, scope: &str) -> Result<String, AppError> {
    let ask = Ask { scope: scope.to_owned(), ..Ask::default() };
    Ok(loudou.funnel(&ask).await?.terms.get("scope").expect("it is stated").to_string())
}

#[tokio::test]
async fn a_name_that_several_have_is_told_apart_by_its_id() {
    let (loudou, first, _dir) = organisation(&[
        (Kind::Team, "North", None),
        (Kind::Team, "East", Some(0)),
        (Kind::Team, "East", None),
        (Kind::Person, "Ann", Some(1)),
        (Kind::Person, "Ann", Some(0)),
    ])
    .await;
    for (scope, one, other) in [
        ("team:East", format!("team:#{} (in North)", first + 1), format!("team:#{} (in no team)", first + 2)),
        ("person:Ann", format!("person:#{} (in East)", first + 3), format!("person:#{} (in North)", first + 4)),
    ] {
        let error = told(&loudou, scope).await.expect_err("two have the name");
        let hint = error.hint.expect("what to do");
        assert!(hint.contains(&one) && hint.contains(&other), "{hint}");
    }
    told(&loudou, &format!("team:#{}", first + 1)).await.expect("an id names one");
    told(&loudou, "team:North").await.expect("one has the name");
}

#[tokio::test]
async fn a_slip_is_answered_with_near_names_only() {
    let (loudou, _, _dir) = organisation(&[(Kind::Team, "Northern", None), (Kind::Team, "Export", None)]).await;
    let hint = told(&loudou, "team:Nothern").await.expect_err("a slip").hint.expect("a name is near");
    assert!(hint.contains("Northern") && !hint.contains("Export"), "{hint}");
    assert_eq!(told(&loudou, "team:Zzz").await.expect_err("nobody").hint, None);
    assert!(told(&loudou, "team:#999999").await.is_err());
}
