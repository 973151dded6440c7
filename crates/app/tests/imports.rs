//! Imports in a process that stays: uploads, proposed mappings, previews, jobs, and what is kept of them.

mod office;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use app::import::{Mapping, Outcome, ProposalAsk, Recipe};
use app::jobs::{Job, JobState, Jobs};
use app::{AppError, Ask, Fault, Follow, Loudou, Organisation, Place, Step, Who};
use domain::people::May;
use domain::{Instant, Kind};
use office::{Office, at, now, office, user};

const DEALS: &str = "商机名称,客户,金额(万元),阶段,预计成交日期,负责人,区域\n\
    一期产线,华东机电,120,初步接洽,2026/12/31,张伟,华东\n\
    二期产线,华南精工,80.5,确定需求,2027/1/15,李娜,华南\n\
    MES 升级,北方重工,200,方案与报价,2026/12/20,张伟,华北\n\
    仓储系统,西部物流,35,商务谈判,2026/11/30,王芳,西南\n\
    质检系统,华东机电,60,赢单,2026/10/8,张伟,华东\n\
    旧线改造,中原食品,15,输单,2026/9/1,李娜,华中\n";

impl Office {
    async fn as_of(&self, who: Arc<Who>, now: Instant) -> Loudou {
        self.loudou.session(who, now).await.expect("a session")
    }

    async fn send(&self, upload: Option<i64>, name: &str, bytes: &[u8]) -> Result<app::uploads::Upload, AppError> {
        let mut receiving = self.loudou.receive(upload, name)?;
        for chunk in bytes.chunks(1 << 16) {
            receiving.write(chunk.to_vec()).await?;
        }
        receiving.finish().await
    }

    async fn mapping(&self, upload: i64) -> Mapping {
        let proposal = self.loudou.propose_mapping(upload, &ProposalAsk::default()).await.expect("a proposal");
        proposal.suggestions.mapping
    }

    async fn imported(&self, bytes: &str, skip_rejected: bool) -> Job {
        let upload = self.send(None, "商机.csv", bytes.as_bytes()).await.expect("it comes in").id;
        let recipe = Recipe::mapped(&self.mapping(upload).await, &[]).expect("it is sound");
        let job = self.jobs.import(&self.loudou, upload, recipe, skip_rejected).expect("it begins");
        self.jobs.ended(self.loudou.who(), job.id).await.expect("it ends")
    }

    async fn deals(&self) -> usize {
        self.all(Kind::Opportunity).await.len()
    }

    async fn head(&self) -> i64 {
        self.store().await.head().await.expect("it is read")
    }
}

#[tokio::test]
async fn from_an_upload_to_deals_and_back() {
    let office = office().await;
    let upload = office.send(None, "/tmp/商机2026-11.csv", DEALS.as_bytes()).await.expect("it comes in");
    let look = upload.files[0].look.as_ref().expect("it is a table");
    assert_eq!((upload.files[0].name.as_str(), look.rows_seen, look.columns.len()), ("商机2026-11.csv", 6, 7));
    let mapping = office.mapping(upload.id).await;
    let recipe = Recipe::mapped(&mapping, &[]).expect("it is sound");
    let preview = office.jobs.preview(&office.loudou, upload.id, recipe.clone()).expect("it begins");
    let preview = office.jobs.ended(office.loudou.who(), preview.id).await.expect("it ends");
    let report = preview.report.expect("it was read");
    assert_eq!((preview.state, report.rows_rejected(), office.head().await), (JobState::Done, 0, 0));
    assert!(report.samples.iter().any(|row| row.kind == Kind::Opportunity && row.key == "一期产线"));

    let job = office.jobs.import(&office.loudou, upload.id, recipe, false).expect("it begins");
    let job = office.jobs.ended(office.loudou.who(), job.id).await.expect("it ends");
    assert_eq!((job.state, &job.problem), (JobState::Done, &None));
    let result = job.result.expect("a result");
    assert_eq!((result["opportunities"].as_u64(), result["outcomes"]["won"].as_u64()), (Some(6), Some(1)));
    assert_eq!(office.deals().await, 6);
    assert!(office.loudou.upload(upload.id).is_err(), "an upload that is in is gone");

    let id = result["import_id"].as_i64().expect("an id");
    let seen = office.loudou.import_seen(id).await.expect("it is listed");
    assert_eq!((seen.source.as_str(), seen.is_undone, seen.blocked_by.len()), ("商机", false, 0));
    let profile = office.loudou.import_profile(id).await.expect("it is kept");
    assert!(profile.contains("商机名称") && ingest::Profile::parse(&profile, "kept").is_ok());
    assert_eq!(office.loudou.import_report(id).await.expect("it is kept"), result);

    let undo = office.jobs.undo(&office.loudou, id).await.expect("it begins");
    let undo = office.jobs.ended(office.loudou.who(), undo.id).await.expect("it ends");
    assert_eq!((undo.state, office.deals().await), (JobState::Done, 0));
    assert!(office.loudou.import_seen(id).await.expect("it is listed").is_undone);
}

