//! What the dials are held against, over records written one by one.

use app::answer::{Answer, Cell};
use app::answers::GaugesAsk;
use app::{Ask, Loudou, Organisation, Place};
use domain::field::{Value, ids};
use domain::journal::{Facts, Op, SYSTEM_ACTOR};
use domain::process::Process;
use domain::{Currency, Day, Instant, Kind, Outcome, StageId};
use store::{Draft, Rate, Store};
use tempfile::TempDir;

struct Seller {
    place: Place,
    processes: Vec<Process>,
    _dir: TempDir,
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn now() -> Instant {
    Instant::from_datetime("2026-11-23T01:00:00Z".parse().expect("a time"))
}

impl Seller {
    /// An organisation with two processes and nothing else.
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
        let loudou = Loudou::init(&place, &Organisation::default(), now()).await.expect("it is made");
        let mut processes = Vec::new();
        for key in ["b2b-seven", "telesales"] {
            let process = app::process::read(key).expect("it is ready-made");
            processes.push(loudou.add_process(&process).await.expect("it is added").0);
        }
        Self { place, processes, _dir: dir }
    }

    fn process(&self, at: usize) -> Value {
        Value::Int(i64::from(self.processes[at].id.expect("it is stored").0))
    }

    fn intent(&self) -> StageId {
        self.processes[0].stage_of_role(domain::process::StageRole::Intent).expect("the process has it").id
    }

    async fn write(&self, records: Vec<(Kind, Facts)>) {
        let store = Store::open(&self.place.url().expect("a path"), 1).await.expect("it opens");
        let mut writer = store.begin().await.expect("a writer");
        let at = Instant::from_datetime("2026-10-05T01:00:00Z".parse().expect("a time"));
        let first = writer.allocate(records.len());
        let draft = |(number, (kind, facts)): (i64, (Kind, Facts))| Draft {
            kind,
            record: first + number,
            effective_at: at,
            known_at: at,
            source_seq: 0,
            import: None,
            actor: SYSTEM_ACTOR,
            op: Op::Assert(facts),
        };
        writer.append((0..).zip(records).map(draft).collect(), now()).await.expect("they fit");
        writer
            .set_rates(Currency::CNY, &[Rate { from: Currency::EUR, day: day("2026-01-01"), numerator: 8_000_000_000 }])
            .await
            .expect("a rate");
        writer.commit().await.expect("they are written");
    }

    /// A deal of the first process that is due at the end of November.
    fn deal(&self, outcome: Outcome, amount_minor: i64, currency: Currency) -> (Kind, Facts) {
        let facts = Facts::default()
            .with(ids::OPPORTUNITY_PROCESS, self.process(0))
            .stage(self.intent())
            .outcome(outcome)
            .amount_minor(Some(amount_minor))
            .currency(Some(currency))
            .expected_close_on(Some(day("2026-11-30")));
        (Kind::Opportunity, facts)
    }

    async fn gauges(&self, filter: Option<&str>) -> Answer {
        self.asked(Ask { filter: filter.map(str::to_owned), ..Ask::default() }).await
    }

    async fn asked(&self, common: Ask) -> Answer {
        let loudou = Loudou::open(&self.place, now()).await.expect("it opens");
        loudou.gauges(&GaugesAsk { common, worst: None }).await.expect("an answer")
    }

    /// Writes a team and gives its id.
    async fn team(&self, name: &str, above: Option<i64>) -> i64 {
        let facts = Facts::default().with(ids::TEAM_NAME, Value::Text(name.into()));
        let facts = above.into_iter().fold(facts, |facts, above| facts.with(ids::TEAM_PARENT, Value::Ref(above)));
        self.write(vec![(Kind::Team, facts)]).await;
        let store = Store::open(&self.place.url().expect("a path"), 1).await.expect("it opens");
        let teams = store.all_records(Kind::Team).await.expect("teams");
        teams.iter().find(|team| team.text(ids::TEAM_NAME) == Some(name)).expect("the team").id
    }
}

fn target(amount_minor: i64) -> (Kind, Facts) {
    let facts = Facts::default()
        .with(ids::TARGET_FROM, Value::Int(i64::from(day("2026-10-01").0)))
        .with(ids::TARGET_TO, Value::Int(i64::from(day("2026-12-31").0)))
        .with(ids::TARGET_AMOUNT, Value::Int(amount_minor))
        .with(ids::TARGET_CURRENCY, Value::Int(i64::from(Currency::CNY.code())));
    (Kind::Target, facts)
}

fn minor(answer: &Answer, column: &str) -> i128 {
    let at = answer.columns.iter().position(|known| known.key == column).expect("the column");
    match answer.rows[0][at] {
        Cell::Minor(minor) => minor,
        ref other => panic!("`{column}` is {other:?}"),
    }
}

#[tokio::test]
async fn targets_of_another_process_and_of_one_stage_are_left_out() {
    let seller = Seller::new().await;
    let with = |amount_minor, field, value| {
        let (kind, facts) = target(amount_minor);
        (kind, facts.with(field, value))
    };
    let stage = Value::Int(i64::from(seller.intent().0));
    seller
        .write(vec![
            seller.deal(Outcome::Won, 100, Currency::CNY),
            with(20, ids::TARGET_PROCESS, seller.process(0)),
            with(300, ids::TARGET_PROCESS, seller.process(1)),
            with(4000, ids::TARGET_STAGE, stage),
        ])
        .await;
    assert_eq!(minor(&seller.gauges(None).await, "target_minor"), 20);
}

