//! The import studio: steps before the mapping, kept with the import, and taken again on the next month's files.

mod office;

use app::Place;
use app::import::{CleaningAsk, ImportRequest, Mapping, Outcome, ProposalAsk, Recipe, TableChoice};
use domain::Kind;
use domain::field::ids;
use office::{Office, now, office};
use store::Record;

const NOVEMBER: &str = "编号,商机名称,客户,金额,阶段,预计成交,大区\n\
    1, 一期　产线 ,ＡＢＣ机电,120万,初步接洽,2026年12月,E\n\
    2,二期产线,华南精工,80.5万,确定需求,Q1 2027,S\n\
    ,合计,,200.5万,,,\n\
    2,二期产线,华南精工,80.5万,确定需求,Q1 2027,S\n\
    3,仓储系统,西部物流,三十五万,初步接洽,2026年11月,W\n";
const REGIONS: &str = "Code,Name\nE,华东\nS,华南\nW,西南\n";
const DECEMBER: &str = "编号,商机名称,客户,金额,阶段,预计成交,大区\n\
    2,二期产线,华南精工,90万,确定需求,Q1 2027,S\n\
    4,质检系统,ABC机电,60万,初步接洽,2027年2月,E\n";
const STEPS: &str = r#"
[[steps]]
name = "no totals"
do = "filter"
where = '''"编号" is not null'''
[[steps]]
do = "width"
[[steps]]
do = "trim"
[[steps]]
do = "dedupe"
by = ["编号"]
[[steps]]
do = "type"
columns = { "金额" = "number", "预计成交" = "date" }
dates = ["month-end", "quarter-end"]
[[steps]]
do = "join"
with = "regions"
on = { "大区" = "Code" }
[[steps]]
do = "drop"
columns = ["大区"]
[[steps]]
do = "rename"
columns = { Name = "区域" }
"#;

fn raw(text: &str) -> Vec<toml::Table> {
    let mut file: toml::Table = toml::from_str(text).expect("TOML");
    let steps = file.remove("steps").and_then(|steps| steps.as_array().cloned()).expect("steps");
    steps.into_iter().filter_map(|step| step.as_table().cloned()).collect()
}

fn regions(file: &str) -> std::collections::BTreeMap<String, TableChoice> {
    [("regions".to_owned(), TableChoice { file: file.to_owned(), ..TableChoice::default() })].into()
}

impl Office {
    async fn send(&self, upload: Option<i64>, name: &str, text: &str) -> i64 {
        let mut receiving = self.loudou.receive(upload, name).expect("there is room");
        receiving.write(text.as_bytes().to_vec()).await.expect("it is written");
        receiving.finish().await.expect("it comes in").id
    }

    async fn mapping(&self, upload: i64) -> Mapping {
        let ask = ProposalAsk {
            file: Some("11月.csv".to_owned()),
            steps: raw(STEPS),
            tables: regions("区域.csv"),
            ..ProposalAsk::default()
        };
        let proposal = self.loudou.propose_mapping(upload, &ask).await.expect("a proposal");
        let look = proposal.deals().expect("there are deals");
        let columns: Vec<&str> = look.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(columns, ["编号", "商机名称", "客户", "金额", "阶段", "预计成交", "区域"]);
        assert_eq!(look.file, "11月.csv");
        proposal.suggestions.mapping
    }

    async fn deals(&self) -> Vec<Record> {
        self.all(Kind::Opportunity).await
    }
}

/// Name, amount and expected close of a deal.
fn seen(deals: &[Record], name: &str) -> (Option<i64>, Option<String>) {
    let deal = deals.iter().find(|deal| deal.text(ids::OPPORTUNITY_NAME) == Some(name)).expect(name);
    (deal.hot.amount_minor, deal.hot.expected_close_on.map(|day| day.to_string()))
}

