//! The demonstration company: two years of a made-up seller of factory software, with known truth.
//!
//! It goes in by the same path as any import: the generator makes an [`Extract`], as a profile would from
//! files. The journal it leaves is that of a company which worked with Loudou from the first day: every
//! change was known when it happened.

mod build;
mod causes;
mod company;
mod dice;
mod history;

pub use causes::{Cause, Causes};
pub use company::{Channel, Industry, Product, Region};
pub use history::{Ends, OPEN_STAGES, TRUTH};

use domain::process::Process;
use domain::{Calendar, Day};
use ingest::Extract;

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

impl crate::Loudou {
    /// Puts the company into this database. Its history ends yesterday unless `until` says otherwise.
    ///
    /// # Errors
    /// The company is there already, or the database fails.
    pub async fn demo(
        &self,
        seed: u64,
        until: Option<Day>,
        causes: &Causes,
        tell: &dyn Fn(crate::Step),
    ) -> crate::Result<crate::import::ImportReport> {
        let until = until.unwrap_or_else(|| self.today().plus(-1));
        if until > self.today() {
            let message = format!("the history cannot end on {until}: that is in the future");
            return Err(crate::AppError::input(message).hint("give --until a day that has passed"));
        }
        let links = self.store.external_ids(SOURCE, domain::Kind::Opportunity).await?;
        if !links.is_empty() {
            return Err(crate::AppError::input("the demonstration company is here already")
                .hint("give --data another directory, or take it back with `loudou import undo`"));
        }
        tell(crate::Step::Doing("making two years of deals".to_owned()));
        let process = crate::import::provisional(&self.processes().await?, crate::process::read(PROCESS)?)?;
        let extract = generate(&process, &self.calendar, seed, until, causes);
        let mut report = crate::import::ImportReport::of(SOURCE, domain::Currency::CNY, &extract);
        report.written(self.bring_in(SOURCE, Vec::new(), extract, &process, tell).await?);
        Ok(report)
    }
}
