//! Merging everything from a score on, as a job and by itself: told first, all or nothing, and taken back together.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::duplicates::{DuplicatesAsk, MergeAllAsk, MergeAsk, MergedAll, Picked, Strategy};
use app::jobs::{Job, JobKind, JobState, Jobs};
use app::records::CustomersAsk;
use app::{Ask, Fault, Follow, Loudou, Organisation, Place, Step, Who};
use domain::people::{May, Role};
use domain::{Instant, Kind, RecordId, Scope};
use serde_json::{Value, json};
use tempfile::TempDir;

fn at(day: &str) -> Instant {
    Instant::from_datetime(format!("{day}T01:00:00Z").parse().expect("a time"))
}

/// Somebody who hears where work is, and wants it no longer after so many words.
struct Patience {
    words: AtomicUsize,
    limit: usize,
}

impl Patience {
    fn of(limit: usize) -> Self {
        Self { words: AtomicUsize::new(0), limit }
    }
}

impl Follow for Patience {
    fn tell(&self, step: Step) {
        if let Step::Through { done, total, .. } = step {
            assert!(done < total, "{done} of {total}");
        }
        self.words.fetch_add(1, Ordering::SeqCst);
    }

    fn is_cancelled(&self) -> bool {
        self.words.load(Ordering::SeqCst) >= self.limit
    }
}

struct Office {
    loudou: Loudou,
    jobs: Jobs,
    _dir: TempDir,
}

impl Office {
    /// Forty customers that came twice, one that came three times, and one that came once.
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
        let loudou = Loudou::init(&place, &Organisation::default(), at("2026-11-01")).await.expect("it is made");
        let office = Self { loudou, jobs: Jobs::new(Arc::new(|| at("2026-11-02"))), _dir: dir };
        for number in 0..40 {
            let phone = format!("138{:08}", 10_203_040 + number * 7);
            office.make(json!({"name": format!("华信{number:02}科技有限公司"), "phone": phone, "grade": "B"})).await;
            office.make(json!({"name": format!("华信{number:02}科技"), "phone": phone, "country": "CN"})).await;
        }
        for name in ["Acme Trading Ltd", "ACME Trading", "Acme Trading Inc.", "Zenith Foods"] {
            office.make(json!({"name": name})).await;
        }
        office
    }

    async fn make(&self, values: Value) -> RecordId {
        let values = values.as_object().expect("an object").clone();
        self.loudou.create_customer(&values).await.expect("it is made")
    }

    async fn customers(&self) -> Vec<(String, RecordId, Value)> {
        let ask = CustomersAsk { limit: 200, ..CustomersAsk::default() };
        let rows = self.loudou.customers(&ask).await.expect("a list").rows;
        let mut out = Vec::new();
        for row in rows {
            let page = self.loudou.customer(row.customer.id, &Ask::default()).await.expect("a page");
            let values: Vec<Value> = page.fields.into_iter().map(|field| field.value).collect();
            out.push((row.customer.name, row.customer.id, Value::Array(values)));
        }
        out.sort_by_key(|(_, id, _)| *id);
        out
    }

    async fn merge_all(&self, dry_run: bool, found: Option<&str>, follow: &Patience) -> app::Result<MergedAll> {
        self.loudou.merge_all(&all(dry_run, found), follow).await
    }

    async fn ended(&self, job: Job) -> Job {
        self.jobs.ended(self.loudou.who(), job.id).await.expect("it ends")
    }
}

fn all(dry_run: bool, found: Option<&str>) -> MergeAllAsk {
    let found = found.map(str::to_owned);
    MergeAllAsk { kind: Kind::Account, min_score: 0.8, strategy: Strategy::Survivor, dry_run, found }
}

const PATIENT: usize = usize::MAX;

