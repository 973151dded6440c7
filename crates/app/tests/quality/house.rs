//! A small company whose records are written as a test needs them.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::answer::{Answer, Cell};
use app::quality::{FixAsk, FixList, QualityAsk, QualityBy};
use app::{Ask, Loudou, Organisation, Place, Who};
use domain::field::{Value, ids};
use domain::journal::{Facts, Op, SYSTEM_ACTOR};
use domain::people::{May, Role};
use domain::process::Process;
use domain::quality::Of;
use domain::{Currency, Instant, Kind, Outcome, RecordId, Scope};
use store::{Draft, Store};
use tempfile::TempDir;

pub(crate) fn at(text: &str) -> Instant {
    Instant::from_datetime(text.parse().expect("a time"))
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

pub(crate) struct House {
    pub(crate) loudou: Loudou,
    pub(crate) store: Store,
    pub(crate) process: Process,
    _dir: TempDir,
}

impl House {
    /// A company on 24 November 2026 that sells by seven stages.
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
        let now = at("2026-11-24T02:00:00Z");
        let loudou = Loudou::init(&place, &Organisation::default(), now).await.expect("it is made");
        let process = app::process::read("b2b-seven").expect("it is ready-made");
        let process = loudou.add_process(&process).await.expect("it is added").0;
        let store = Store::open(&place.url().expect("a path"), 1).await.expect("it opens");
        Self { loudou, store, process, _dir: dir }
    }

    /// Writes what was told of a record, new or known, at a time.
    pub(crate) async fn tell(&self, kind: Kind, record: Option<RecordId>, facts: Facts, when: &str) -> RecordId {
        let mut writer = self.store.begin().await.expect("a writer");
        let record = record.unwrap_or_else(|| writer.allocate(1));
        let when = at(when);
        let draft = Draft {
            kind,
            record,
            effective_at: when,
            known_at: when,
            source_seq: 0,
            import: None,
            actor: SYSTEM_ACTOR,
            op: Op::Assert(facts),
        };
        writer.append(vec![draft], when).await.expect("it fits");
        writer.commit().await.expect("it is written");
        record
    }

    /// What is told of an open deal in a stage that lacks nothing by itself.
    pub(crate) fn deal(&self, name: &str, stage: &str, owner: RecordId, account: RecordId) -> Facts {
        Facts::default()
            .stage(self.process.stage(stage).expect("a stage").id)
            .outcome(Outcome::Open)
            .amount_minor(Some(1_000_000))
            .currency(Some(Currency::CNY))
            .owner(Some(owner))
            .expected_close_on(domain::Day::parse("2027-01-31"))
            .with(ids::OPPORTUNITY_NAME, text(name))
            .with(ids::OPPORTUNITY_PROCESS, Value::Int(i64::from(self.process.id.expect("an id").0)))
            .with(ids::OPPORTUNITY_ACCOUNT, Value::Ref(account))
    }

    pub(crate) async fn person(&self, name: &str) -> RecordId {
        self.tell(Kind::Person, None, Facts::default().with(ids::PERSON_NAME, text(name)), "2026-01-05T02:00:00Z").await
    }

    pub(crate) async fn account(&self, name: &str, keeper: RecordId) -> RecordId {
        let facts = Facts::default().with(ids::ACCOUNT_NAME, text(name)).with(ids::ACCOUNT_OWNER, Value::Ref(keeper));
        self.tell(Kind::Account, None, facts, "2026-01-05T02:00:00Z").await
    }

    /// The house as a seller sees it.
    pub(crate) async fn seller(&self, person: RecordId) -> Loudou {
        let may: BTreeSet<May> = Role::Rep.may().iter().copied().collect();
        let roles = BTreeSet::from([Role::Rep]);
        let who = Who { name: "seller".to_owned(), actor: person, roles, may, scope: Scope::Person(person) };
        self.loudou.session(Arc::new(who), at("2026-11-24T03:00:00Z")).await.expect("a session")
    }

    /// The rules that a record fails, by key, sorted.
    pub(crate) async fn fails(&self, of: Of, id: RecordId) -> Vec<String> {
        let (_, rules) = self.loudou.quality_of(of, id, None, None).await.expect("it is there");
        let mut keys: Vec<String> = rules.into_iter().map(|rule| rule.key).collect();
        keys.sort();
        keys
    }
}

pub(crate) async fn fixes(loudou: &Loudou, ask: FixAsk) -> FixList {
    loudou.quality_fixes(&FixAsk { limit: 1_000, ..ask }).await.expect("it lists")
}

pub(crate) async fn scores(loudou: &Loudou, common: &Ask, by: QualityBy) -> Answer {
    loudou.quality(&QualityAsk { common: common.clone(), of: None, by }).await.expect("it answers")
}

pub(crate) fn number(answer: &Answer, row: &[Cell], key: &str) -> Option<f64> {
    let at = answer.columns.iter().position(|column| column.key == key).unwrap_or_else(|| panic!("no column {key}"));
    match &row[at] {
        #[allow(clippy::cast_precision_loss, reason = "small counts")]
        Cell::Int(value) => Some(*value as f64),
        Cell::Float(value) => Some(*value),
        _ => None,
    }
}