#[tokio::test]
async fn wrong_rows_are_told_and_nothing_goes_in_unless_the_rest_was_wanted() {
    let office = office().await;
    // The mapping is made for sound rows, and the file that is sent again under it is not.
    let upload = office.send(None, "a.csv", DEALS.as_bytes()).await.expect("it comes in").id;
    let mapping = office.mapping(upload).await;
    let wrong = format!("{DEALS}坏行,=HYPERLINK(1),不知道,初步接洽,2026/12/31,张伟,华东\n");
    office.send(Some(upload), "a.csv", wrong.as_bytes()).await.expect("it replaces the other");
    let recipe = Recipe::mapped(&mapping, &[]).expect("it is sound");
    let job = office.jobs.import(&office.loudou, upload, recipe.clone(), false).expect("it begins");
    let job = office.jobs.ended(office.loudou.who(), job.id).await.expect("it ends");
    let problem = job.problem.expect("a problem");
    assert_eq!((job.state, problem.fault, office.head().await), (JobState::Failed, Fault::Input, 0));
    let report = job.report.expect("it was read");
    let issue = &report.issues()[0];
    assert_eq!((issue.row, &*issue.column, &*issue.value), (8, "金额(万元)", "不知道"));
    assert_eq!(issue.rule.meaning_zh(), "不是数字");

    let job = office.jobs.import(&office.loudou, upload, recipe, true).expect("it begins");
    let job = office.jobs.ended(office.loudou.who(), job.id).await.expect("it ends");
    let id = job.result.expect("a result")["import_id"].as_i64().expect("an id");
    assert_eq!(office.deals().await, 6);
    let rejects =
        std::io::read_to_string(office.loudou.import_rejects(id).await.expect("they are kept")).expect("text");
    assert!(rejects.lines().count() == 2 && rejects.contains("not-a-number"), "{rejects}");
}

#[tokio::test]
async fn what_is_somebody_elses_does_not_exist() {
    let office = office().await;
    let upload = office.send(None, "a.csv", DEALS.as_bytes()).await.expect("it comes in").id;
    let recipe = Recipe::mapped(&office.mapping(upload).await, &[]).expect("it is sound");
    let job = office.jobs.preview(&office.loudou, upload, recipe.clone()).expect("it begins");
    office.jobs.ended(office.loudou.who(), job.id).await.expect("it ends");

    let bob = office.as_of(user("bob"), now()).await;
    for error in [
        bob.upload(upload).expect_err("not his"),
        bob.drop_upload(upload).expect_err("not his"),
        bob.receive(Some(upload), "b.csv").expect_err("not his"),
        bob.propose_mapping(upload, &ProposalAsk::default()).await.expect_err("not his"),
        office.jobs.import(&bob, upload, recipe.clone(), false).expect_err("not his"),
        office.jobs.find(bob.who(), job.id).expect_err("not his"),
        office.jobs.cancel(bob.who(), job.id).expect_err("not his"),
    ] {
        assert_eq!(error.fault, Fault::NotFound, "{error}");
    }
    let looker = Who { name: "ann".to_owned(), may: BTreeSet::from([May::Analyse]), ..Who::system() };
    let looker = office.as_of(Arc::new(looker), now()).await;
    for error in [
        looker.upload(upload).expect_err("not allowed"),
        looker.receive(None, "b.csv").expect_err("not allowed"),
        looker.imports_seen().await.expect_err("not allowed"),
        looker.imports().await.expect_err("not allowed"),
        looker.undo_import(1).await.expect_err("not allowed"),
        looker.import_rejects(1).await.expect_err("not allowed"),
        office.jobs.import(&looker, upload, recipe.clone(), false).expect_err("not allowed"),
        office.jobs.demo(&looker).await.expect_err("not allowed"),
        looker.import(&recipe, &office.place.dir, false, &Stopper::never()).await.expect_err("not allowed"),
    ] {
        assert_eq!(error.fault, Fault::NotAllowed, "{error}");
    }
}