#[tokio::test(flavor = "multi_thread")]
async fn all_is_told_first_merged_at_once_and_taken_back_together() {
    let office = Office::new().await;
    let before = office.customers().await;
    let told = office.merge_all(true, None, &Patience::of(PATIENT)).await.expect("it is told");
    assert_eq!((told.clusters, told.merged, told.left, told.merges), (41, 42, 42, None));
    assert_eq!(office.customers().await, before, "a dry run changes nothing");
    let others = office.merge_all(false, Some("41"), &Patience::of(PATIENT)).await.expect_err("others would go");
    assert_eq!((others.fault, office.customers().await), (Fault::Conflict, before.clone()));

    let done = office.merge_all(false, Some(&told.found), &Patience::of(PATIENT)).await.expect("they are merged");
    let (batch, _) = done.merges.expect("merges");
    assert_eq!((done.clusters, done.merged, done.left, office.customers().await.len()), (41, 42, 42, 42));
    let seen = office.loudou.merge_batches(None, 10).await.expect("a list");
    assert_eq!(seen.iter().map(|batch| (batch.id, batch.merges, batch.undone)).collect::<Vec<_>>(), [(batch, 42, 0)]);
    assert!(office.loudou.merges(None, 100).await.expect("merges").iter().all(|merge| merge.batch == batch));

    let back = office.loudou.undo_merges(batch, &Patience::of(PATIENT)).await.expect("all come back");
    assert_eq!((back.back, back.edited), (42, 0));
    assert_eq!(office.customers().await, before, "names, aliases and gifts are as they were");
    let again = office.loudou.undo_merges(batch, &Patience::of(PATIENT)).await.expect_err("they are back");
    assert_eq!(again.fault, Fault::Conflict);
    let unheard = office.loudou.undo_merges(987_654, &Patience::of(PATIENT)).await.expect_err("there is none");
    assert_eq!(unheard.fault, Fault::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stopped_at_any_step_leaves_nothing() {
    let office = Office::new().await;
    let before = office.customers().await;
    let mut limit = 0;
    let batch = loop {
        match office.merge_all(false, None, &Patience::of(limit)).await {
            Ok(done) => break done.merges.expect("merges").0,
            Err(error) => assert_eq!(error.fault, Fault::Conflict, "{error:?}"),
        }
        assert_eq!(office.customers().await, before, "stopped after {limit} words");
        limit += 1;
    };
    assert!(limit > 3, "it was stopped {limit} times");
    let merged = office.customers().await;
    let mut limit = 0;
    while let Err(error) = office.loudou.undo_merges(batch, &Patience::of(limit)).await {
        assert_eq!((error.fault, office.customers().await), (Fault::Conflict, merged.clone()), "after {limit} words");
        limit += 1;
    }
    assert!(limit > 2, "it was stopped {limit} times");
    assert_eq!(office.customers().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_refused_where_a_later_merge_stands_against_it_and_keeps_what_people_changed() {
    let office = Office::new().await;
    let before = office.customers().await;
    let done = office.merge_all(false, None, &Patience::of(PATIENT)).await.expect("they are merged");
    let (batch, _) = done.merges.expect("merges");
    let standing = office.customers().await;
    let id = |name: &str| standing.iter().find(|(known, ..)| known.contains(name)).expect("a customer").1;
    let (foods, trading) = (id("Zenith"), id("Trading"));
    let picked = |id: RecordId| Picked { id, version: None };
    let further = MergeAsk {
        kind: Kind::Account,
        survivor: picked(foods),
        merged: vec![picked(trading)],
        strategy: Strategy::Survivor,
        fields: std::collections::BTreeMap::new(),
    };
    let later = office.loudou.merge(&further).await.expect("merged further").merges[0];
    let merged = office.customers().await;
    let refused = office.loudou.undo_merges(batch, &Patience::of(PATIENT)).await.expect_err("it went further");
    assert_eq!((refused.fault, office.customers().await), (Fault::Conflict, merged), "{refused:?}");
    assert!(format!("{refused:?}").contains(&format!("take back the later merge {later} first")), "{refused:?}");

    office.loudou.undo_merge(later).await.expect("it comes back");
    // One by itself before the rest; and one of those that stay is changed by somebody.
    let single = office.loudou.merges(None, 100).await.expect("merges");
    let single = single.iter().find(|merge| merge.batch == batch && merge.undone_at.is_none()).expect("one").id;
    office.loudou.undo_merge(single).await.expect("it comes back by itself");
    let kept = office.loudou.merges(None, 100).await.expect("merges");
    let kept = kept.iter().find(|merge| merge.undone_at.is_none()).expect("one that stands").into.0;
    let who = Who { name: "ann".to_owned(), actor: 9, ..Who::system() };
    let ann = office.loudou.session(Arc::new(who), at("2026-11-03")).await.expect("a session");
    let version = ann.customer(kept, &Ask::default()).await.expect("a page").version;
    let values = json!({"grade": "A"}).as_object().expect("an object").clone();
    ann.edit_customer(kept, version, &values).await.expect("it is changed");
    let back = office.loudou.undo_merges(batch, &Patience::of(PATIENT)).await.expect("the others come back");
    assert_eq!((back.back, back.edited), (41, 1));
    let after = office.customers().await;
    let differs: Vec<RecordId> =
        after.iter().zip(&before).filter(|(one, other)| one != other).map(|(one, _)| one.1).collect();
    assert_eq!((after.len(), differs), (before.len(), vec![kept]), "all are back, and the change stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_is_a_job_whose_find_answers_at_once() {
    let office = Office::new().await;
    let look = async |score: f64| office.jobs.look_for_duplicates(&office.loudou, Kind::Account, score).await;
    let job = look(0.8).await.expect("it begins").expect("nothing was found before");
    let ended = office.ended(job).await;
    let result = ended.result.expect("a result");
    assert_eq!((ended.state, ended.kind), (JobState::Done, JobKind::Duplicates));
    assert_eq!(
        (&result["clusters"], &result["superfluous"], &result["compared"]),
        (&json!(41), &json!(42), &json!(84))
    );
    assert_eq!(look(0.8).await.expect("it is known"), None, "what was found is remembered");
    let found =
        office.loudou.duplicates(&DuplicatesAsk { kind: Kind::Account, min_score: 0.8, limit: 3, skip: 40 }).await;
    assert_eq!(found.expect("a page").page.len(), 1);
    assert_eq!(look(7.0).await.expect_err("no score").fault, Fault::Input);
    assert!(look(0.9).await.expect("it begins").is_some(), "another score is another question");
    office.make(json!({"name": "Borealis"})).await;
    assert!(look(0.8).await.expect("it begins").is_some(), "the data has changed");

    let dry = office.jobs.merge_all(&office.loudou, all(true, None)).await.expect("it begins");
    let dry = office.ended(dry).await.result.expect("a result");
    assert_eq!((&dry["merged"], &dry["left"], &dry["batch"]), (&json!(42), &json!(43), &Value::Null));
    let found = dry["found"].as_str().expect("a mark");
    let done = office.jobs.merge_all(&office.loudou, all(false, Some(found))).await.expect("it begins");
    let done = office.ended(done).await.result.expect("a result");
    let batch = done["batch"].as_i64().expect("a batch");
    assert_eq!(office.customers().await.len(), 43);
    let stale = office.jobs.merge_all(&office.loudou, all(false, Some(found))).await.expect("it begins");
    let stale = office.ended(stale).await;
    assert_eq!((stale.state, stale.problem.map(|problem| problem.fault)), (JobState::Failed, Some(Fault::Conflict)));
    let undone = office.ended(office.jobs.undo_merges(&office.loudou, batch).expect("it begins")).await;
    assert_eq!((undone.state, &undone.result.expect("a result")["back"]), (JobState::Done, &json!(42)));
    assert_eq!(office.customers().await.len(), 85);
}

#[tokio::test(flavor = "multi_thread")]
async fn others_of_the_same_number_are_not_merged_in_their_place() {
    let office = Office::new().await;
    let told = office.merge_all(true, None, &Patience::of(PATIENT)).await.expect("it is told");
    // One group is said to be two, another comes.
    let ask = DuplicatesAsk { kind: Kind::Account, min_score: 0.8, limit: 100, skip: 0 };
    let found = office.loudou.duplicates(&ask).await.expect("they are found").page;
    let pair = found.iter().find(|cluster| cluster.records.len() == 2).expect("a group of two");
    let ids: Vec<_> = pair.records.iter().map(|record| record.id).collect();
    office.loudou.keep_apart(Kind::Account, &ids).await.expect("it is kept");
    office.make(json!({"name": "Borealis Pumps GmbH"})).await;
    office.make(json!({"name": "Borealis Pumps"})).await;
    let again = office.merge_all(true, None, &Patience::of(PATIENT)).await.expect("it is told");
    assert_eq!((again.clusters, again.merged), (told.clusters, told.merged));
    let before = office.customers().await;
    let refused =
        office.merge_all(false, Some(&told.found), &Patience::of(PATIENT)).await.expect_err("others would go");
    assert_eq!((refused.fault, office.customers().await), (Fault::Conflict, before));
    office.merge_all(false, Some(&again.found), &Patience::of(PATIENT)).await.expect("they are merged");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_merge_begins_no_job_and_hears_of_none() {
    let office = Office::new().await;
    let job = office.jobs.look_for_duplicates(&office.loudou, Kind::Account, 0.8).await.expect("it begins");
    let job = office.ended(job.expect("a job")).await.id;
    for (role, scope) in [(Role::Operations, Scope::Person(9)), (Role::Manager, Scope::All), (Role::Rep, Scope::All)] {
        let may: BTreeSet<May> = role.may().iter().copied().collect();
        let who = Who { name: "somebody".to_owned(), actor: 9, roles: BTreeSet::from([role]), may, scope };
        let loudou = office.loudou.session(Arc::new(who), at("2026-11-02")).await.expect("a session");
        let refused = [
            office.jobs.look_for_duplicates(&loudou, Kind::Account, 0.8).await.err(),
            office.jobs.merge_all(&loudou, all(true, None)).await.err(),
            office.jobs.undo_merges(&loudou, 1).err(),
            loudou.merge_batches(None, 5).await.err(),
            loudou.merge_all(&all(true, None), &Patience::of(PATIENT)).await.err(),
            loudou.undo_merges(1, &Patience::of(PATIENT)).await.err(),
        ];
        for (at, error) in refused.into_iter().enumerate() {
            assert_eq!(error.map(|error| error.fault), Some(Fault::NotAllowed), "{role:?} {at}");
        }
        assert_eq!(office.jobs.find(loudou.who(), job).expect_err("not theirs").fault, Fault::NotFound);
        assert!(office.jobs.list(loudou.who()).expect("a list").is_empty());
    }
}
