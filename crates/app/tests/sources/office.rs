//! A database, a CRM beside it, and whoever asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use app::access::{Caller, Random};
use app::import::{Mapping, ProposalAsk, Recipe};
use app::jobs::{Clock, Job, JobState, Jobs};
use app::sources::{
    Authorities, By, Cause, Definition, Folders, NewSource, Ran, RecipeChoice, Setup, SourceChange, SourceSeen, Sources,
};
use app::{AppError, Follow, Loudou, Organisation, Place, Step, Who};
use domain::people::Role;
use domain::{Instant, Kind};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};
use store::Store;
use tempfile::TempDir;

pub(crate) const SECRET: &str = "pa55-w0rd-of-the-crm";

pub(crate) struct Quiet;

pub(crate) fn machine(caller: &Caller) -> By<'_> {
    By { caller, cause: Cause::Person }
}

impl Follow for Quiet {
    fn tell(&self, _: Step) {}
}

pub(crate) struct Office {
    pub(crate) loudou: Loudou,
    pub(crate) sources: Sources,
    pub(crate) jobs: Jobs,
    pub(crate) time: Arc<AtomicI64>,
    pub(crate) place: Place,
    crm_file: SqliteConnection,
    pub(crate) dir: TempDir,
}

pub(crate) fn start() -> Instant {
    Instant::from_datetime("2026-11-24T01:00:00Z".parse().expect("a time"))
}

pub(crate) fn setup(folders: Folders, seed: u8) -> Setup {
    Setup {
        folders,
        authorities: Authorities::default(),
        key: None,
        key_before: None,
        random: Random::seeded([seed; 32]),
    }
}

pub(crate) fn who(name: &str, roles: &[Role]) -> Arc<Who> {
    let may = roles.iter().flat_map(|role| role.may()).copied().collect();
    Arc::new(Who { name: name.to_owned(), roles: roles.iter().copied().collect(), may, ..Who::system() })
}