#[tokio::test]
async fn an_upload_waits_for_a_day_and_is_touched_by_use() {
    let office = office().await;
    let old = office.send(None, "a.csv", DEALS.as_bytes()).await.expect("it comes in").id;
    let used = office.send(None, "a.csv", DEALS.as_bytes()).await.expect("it comes in").id;
    let later = office.as_of(user("ann"), at("2026-11-24T20:00:00Z")).await;
    later.upload(used).expect("it waits");
    let next_day = office.as_of(user("ann"), at("2026-11-25T02:00:00Z")).await;
    // A process that was killed has left a file.
    let (scratch, file) = office.loudou.scratch().expect("a file");
    std::mem::forget(scratch);
    file.set_modified(std::time::UNIX_EPOCH).expect("it is old");
    let (_in_use, _file) = office.loudou.scratch().expect("a file");
    assert_eq!(next_day.tidy().expect("they are cleared"), 2);
    assert_eq!(std::fs::read_dir(office.place.scratch_dir()).expect("the folder").count(), 1);
    assert!(next_day.upload(old).is_err() && next_day.upload(used).is_ok());
}

/// Stops the work when it has told so many steps.
struct Stopper {
    left: AtomicI64,
    told: Mutex<Vec<Step>>,
}

impl Stopper {
    fn after(steps: i64) -> Self {
        Self { left: AtomicI64::new(steps), told: Mutex::default() }
    }

    fn never() -> Self {
        Self::after(i64::MAX)
    }
}

impl Follow for Stopper {
    fn tell(&self, step: Step) {
        self.left.fetch_sub(1, Ordering::SeqCst);
        self.told.lock().expect("no panic").push(step);
    }

    fn is_cancelled(&self) -> bool {
        self.left.load(Ordering::SeqCst) <= 0
    }
}

#[tokio::test]
async fn cancelled_at_any_step_an_import_leaves_nothing() {
    let office = office().await;
    let upload = office.send(None, "a.csv", DEALS.as_bytes()).await.expect("it comes in").id;
    let recipe = Recipe::mapped(&office.mapping(upload).await, &[]).expect("it is sound");
    let folder = office.loudou.upload_folder(upload).expect("it is there");
    let all = Stopper::never();
    let mut steps = 0;
    loop {
        let stopper = Stopper::after(steps);
        match office.loudou.import(&recipe, &folder, false, &stopper).await {
            Err(error) => assert_eq!(error.fault, Fault::Conflict, "{error}"),
            Ok(Outcome::Done(_)) => break,
            Ok(other) => panic!("{other:?}"),
        }
        assert_eq!((office.head().await, office.deals().await), (0, 0), "after {steps} steps");
        assert!(office.loudou.imports_seen().await.expect("a list").is_empty());
        let kept = std::fs::read_dir(office.place.dir.join("imports")).into_iter().flatten();
        let kept =
            kept.flat_map(|of_database| std::fs::read_dir(of_database.expect("a folder").path()).expect("it is read"));
        assert_eq!(kept.count(), 0, "after {steps} steps");
        steps += 1;
    }
    assert_eq!(office.deals().await, 6);
    office.loudou.import(&recipe, &folder, false, &all).await.expect("once more");
    assert!(steps >= 5, "it was stopped in only {steps} places");
}

