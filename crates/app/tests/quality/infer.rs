//! Industries inferred, written, confirmed and rejected; as jobs that tell where they are and can be stopped.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::jobs::{JobState, Jobs};
use app::{Fault, Follow, Loudou, Step, Who};
use domain::field::{Value, ids};
use domain::journal::Facts;
use domain::people::{May, Role};
use domain::{Kind, RecordId, Scope};
use serde_json::json;

use super::house::{House, at, text};

/// Somebody who wants the work no longer after so many words.
struct Patience(AtomicUsize, usize);

/// Somebody who waits however long it takes.
static EVER: Patience = Patience(AtomicUsize::new(0), usize::MAX);

impl Follow for Patience {
    fn tell(&self, _: Step) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst) >= self.1
    }
}

const PLACES: [&str; 7] = ["上海", "北京", "广州", "成都", "武汉", "西安", "苏州"];
const KINDS: [&str; 3] = ["仪器", "医院", "钢铁"];

/// A company with customers of three industries, and some of none.
async fn town(house: &House, known: usize) -> (Vec<RecordId>, Vec<RecordId>) {
    let mut industries = Vec::new();
    for kind in KINDS {
        let facts = Facts::default().with(ids::INDUSTRY_NAME, text(kind));
        industries.push(house.tell(Kind::Industry, None, facts, "2026-01-05T02:00:00Z").await);
    }
    let name = |at: usize| format!("{}{}{}有限公司", PLACES[at % 7], PLACES[(at / 3) % 7], KINDS[at % 3]);
    for at in 0..known {
        let facts = Facts::default()
            .with(ids::ACCOUNT_NAME, text(&name(at)))
            .with(ids::ACCOUNT_INDUSTRY, Value::Ref(industries[at % 3]));
        house.tell(Kind::Account, None, facts, "2026-01-05T02:00:00Z").await;
    }
    let mut open = Vec::new();
    // Named as others of their industry are; and one of whom nothing is known.
    for called in [name(known + 1), name(known + 2), "Unheard Of Ltd".to_owned()] {
        let facts = Facts::default().with(ids::ACCOUNT_NAME, text(&called));
        open.push(house.tell(Kind::Account, None, facts, "2026-01-05T02:00:00Z").await);
    }
    (industries, open)
}

async fn industry(house: &House, account: RecordId) -> [Option<i64>; 3] {
    let record = house.store.records(Kind::Account, &[account]).await.expect("it is read").remove(0);
    [ids::ACCOUNT_INDUSTRY, ids::ACCOUNT_INDUSTRY_INFERRED, ids::ACCOUNT_INDUSTRY_CONFIDENCE]
        .map(|field| record.int(field))
}