#[tokio::test]
async fn a_part_is_held_against_the_targets_of_its_teams() {
    let seller = Seller::new().await;
    let sales = seller.team("Sales", None).await;
    let east = seller.team("East", Some(sales)).await;
    let west = seller.team("West", Some(sales)).await;
    let west_one = seller.team("West 1", Some(west)).await;
    let west_two = seller.team("West 2", Some(west)).await;
    let of = |amount_minor, team: i64| {
        let (kind, facts) = target(amount_minor);
        (kind, facts.with(ids::TARGET_TEAM, Value::Ref(team)))
    };
    seller.write(vec![target(7), of(10, east), of(200, west_one), of(3000, west_two), of(40_000, west)]).await;
    let told = async |scope: &str| {
        let answer =
            seller.asked(Ask { scope: scope.to_owned(), process: Some("b2b-seven".into()), ..Ask::default() }).await;
        minor(&answer, "target_minor")
    };
    // A team's own target counts, else those of the teams below it; that of the whole is nobody's part.
    assert_eq!(told("all").await, 7);
    assert_eq!(told("team:East").await, 10);
    assert_eq!(told("team:West").await, 40_000);
    assert_eq!(told("team:West 2").await, 3000);
    assert_eq!(told("team:Sales").await, 40_010);
}

#[tokio::test]
async fn filtered_deals_are_held_against_targets_set_for_just_them() {
    let seller = Seller::new().await;
    let named = |kind, field, name: &str| (kind, Facts::default().with(field, Value::Text(name.into())));
    seller
        .write(vec![
            named(Kind::Region, ids::REGION_NAME, "North"),
            named(Kind::Region, ids::REGION_NAME, "South"),
            named(Kind::Product, ids::PRODUCT_NAME, "Pumps"),
        ])
        .await;
    let store = Store::open(&seller.place.url().expect("a path"), 1).await.expect("it opens");
    let regions = store.all_records(Kind::Region).await.expect("regions");
    let pumps = store.all_records(Kind::Product).await.expect("products")[0].id;
    let region = |name: &str| {
        Value::Ref(regions.iter().find(|region| region.text(ids::REGION_NAME) == Some(name)).expect("the region").id)
    };
    let of = |amount_minor, named: &[(domain::field::FieldId, Value)]| {
        let (kind, facts) = target(amount_minor);
        (kind, named.iter().cloned().fold(facts, |facts, (field, value)| facts.with(field, value)))
    };
    let (north, south) = ((ids::TARGET_REGION, region("North")), (ids::TARGET_REGION, region("South")));
    let product = (ids::TARGET_PRODUCT, Value::Ref(pumps));
    seller
        .write(vec![
            target(1),
            of(20, std::slice::from_ref(&north)),
            of(300, std::slice::from_ref(&south)),
            of(4000, &[north, product]),
        ])
        .await;
    let told = async |by: Option<&str>, chips: &[&str], filter: Option<&str>| {
        let ask = Ask {
            process: Some("b2b-seven".into()),
            by: by.into_iter().map(str::to_owned).collect(),
            chips: chips.iter().map(|chip| (*chip).to_owned()).collect(),
            filter: filter.map(str::to_owned),
            ..Ask::default()
        };
        let answer = seller.asked(ask).await;
        let at = answer.columns.iter().position(|known| known.key == "target_minor").expect("the column");
        let minor = |row: &Vec<Cell>| match row[at] {
            Cell::Minor(minor) => Some(minor),
            _ => None,
        };
        answer.rows.iter().map(minor).collect::<Vec<_>>()
    };
    let region = Some("region");
    assert_eq!(told(None, &[], None).await, [Some(1)]);
    assert_eq!(told(None, &["region:North"], None).await, [Some(20)]);
    assert_eq!(told(None, &["region:North", "region:South"], None).await, [Some(320)]);
    assert_eq!(told(region, &["region:North"], None).await, [Some(20)], "no other region stands there empty");
    assert_eq!(told(region, &["product:Pumps"], None).await, [Some(4000)]);
    assert_eq!(told(None, &["region:North", "product:Pumps"], None).await, [Some(4000)]);
    assert_eq!(told(None, &["region:South", "product:Pumps"], None).await, [None]);
    assert_eq!(told(None, &["stage:needs"], None).await, [None], "no target is set for a part like that");
    assert_eq!(told(None, &["region:"], None).await, [None]);
    // A condition that says the same as a filter reads the same.
    assert_eq!(told(region, &[], Some("region = 'North'")).await, [Some(20)]);
    assert_eq!(told(None, &[], Some("region in ('North', 'South')")).await, [Some(320)]);
    assert_eq!(told(None, &[], Some("amount > 5")).await, [None]);
}

#[tokio::test]
async fn won_and_open_amounts_are_in_one_currency() {
    let seller = Seller::new().await;
    // The won one was due in another quarter: in the period, euros are all there is.
    let (kind, won) = seller.deal(Outcome::Won, 100, Currency::CNY);
    let won = won.expected_close_on(Some(day("2027-01-31")));
    seller.write(vec![(kind, won), seller.deal(Outcome::Open, 10, Currency::EUR)]).await;
    let whole = seller.gauges(None).await;
    assert_eq!((whole.currency, minor(&whole, "won_minor")), (Some(Currency::CNY), 100));
    assert_eq!(minor(&whole, "dial_4_open_minor"), 80, "converted like the rest, though no other is due");
    let euros = seller.gauges(Some("currency = 'EUR'")).await;
    assert_eq!((euros.currency, minor(&euros, "dial_4_open_minor")), (Some(Currency::EUR), 10));
}