#[tokio::test]
async fn while_a_job_waits_for_another_writer_readers_go_on() {
    let office = office().await;
    assert_eq!(office.imported(DEALS, false).await.state, JobState::Done);
    let store = office.store().await;
    let writer = store.begin().await.expect("the only writer");
    let more = DEALS.replace("一期", "三期");
    let upload = office.send(None, "商机.csv", more.as_bytes()).await.expect("it comes in").id;
    let recipe = Recipe::mapped(&office.mapping(upload).await, &[]).expect("it is sound");
    let job = office.jobs.import(&office.loudou, upload, recipe, false).expect("it begins");
    let mut states = office.jobs.follow(office.loudou.who(), job.id).expect("it is there");
    states.wait_for(|job| job.step.en.contains("waiting until nobody else writes")).await.expect("it waits");
    office.loudou.funnel(&Ask::default()).await.expect("reading goes on");
    office.jobs.cancel(office.loudou.who(), job.id).expect("it is asked to stop");
    let job = office.jobs.ended(office.loudou.who(), job.id).await.expect("it ends without its turn");
    assert_eq!((job.state, job.problem, office.deals().await), (JobState::Cancelled, None, 6));
    writer.rollback().await.expect("the turn is over");
    assert_eq!(office.imported(&more, false).await.state, JobState::Done);
    assert!(office.loudou.upload(upload).is_ok(), "what did not go in waits on");
}

#[tokio::test]
async fn a_job_tells_its_pace_and_is_forgotten_after_a_day() {
    let office = office().await;
    // Every look at the clock is a second later.
    let seconds = Arc::new(AtomicUsize::new(0));
    let ticks = Arc::clone(&seconds);
    let clock =
        move || Instant(now().0 + i64::try_from(ticks.fetch_add(1, Ordering::SeqCst)).expect("few") * 1_000_000);
    let jobs = Jobs::new(Arc::new(clock));
    let rows: String = (0..60_000).map(|row| format!("{row},客户{row},{row}\n")).collect();
    let upload =
        office.send(None, "a.csv", format!("编号,客户,金额\n{rows}").as_bytes()).await.expect("it comes in").id;
    let recipe = Recipe::mapped(&office.mapping(upload).await, &[]).expect("it is sound");
    let job = jobs.preview(&office.loudou, upload, recipe).expect("it begins");
    let mut states = jobs.follow(office.loudou.who(), job.id).expect("it is there");
    let paced =
        states.wait_for(|job| job.rate_per_second.is_some() || job.state.is_end()).await.expect("it goes on").clone();
    if !paced.state.is_end() {
        let (rate, left) = (paced.rate_per_second.expect("a rate"), paced.seconds_left.expect("a rest"));
        let total = paced.total.expect("bytes");
        assert_eq!((paced.unit, left), (Some("bytes"), (total - paced.done).div_ceil(rate)));
    }
    let ended = jobs.ended(office.loudou.who(), job.id).await.expect("it ends");
    assert_eq!((ended.state, ended.seconds_left), (JobState::Done, None));
    seconds.fetch_add(25 * 3600, Ordering::SeqCst);
    let other = office.send(None, "b.csv", DEALS.as_bytes()).await.expect("it comes in").id;
    let recipe = Recipe::mapped(&office.mapping(other).await, &[]).expect("it is sound");
    let other = jobs.preview(&office.loudou, other, recipe).expect("it begins");
    jobs.ended(office.loudou.who(), other.id).await.expect("it ends");
    assert_eq!(jobs.find(office.loudou.who(), job.id).expect_err("it is forgotten").fault, Fault::NotFound);
}

#[tokio::test]
async fn one_user_has_few_jobs_at_once() {
    let office = office().await;
    let store = office.store().await;
    let writer = store.begin().await.expect("the only writer");
    let mut begun = Vec::new();
    let refused = loop {
        match office.jobs.demo(&office.loudou).await {
            Ok(job) => begun.push(job.id),
            Err(error) => break error,
        }
    };
    assert_eq!((refused.fault, begun.len()), (Fault::Conflict, 5));
    for id in &begun {
        office.jobs.cancel(office.loudou.who(), *id).expect("it is asked to stop");
    }
    writer.rollback().await.expect("the turn is over");
    office.jobs.stop().await;
    assert_eq!(office.deals().await, 0);
}

#[tokio::test]
async fn the_demonstration_company_goes_into_an_empty_database_only() {
    let office = office().await;
    let job = office.jobs.demo(&office.loudou).await.expect("it begins");
    let job = office.jobs.ended(office.loudou.who(), job.id).await.expect("it ends");
    assert_eq!((job.state, &job.problem), (JobState::Done, &None));
    assert!(office.deals().await > 500);
    assert_eq!(office.jobs.demo(&office.loudou).await.expect_err("there are deals").fault, Fault::Conflict);
}

