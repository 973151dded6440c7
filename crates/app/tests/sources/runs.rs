//! What runs come to: several files, marks that do not hold, processes that were killed, and who is told.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use app::Fault;
use app::access::{Access, Caller, LogRow, Random};
use app::jobs::JobState;
use app::sources::{Definition, Folders, NewSource, SourceChange, SourceSeen, Sources};
use domain::Instant;
use domain::people::Role;
use store::{RunDraft, Store};
use tokio::sync::{Notify, watch};

use crate::office::{Office, setup, who};

const HEAD: &str = "商机编号,商机名称,客户,金额(元),阶段,预计成交日期,负责人\n";
const MINUTE: i64 = 60 * 1_000_000;

impl Office {
    fn put(&self, name: &str, rows: &str) {
        let inbox = self.dir.path().join("files").join("inbox");
        std::fs::create_dir_all(&inbox).expect("a folder");
        std::fs::write(inbox.join(name), format!("{HEAD}{rows}")).expect("a file");
    }

    /// A source of a folder that runs by the recipe of its first file.
    async fn inbox(&self) -> SourceSeen {
        self.put("2026-10.csv", "F1,一,甲,10,初步接洽,2027-01-01,张伟\nF2,二,乙,20,确定需求,2027-01-01,李娜\n");
        let definition = Definition::parse("[files]\npath = \"inbox\"\nnames = \"*.csv\"\n").expect("it is right");
        let new = NewSource { name: "Inbox".into(), definition, schedule: None, skip_rejected: false };
        self.ready_from(self.sources.add(&self.loudou, new).await.expect("it is made")).await
    }

    async fn change(&self, id: i64, change: SourceChange) -> SourceSeen {
        let version = self.show(id).await.version;
        self.sources.change(&self.loudou, id, version, change).await.expect("it is changed")
    }

    async fn redefine(&self, id: i64, definition: &Definition) -> SourceSeen {
        self.change(id, SourceChange { definition: Some(definition.clone()), ..SourceChange::default() }).await
    }

    async fn show(&self, id: i64) -> SourceSeen {
        let loudou = self.loudou.session(who("ann", &[Role::Operations]), (self.clock())()).await.expect("a session");
        self.sources.show(&loudou, id).await.expect("it is there")
    }

    async fn store(&self) -> Store {
        Store::open(&self.place.url().expect("a path"), 1).await.expect("it opens")
    }

