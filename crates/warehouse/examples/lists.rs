//! How long lists of deals take over a large warehouse: sorted, filtered, searched, paged, and the deals of a number.
//!
//! usage: lists FOLDER [DEALS]
//!
//! Makes a database of random deals (a million where no number is given) in the folder if there is none, opens the
//! warehouse, and prints the median milliseconds of each question over a few runs, first with nothing remembered and
//! then as a resident process asks it.

use std::error::Error;
use std::path::Path;
use std::time::Instant as Clock;

use domain::field::{Value, ids};
use domain::journal::{Facts, Op};
use domain::process::load_ready_made;
use domain::{Currency, Day, Instant, Kind, Outcome, RecordId};
use journey::{Line, Migration, PickLine, PickMoves, PickStock, Stock};
use store::{Draft, Store};
use warehouse::{AskError, DealsAsk, Only, Question, Settings, Sort, SortBy, Warehouse};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const RUNS: usize = 7;
const TODAY: Day = Day(20_781);
const CHUNK: i64 = 20_000;

#[expect(clippy::disallowed_methods, reason = "a benchmark is where time is measured")]
fn now() -> Clock {
    Clock::now()
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap_or(0) % sides
    }
}

fn text(text: String) -> Value {
    Value::Text(text.into())
}

fn draft(kind: Kind, record: RecordId, day: i64, facts: Facts) -> Draft {
    let at = Instant(day * 86_400_000_000 + 43_200_000_000);
    Draft { kind, record, effective_at: at, known_at: at, source_seq: 0, import: None, actor: 0, op: Op::Assert(facts) }
}

/// Teams, people, regions, products and customers; gives the id of the first.
async fn members(store: &Store) -> Result<RecordId> {
    let mut writer = store.begin().await?;
    let first = writer.allocate(30_000);
    let members = (0..30_000_i64).map(|at| {
        let (kind, facts) = match at {
            0..20 => (Kind::Team, Facts::default().with(ids::TEAM_NAME, text(format!("Team {at}")))),
            20..520 => {
                (Kind::Person, Facts::default().with(ids::PERSON_NAME, text(format!("Seller {}", at * 7919 % 500))))
            }
            520..540 => (Kind::Region, Facts::default().with(ids::REGION_NAME, text(format!("Region {at}")))),
            540..580 => (Kind::Product, Facts::default().with(ids::PRODUCT_NAME, text(format!("Product {at}")))),
            _ => (
                Kind::Account,
                Facts::default().with(ids::ACCOUNT_NAME, text(format!("Customer {} Ltd", at * 7907 % 29_420))),
            ),
        };
        draft(kind, first + at, 10_000, facts)
    });
    writer.append(members.collect(), Instant(0)).await?;
    writer.commit().await?;
    Ok(first)
}

async fn make(store: &Store, deals: i64) -> Result<()> {
    let ready = load_ready_made().map_err(|issues| format!("{issues:?}"))?;
    let process = ready.into_iter().find(|process| process.key == "b2b-seven").ok_or("there is no b2b-seven")?;
    let process = store.add_process(&process, Instant(0)).await?;
    let stages: Vec<_> = process.path().map(|stage| stage.id).take(5).collect();
    let id = i64::from(process.id.map_or(0, |id| id.0));
    let first = members(store).await?;
    let mut dice = Dice(42);
    let mut made = 0;
    while made < deals {
        let mut writer = store.begin().await?;
        let count = CHUNK.min(deals - made);
        let begin = writer.allocate(usize::try_from(count)?);
        let mut drafts = Vec::new();
        for record in begin..begin + count {
            let mut day = i64::from(TODAY.0) - 30 - dice.roll(1500);
            let seller = dice.roll(500);
            let facts = Facts::default()
                .stage(stages[0])
                .outcome(Outcome::Open)
                .amount_minor(Some(dice.roll(100_000_000)))
                .currency(Some(Currency::CNY))
                .owner(Some(first + 20 + seller))
                .team(Some(first + seller % 20))
                .expected_close_on(Some(Day(TODAY.0 + i32::try_from(dice.roll(300) - 150)?)))
                .with(ids::OPPORTUNITY_NAME, text(format!("Deal {} for line {}", dice.roll(1_000_000), dice.roll(900))))
                .with(ids::OPPORTUNITY_PROCESS, Value::Int(id))
                .with(ids::OPPORTUNITY_ACCOUNT, Value::Ref(first + 580 + dice.roll(29_420)))
                .with(ids::OPPORTUNITY_REGION, Value::Ref(first + 520 + dice.roll(20)))
                .with(ids::OPPORTUNITY_PRODUCT, Value::Ref(first + 540 + dice.roll(40)));
            drafts.push(draft(Kind::Opportunity, record, day, facts));
            for stage in &stages[1..] {
                if dice.roll(3) == 0 {
                    break;
                }
                day += 1 + dice.roll(20);
                drafts.push(draft(Kind::Opportunity, record, day, Facts::default().stage(*stage)));
            }
            if dice.roll(3) > 0 {
                let outcome =
                    [Outcome::Won, Outcome::Lost, Outcome::Lost, Outcome::Cancelled][usize::try_from(dice.roll(4))?];
                drafts.push(draft(Kind::Opportunity, record, day + 1, Facts::default().outcome(outcome)));
            }
        }
        writer.append(drafts, Instant(0)).await?;
        writer.commit().await?;
        made += count;
    }
    Ok(())
}

fn question() -> Question {
    Question { process: Some("b2b-seven".to_owned()), ..Question::everything(TODAY) }
}