#[tokio::test]
async fn files_of_one_upload_belong_together() {
    let office = office().await;
    let deals = "Id,Deal Name,AccountId,Amount,Stage\n1,A,c1,10,Proposal\n2,B,c2,20,Negotiation\n3,C,c1,5,Discovery\n";
    let upload = office.send(None, "deals.csv", deals.as_bytes()).await.expect("it comes in").id;
    let accounts = "Id,Account Name,Industry\nc1,Acme,Steel\nc2,Globex,Food\n";
    let whole = office.send(Some(upload), "accounts.csv", accounts.as_bytes()).await.expect("it comes in");
    assert_eq!(whole.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["accounts.csv", "deals.csv"]);
    office.send(Some(upload), "note.txt", b"\0\0\0").await.expect("what is no table is told, and hinders nothing");
    let mapping = office.mapping(upload).await;
    let file = mapping.table.as_ref().map(|table| table.file.as_str());
    let [accounts] = mapping.records.as_slice() else { panic!("{:?}", mapping.records) };
    assert_eq!((file, accounts.kind.as_str(), accounts.key[0].as_str()), (Some("deals.csv"), "account", "Id"));
    let ask = ProposalAsk { file: Some("nothing.csv".to_owned()), ..ProposalAsk::default() };
    let error = office.loudou.propose_mapping(upload, &ask).await.expect_err("there is none");
    assert_eq!(error.fault, Fault::Input);
    let ask = ProposalAsk { file: Some("note.txt".to_owned()), ..ProposalAsk::default() };
    let error = office.loudou.propose_mapping(upload, &ask).await.expect_err("it is no table");
    assert_eq!(error.fault, Fault::Input);
    let recipe = Recipe::mapped(&mapping, &[]).expect("it is sound");
    let job = office.jobs.import(&office.loudou, upload, recipe, false).expect("it begins");
    let job = office.jobs.ended(office.loudou.who(), job.id).await.expect("it ends");
    assert_eq!(job.result.expect("a result")["records"]["accounts"].as_u64(), Some(2));
}

#[tokio::test]
async fn a_mapping_may_not_reach_for_files_of_the_machine() {
    let office = office().await;
    let upload = office.send(None, "a.csv", DEALS.as_bytes()).await.expect("it comes in").id;
    let secret = office.place.dir.join("process.toml");
    std::fs::write(&secret, "key = \"x\"").expect("written");
    let mut mapping = office.mapping(upload).await;
    mapping.process = app::import::MappedProcess::Key(secret.display().to_string());
    let job = office
        .jobs
        .preview(&office.loudou, upload, Recipe::mapped(&mapping, &[]).expect("it is sound"))
        .expect("it begins");
    let job = office.jobs.ended(office.loudou.who(), job.id).await.expect("it ends");
    assert!(job.problem.expect("there is no such process").messages[0].contains("no ready-made process"));
    assert!(Recipe::bundled(&secret.display().to_string()).is_err());
    let mut mapping = office.mapping(upload).await;
    mapping.table.as_mut().expect("a table").file = "../owner.json".to_owned();
    let upload_two = office.send(Some(upload), "b.csv", b"a,b\n1,2\n").await.expect("it comes in").id;
    let job = office
        .jobs
        .preview(&office.loudou, upload_two, Recipe::mapped(&mapping, &[]).expect("it is sound"))
        .expect("it begins");
    let job = office.jobs.ended(office.loudou.who(), job.id).await.expect("it ends");
    let problem = job.problem.expect("there is no such file").messages.join(" ");
    assert!(problem.contains(&format!("no file for the table `deals` in upload {upload}")), "{problem}");
    assert!(!problem.contains(&office.place.dir.display().to_string()), "{problem}");
}

