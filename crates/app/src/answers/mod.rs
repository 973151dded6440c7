//! The analyses: each asks the warehouse for a tally, applies a method to its cells and answers with rows
//! under stated terms. One file an analysis.

mod analyser;
pub(crate) mod bridge;
mod conversion;
mod dwell;
mod frame;
mod funnel;
pub(crate) mod gauges;
mod headline;
mod migration;
pub(crate) mod targets;
mod trend;
pub(crate) mod winrate;
pub(crate) mod words;

pub use analyser::{Analyser, AnalyserAsk, Band};
pub use bridge::BridgeAsk;
pub use conversion::ConversionAsk;
pub(crate) use frame::{dimension_label, dimensions};
pub use gauges::{DialRules, GaugesAsk};
pub use headline::{Alarm, Headline};
pub use migration::MigrationAsk;
pub use trend::TrendAsk;
pub use winrate::WinrateAsk;

use domain::calendar::Grain;
use domain::people::May;
use domain::{Calendar, Currency, Day};
use warehouse::Question;

use crate::answer::Terms;
use crate::{AppError, Ask, Loudou, Result, question};

/// The first day of a period without a beginning.
pub(crate) const BEGINNING: Day = Day(-719_162);

/// A question ready to be asked, with the terms every answer states.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) question: Question,
    pub(crate) as_of: Day,
    pub(crate) from: Option<Day>,
    pub(crate) to: Day,
    pub(crate) terms: Terms,
}

impl Loudou {
    /// Reads the common part of a question: days, scope, currency.
    pub(crate) async fn asked(&self, ask: &Ask) -> Result<Asked> {
        self.who.require(May::Analyse)?;
        let as_of = ask.as_of.unwrap_or_else(|| self.today());
        let to = ask.to.unwrap_or(as_of);
        if let Some(from) = ask.from {
            in_order(from, to, "the as-of day")?;
        }
        if to > as_of {
            return Err(AppError::input((
                format!("期间结束于 {to}，晚于截至日 {as_of}"),
                format!("the period ends on {to}, after the as-of day {as_of}"),
            ))
            .hint(("请把截至日设为要看到的最后一天", "let the as-of day be the last day that is to be seen")));
        }
        let currency = match &ask.currency {
            Some(code) => Some(Currency::parse(code).map_err(|error| {
                AppError::input((format!("“{code}”不是币种代码：请写成 CNY 这样"), error.to_string()))
            })?),
            None => None,
        };
        let question = Question {
            process: ask.process.clone(),
            filter: ask.filter.clone(),
            only: question::only(&ask.chips)?,
            by: ask.by.clone(),
            scope: question::scope(&self.store, &self.who, &ask.scope).await?,
            as_of,
            known_at: ask.known_at,
            currency,
        };
        let day = |day: Option<Day>| day.map(|day| day.to_string());
        let mut terms = Terms::default()
            .with("process", ask.process.clone())
            .with("as_of", as_of.to_string())
            .with("known_at", day(ask.known_at))
            .with("by", ask.by.clone())
            .with("where", ask.filter.clone())
            .with("scope", if ask.scope.is_empty() { "all" } else { &ask.scope })
            .with("zone", self.calendar.zone.name());
        if !ask.chips.is_empty() {
            terms.state("only", ask.chips.clone());
        }
        Ok(Asked { question, as_of, from: ask.from, to, terms })
    }
}

/// Refuses a period that ends before it begins; `default` is the end where none is given.
fn in_order(from: Day, to: Day, default: &str) -> Result<()> {
    if from <= to {
        return Ok(());
    }
    Err(AppError::input((
        format!("期间开始于 {from}，晚于结束日 {to}"),
        format!("the period begins on {from}, after its end on {to}"),
    ))
    .hint(("请让开始日早于结束日", format!("let `from` lie before `to` (which is {default} where it is not given)"))))
}

impl Asked {
    /// The period from its beginning, stated in the terms.
    pub(crate) fn period(&mut self) -> Day {
        self.terms.state("from", self.from.map(|day| day.to_string()));
        self.terms.state("to", self.to.to_string());
        self.from.unwrap_or(BEGINNING)
    }

    /// The day at whose end a comparison begins: the first day, or a week before the last; stated in the terms.
    pub(crate) fn opening(&mut self) -> Day {
        let from = self.from.unwrap_or_else(|| self.to.plus(-7));
        self.from = Some(from);
        self.period()
    }

    /// The last days of the periods of a grain from the first day to the last one of the question; the last
    /// period may end before its time.
    pub(crate) fn ends(&self, calendar: &Calendar, grain: Grain, from: Day) -> Vec<Day> {
        let mut ends = Vec::new();
        let mut start = calendar.period_start(grain, from);
        while start <= self.to {
            let next = calendar.next_period(grain, start);
            ends.push(next.plus(-1).min(self.to));
            start = next;
        }
        ends
    }
}

/// The word of a grain in terms.
pub(crate) const fn grain_word(grain: Grain) -> &'static str {
    match grain {
        Grain::Week => "week",
        Grain::Month => "month",
        Grain::Quarter => "quarter",
        Grain::Year => "year",
    }
}
