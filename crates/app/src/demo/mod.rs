//! The demonstration company: two years of a made-up seller of factory software, with known truth.
//!
//! It goes in by the same path as any import: the generator makes an [`Extract`], as a profile would from
//! files. The journal it leaves is that of a company which worked with Loudou from the first day: every
//! change was known when it happened.

mod build;
mod causes;
mod chain;
mod company;
mod dice;
mod history;

pub use causes::{Cause, Causes};
pub use company::{Channel, Industry, Product, Region};
pub use history::{Ends, OPEN_STAGES, TRUTH};

use domain::people::May;
use domain::process::Process;
use domain::{Calendar, Day, Instant};
use ingest::Extract;

use crate::import::ImportReport;
use crate::step::{self, Follow, Listener};
use crate::{AppError, Fault, Loudou, Organisation, Place, Result, Step};

/// The process that the company sells by.
pub const PROCESS: &str = "b2b-seven";

/// The namespace of its external ids.
pub const SOURCE: &str = "demo";

/// Its campaigns.
pub(crate) const CAMPAIGNS: [&str; 6] = [
    "春季工博会 Spring Expo",
    "秋季展 Autumn Fair",
    "降本白皮书 Cost White Paper",
    "行业直播 Webinar Series",
    "搜索投放 Search Ads",
    "老客户日 Customer Day",
];

/// The whole company as an extract, its history ending with `until`.
#[must_use]
pub fn generate(process: &Process, calendar: &Calendar, seed: u64, until: Day, causes: &Causes) -> Extract {
    let company = company::Company::new(seed);
    let from = until.plus(-2 * 365).week_start();
    let deals = history::histories(&company, causes, seed, from, until);
    build::extract(process, calendar, &company, &deals, from, until)
}

/// Puts the company into a place, which is made where there is none, once nothing is wrong with the call. Its
/// history ends yesterday unless `until` says otherwise.
///
/// # Errors
/// The last day is to come, the company is there already, or the database fails.
pub async fn fill(
    place: &Place,
    now: Instant,
    seed: u64,
    until: Option<Day>,
    causes: &Causes,
    tell: &dyn Fn(Step),
) -> Result<ImportReport> {
    let organisation = Organisation::default();
    let loudou = match Loudou::find(place, now).await? {
        Some(loudou) => loudou,
        None => {
            last_day(&Calendar::new(organisation.zone), now, until)?;
            Loudou::open_or_create(place, &organisation, now).await?
        }
    };
    loudou.demo(seed, until, causes, tell).await
}

/// The last day of the history.
fn last_day(calendar: &Calendar, now: Instant, until: Option<Day>) -> Result<Day> {
    let today = calendar.day(now);
    let until = until.unwrap_or_else(|| today.plus(-1));
    if until > today {
        return Err(AppError::input((
            format!("历史不能止于 {until}：那在将来"),
            format!("the history cannot end on {until}: that is in the future"),
        ))
        .hint(("请为 --until 给出已经过去的日期", "give --until a day that has passed")));
    }
    Ok(until)
}

impl Loudou {
    /// Puts the company into this database. Its history ends yesterday unless `until` says otherwise.
    ///
    /// # Errors
    /// As [`Loudou::demo_followed`].
    pub async fn demo(
        &self,
        seed: u64,
        until: Option<Day>,
        causes: &Causes,
        tell: &dyn Fn(Step),
    ) -> Result<ImportReport> {
        self.demo_followed(seed, until, causes, &Listener(tell)).await
    }

    /// The same for somebody who may cancel it.
    ///
    /// # Errors
    /// The asker may not import, the company is here already, it was cancelled, or the database fails.
    pub async fn demo_followed(
        &self,
        seed: u64,
        until: Option<Day>,
        causes: &Causes,
        follow: &dyn Follow,
    ) -> Result<ImportReport> {
        self.who.require(May::Import)?;
        let until = last_day(&self.calendar, self.now, until)?;
        let links = self.store.external_ids(SOURCE, domain::Kind::Opportunity).await?;
        if !links.is_empty() {
            return Err(AppError::of(Fault::Conflict, "the demonstration company is here already").hint((
                "请为 --data 给出别的目录，或用 `loudou import undo` 撤回",
                "give --data another directory, or take it back with `loudou import undo`",
            )));
        }
        step::go_on(follow, Step::Doing(step::INVENTING))?;
        let process = crate::import::provisional(&self.processes().await?, crate::process::read(PROCESS)?)?;
        let extract = generate(&process, &self.calendar, seed, until, causes);
        let mut report = ImportReport::of(SOURCE, domain::Currency::CNY, &extract);
        self.bring_in(&mut report, extract, &process, None, follow).await?;
        Ok(report)
    }

    /// Refuses where there is data already: the demonstration company is no company's neighbour.
    ///
    /// # Errors
    /// Something was imported or made here.
    pub async fn require_no_deals(&self) -> Result<()> {
        let has_import = self.store.imports().await?.iter().any(|import| import.state == store::ImportState::Done);
        if !has_import && self.store.all_records(domain::Kind::Opportunity).await?.is_empty() {
            return Ok(());
        }
        Err(AppError::of(Fault::Conflict, "there are deals here already, and made-up ones would stand among them")
            .hint((
                "请在单独的数据库里查看演示公司：loudou demo --data DIR",
                "look at the demonstration company in a database of its own: loudou demo --data DIR",
            )))
    }
}
