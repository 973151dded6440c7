//! The warehouse over a real database: what is committed is seen, what was stopped goes on.

use domain::field::{Value, ids};
use domain::id::Kind;
use domain::journal::{Facts, Op};
use domain::process::{Process, load_ready_made};
use domain::words::Lang;
use domain::{Calendar, Currency, Day, Instant, Outcome, RecordId};
use journey::{Stock, WinRate};
use store::{Draft, Import, ImportState, Organisation, Rate, Store};
use tempfile::TempDir;
use warehouse::{Opened, Question, Settings, Stale, Warehouse};

const DAY: i64 = 86_400_000_000;

fn ready(key: &str) -> Process {
    let all = load_ready_made().expect("processes");
    all.into_iter().find(|process| process.key == key).expect("a process of this key")
}

struct House {
    dir: TempDir,
    store: Store,
    process: Process,
}

impl House {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite://{}", dir.path().join("loudou.db").display());
        let store = Store::open(&url, 7).await.expect("a store");
        let house = Organisation {
            name: "House".to_owned(),
            zone: chrono_tz::Asia::Shanghai,
            fiscal_start_month: 1,
            currency: Currency::CNY,
        };
        store.set_organisation(&house).await.expect("an organisation");
        let ready = ready("basic-five");
        let process = store.add_process(&ready, Instant(0)).await.expect("a process with ids");
        Self { dir, store, process }
    }

    async fn open(&self) -> (Warehouse, Opened) {
        let settings = Settings { threads: 2, ..Settings::default() };
        Warehouse::open_with(self.store.clone(), self.dir.path().join("warehouse"), settings).await.expect("opens")
    }

    /// Writes facts about deals; ids are given where a deal is to be changed.
    async fn write(&self, import: Option<i64>, facts: Vec<(Option<RecordId>, i64, Facts)>) -> Vec<RecordId> {
        let mut writer = self.store.begin().await.expect("a writer");
        let mut drafts = Vec::new();
        for (record, day, facts) in facts {
            let record = record.unwrap_or_else(|| writer.allocate(1));
            let at = Instant(day * DAY);
            drafts.push(Draft {
                kind: Kind::Opportunity,
                record,
                effective_at: at,
                known_at: at,
                source_seq: 0,
                import,
                actor: 0,
                op: Op::Assert(facts),
            });
        }
        let records = drafts.iter().map(|draft| draft.record).collect();
        writer.append(drafts, Instant(1000 * DAY)).await.expect("appended");
        writer.commit().await.expect("committed");
        records
    }

    fn open_deal(&self, amount: i64) -> Facts {
        Facts::default()
            .stage(self.process.stages[0].id)
            .outcome(Outcome::Open)
            .amount_minor(Some(amount))
            .currency(Some(Currency::CNY))
            .with(ids::OPPORTUNITY_PROCESS, Value::Int(i64::from(self.process.id.expect("an id").0)))
    }
}