async fn proposals(loudou: &Loudou) -> Vec<(RecordId, RecordId, bool)> {
    let list = loudou.inferred(0.9).await.expect("it answers");
    let mut rows: Vec<_> = list.rows.iter().map(|row| (row.account.id, row.industry.id, row.written)).collect();
    rows.sort_unstable();
    assert_eq!(list.proposals, rows.len() as u64);
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn too_little_is_said_and_nothing_written() {
    let house = House::new().await;
    town(&house, 30).await;
    let list = house.loudou.inferred(0.9).await.expect("it answers");
    assert!(list.rows.is_empty() && list.state.tested.is_none());
    let why = list.state.too_little.expect("a reason");
    assert!(why.en.contains("30 customers") && why.zh.is_some_and(|zh| zh.contains("30 个")));
    assert!(house.loudou.apply_inferred(0.9, &EVER).await.is_err());
    assert!(house.loudou.inferred(0.2).await.is_err(), "a share that is none");
}

/// What is learnt is learnt from all; how many the customers of others are is told to nobody.
#[tokio::test(flavor = "multi_thread")]
async fn customers_out_of_sight_are_not_counted_to_anybody() {
    for (examples, is_enough) in [(30, false), (90, true)] {
        let house = House::new().await;
        let ann = house.person("Ann").await;
        house.account("Acme", ann).await;
        town(&house, examples).await;
        let whole = house.loudou.inferred(0.9).await.expect("it answers").state;
        assert_eq!((whole.known, whole.tested.is_some()), (examples as u64, is_enough));
        let state = house.seller(ann).await.inferred(0.9).await.expect("it answers").state;
        assert_eq!((state.known, state.unknown, state.tested, state.bounds), (0, 1, None, None));
        assert_eq!(state.too_little.is_none(), is_enough);
        let told = state.too_little.map(|why| why.en + why.zh.as_deref().unwrap_or_default()).unwrap_or_default();
        assert!(!told.contains(|it: char| it.is_ascii_digit()), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_inferred_is_marked_until_somebody_says_so() {
    let house = House::new().await;
    let (industries, open) = town(&house, 90).await;
    let expected = |written| vec![(open[0], industries[1], written), (open[1], industries[2], written)];
    assert_eq!(proposals(&house.loudou).await, expected(false));
    let list = house.loudou.inferred(0.9).await.expect("it answers");
    let (asked, answered, right) = list.state.tested.expect("it was tested");
    assert!(asked == 90 && right <= answered && answered <= asked);
    assert!(right as f64 >= 0.9 * answered as f64, "{right} of {answered}");
    assert_eq!(industry(&house, open[0]).await, [None; 3], "nothing is written unless asked for");

    assert_eq!(house.loudou.apply_inferred(0.9, &EVER).await.expect("it is written"), 2);
    assert_eq!(house.loudou.apply_inferred(0.9, &EVER).await.expect("it is written"), 0, "again changes nothing");
    assert_eq!(proposals(&house.loudou).await, expected(true));
    let [told, inferred, confidence] = industry(&house, open[0]).await;
    assert_eq!((told, inferred), (None, Some(industries[1])));
    assert!(confidence.is_some_and(|ppm| ppm > 0 && ppm <= 1_000_000));

    let version =
        async |account| house.loudou.customer(account, &app::Ask::default()).await.expect("it is there").version;
    let confirmed = version(open[0]).await;
    assert!(house.loudou.decide_inferred(open[0], confirmed - 1, industries[1], true).await.is_err(), "an old version");
    house.loudou.decide_inferred(open[0], confirmed, industries[1], true).await.expect("it is confirmed");
    assert_eq!(industry(&house, open[0]).await, [Some(industries[1]), None, None]);
    house.loudou.decide_inferred(open[1], version(open[1]).await, industries[2], false).await.expect("it is rejected");
    assert_eq!(proposals(&house.loudou).await, [], "what was rejected is proposed no more");
    assert_eq!(house.loudou.apply_inferred(0.9, &EVER).await.expect("it is written"), 0);

    // Somebody tells it by hand: the mark is gone.
    let values = json!({"industry": industries[0]}).as_object().cloned().expect("an object");
    house.loudou.edit_customer(open[1], version(open[1]).await, &values).await.expect("it is told");
    assert_eq!(industry(&house, open[1]).await, [Some(industries[0]), None, None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn writing_that_is_stopped_at_any_step_leaves_nothing() {
    let house = House::new().await;
    let (industries, open) = town(&house, 90).await;
    let mut limit = 0;
    while let Err(error) = house.loudou.apply_inferred(0.9, &Patience(AtomicUsize::new(0), limit)).await {
        assert_eq!((error.fault, industry(&house, open[0]).await), (Fault::Conflict, [None; 3]), "after {limit} words");
        limit += 1;
    }
    assert!(limit > 3, "it was stopped {limit} times");
    assert_eq!(industry(&house, open[0]).await[1], Some(industries[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn inferring_is_a_job_of_whoever_may_and_over_what_they_see() {
    let house = House::new().await;
    let (_, open) = town(&house, 90).await;
    let now = at("2026-11-24T02:00:00Z");
    let jobs = Jobs::new(Arc::new(move || now));
    let session = async |name: &str, role: Role, scope: Scope| {
        let may: BTreeSet<May> = role.may().iter().copied().collect();
        let who = Who { name: name.to_owned(), actor: 9, roles: BTreeSet::from([role]), may, scope };
        house.loudou.session(Arc::new(who), now).await.expect("a session")
    };
    let ended = async |loudou: &Loudou, id: i64| jobs.ended(loudou.who(), id).await.expect("it ends");
    let boss = session("boss", Role::Executive, Scope::All).await;
    let job = jobs.infer(&boss, 0.9).await.expect("it begins").expect("a job").id;
    let found = ended(&boss, job).await;
    assert_eq!((found.state, &found.result.expect("a result")["proposals"]), (JobState::Done, &json!(2)));
    assert_eq!(jobs.infer(&boss, 0.9).await.expect("it is known"), None, "what was inferred is remembered");
    assert_eq!(jobs.apply_inferred(&boss, 0.9).expect_err("it changes customers").fault, Fault::NotAllowed);

    // Somebody who sees nobody's customers: not what the other was told, nor that they asked.
    let ann = session("ann", Role::Rep, Scope::Person(9)).await;
    assert_eq!(jobs.find(ann.who(), job).expect_err("not theirs").fault, Fault::NotFound);
    let own = jobs.infer(&ann, 0.9).await.expect("it begins").expect("what the other saw is not hers").id;
    assert_eq!(ended(&ann, own).await.result.expect("a result")["proposals"], json!(0));
    let own = jobs.apply_inferred(&ann, 0.9).expect("it begins").id;
    assert_eq!(ended(&ann, own).await.result.expect("a result")["customers"], json!(0));
    assert_eq!(industry(&house, open[0]).await, [None; 3]);
    let root = session("root", Role::Administrator, Scope::All).await;
    assert_eq!(jobs.infer(&root, 0.9).await.expect_err("no analyst").fault, Fault::NotAllowed);
}