#[tokio::test]
async fn of_a_preview_memory_holds_little_and_only_the_last() {
    let office = office().await;
    let mut wrong = String::from(DEALS);
    for row in 0..2_500 {
        wrong.push_str(&format!("第 {row} 行,华东机电,多,初步接洽,2026/12/31,张伟,华东\n"));
    }
    let upload = office.send(None, "a.csv", DEALS.as_bytes()).await.expect("it comes in").id;
    let recipe = Recipe::mapped(&office.mapping(upload).await, &[]).expect("it is sound");
    office.send(Some(upload), "a.csv", wrong.as_bytes()).await.expect("it comes in");
    let preview = async || {
        let job = office.jobs.preview(&office.loudou, upload, recipe.clone()).expect("it begins").id;
        office.jobs.ended(office.loudou.who(), job).await.expect("it ends")
    };
    let files = || std::fs::read_dir(office.place.scratch_dir()).expect("the folder").count();
    let first = preview().await.id;
    let last = preview().await;
    let report = last.report.expect("it was read");
    assert_eq!((report.issues().len(), report.issues_total(), report.rows_rejected()), (2_000, 2_500, 2_500));
    let mut rejects = Vec::new();
    assert_eq!(app::import::write_rejects(&report, &mut rejects).expect("they are written"), 2_500);
    assert_eq!(String::from_utf8(rejects).expect("UTF-8").lines().count(), 2_501);
    assert!(office.jobs.find(office.loudou.who(), first).is_err(), "the one before is forgotten");
    assert_eq!((office.jobs.list(office.loudou.who()).expect("a list").len(), files()), (1, 1));
    drop(report);
    drop(office.jobs);
    assert_eq!(std::fs::read_dir(office.place.scratch_dir()).expect("the folder").count(), 0);
}

#[tokio::test]
async fn what_is_kept_of_an_import_is_of_its_database() {
    let office = office().await;
    let wrong = format!("{DEALS}坏行,华东机电,多,初步接洽,2026/12/31,张伟,华东\n");
    let upload = office.send(None, "a.csv", DEALS.as_bytes()).await.expect("it comes in").id;
    let recipe = Recipe::mapped(&office.mapping(upload).await, &[]).expect("it is sound");
    office.send(Some(upload), "a.csv", wrong.as_bytes()).await.expect("it comes in");
    let job = office.jobs.import(&office.loudou, upload, recipe.clone(), true).expect("it begins").id;
    let job = office.jobs.ended(office.loudou.who(), job).await.expect("it ends");
    let id = job.result.expect("it went in")["import_id"].as_i64().expect("an id");
    let url = format!("sqlite://{}", office.place.dir.join("other.db").display());
    let place = Place { database_url: Some(url), fresh_id: 2, ..office.place.clone() };
    let other = Loudou::init(&place, &Organisation::default(), now()).await.expect("another database");
    let file = office.place.dir.join("deals.csv");
    std::fs::write(&file, DEALS).expect("it is written");
    other.import(&recipe, &file, false, &Stopper::never()).await.expect("it goes in");
    let rejects = async |loudou: &Loudou| {
        std::io::read_to_string(loudou.import_rejects(id).await.expect("they are kept")).expect("UTF-8").lines().count()
    };
    assert_eq!((rejects(&office.loudou).await, rejects(&other).await), (2, 1));
}

