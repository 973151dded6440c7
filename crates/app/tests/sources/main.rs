//! Sources from end to end: secrets, pulls into the studio, runs by a recipe, schedules, and who may do what.

mod office;
mod runs;

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use app::access::Caller;
use app::sources::{Definition, Folders, NewSource, RecipeChoice, Secret, SourceChange, SourceSeen, Sources};
use app::{AppError, Fault, Follow, Loudou, Place, Step};
use domain::people::{May, Role};
use domain::{Instant, Kind};
use office::{Office, Quiet, SECRET, machine, setup, start, who};
use store::Store;

#[tokio::test(flavor = "multi_thread")]
async fn from_a_query_to_deals_and_on_without_anybody() {
    let mut office = Office::new().await;
    let source = office.add().await;
    let look = office.sources.first_rows(&office.loudou, source.id).await.expect("its rows");
    assert_eq!((look.rows.rows.len(), look.rows.columns.len(), look.file), (2, 8, None));
    let refused = office.run(source.id).await.expect_err("there is no recipe");
    assert!(refused.messages[0].contains("no way of being imported"));
    let source = office.ready_from(source).await;
    assert_eq!(office.amounts().await, [8_000, 12_050]);
    assert_eq!(source.came_to.as_deref(), Some("2026-11-20 10:00:00"));
    assert_eq!(source.columns.len(), 8);

    let nothing = office.run(source.id).await.expect("it runs");
    assert_eq!((nothing.state, nothing.rows), ("nothing", 0));
    // One more at the very instant of the last, one changed: no doubles, no gaps.
    office.deal(3, "9.99", "初步接洽", "2026-11-20 10:00:00").await;
    office.deal(1, "200", "确定需求", "2026-11-21 08:00:00").await;
    let ran = office.run(source.id).await.expect("it runs");
    assert_eq!((ran.state, ran.rows), ("done", 2));
    assert_eq!(office.amounts().await, [999, 8_000, 20_000]);
    let again = office.run(source.id).await.expect("it runs");
    assert_eq!((again.state, again.rows), ("nothing", 0));
    let history = office.sources.history(&office.loudou, source.id).await.expect("its runs");
    let states: Vec<&str> = history.iter().rev().map(|run| run.state.as_str()).collect();
    assert_eq!(states, ["failed", "pulled", "done", "nothing", "done", "nothing"]);
    assert_eq!((&history[1].imports, ran.imports.len()), (&ran.imports, 1));
    // What comes later is of the day on which it comes: history is not rewritten.
    office.time.fetch_add(3 * 24 * 3600 * 1_000_000, Ordering::SeqCst);
    office.deal(2, "80", "初步接洽", "2026-11-26 08:00:00").await;
    let later = office
        .loudou
        .session(who("ann", &[Role::Operations]), Instant(office.time.load(Ordering::SeqCst)))
        .await
        .expect("a session");
    let ran = office.run_as(&later, source.id).await.expect("it runs");
    assert_eq!((ran.state, ran.rows), ("done", 1), "{:?}", ran.told);
    let store = Store::open(&office.place.url().expect("a path"), 1).await.expect("it opens");
    let journal = store.tail(0, 10_000).await.expect("the journal");
    let moved = journal.iter().rfind(|entry| entry.kind == Kind::Opportunity);
    let at = moved.expect("an entry").effective_at;
    assert!(at.0 > start().0 + 2 * 24 * 3600 * 1_000_000, "{at}");
    // Everything once more changes nothing.
    office.sources.start_over(&later, source.id).await.expect("it begins anew");
    let all = office.run_as(&later, source.id).await.expect("it runs");
    assert_eq!((all.state, all.rows, all.imports.len()), ("done", 3, 0));
    assert_eq!(office.amounts().await, [999, 8_000, 20_000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off_between_pull_and_import_comes_again() {
    let mut office = Office::new().await;
    let source = office.ready().await;
    office.deal(3, "1", "初步接洽", "2026-11-22 10:00:00").await;
    // Pulled into an upload, which nobody imports.
    let pulled =
        office.ended(office.jobs.pull(&office.loudou, &office.sources, source.id).await.expect("it begins")).await;
    let upload = pulled.result.expect("a result")["upload"].as_i64().expect("an upload");
    let before = office.sources.show(&office.loudou, source.id).await.expect("it is there").came_to;
    office.loudou.drop_upload(upload).expect("it goes");
    // The import breaks off after the pull.
    struct Importless;
    impl Follow for Importless {
        fn tell(&self, step: Step) {
            assert!(!matches!(step, Step::Reading { .. }), "the process dies here");
        }
    }
    let (sources, loudou, clock) = (office.sources.clone(), office.loudou.clone(), office.clock());
    let died = tokio::spawn(async move {
        let runtime = tokio::runtime::Handle::current();
        let work = move || {
            runtime.block_on(async {
                sources.run(&loudou, 1, machine(&Caller::machine()), &clock, &Importless).await.map(|_| ())
            })
        };
        tokio::task::spawn_blocking(work).await
    });
    assert_eq!(source.id, 1);
    let _ = died.await.expect("the task ends");
    let now = office.sources.show(&office.loudou, source.id).await.expect("it is there");
    assert_eq!(now.came_to, before, "the mark has not moved");
    // Its lease runs out, and the row comes.
    office.time.fetch_add(11 * 60 * 1_000_000, Ordering::SeqCst);
    let ran = office.run(source.id).await.expect("it runs");
    assert_eq!((ran.state, ran.rows), ("done", 1));
    assert_eq!(office.amounts().await, [100, 8_000, 12_050]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_in_silently() {
    let mut office = Office::new().await;
    let source = office.ready().await;
    office.deal(3, "1", "初步接洽", "2026-11-22 10:00:00").await;
    office.deal(4, "many", "初步接洽", "2026-11-22 11:00:00").await;
    let ran = office.run(source.id).await.expect("it runs");
    assert_eq!((ran.state, ran.rows, ran.imports.len()), ("rejected", 2, 0));
    assert!(ran.problem().is_some_and(|problem| problem.messages[0].contains("1 of the rows are wrong")));
    assert_eq!(office.amounts().await.len(), 2, "nothing went in");
    let change = SourceChange { skip_rejected: Some(true), ..SourceChange::default() };
    let source = office.sources.change(&office.loudou, source.id, source.version, change).await.expect("it is changed");
    let ran = office.run(source.id).await.expect("it runs");
    assert_eq!((ran.state, ran.rows), ("done", 2));
    assert!(
        ran.told.en.contains("1 rows were wrong and left out") && ran.told.zh.contains("跳过了 1 行"),
        "{:?}",
        ran.told
    );
    assert_eq!(office.amounts().await, [100, 8_000, 12_050]);

    office.crm("ALTER TABLE deals ADD COLUMN 备注 TEXT").await;
    office.deal_with_note(5).await;
    let ran = office.run(source.id).await.expect("it runs");
    assert_eq!((ran.state, ran.rows), ("done", 1));
    assert!(ran.told.en.contains("new columns, which were not imported: 备注"), "{:?}", ran.told);
    office.crm("ALTER TABLE deals RENAME COLUMN 金额 TO 合同额").await;
    office.crm("UPDATE deals SET 更新时间 = '2026-11-23 13:00:00'").await;
    let ran = office.run(source.id).await.expect("it runs");
    assert_eq!(ran.state, "columns");
    assert!(ran.problem().is_some_and(|problem| problem.messages[0].contains("there is no 金额")), "{:?}", ran.told);
    let last = office.sources.show(&office.loudou, source.id).await.expect("it is there").last_run.expect("a run");
    assert_eq!((last.state.as_str(), last.told.zh.contains("缺少：金额")), ("columns", true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_worked_off_file_by_file() {
    let office = Office::new().await;
    let inbox = office.dir.path().join("files").join("inbox");
    std::fs::create_dir(&inbox).expect("a folder");
    let put = |name: &str, rows: &str| {
        let head = "商机编号,商机名称,客户,金额(元),阶段,预计成交日期,负责人\n";
        std::fs::write(inbox.join(name), format!("{head}{rows}")).expect("a file");
    };
    put("2026-10.csv", "F0,零,丙,5,确定需求,2027-01-01,李娜\nF1,一,甲,10,初步接洽,2027-01-01,张伟\n");
    let definition = Definition::parse("[files]\npath = \"inbox\"\nnames = \"*.csv\"\n").expect("it is right");
    let new = NewSource { name: "Inbox".into(), definition, schedule: None, skip_rejected: false };
    let source = office.sources.add(&office.loudou, new).await.expect("it is made");
    assert_eq!(
        office.sources.first_rows(&office.loudou, source.id).await.expect("rows").file.as_deref(),
        Some("2026-10.csv")
    );
    let source = office.ready_from(source).await;
    put("2026-11.csv", "F1,一,甲,15,确定需求,2027-01-01,张伟\n");
    put("2026-12.csv", "F2,二,乙,20,初步接洽,2027-01-01,李娜\n");
    let ran = office.run(source.id).await.expect("it runs");
    assert_eq!(ran.state, "done", "{:?}", ran.told);
    assert_eq!(office.amounts().await, [500, 1_500, 2_000]);
    assert_eq!(office.run(source.id).await.expect("it runs").state, "nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_and_secrets_take_an_administrator() {
    let office = Office::new().await;
    let as_who =
        async |name: &str, roles: &[Role]| office.loudou.session(who(name, roles), start()).await.expect("a session");
    let (ops, admin, rep) = (
        as_who("ops", &[Role::Operations]).await,
        as_who("adm", &[Role::Administrator]).await,
        as_who("rep", &[Role::Rep]).await,
    );
    let new = |definition| NewSource { name: "API".into(), definition, schedule: None, skip_rejected: false };
    let denied =
        |result: Result<SourceSeen, AppError>| assert_eq!(result.map_err(|error| error.fault), Err(Fault::NotAllowed));
    denied(office.sources.add(&ops, new(Office::server())).await);
    denied(office.sources.add(&rep, new(Office::definition())).await);
    let api = office.sources.add(&admin, new(Office::server())).await.expect("an administrator may");
    assert!(api.takes_secret && !api.has_secret);
    let secret = || Some(Secret::new(SECRET));
    assert_eq!(
        office.sources.set_secret(&ops, api.id, secret()).await.map_err(|error| error.fault),
        Err(Fault::NotAllowed)
    );
    office.sources.set_secret(&admin, api.id, secret()).await.expect("an administrator may");
    // What to ask for is operations' business; where from is not.
    let mut other = Office::server();
    other.http.as_mut().expect("http").list = "data".into();
    let change = |definition| SourceChange { definition: Some(definition), ..SourceChange::default() };
    let api = office.sources.change(&ops, api.id, api.version, change(other.clone())).await.expect("they may");
    assert!(api.has_secret);
    other.http.as_mut().expect("http").url = "http://evil.example/deals".into();
    denied(office.sources.change(&ops, api.id, api.version, change(other.clone())).await);
    let api = office.sources.change(&admin, api.id, api.version, change(other)).await.expect("an administrator may");
    assert!(!api.has_secret, "the secret was for the former address");
    assert_eq!(
        office.sources.remove(&ops, api.id, api.version).await.map_err(|error| error.fault),
        Err(Fault::NotAllowed)
    );
    // Rows are for whoever may import.
    assert!(office.sources.first_rows(&admin, api.id).await.is_err_and(|error| error.fault == Fault::NotAllowed));
    assert!(office.sources.list(&rep).await.is_err_and(|error| error.fault == Fault::NotAllowed));
    assert!(!rep.who().may.contains(&May::Import));
    office.sources.remove(&admin, api.id, api.version).await.expect("it goes");
    // Files outside of the folder are nobody's over the network.
    let outside = Definition::parse("[files]\npath = \"../data\"\n").expect("it is right");
    let source = office.sources.add(&ops, new(outside)).await.expect("the path is looked at when it is read");
    let refused = office.sources.first_rows(&ops, source.id).await.expect_err("it is outside");
    assert!(refused.messages[0].contains("outside of the folder"));
}

/// A log that keeps what is written to it.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn bytes_below(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        all.extend(if path.is_dir() { bytes_below(&path) } else { std::fs::read(&path).expect("a file") });
    }
    all
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn the_secret_is_in_no_file_no_log_and_no_answer() {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    tracing::warn!("the log is kept");
    let office = Office::new().await;
    // A server that hangs up at once: what the client says of it goes to the log.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let http = format!("[http]\nurl = \"http://127.0.0.1:{port}/deals\"\nplain = true\n[limits]\nseconds = 1\n");
    let sql = format!(
        "[sql]\nengine = \"postgres\"\nhost = \"127.0.0.1\"\nport = {port}\nuser = \"u\"\ndatabase = \"d\"\ntls = \"off\"\nquery = \"select 1\"\n"
    );
    let mut said = String::new();
    for (at, text) in [http, sql].iter().enumerate() {
        let definition = Definition::parse(text).expect("it is right");
        let new = NewSource { name: format!("S{at}"), definition, schedule: None, skip_rejected: false };
        let source = office.sources.add(&office.loudou, new).await.expect("it is made");
        office.sources.set_secret(&office.loudou, source.id, Some(Secret::new(SECRET))).await.expect("it is set");
        let failed = office.sources.first_rows(&office.loudou, source.id).await.expect_err("nobody is there");
        said += &format!("{failed:?} {:?}", office.sources.show(&office.loudou, source.id).await);
        let pull = office.sources.pull_to_upload(&office.loudou, source.id, &Quiet).await;
        said += &format!("{pull:?} {:?} {:?}", office.sources.history(&office.loudou, source.id).await, office.sources);
    }
    let store = Store::open(&office.place.url().expect("a path"), 1).await.expect("it opens");
    said += &format!("{:?} {:?}", store.connections().await, store.tail(0, 1000).await);
    let backup = office.dir.path().join("backup.db");
    office.loudou.backup(&backup).await.expect("it is written");
    for (what, bytes) in [
        ("files", bytes_below(office.dir.path())),
        ("log", kept.0.lock().expect("no panic").clone()),
        ("answers", said.into_bytes()),
    ] {
        assert!(!bytes.is_empty(), "{what}");
        assert!(!holds(&bytes, SECRET), "the secret is in the {what}");
    }
    assert!(holds(&bytes_below(&office.place.dir), "v1."), "the ciphertext is there");
    assert!(holds(&std::fs::read(&backup).expect("the backup"), "v1."), "also in the backup");
    // The backup alone opens nothing: the key is needed.
    let elsewhere = Place { dir: office.dir.path().join("elsewhere"), database_url: None, fresh_id: 2 };
    Loudou::restore(&elsewhere, &backup).await.expect("it is restored");
    let restored = Loudou::open(&elsewhere, start()).await.expect("it opens");
    let sources = Sources::of(&restored, setup(Folders::None, 2)).expect("the door");
    let id = sources.list(&restored).await.expect("sources")[0].id;
    let refused = sources.first_rows(&restored, id).await.expect_err("there is another key");
    assert!(refused.messages[0].contains("the key is not the one"), "{refused:?}");
    // With the key it does, and another key takes its place.
    std::fs::copy(office.place.dir.join("secret.key"), elsewhere.dir.join("secret.key")).expect("it is copied");
    assert_eq!(sources.rekey(&restored).await, Ok(2));
    let opened = sources.first_rows(&restored, id).await.expect_err("nobody is there");
    assert!(opened.messages[0].contains("it took longer"), "{opened:?}");
    let keys = [&office.place.dir, &elsewhere.dir].map(|dir| std::fs::read(dir.join("secret.key")).expect("a key"));
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_one_runs_a_source_when_its_time_has_come() {
    let mut office = Office::new().await;
    let source = office.ready().await;
    let change = SourceChange { schedule: Some(Some("daily 06:30".into())), ..SourceChange::default() };
    let source = office.sources.change(&office.loudou, source.id, source.version, change).await.expect("it is changed");
    let due = Instant::from_datetime("2026-11-24T22:30:00Z".parse().expect("a time"));
    assert_eq!((source.next_at, source.schedule.as_deref()), (Some(due), Some("daily 06:30")));
    office.deal(3, "1", "初步接洽", "2026-11-24 10:00:00").await;
    let other = Loudou::open(&office.place, start()).await.expect("it opens once more");
    let others = Sources::of(&other, setup(Folders::Inside(office.dir.path().join("files")), 2)).expect("the door");
    let clock = office.clock();
    assert_eq!(office.sources.run_due(&office.loudou, &clock, &Quiet).await, Ok(0), "it is too early");
    office.time.store(due.0, Ordering::SeqCst);
    let (here, there) =
        tokio::join!(office.sources.run_due(&office.loudou, &clock, &Quiet), others.run_due(&other, &clock, &Quiet));
    assert_eq!(here.expect("it looks") + there.expect("it looks"), 1);
    let history = office.sources.history(&office.loudou, source.id).await.expect("its runs");
    let scheduled: Vec<_> = history.iter().filter(|run| run.cause == "schedule").collect();
    assert_eq!((scheduled.len(), scheduled[0].state.as_str(), scheduled[0].actor.as_str()), (1, "done", "system"));
    let next = office.sources.show(&office.loudou, source.id).await.expect("it is there").next_at;
    assert_eq!(next.map(|at| at.0 - due.0), Some(24 * 3600 * 1_000_000));
    assert_eq!(office.amounts().await, [100, 8_000, 12_050]);
    // Without a recipe nothing runs by itself.
    let version = office.sources.show(&office.loudou, source.id).await.expect("it is there").version;
    let change = SourceChange { recipe: Some(RecipeChoice::Nothing), ..SourceChange::default() };
    let source = office.sources.change(&office.loudou, source.id, version, change).await.expect("it is changed");
    assert_eq!(source.next_at, None);
}