    /// The lines of the access log that tell of imports, the oldest first.
    async fn logged(&self) -> Vec<LogRow> {
        let access = Access::of(&self.loudou, Random::seeded([7; 32])).expect("the door");
        let admin = Caller { who: who("adm", &[Role::Administrator]), ..Caller::machine() };
        let page = access.access_log(&admin, None).await.expect("the log");
        page.rows.into_iter().filter(|row| row.action == "imported").rev().collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_in_before_a_run_was_stopped_is_told_everywhere() {
    let office = Office::new().await;
    let source = office.inbox().await;
    office.put("2026-11.csv", "F1,一,甲,15,确定需求,2027-01-01,张伟\n");
    office.put("2026-12.csv", "F2,二,乙,25,确定需求,2027-01-01,李娜\n");
    office.put("2027-01.csv", "F3,三,丙,many,初步接洽,2027-01-01,李娜\n");
    let job = office.jobs.run_source(&office.loudou, &office.sources, source.id, Caller::machine()).await;
    let job = office.ended(job.expect("it begins")).await;
    assert_eq!(office.amounts().await, [1_500, 2_500], "two files went in");
    assert_eq!(job.state, JobState::Failed);
    let imports: Vec<i64> = serde_json::from_value(job.result.expect("a result")["import_ids"].clone()).expect("ids");
    assert_eq!(imports.len(), 2);
    let said = &job.problem.expect("a problem").messages[0];
    let stand = format!(
        "this file was not imported; the files before it went in and stay (imports {}, {})",
        imports[0], imports[1]
    );
    assert!(said.contains(&stand), "{said}");
    let run = office.show(source.id).await.last_run.expect("a run");
    assert_eq!((run.state.as_str(), &run.imports), ("rejected", &imports));
    assert!(run.told.zh.contains("未导入此文件；之前的文件已导入并保留"), "{:?}", run.told);
    let logged: Vec<_> =
        office.logged().await.iter().map(|row| (row.subject.clone(), row.detail["kind"].clone())).collect();
    assert_eq!(logged, imports.iter().map(|id| (id.to_string(), "run".into())).collect::<Vec<_>>());

    // The same where the third one cannot be read at all.
    std::fs::remove_file(office.dir.path().join("files/inbox/2027-01.csv")).expect("it goes");
    office.put("2027-02.csv", "F1,一,甲,16,确定需求,2027-01-01,张伟\n");
    std::fs::write(office.dir.path().join("files/inbox/2027-03.csv"), b"\x00\x01\x02").expect("a file");
    let ran = office.run(source.id).await.expect("something went in");
    assert_eq!((ran.state, ran.imports.len()), ("failed", 1), "{:?}", ran.told);
    let problem = ran.problem().expect("a problem");
    assert!(problem.messages.last().is_some_and(|said| said.contains("went in and stay")), "{problem:?}");
    let run = office.show(source.id).await.last_run.expect("a run");
    assert_eq!((run.state.as_str(), &run.imports), ("failed", &ran.imports));
    assert_eq!(office.logged().await.len(), 3);
    // Where nothing went in, it is an error as such.
    assert!(office.run(source.id).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_query_begins_anew() {
    let mut office = Office::new().await;
    // The first import is to know both stages.
    office.deal(4, "3", "初步接洽", "2026-11-20 10:00:00").await;
    let mut narrow = Office::definition();
    narrow.sql.as_mut().expect("a query").query =
        "SELECT * FROM deals WHERE 更新时间 >= :since AND 商机编号 <> 'D1'".into();
    let new = NewSource { name: "CRM".into(), definition: narrow.clone(), schedule: None, skip_rejected: false };
    let source = office.ready_from(office.sources.add(&office.loudou, new).await.expect("it is made")).await;
    assert_eq!((office.amounts().await, source.came_to.as_deref()), (vec![300, 8_000], Some("2026-11-20 10:00:00")));
    narrow.limits.rows = 7;
    assert_eq!(office.redefine(source.id, &narrow).await.came_to, source.came_to, "limits change no rows");
    // Pulled by the narrow query, and imported after the query was widened: the mark stays at the beginning.
    office.deal(3, "7", "确定需求", "2026-11-23 10:00:00").await;
    let pulled =
        office.ended(office.jobs.pull(&office.loudou, &office.sources, source.id).await.expect("it begins")).await;
    assert_eq!(office.redefine(source.id, &Office::definition()).await.came_to, None, "it begins anew");
    office.bring_in(pulled.result.expect("a result")["upload"].as_i64().expect("an upload")).await;
    assert_eq!(office.show(source.id).await.came_to, None);
    let ran = office.run(source.id).await.expect("it runs");
    assert_eq!((ran.state, ran.rows), ("done", 4));
    assert_eq!(office.amounts().await, [300, 700, 8_000, 12_050], "the older row is among them");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_files_are_new_and_those_that_came_are_known() {
    let office = Office::new().await;
    let source = office.inbox().await;
    office.put("old.txt", "F9,九,甲,90,初步接洽,2027-01-01,张伟\n");
    let all = Definition::parse("[files]\npath = \"inbox\"\n").expect("it is right");
    office.redefine(source.id, &all).await;
    let ran = office.run(source.id).await.expect("it runs");
    assert_eq!((ran.state, ran.imports.len()), ("done", 1), "older files are not said once more");
    assert_eq!(office.amounts().await, [1_000, 2_000, 9_000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_of_a_year_does_not_hide_what_comes_later() {
    let mut office = Office::new().await;
    let source = office.ready().await;
    office.deal(3, "1", "初步接洽", "2099-01-01 00:00:00").await;
    let ran = office.run(source.id).await.expect("it runs");
    assert_eq!((ran.state, ran.rows), ("done", 1));
    assert!(
        ran.told.en.contains("1 rows carry a time of change that is still to come (such as 2099-01-01"),
        "{:?}",
        ran.told
    );
    assert!(ran.told.zh.contains("1 行的更新时间在将来"), "{:?}", ran.told);
    assert_eq!(office.show(source.id).await.came_to.as_deref(), Some("2026-11-20 10:00:00"));
    office.deal(4, "2", "初步接洽", "2026-11-23 10:00:00").await;
    let ran = office.run(source.id).await.expect("it runs");
    assert_eq!((ran.state, ran.rows, ran.told.en.as_str()), ("done", 1, ""), "it is told once");
    assert_eq!(office.amounts().await, [100, 200, 8_000, 12_050]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_process_was_killed_does_not_run_for_ever() {
    let office = Office::new().await;
    let source = office.ready().await;
    let (store, now) = (office.store().await, (office.clock())());
    let mut writer = store.begin().await.expect("a writer");
    let until = Instant(now.0 + 10 * MINUTE);
    assert!(writer.lease_connection(source.id, "the dead", now, until).await.expect("it is asked"));
    let run = RunDraft { connection: source.id, cause: "schedule".into(), actor: "system".into() };
    let dead = writer.begin_run(&run, now).await.expect("it begins");
    writer.commit().await.expect("it is written");
    let last = async || {
        let seen = office.show(source.id).await;
        (seen.is_running, seen.last_run.map(|run| (run.id, run.state, run.told.en)))
    };
    assert_eq!(last().await, (true, Some((dead, "running".into(), String::new()))));
    assert!(office.run(source.id).await.is_err_and(|error| error.fault == Fault::Conflict));
    office.time.fetch_add(11 * MINUTE, Ordering::SeqCst);
    let told = "the process ended in the middle of it".to_owned();
    assert_eq!(last().await, (false, Some((dead, "failed".into(), told.clone()))));
    assert_eq!(office.run(source.id).await.expect("it runs").state, "nothing");
    let history = office.sources.history(&office.loudou, source.id).await.expect("its runs");
    let found = history.iter().find(|run| run.id == dead).expect("it is kept");
    assert_eq!((found.state.as_str(), &found.told.en, found.ended_at.is_some()), ("failed", &told, true));
}

/// An API that says nothing until it may, and then that there is nothing.
async fn silent(may: Arc<Notify>, asked: watch::Sender<bool>) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("somebody comes");
        stream.read_u8().await.expect("they ask");
        asked.send_replace(true);
        may.notified().await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]").await.expect("they listen");
    });
    format!("[http]\nurl = \"http://{address}/deals\"\nplain = true\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_source_keeps_no_other_waiting_and_scheduled_imports_are_logged() {
    let office = Office::new().await;
    let inbox = office.inbox().await;
    let (may, (asked, mut was_asked)) = (Arc::new(Notify::new()), watch::channel(false));
    let slow = Definition::parse(&silent(Arc::clone(&may), asked).await).expect("it is right");
    let new = NewSource { name: "Slow".into(), definition: slow, schedule: None, skip_rejected: false };
    let slow = office.sources.add(&office.loudou, new).await.expect("it is made");
    let (recipe, hourly) =
        (office.store().await.connection(inbox.id).await.expect("it is there").draft.recipe, "hourly");
    let like = app::sources::RecipeChoice::Text(recipe.expect("a profile"));
    let hourly = |recipe| SourceChange { schedule: Some(Some(hourly.into())), recipe, ..SourceChange::default() };
    // The slow one comes first.
    office.change(slow.id, hourly(Some(like))).await;
    office.change(inbox.id, hourly(None)).await;
    let mut writer = office.store().await.begin().await.expect("a writer");
    for (id, next_at) in [(slow.id, 1), (inbox.id, 2)] {
        writer.lease_connection(id, "x", Instant(0), Instant(1)).await.expect("it is asked");
        writer.release_connection(id, "x", Some(Instant(next_at))).await.expect("it is asked");
    }
    writer.commit().await.expect("it is written");
    office.put("2026-11.csv", "F1,一,甲,15,确定需求,2027-01-01,张伟\n");
    let (stop, stopped) = watch::channel(false);
    let kept = tokio::spawn(office.sources.clone().keep_running(office.loudou.clone(), office.clock(), stopped));
    was_asked.wait_for(|asked| *asked).await.expect("the slow one is asked");
    let state = async |id| office.show(id).await.last_run.map(|run| run.state).unwrap_or_default();
    while office.show(inbox.id).await.last_run.is_none_or(|run| run.cause != "schedule" || run.state == "running") {
        tokio::task::yield_now().await;
    }
    assert_eq!((state(inbox.id).await, state(slow.id).await), ("done".into(), "running".into()));
    may.notify_one();
    while state(slow.id).await == "running" {
        tokio::task::yield_now().await;
    }
    stop.send_replace(true);
    kept.await.expect("it ends");
    assert_eq!(state(slow.id).await, "nothing");
    let logged = office.logged().await;
    let imports = office.show(inbox.id).await.last_run.expect("a run").imports;
    assert_eq!((logged.len(), &logged[0].subject), (1, &imports[0].to_string()));
    assert_eq!((&logged[0].user, &logged[0].detail["source"]), (&None, &"Inbox".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_sealed_with_the_key_that_stays() {
    let office = Office::new().await;
    let new = NewSource { name: "API".into(), definition: Office::server(), schedule: None, skip_rejected: false };
    let api = office.sources.add(&office.loudou, new).await.expect("it is made");
    // Others set it again and again while the key is changed again and again: it opens at the end.
    let others = Sources::of(&office.loudou, setup(Folders::None, 2)).expect("the door");
    let set = async {
        for _ in 0..20 {
            let secret = Some(app::sources::Secret::new("x"));
            office.sources.set_secret(&office.loudou, api.id, secret).await.expect("it is set");
        }
    };
    let changed = async {
        for _ in 0..20 {
            others.rekey(&office.loudou).await.expect("the key is changed");
        }
    };
    tokio::join!(set, changed);
    assert_eq!(office.sources.rekey(&office.loudou).await, Ok(1), "it opens");
}