#[tokio::test]
async fn steps_are_shown_one_by_one_and_go_in_with_the_import() {
    let office = office().await;
    let upload = office.send(None, "11月.csv", NOVEMBER).await;
    office.send(Some(upload), "区域.csv", REGIONS).await;

    let table = TableChoice { file: "11月.csv".to_owned(), steps: raw(STEPS), ..TableChoice::default() };
    let ask = CleaningAsk { table, tables: regions("区域.csv") };
    let preview = office.loudou.preview_cleaning(upload, &ask).await.expect("a preview");
    assert!(preview.failed.is_empty(), "{:?}", preview.failed);
    let counts: Vec<u64> = preview.tables.iter().map(|table| table.row_count).collect();
    assert_eq!(counts, [5, 4, 4, 4, 3, 3, 3, 3, 3]);
    assert_eq!(preview.tables[8].rows[0][1].as_deref(), Some("一期 产线"));
    let told: Vec<_> = preview.issues.iter().map(|issue| (issue.step, issue.row, issue.value.as_str())).collect();
    assert_eq!(told, [(5, Some(6), "三十五万")]);
    assert_eq!(steps::Steps::parse(&preview.text).expect("it is a file").0.len(), 8);

    let mapping = office.mapping(upload).await;
    let result = office.run(upload, Recipe::mapped(&mapping, &[]).expect("it is sound")).await;
    assert_eq!((result["opportunities"].as_u64(), result["warnings"].as_u64()), (Some(3), Some(1)), "{result}");
    let deals = office.deals().await;
    assert_eq!(seen(&deals, "一期 产线"), (Some(120_000_000), Some("2026-12-31".to_owned())));
    assert_eq!(seen(&deals, "二期产线"), (Some(80_500_000), Some("2027-03-31".to_owned())));
    assert_eq!(seen(&deals, "仓储系统"), (None, Some("2026-11-30".to_owned())));
    // The place of cleaned tables is empty again.
    let left = std::fs::read_dir(office.place.scratch_dir()).expect("it is there").count();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn next_months_files_go_in_as_the_last_ones_did() {
    let office = office().await;
    let upload = office.send(None, "11月.csv", NOVEMBER).await;
    office.send(Some(upload), "区域.csv", REGIONS).await;
    let mapping = Mapping { exported_on: "2026-11-20".to_owned(), ..office.mapping(upload).await };
    let first = office.run(upload, Recipe::mapped(&mapping, &[]).expect("it is sound")).await;

    let upload = office.send(None, "12月最终版.csv", DECEMBER).await;
    office.send(Some(upload), "大区代码.csv", REGIONS).await;
    let proposal = office.loudou.propose_mapping(upload, &ProposalAsk::default()).await.expect("a proposal");
    let [saved] = proposal.saved.as_slice() else { panic!("{:?}", proposal.saved) };
    assert_eq!((Some(saved.import), saved.profile.as_str()), (first["import_id"].as_i64(), "11月"));
    let again = ProposalAsk { saved: Some(saved.import), ..ProposalAsk::default() };
    let again = office.loudou.propose_mapping(upload, &again).await.expect("it is taken up").suggestions.mapping;
    let table = again.table.as_ref().expect("a table of deals");
    assert_eq!((table.file.as_str(), again.tables["regions"].file.as_str()), ("12月最终版.csv", "大区代码.csv"));
    assert_eq!((table.steps.len(), &again.fields, &again.stages), (8, &mapping.fields, &mapping.stages));
    // The day that was named for November's files is not that of December's.
    assert_eq!(again.exported_on, "import");
    let recipe = office.loudou.recipe_of(saved.import, upload).await.expect("it is kept");
    let text = recipe.text().to_owned();
    assert!(text.contains("exported_on = \"import\""), "{text}");
    let second = office.run(upload, recipe).await;
    assert_eq!(second["entries"].as_u64(), Some(2), "one is new, one has changed: {second}");
    let deals = office.deals().await;
    assert_eq!(deals.len(), 4);
    assert_eq!(seen(&deals, "二期产线").0, Some(90_000_000));
    assert_eq!(seen(&deals, "质检系统"), (Some(60_000_000), Some("2027-02-28".to_owned())));

    // The same from the kept file and a folder, on another machine.
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [("profile.toml", text.as_str()), ("in/nov.csv", NOVEMBER), ("in/codes.csv", REGIONS)] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    let request = ImportRequest {
        profile: folder.path().join("profile.toml").display().to_string(),
        input: folder.path().join("in"),
        dry_run: false,
        skip_rejected: false,
    };
    let place = Place { dir: folder.path().join("data"), database_url: None, fresh_id: 2 };
    let outcome = app::import::run(&place, &request, now(), &|_| ()).await.expect("it goes in");
    let Outcome::Done(report) = outcome else { panic!("{outcome:?}") };
    assert_eq!(report.to_json()["rows"][0]["opportunities"].as_u64(), Some(3));

    // Other columns are another file.
    let upload = office.send(None, "x.csv", "Name,Amount,Stage\na,1,初步接洽\n").await;
    let proposal = office.loudou.propose_mapping(upload, &ProposalAsk::default()).await.expect("a proposal");
    assert!(proposal.saved.is_empty());
}

#[tokio::test]
async fn a_later_month_may_bring_some_of_the_tables_only() {
    const DEALS: &str = "Deal ID,Deal Name,Stage,Created Date,Account ID\nD-1, Press line,Proposal,2026-10-01,A1\n\
        D-2,Test bench,Prospecting,2026-10-02,A2\n";
    const ACCOUNTS: &str = "Account ID,Account Name,Industry\nA1,Acme,Steel\nA2,Borealis,Paper\n";
    let office = office().await;
    let upload = office.send(None, "deals 11.csv", DEALS).await;
    office.send(Some(upload), "accounts.csv", ACCOUNTS).await;
    let ask = ProposalAsk {
        file: Some("deals 11.csv".to_owned()),
        is_deals: true,
        steps: raw("[[steps]]\ndo = \"trim\"\n"),
        ..ProposalAsk::default()
    };
    let mapping = office.loudou.propose_mapping(upload, &ask).await.expect("a proposal").suggestions.mapping;
    assert_eq!(mapping.records.len(), 1, "{mapping:?}");
    let first = office.run(upload, Recipe::mapped(&mapping, &[]).expect("it is sound")).await;
    assert_eq!(first["opportunities"].as_u64(), Some(2), "{first}");
    // The deals alone: the same steps, and their customers are those that are there.
    let upload = office.send(None, "december.csv", &format!("{DEALS}D-3, Lathe ,Proposal,2026-11-20,A2\n")).await;
    let again = taken_up(&office, upload).await;
    let table = again.table.as_ref().map(|table| (table.file.as_str(), table.steps.len()));
    assert_eq!((table, again.records.len()), (Some(("december.csv", 1)), 0));
    let proposal = office.loudou.propose_mapping(upload, &ProposalAsk::default()).await.expect("a proposal");
    assert_eq!(proposal.saved[0].missing, ["accounts.csv"]);
    let recipe = office.loudou.recipe_of(proposal.saved[0].import, upload).await.expect("it fits");
    let second = office.run(upload, recipe).await;
    assert_eq!((second["opportunities"].as_u64(), second["rows_rejected"].as_u64()), (Some(3), Some(0)), "{second}");
    let accounts = office.all(Kind::Account).await;
    let names: Vec<_> = accounts.iter().map(|account| account.text(ids::ACCOUNT_NAME)).collect();
    assert_eq!(names, [Some("Acme"), Some("Borealis")], "they are those of the first file");
    let deals = office.deals().await;
    let lathe = deals.iter().find(|deal| deal.text(ids::OPPORTUNITY_NAME) == Some("Lathe")).expect("cleaned");
    assert_eq!(lathe.int(ids::OPPORTUNITY_ACCOUNT), Some(accounts[1].id));

    // All of it again: the import that read both files comes before the one that read one of them.
    let upload = office.send(None, "deals 1.csv", DEALS).await;
    office.send(Some(upload), "accounts 1.csv", ACCOUNTS).await;
    let proposal = office.loudou.propose_mapping(upload, &ProposalAsk::default()).await.expect("a proposal");
    let saved: Vec<_> = proposal.saved.iter().map(|fit| (fit.import, fit.missing.len())).collect();
    assert_eq!(saved, [(first["import_id"].as_i64().expect("an import"), 0)]);

    // Another file of which three columns of seven are called so is no part of it.
    let upload = office.send(None, "things.csv", "Account ID,Account Name,Industry,a,b,c,d\nA1,x,y,1,2,3,4\n").await;
    let proposal = office.loudou.propose_mapping(upload, &ProposalAsk::default()).await.expect("a proposal");
    assert!(proposal.saved.is_empty(), "{:?}", proposal.saved);
    // Deals whose stage is called otherwise by now are not their customers, though they tell those.
    let renamed = "Deal ID,Deal Name,Phase,Account ID,Account Name,Industry\nD-9,Lathe,Proposal,A1,Acme,Steel\n";
    let upload = office.send(None, "deals 12.csv", renamed).await;
    let proposal = office.loudou.propose_mapping(upload, &ProposalAsk::default()).await.expect("a proposal");
    assert!(proposal.saved.is_empty(), "{:?}", proposal.saved);
    // Nor is what comes with a file that nothing of it reads.
    let upload = office.send(None, "accounts 2.csv", ACCOUNTS).await;
    office.send(Some(upload), "note.csv", "a,b\n1,2\n").await;
    let proposal = office.loudou.propose_mapping(upload, &ProposalAsk::default()).await.expect("a proposal");
    assert!(proposal.saved.is_empty(), "{:?}", proposal.saved);
}

#[tokio::test]
async fn what_does_not_fit_is_told_in_both_languages() {
    let office = office().await;
    let upload = office.send(None, "11月.csv", NOVEMBER).await;
    let of = |text: &str| {
        let table = TableChoice { file: "11月.csv".to_owned(), steps: raw(text), ..TableChoice::default() };
        CleaningAsk { table, tables: Default::default() }
    };
    for (text, step, zh, en) in [
        ("[[steps]]\ndo = \"trim\"\n[[steps]]\ndo = \"dance\"\n", 2, "第 2 步：", "step 2: unknown variant `dance`"),
        (
            "[[steps]]\ndo = \"drop\"\ncolumns = [\"客户名\"]\n",
            1,
            "第 1 步（drop）：没有列“客户名”",
            "step 1 (drop): there is no column `客户名`",
        ),
        (
            "[[steps]]\ndo = \"trim\"\n[[steps]]\ndo = \"append\"\nwith = \"more\"\n",
            2,
            "第 2 步（append）：没有表“more”",
            "step 2 (append): there is no table `more`",
        ),
    ] {
        let preview = office.loudou.preview_cleaning(upload, &of(text)).await.expect("a preview");
        let (at, error) = preview.failed.into_iter().next().expect("it does not fit");
        assert_eq!((at, preview.tables.len()), (step, if text.contains("dance") { step } else { step + 1 }));
        assert!(error.messages[0].starts_with(en), "{:?}", error.messages);
        assert!(error.messages_zh[0].as_deref().is_some_and(|text| text.starts_with(zh)), "{:?}", error.messages_zh);
    }
    // A table that is brought in is cleaned by its own steps first.
    let upload_two = office.send(Some(upload), "区域.csv", "Code,Name\n e ,华东\n").await;
    let mut ask = of("[[steps]]\ndo = \"join\"\nwith = \"regions\"\non = { \"大区\" = \"Code\" }\nkind = \"inner\"\n");
    ask.tables = regions("区域.csv");
    let none = office.loudou.preview_cleaning(upload_two, &ask).await.expect("a preview");
    let own = "[[steps]]\ndo = \"trim\"\n[[steps]]\ndo = \"case\"\ncolumns = [\"Code\"]\nto = \"upper\"\n";
    ask.tables.get_mut("regions").expect("it is there").steps = raw(own);
    let one = office.loudou.preview_cleaning(upload_two, &ask).await.expect("a preview");
    assert_eq!((none.tables[1].row_count, one.tables[1].row_count), (0, 1));
    // An import refuses the same.
    let mut mapping =
        office.loudou.propose_mapping(upload, &ProposalAsk::default()).await.expect("one").suggestions.mapping;
    mapping.key = vec!["编号".to_owned()];
    mapping.table.as_mut().expect("a table").steps = raw("[[steps]]\ndo = \"append\"\nwith = \"more\"\n");
    let job = office.jobs.import(&office.loudou, upload, Recipe::mapped(&mapping, &[]).expect("it is TOML"), false);
    let job = office.jobs.ended(office.loudou.who(), job.expect("it begins").id).await.expect("it ends");
    let problem = job.problem.expect("it is refused");
    assert_eq!(problem.messages, ["table `deals`: there is no table `more`"]);
}

const EVENTS: &str = "Case ID,Activity,Timestamp,Deal Name,Owner\n\
    7,Prospecting,2026-10-05 09:00:00, Press line,Ann\n\
    8,Prospecting,2026-10-06 10:00:00,Test bench,Bob\n\
    7,Proposal,2026-10-20 09:30:00,Press line,Ann\n\
    8,Closed Won,2026-11-07 16:00:00,Test bench,Bob\n\
    7,Negotiation,2026-11-09 11:00:00,Press line,Bob\n";

/// The mapping of the only import so far, taken up for the files of an upload.
async fn taken_up(office: &Office, upload: i64) -> Mapping {
    let proposal = office.loudou.propose_mapping(upload, &ProposalAsk::default()).await.expect("a proposal");
    let [saved] = proposal.saved.as_slice() else { panic!("{:?}", proposal.saved) };
    let ask = ProposalAsk { saved: Some(saved.import), ..ProposalAsk::default() };
    office.loudou.propose_mapping(upload, &ask).await.expect("it is taken up").suggestions.mapping
}

#[tokio::test]
async fn a_log_of_events_that_is_cleaned_stays_one_and_so_does_next_months() {
    let office = office().await;
    let upload = office.send(None, "events 11.csv", EVENTS).await;
    let ask = ProposalAsk {
        file: Some("events 11.csv".to_owned()),
        steps: raw("[[steps]]\ndo = \"trim\"\n"),
        ..ProposalAsk::default()
    };
    let mapping = office.loudou.propose_mapping(upload, &ask).await.expect("a proposal").suggestions.mapping;
    assert!(mapping.is_event_log(), "{mapping:?}");
    assert_eq!(mapping.table.as_ref().map(|table| table.steps.len()), Some(1));
    let first = office.run(upload, Recipe::mapped(&mapping, &[]).expect("it is sound")).await;
    assert_eq!((first["opportunities"].as_u64(), first["rows_rejected"].as_u64()), (Some(2), Some(0)), "{first}");

    let december =
        format!("{EVENTS}7,Closed Won,2026-11-20 12:00:00,Press line,Bob\n9,Proposal,2026-11-21,Lathe,Ann\n");
    let upload = office.send(None, "december.csv", &december).await;
    let again = taken_up(&office, upload).await;
    assert!(again.is_event_log(), "{again:?}");
    assert_eq!(again.table.as_ref().map(|table| (table.file.as_str(), table.steps.len())), Some(("december.csv", 1)));
    let second = office.run(upload, Recipe::mapped(&again, &[]).expect("it is sound")).await;
    assert_eq!((second["opportunities"].as_u64(), second["rows_rejected"].as_u64()), (Some(3), Some(0)), "{second}");
    let deals = office.deals().await;
    assert_eq!(deals.iter().filter(|deal| deal.hot.outcome == domain::Outcome::Won).count(), 2);
}

#[tokio::test]
async fn a_table_of_changes_is_cleaned_and_taken_up_with_its_deals() {
    let office = office().await;
    let deals = "Deal ID,Deal Name,Stage,Created Date\n1,Press line,Proposal,2026-10-01\n2,Test bench,Prospecting,2026-10-02\n\
        3,Lathe,Negotiation,2026-10-03\n";
    let changes = "Deal ID,Changed At,Stage,Note\n1,2026-10-02,Prospecting,x\n1,2026-11-05,Proposal,x\n2,2026-10-03,Prospecting,x\n\
        3,2026-10-05,Prospecting,x\n3,2026-10-09,Proposal,x\n3,2026-11-09,Negotiation,x\n3,2026-11-09,Negotiation,x\n";
    let upload = office.send(None, "deals 11.csv", deals).await;
    office.send(Some(upload), "changes 11.csv", changes).await;
    let steps = raw("[[steps]]\ndo = \"drop\"\ncolumns = [\"Note\"]\n[[steps]]\ndo = \"dedupe\"\n");
    let cleaned = TableChoice { file: "changes 11.csv".to_owned(), steps, ..TableChoice::default() };
    let ask = ProposalAsk {
        file: Some("deals 11.csv".to_owned()),
        is_deals: true,
        others: vec![cleaned.clone()],
        ..ProposalAsk::default()
    };
    let mapping = office.loudou.propose_mapping(upload, &ask).await.expect("a proposal").suggestions.mapping;
    let table = |mapping: &Mapping| mapping.history.as_ref().and_then(|history| history.table.clone());
    assert_eq!(table(&mapping), Some(cleaned.clone()));
    let first = office.run(upload, Recipe::mapped(&mapping, &[]).expect("it is sound")).await;
    assert_eq!((first["opportunities"].as_u64(), first["rows_rejected"].as_u64()), (Some(3), Some(0)), "{first}");

    let upload = office.send(None, "december.csv", deals).await;
    office.send(Some(upload), "history.csv", &format!("{changes}2,2026-11-20,Proposal,x\n")).await;
    let again = taken_up(&office, upload).await;
    assert_eq!(again.table.as_ref().map(|table| table.file.as_str()), Some("december.csv"));
    let expected = TableChoice { file: "history.csv".to_owned(), header_row: Some(1), ..cleaned };
    assert_eq!(table(&again), Some(expected));
    let second = office.run(upload, Recipe::mapped(&again, &[]).expect("it is sound")).await;
    assert_eq!((second["entries"].as_u64(), second["rows_rejected"].as_u64()), (Some(1), Some(0)), "{second}");
}