#[tokio::test]
async fn fields_of_ones_own_are_filled_by_files_and_grouped_by() {
    use app::answer::Cell;
    use app::fields::NewField;
    use domain::process::NamedValue;
    use domain::words::Text2;
    let office = office().await;
    let named = |key: &str, zh: &str, en: &str| NamedValue { key: key.to_owned(), name: Text2::new(zh, en) };
    let field = |name: &str, ty: &str, zh: &str, en: &str| NewField {
        kind: "opportunity".to_owned(),
        name: name.to_owned(),
        ty: ty.to_owned(),
        label: Text2::new(zh, en),
        choices: Vec::new(),
        required: false,
        dimension: false,
    };
    let choices = vec![named("gold", "金", "Gold"), named("iron", "铁", "Iron")];
    let tier = NewField { choices, dimension: true, ..field("tier", "choice", "档次", "Tier") };
    let area = NewField { dimension: true, ..field("area", "ref:region", "归属地", "Area") };
    for new in [&tier, &area, &field("seats", "number", "席位", "Seats"), &field("trial", "yes_no", "试用", "Trial")]
    {
        office.loudou.add_field(new).await.expect("it is added");
    }
    let rows = "商机名称,阶段,档次,归属地,席位,试用\n\
        一,初步接洽,金,华东,12,是\n二,初步接洽,Iron,华南,,否\n三,初步接洽,gold,华东,7,\n四,初步接洽,,,,\n";
    let upload = office.send(None, "商机.csv", rows.as_bytes()).await.expect("it comes in").id;
    let mapping = office.mapping(upload).await;
    for (name, column) in [("tier", "档次"), ("area", "归属地"), ("seats", "席位"), ("trial", "试用")] {
        let mapped = mapping.fields.get(name).map(|field| field.column.as_str());
        assert_eq!(mapped, Some(column), "a heading that is called so is put to it");
    }
    assert!(Recipe::mapped(&mapping, &[]).is_err(), "without the fields nobody knows the names");
    let own = office.loudou.own_fields().await.expect("they are read");
    let recipe = Recipe::mapped(&mapping, &own).expect("it is sound");
    let preview = office.jobs.preview(&office.loudou, upload, recipe.clone()).expect("it begins");
    let preview = office.jobs.ended(office.loudou.who(), preview.id).await.expect("it ends");
    let samples = preview.report.expect("it was read").samples.clone();
    let one = samples.iter().find(|row| row.kind == Kind::Opportunity && row.key == "一").expect("a sample");
    for expected in [("tier", "gold"), ("area", "华东"), ("seats", "12"), ("trial", "true")] {
        assert!(one.fields.iter().any(|(name, value)| (name.as_str(), value.as_str()) == expected), "{expected:?}");
    }
    let job = office.jobs.import(&office.loudou, upload, recipe, false).expect("it begins");
    let job = office.jobs.ended(office.loudou.who(), job.id).await.expect("it ends");
    assert_eq!((job.state, &job.problem), (JobState::Done, &None));

    let groups = async |by: &str| {
        let ask = Ask { by: vec![by.to_owned()], ..Ask::default() };
        let answer = office.loudou.funnel(&ask).await.expect("it is counted");
        let deals = answer.columns.iter().position(|column| column.key == "deals").expect("a count");
        let mut all: std::collections::BTreeMap<String, i64> = std::collections::BTreeMap::new();
        for row in &answer.rows {
            let name = match &row[0] {
                Cell::Name { zh, key, .. } => format!("{key}={zh}"),
                Cell::Text(text) => text.clone(),
                _ => "-".to_owned(),
            };
            let Cell::Int(count) = row[deals] else { panic!("{row:?}") };
            *all.entry(name).or_default() += count;
        }
        all.into_iter().filter(|(_, deals)| *deals > 0).collect::<Vec<_>>()
    };
    let expected = |pairs: &[(&str, i64)]| pairs.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect::<Vec<_>>();
    assert_eq!(groups("tier").await, expected(&[("-", 1), ("gold=金", 2), ("iron=铁", 1)]));
    assert_eq!(groups("area").await, expected(&[("-", 1), ("华东", 2), ("华南", 1)]));
    let ask = app::records::DealsAsk {
        common: Ask { chips: vec!["tier:gold".to_owned()], ..Ask::default() },
        limit: 10,
        ..app::records::DealsAsk::default()
    };
    let list = office.loudou.deals(&ask).await.expect("a list");
    assert_eq!((list.sums.deals, list.own.len()), (2, 4));
    let seats: Vec<_> =
        list.rows.iter().map(|deal| deal.own.get("seats").and_then(serde_json::Value::as_i64)).collect();
    assert!(seats.contains(&Some(12)) && seats.contains(&Some(7)), "{seats:?}");
    let file = app::records::deals_answer(&list);
    assert!(file.columns.iter().any(|column| column.key == "tier" && column.label.zh == "档次"));
    let sql = app::SqlAsk {
        common: Ask::default(),
        query: "select tier, seats from opportunities where seats > 10".to_owned(),
        timeout_seconds: 30,
        memory_bytes: 64 << 20,
    };
    let answer = office.loudou.sql(&sql).await.expect("it is answered");
    let rows = answer.to_json().expect("it is JSON")["rows"].clone();
    assert_eq!(rows, serde_json::json!([{"tier": "gold", "seats": 12}]));

    let wrong = "商机名称,阶段,档次\n五,初步接洽,tin\n六,初步接洽,金\n";
    let upload = office.send(None, "商机.csv", wrong.as_bytes()).await.expect("it comes in").id;
    let recipe = Recipe::mapped(&office.mapping(upload).await, &own).expect("it is sound");
    let job = office.jobs.import(&office.loudou, upload, recipe, true).expect("it begins");
    let job = office.jobs.ended(office.loudou.who(), job.id).await.expect("it ends");
    let report = job.report.expect("it was read");
    assert_eq!(report.rows_rejected(), 1);
    assert!(report.issues().iter().any(|issue| issue.rule.code() == "not-a-choice" && &*issue.value == "tin"));
}
