//! Databases for tests: an embedded one always, a schema of a PostgreSQL server where one is named.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use domain::field::{FieldId, FieldType, Value, ids};
use domain::journal::{Cut, Entry, Facts, Op, fold};
use domain::words::Text2;
use domain::{Calendar, CustomField, Instant, Kind, Outcome, RecordId, StageId};
use sea_orm::{ConnectionTrait, Database};
use store::{Draft, Import, ImportState, Record, Store};
use tempfile::TempDir;

/// A database that nobody else uses.
pub(crate) struct Fresh {
    pub(crate) name: &'static str,
    pub(crate) url: String,
    folder: TempDir,
}

impl Fresh {
    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.url, 7).await.expect("the database opens")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a statement past the store.
    pub(crate) async fn raw(&self, sql: &str) {
        let url = self.url.replace("sqlite:///", "sqlite:/");
        let database = Database::connect(url).await.expect("a connection");
        database.execute_unprepared(sql).await.expect("the statement runs");
        database.close().await.expect("the connection closes");
    }
}

pub(crate) fn sqlite() -> Fresh {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("loudou.db").display());
    Fresh { name: "SQLite", url, folder }
}

/// A schema of the server that `LOUDOU_TEST_POSTGRES` names; none where it names none, unless one is required.
#[allow(clippy::disallowed_methods, reason = "the server is named by whoever runs the tests")]
pub(crate) async fn postgres() -> Option<Fresh> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("LOUDOU_TEST_POSTGRES") else {
        let required = std::env::var("LOUDOU_TEST_POSTGRES_REQUIRED").is_ok_and(|value| value == "1");
        assert!(!required, "LOUDOU_TEST_POSTGRES must name a PostgreSQL server");
        return None;
    };
    let schema = format!("t{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let database = Database::connect(&server).await.expect("the PostgreSQL server answers");
    for sql in [format!("DROP SCHEMA IF EXISTS {schema} CASCADE"), format!("CREATE SCHEMA {schema}")] {
        database.execute_unprepared(&sql).await.expect("a schema");
    }
    database.close().await.expect("the connection closes");
    let joint = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{joint}options[search_path]={schema}");
    Some(Fresh { name: "PostgreSQL", url, folder: tempfile::tempdir().expect("a folder") })
}

/// A database of each engine there is.
pub(crate) async fn engines() -> Vec<Fresh> {
    let mut out = vec![sqlite()];
    out.extend(postgres().await);
    out
}

/// Runs a case on each engine.
pub(crate) async fn on_both<F: Future<Output = ()>>(case: impl Fn(Fresh) -> F) {
    for fresh in engines().await {
        println!("on {}", fresh.name);
        case(fresh).await;
    }
}

pub(crate) fn assert_facts(kind: Kind, record: RecordId, at: i64, facts: Facts) -> Draft {
    Draft {
        kind,
        record,
        effective_at: Instant(at),
        known_at: Instant(at),
        source_seq: 0,
        import: None,
        actor: 1,
        op: Op::Assert(facts),
    }
}

pub(crate) fn text(value: &str) -> Value {
    Value::Text(value.into())
}

/// Appends in a transaction of its own.
pub(crate) async fn write(store: &Store, drafts: Vec<Draft>, now: i64) -> std::ops::Range<i64> {
    let mut writer = store.begin().await.expect("a writer");
    let range = writer.append(drafts, Instant(now)).await.expect("the entries fit");
    let head = writer.commit().await.expect("the commit");
    assert_eq!(head + 1, range.end);
    range
}

/// Everything in the journal.
pub(crate) async fn journal(store: &Store) -> Vec<Entry> {
    store.tail(0, u32::MAX).await.expect("the journal")
}

/// A row of a current table, worked out the slow way from the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    kind: Kind,
    version: i64,
    hot: domain::journal::Hot,
    rest: Vec<(FieldId, Value)>,
    created_on: Option<domain::Day>,
    closed_on: Option<domain::Day>,
}