async fn stock(warehouse: &Warehouse, day: i32) -> (i64, i128) {
    let reply = warehouse.ask(&Question::everything(Day(day)), &Stock::on(Day(day))).await.expect("an answer");
    let sum = |name: &str| reply.batch.column_by_name(name).expect("a column").clone();
    let deals = arrow::compute::sum(arrow::array::AsArray::as_primitive::<arrow::datatypes::Int64Type>(&sum("deals")));
    let amount = sum("amount_minor");
    let amount = arrow::array::AsArray::as_primitive::<arrow::datatypes::Decimal128Type>(&amount).values().iter().sum();
    (deals.unwrap_or(0), amount)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_committed_write_is_seen_by_the_next_question() {
    let house = House::new().await;
    let (warehouse, opened) = house.open().await;
    assert!(matches!(opened, Opened::Rebuilt { why: Stale::Missing, entries: 0 }), "{opened}");
    assert_eq!(stock(&warehouse, 50).await, (0, 0));
    let deals = house.write(None, vec![(None, 10, house.open_deal(5)), (None, 20, house.open_deal(7))]).await;
    assert_eq!(warehouse.refresh().await.expect("refreshed"), house.store.head().await.expect("a head"));
    assert_eq!((stock(&warehouse, 15).await, stock(&warehouse, 50).await), ((1, 5), (2, 12)));
    house.write(None, vec![(Some(deals[0]), 30, Facts::default().amount_minor(Some(100)))]).await;
    warehouse.refresh().await.expect("refreshed");
    assert_eq!((stock(&warehouse, 25).await, stock(&warehouse, 50).await), ((2, 12), (2, 107)));
    assert_eq!(warehouse.first_day(), Some(Day(10)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_warehouse_stays_where_it_is_while_the_others_go_on() {
    let house = House::new().await;
    let (warehouse, _) = house.open().await;
    house.write(None, vec![(None, 10, house.open_deal(5))]).await;
    let seq = warehouse.refresh().await.expect("refreshed");
    let held = warehouse.held();
    house.write(None, vec![(None, 20, house.open_deal(7))]).await;
    assert_eq!(held.refresh().await.expect("nothing to do"), seq);
    assert_eq!((stock(&warehouse, 50).await, stock(&held, 50).await), ((1, 5), (1, 5)));
    assert!(warehouse.refresh().await.expect("refreshed") > seq);
    assert_eq!((stock(&warehouse, 50).await, stock(&held, 50).await), ((2, 12), (1, 5)));

    // Rates are no entry: two states end at the same one, and what was known at a day is another in each.
    let held = warehouse.held();
    let mut writer = house.store.begin().await.expect("a writer");
    let rate = Rate { from: Currency::EUR, day: Day(1), numerator: 7_000_000_000 };
    writer.set_rates(Currency::CNY, &[rate]).await.expect("rates");
    writer.commit().await.expect("the commit");
    warehouse.refresh().await.expect("refreshed");
    for (asked, expected) in [(&held, false), (&warehouse, true), (&held, false), (&warehouse, true)] {
        let known = asked.snapshot_known_at(Some(Day(2000))).await.expect("a state");
        let converts = known.rates.as_ref().is_some_and(|rates| rates.convert(100, Currency::EUR, Day(2)).is_ok());
        assert_eq!(converts, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undone_import_is_gone_and_was_known_before() {
    let house = House::new().await;
    let (warehouse, _) = house.open().await;
    house.write(None, vec![(None, 10, house.open_deal(5))]).await;
    let mut writer = house.store.begin().await.expect("a writer");
    let import = writer.new_import_id();
    let line = Import {
        id: import,
        profile: "p".to_owned(),
        source: "s".to_owned(),
        started_at: Instant(0),
        finished_at: Instant(0),
        actor: 0,
        files: Vec::new(),
        counts: serde_json::Value::Null,
        state: ImportState::Done,
    };
    writer.record_import(&line).await.expect("recorded");
    writer.commit().await.expect("committed");
    let imported = house.write(Some(import), vec![(None, 12, house.open_deal(7))]).await;
    let mut writer = house.store.begin().await.expect("a writer");
    let links = vec![("X-1".to_owned(), imported[0])];
    writer.link_external("s", Kind::Opportunity, links).await.expect("linked");
    writer.commit().await.expect("committed");
    warehouse.refresh().await.expect("refreshed");
    assert_eq!(stock(&warehouse, 50).await, (2, 12));
    let by_id = Question { filter: Some("external_id = 'X-1'".to_owned()), ..Question::everything(Day(50)) };
    let reply = warehouse.ask(&by_id, &Stock::on(Day(50))).await.expect("an answer");
    assert_eq!(reply.deals_seen, 1);

    let mut writer = house.store.begin().await.expect("a writer");
    writer.retract_import(import, 0, Instant(40 * DAY)).await.expect("undone");
    writer.commit().await.expect("committed");
    warehouse.refresh().await.expect("refreshed");
    assert_eq!(stock(&warehouse, 50).await, (1, 5));
    for (known_at, deals) in [(11, 1), (39, 2), (40, 1)] {
        let question = Question { known_at: Some(Day(known_at)), ..Question::everything(Day(50)) };
        let reply = warehouse.ask(&question, &Stock::on(Day(50))).await.expect("an answer");
        assert_eq!(reply.deals_seen, deals, "known at {known_at}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checkpoint_is_taken_up_and_dropped_where_it_does_not_fit() {
    let house = House::new().await;
    let (warehouse, _) = house.open().await;
    house.write(None, vec![(None, 10, house.open_deal(5))]).await;
    warehouse.refresh().await.expect("refreshed");
    warehouse.checkpoint().await.expect("written");
    drop(warehouse);
    house.write(None, vec![(None, 20, house.open_deal(7))]).await;
    let (warehouse, opened) = house.open().await;
    assert!(matches!(opened, Opened::Checkpoint { seq: 1 }), "{opened}");
    assert_eq!(stock(&warehouse, 50).await, (2, 12));

    // Another zone gives other business days, at once and at the next opening.
    let berlin = Organisation {
        name: "House".to_owned(),
        zone: chrono_tz::America::New_York,
        fiscal_start_month: 1,
        currency: Currency::CNY,
    };
    house.store.set_organisation(&berlin).await.expect("moved");
    warehouse.refresh().await.expect("refreshed");
    assert_eq!(warehouse.snapshot().calendar, Calendar::new(chrono_tz::America::New_York));
    assert_eq!(warehouse.first_day(), Some(Day(9)));
    let (_, opened) = house.open().await;
    assert!(matches!(opened, Opened::Rebuilt { why: Stale::Zone { .. }, .. }), "{opened}");

    let dir = house.dir.path().join("warehouse");
    for file in std::fs::read_dir(&dir).expect("a directory") {
        std::fs::write(file.expect("a file").path(), b"torn").expect("written");
    }
    let (warehouse, opened) = house.open().await;
    assert!(matches!(opened, Opened::Rebuilt { why: Stale::Damaged(_), entries: 2 }), "{opened}");
    assert_eq!(stock(&warehouse, 50).await, (2, 12));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_tallies_are_counted_in_one_scan() {
    let house = House::new().await;
    let won = Facts::default().outcome(Outcome::Won);
    let deals = house.write(None, vec![(None, 10, house.open_deal(5)), (None, 20, house.open_deal(7))]).await;
    house.write(None, vec![(Some(deals[1]), 30, won)]).await;
    let (warehouse, _) = house.open().await;
    let stock = Stock::on(Day(50));
    let rate = WinRate::between(Day(0), Day(50));
    let question = Question::everything(Day(50));
    let together = warehouse.count(&question, &(stock.clone(), rate.clone())).await.expect("an answer");
    assert_eq!(together.cells.0, warehouse.ask(&question, &stock).await.expect("an answer").cells);
    assert_eq!(together.cells.1, warehouse.ask(&question, &rate).await.expect("an answer").cells);
    assert_eq!(
        together.process.map(|process| process.name.get(Lang::En).to_owned()),
        Some(house.process.name.en.clone())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_changed_without_an_entry_is_there_after_a_refresh() {
    let house = House::new().await;
    let (warehouse, _) = house.open().await;
    let other = Store::open(&format!("sqlite://{}", house.dir.path().join("loudou.db").display()), 8).await;
    let other = other.expect("another process's store");
    let head = other.head().await.expect("the head");

    other.add_process(&ready("telesales"), Instant(0)).await.expect("a process with ids");
    warehouse.refresh().await.expect("a refresh");
    let question = Question { process: Some("telesales".to_owned()), ..Question::everything(Day(50)) };
    let reply = warehouse.ask(&question, &Stock::on(Day(50))).await.expect("an answer");
    assert_eq!(reply.process.map(|process| process.key).as_deref(), Some("telesales"));

    let mut writer = other.begin().await.expect("a writer");
    let rate = Rate { from: Currency::EUR, day: Day(1), numerator: 7_000_000_000 };
    writer.set_rates(Currency::CNY, &[rate]).await.expect("rates");
    writer.commit().await.expect("the commit");
    warehouse.refresh().await.expect("a refresh");
    let rates = warehouse.snapshot().rates.clone().expect("rates");
    assert_eq!(rates.convert(100, Currency::EUR, Day(2)), Ok(700));

    let mut organisation = other.organisation().await.expect("a read").expect("an organisation");
    organisation.zone = chrono_tz::UTC;
    other.set_organisation(&organisation).await.expect("it is set");
    warehouse.refresh().await.expect("a refresh");
    assert_eq!(warehouse.snapshot().calendar.zone, chrono_tz::UTC);
    assert_eq!(other.head().await.expect("the head"), head, "none of it is an entry");
}