impl Office {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let (data, files) = (dir.path().join("data"), dir.path().join("files"));
        std::fs::create_dir(&files).expect("a folder");
        let place = Place { dir: data, database_url: None, fresh_id: 1 };
        let loudou = Loudou::init(&place, &Organisation::default(), start()).await.expect("it is made");
        let sources = Sources::of(&loudou, setup(Folders::Inside(files.clone()), 1)).expect("the door");
        let time = Arc::new(AtomicI64::new(start().0));
        let clock = Self::clock_of(&time);
        let options = SqliteConnectOptions::new().filename(files.join("crm.db")).create_if_missing(true);
        let mut office = Self {
            loudou: loudou
                .session(who("ann", &[Role::Operations, Role::Administrator]), start())
                .await
                .expect("a session"),
            sources,
            jobs: Jobs::new(clock),
            time,
            place,
            crm_file: options.connect().await.expect("a database"),
            dir,
        };
        office.crm("CREATE TABLE deals (商机编号 TEXT, 商机名称 TEXT, 客户 TEXT, 金额 TEXT, 阶段 TEXT, 预计成交日期 TEXT, 负责人 TEXT, 更新时间 TEXT)").await;
        office.deal(1, "120.50", "初步接洽", "2026-11-20 09:00:00").await;
        office.deal(2, "80", "确定需求", "2026-11-20 10:00:00").await;
        office
    }

    pub(crate) fn clock_of(time: &Arc<AtomicI64>) -> Clock {
        let time = Arc::clone(time);
        Arc::new(move || Instant(time.load(Ordering::SeqCst)))
    }

    pub(crate) fn clock(&self) -> Clock {
        Self::clock_of(&self.time)
    }

    pub(crate) async fn crm(&mut self, sql: &str) {
        self.crm_file.execute(AssertSqlSafe(sql.to_owned())).await.expect("it runs");
    }

    pub(crate) async fn deal(&mut self, id: i64, amount: &str, stage: &str, at: &str) {
        self.crm(&format!("DELETE FROM deals WHERE 商机编号 = 'D{id}'")).await;
        self.crm(&format!(
            "INSERT INTO deals VALUES ('D{id}', '项目 {id}', '客户 {id}', '{amount}', '{stage}', '2027-01-31', '张伟', '{at}')"
        ))
        .await;
    }

    pub(crate) fn definition() -> Definition {
        Definition::parse(
            "[sql]\nengine = \"sqlite\"\ndatabase = \"crm.db\"\ntable = \"deals\"\n\
             query = \"SELECT * FROM deals WHERE 更新时间 >= :since ORDER BY 商机编号\"\n\
             [incremental]\nkey = \"商机编号\"\nkey_type = \"text\"\nupdated = \"更新时间\"\n",
        )
        .expect("it is right")
    }

    pub(crate) fn server() -> Definition {
        Definition::parse("[http]\nurl = \"http://127.0.0.1:9/deals\"\nplain = true\n").expect("it is right")
    }

    pub(crate) async fn add(&self) -> SourceSeen {
        let new =
            NewSource { name: "CRM".into(), definition: Self::definition(), schedule: None, skip_rejected: false };
        self.sources.add(&self.loudou, new).await.expect("it is made")
    }

    pub(crate) async fn mapping(&self, upload: i64) -> Mapping {
        self.loudou.propose_mapping(upload, &ProposalAsk::default()).await.expect("a proposal").suggestions.mapping
    }

    pub(crate) async fn ended(&self, job: Job) -> Job {
        self.jobs.ended(self.loudou.who(), job.id).await.expect("it ends")
    }

    /// Pulls, and imports as the studio proposes. Returns the upload before, and the import's result.
    pub(crate) async fn through_the_studio(&self, id: i64) -> serde_json::Value {
        let pulled = self.ended(self.jobs.pull(&self.loudou, &self.sources, id).await.expect("it begins")).await;
        assert_eq!((pulled.state, &pulled.problem), (JobState::Done, &None));
        self.bring_in(pulled.result.expect("a result")["upload"].as_i64().expect("an upload")).await
    }

    /// Imports an upload as the studio proposes.
    pub(crate) async fn bring_in(&self, upload: i64) -> serde_json::Value {
        let recipe = Recipe::mapped(&self.mapping(upload).await, &[]).expect("it is sound");
        let job = self.ended(self.jobs.import(&self.loudou, upload, recipe, false).expect("it begins")).await;
        assert_eq!((job.state, &job.problem), (JobState::Done, &None));
        job.result.expect("a result")
    }

    /// A source that runs by the recipe of a first import.
    pub(crate) async fn ready(&self) -> SourceSeen {
        self.ready_from(self.add().await).await
    }

    pub(crate) async fn ready_from(&self, source: SourceSeen) -> SourceSeen {
        let import = self.through_the_studio(source.id).await["import_id"].as_i64().expect("an import");
        let change = SourceChange { recipe: Some(RecipeChoice::Import(import)), ..SourceChange::default() };
        self.sources.change(&self.loudou, source.id, source.version, change).await.expect("it is kept")
    }

    pub(crate) async fn deal_with_note(&mut self, id: i64) {
        self.crm(&format!(
            "INSERT INTO deals VALUES ('D{id}', '项目 {id}', '客户 {id}', '7', '初步接洽', '2027-01-31', '张伟', '2026-11-23 12:00:00', '新')"
        ))
        .await;
    }

    pub(crate) async fn run(&self, id: i64) -> Result<Ran, AppError> {
        self.run_as(&self.loudou, id).await
    }

    pub(crate) async fn run_as(&self, loudou: &Loudou, id: i64) -> Result<Ran, AppError> {
        self.sources.run(loudou, id, machine(&Caller::machine()), &self.clock(), &Quiet).await
    }

    pub(crate) async fn amounts(&self) -> Vec<i64> {
        let store = Store::open(&self.place.url().expect("a path"), 1).await.expect("it opens");
        let mut deals: Vec<i64> = store
            .all_records(Kind::Opportunity)
            .await
            .expect("they are read")
            .iter()
            .filter_map(|deal| deal.hot.amount_minor)
            .collect();
        deals.sort_unstable();
        deals
    }
}