/// What the current tables must hold, by record.
pub(crate) fn replay(entries: &[Entry], calendar: &Calendar) -> BTreeMap<RecordId, Expected> {
    let mut withdrawn = domain::journal::Withdrawn::default();
    entries.iter().for_each(|entry| withdrawn.note(entry));
    let mut by_record: BTreeMap<RecordId, Vec<Entry>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.record != 0) {
        by_record.entry(entry.record).or_default().push(entry.clone());
    }
    let into: BTreeMap<RecordId, RecordId> = by_record
        .iter()
        .filter_map(|(record, own)| Some((*record, fold(own, &withdrawn, Cut::Everything).merged_into?)))
        .collect();
    by_record
        .into_iter()
        .filter_map(|(record, own)| {
            let timeline = fold(&own, &withdrawn, Cut::Everything);
            let last = timeline.current()?;
            let is_deal = own[0].kind == Kind::Opportunity;
            let day = |at| Some(calendar.day(at)).filter(|_| is_deal);
            // The last run of states with the present outcome, found from its end.
            let run = timeline.states.iter().rev().take_while(|state| state.hot.outcome == last.hot.outcome);
            let closed = run.last().filter(|_| last.hot.outcome.is_closed());
            let own_change = own.iter().map(|entry| entry.seq).max()?;
            let undone = entries
                .iter()
                .filter(|undo| match undo.op {
                    Op::RetractImport { import } => {
                        own.iter().any(|entry| entry.import == Some(import) && entry.seq < undo.seq)
                    }
                    _ => false,
                })
                .map(|undo| undo.seq)
                .max();
            let expected = Expected {
                kind: own[0].kind,
                version: own_change.max(undone.unwrap_or(0)),
                hot: last.hot,
                rest: led(record, &timeline.rest, &into),
                created_on: day(timeline.states[0].effective_at),
                closed_on: closed.and_then(|state| day(state.effective_at)),
            };
            Some((record, expected))
        })
        .collect()
}

/// The values with survivors in the place of merged records; what would refer to itself is nothing.
fn led(
    record: RecordId,
    rest: &BTreeMap<FieldId, Value>,
    into: &BTreeMap<RecordId, RecordId>,
) -> Vec<(FieldId, Value)> {
    let refers = |field: FieldId| {
        let def = domain::field::builtin(field);
        // Of the organisation's own fields every reference leads.
        field != ids::DEAL_LINE_OPPORTUNITY && def.is_none_or(|def| matches!(def.ty, FieldType::Ref(_)))
    };
    let mut out = Vec::new();
    for (field, value) in rest {
        let mut value = value.clone();
        while let Value::Ref(id) = value
            && refers(*field)
            && let Some(next) = into.get(&id)
        {
            value = if *next == record && !into.contains_key(next) { Value::Null } else { Value::Ref(*next) };
        }
        if value != Value::Null {
            out.push((*field, value));
        }
    }
    out
}

/// What the current tables hold, by record.
pub(crate) async fn current(store: &Store) -> BTreeMap<RecordId, Expected> {
    let mut out = BTreeMap::new();
    for kind in Kind::ALL {
        for record in store.all_records(kind).await.expect("the records") {
            out.insert(record.id, seen(&record));
        }
    }
    out
}

fn seen(record: &Record) -> Expected {
    Expected {
        kind: record.kind,
        version: record.version,
        hot: record.hot,
        rest: record.rest.clone(),
        created_on: record.created_on,
        closed_on: record.closed_on,
    }
}

pub(crate) fn ledger(file: &Path) -> PathBuf {
    PathBuf::from(format!("{}.erasures", file.display()))
}

pub(crate) fn deal(stage: u32, amount_minor: i64) -> Facts {
    Facts::default().stage(StageId(stage)).outcome(Outcome::Open).amount_minor(Some(amount_minor))
}

/// A custom field, to be added.
pub(crate) fn custom(kind: Kind, name: &str, ty: FieldType) -> CustomField {
    CustomField {
        id: FieldId(0),
        kind,
        name: name.to_owned(),
        ty,
        label: Text2::new("名称", name),
        choices: Vec::new(),
        required: false,
        dimension: false,
        retired: false,
    }
}

pub(crate) fn import(id: i64) -> Import {
    Import {
        id,
        profile: "plain".into(),
        source: "crm".into(),
        started_at: Instant(1),
        finished_at: Instant(2),
        actor: 1,
        files: vec!["deals.csv".into()],
        counts: serde_json::json!({"rows": 3}),
        state: ImportState::Done,
    }
}

pub(crate) fn of_import(mut draft: Draft, import: i64) -> Draft {
    (draft.import, draft.actor) = (Some(import), 0);
    draft
}

/// Writes an import in one transaction and returns its id.
pub(crate) async fn run_import(store: &Store, drafts: Vec<Draft>, now: i64) -> i64 {
    let mut writer = store.begin().await.expect("a writer");
    let id = writer.new_import_id();
    let drafts = drafts.into_iter().map(|draft| of_import(draft, id)).collect();
    writer.append(drafts, Instant(now)).await.expect("the entries fit");
    writer.record_import(&import(id)).await.expect("the import is recorded");
    writer.commit().await.expect("the commit");
    id
}

pub(crate) async fn allocate(store: &Store, count: usize) -> i64 {
    let mut writer = store.begin().await.expect("a writer");
    let first = writer.allocate(count);
    writer.commit().await.expect("the commit");
    first
}

pub(crate) async fn is_consistent(store: &Store) {
    let entries = journal(store).await;
    assert!(entries.iter().map(|entry| entry.seq).eq(1..=entries.len() as i64), "the sequence has no gaps");
    let calendar = store.calendar().await.expect("a calendar");
    assert_eq!(current(store).await, replay(&entries, &calendar), "the tables are the fold");
    assert!(store.check().await.expect("a check").is_sound());
}