fn list(question: Question, by: SortBy, descending: bool) -> DealsAsk {
    let sort = Sort { by, descending };
    DealsAsk { question, found: None, text: String::new(), open: Some(true), sort, limit: 100, after: None }
}

fn lists() -> Vec<(&'static str, DealsAsk)> {
    let only =
        |dimension: &str, value: &str| Only { dimension: dimension.to_owned(), values: vec![Some(value.to_owned())] };
    let region = Question { only: vec![only("region", "Region 525")], ..question() };
    let filter =
        Question { filter: Some("amount > 500000 AND expected_close_on >= DATE '2026-12-01'".into()), ..question() };
    let owner = SortBy::Member(warehouse::Dimension::Owner);
    let account = SortBy::Member(warehouse::Dimension::Account);
    let text = DealsAsk { text: "customer 777".to_owned(), ..list(question(), SortBy::AmountMinor, true) };
    vec![
        ("list by amount", list(question(), SortBy::AmountMinor, true)),
        ("list by name", list(question(), SortBy::Name, false)),
        ("list by customer", list(question(), account, false)),
        ("list by owner", list(question(), owner, true)),
        ("list by days in stage", list(question(), SortBy::DaysInStage, true)),
        ("filtered by region", list(region, SortBy::AmountMinor, true)),
        ("filtered by SQL", list(filter, SortBy::ExpectedCloseOn, false)),
        ("searched", text),
        ("all, closed too", DealsAsk { open: None, ..list(question(), SortBy::CreatedOn, true) }),
    ]
}

fn median(mut millis: Vec<f64>) -> f64 {
    millis.sort_by(f64::total_cmp);
    millis[millis.len() / 2]
}

async fn timed<F: Future<Output = Result<u64>>>(name: &str, mut ask: impl FnMut() -> F) -> Result<()> {
    let (mut millis, mut rows) = (Vec::new(), 0);
    for _ in 0..RUNS {
        let begun = now();
        rows = ask().await?;
        millis.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    println!("{name:28} first {:8.1} ms, median {:8.1} ms, {rows} deals", millis[0], median(millis.clone()));
    Ok(())
}

async fn measure(warehouse: &Warehouse) -> Result<()> {
    for (name, ask) in lists() {
        timed(name, || async { Ok(warehouse.list(ask.clone()).await?.sums.deals) }).await?;
    }
    let ask = &list(question(), SortBy::AmountMinor, true);
    timed("second page", || async {
        let first = warehouse.list(ask.clone()).await?;
        Ok(warehouse.list(DealsAsk { after: first.next, ..ask.clone() }).await?.sums.deals)
    })
    .await?;
    timed("values of region", || async { Ok(warehouse.facets(&question(), "region", "", 50).await?.len() as u64) })
        .await?;
    timed("values of customer", || async {
        Ok(warehouse.facets(&question(), "account", "77", 50).await?.len() as u64)
    })
    .await?;
    timed("search", || async { Ok(warehouse.look(&domain::Scope::All, None, "deal 77", 8).await?.deals.len() as u64) })
        .await?;
    let hits = |found: warehouse::Found| found.hits.iter().map(|hits| hits.len() as u64).sum::<u64>();
    timed("deals of the stock", || async {
        let pick = |_: &warehouse::Standing<'_>| Ok::<_, AskError>(PickStock(vec![2]));
        Ok(hits(warehouse.find(&question(), &Stock::on(TODAY), Vec::new(), pick).await?))
    })
    .await?;
    timed("deals of an inflow", || async {
        let to = Some(journey::Destination::Slot(2));
        let pick = move |_: &warehouse::Standing<'_>| {
            Ok::<_, AskError>(PickMoves { from: None, to, valued_at: journey::ValuedAt::To })
        };
        let tally = Migration { from: TODAY.plus(-90), to: TODAY.plus(-30) };
        Ok(hits(warehouse.find(&question(), &tally, Vec::new(), pick).await?))
    })
    .await?;
    timed("deals of a bridge's line", || async {
        let tally = journey::Bridge {
            from: TODAY.plus(-90),
            to: TODAY.plus(-30),
            due: None,
            events: journey::Events::Endpoints,
        };
        let found = warehouse.find(&question(), &tally, Vec::new(), |_| Ok::<_, AskError>(PickLine(Line::Won))).await?;
        Ok(hits(found))
    })
    .await
}

async fn run(folder: &Path, deals: i64) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let file = folder.join("lists.db");
    let is_new = !file.is_file();
    let store = Store::open(&format!("sqlite://{}", file.display()), 7).await?;
    if is_new {
        make(&store, deals).await?;
    }
    for (name, remember_bytes) in [("nothing remembered", 0), ("resident", Settings::default().remember_bytes)] {
        let settings = Settings { remember_bytes, ..Settings::default() };
        let begun = now();
        let (warehouse, opened) = Warehouse::open_with(store.clone(), folder.join("warehouse"), settings).await?;
        println!("\n{name}: {opened}, {:.1} s, {} deals", begun.elapsed().as_secs_f64(), warehouse.snapshot().deals());
        if warehouse.snapshot().deals() > 0 {
            warehouse.checkpoint().await?;
        }
        measure(&warehouse).await?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the composition root of an example")]
fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (folder, deals) = match arguments.as_slice() {
        [folder] => (folder, 1_000_000),
        [folder, deals] => (folder, deals.parse()?),
        _ => return Err("usage: lists FOLDER [DEALS]".into()),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(Path::new(folder), deals))
}
