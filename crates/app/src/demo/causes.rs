//! The causes planted in the demonstration company: what an analysis of it ought to find, and by how much.
//!
//! Each can be left out, so that a finding can be checked against a company that differs in nothing else.

use super::company::{Channel, Industry, Region};

/// A planted cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// New leads in East China dry up.
    Drought,
    /// Solutions in North China wait for an answer.
    SlowSolution,
    /// Leads from trade shows rarely have a need.
    WeakShows,
    /// A rival cuts prices in retail.
    PriceWar,
    /// One seller carries deals forward far better than the others.
    Star,
    /// One team promises close dates it does not keep.
    Optimists,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 6] =
        [Self::Drought, Self::SlowSolution, Self::WeakShows, Self::PriceWar, Self::Star, Self::Optimists];

    /// The word on the command line.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Drought => "drought",
            Self::SlowSolution => "slow-solution",
            Self::WeakShows => "weak-shows",
            Self::PriceWar => "price-war",
            Self::Star => "star",
            Self::Optimists => "optimists",
        }
    }

    /// The cause written as `key`.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.key() == key)
    }

    /// What it does, in Chinese and in English.
    #[must_use]
    pub const fn describe(self) -> (&'static str, &'static str) {
        match self {
            Self::Drought => (
                "华东最近 6 周新线索减少 55 %：应补充新商机",
                "East China: 55 % fewer new leads in the last 6 weeks; the answer is to replenish",
            ),
            Self::SlowSolution => (
                "华北最近 26 周方案匹配停留为平常的 2.2 倍：应推进",
                "North China: solutions stay 2.2 times as long in the last 26 weeks; the answer is to advance",
            ),
            Self::WeakShows => (
                "展会线索从需求确认走到方案匹配的比例减半",
                "Leads from trade shows pass from needs to solution half as often",
            ),
            Self::PriceWar => (
                "零售业最近 26 周在谈判/验证阶段丢单为平常的 1.9 倍，原因是价格",
                "Retail: 1.9 times the losses in negotiation in the last 26 weeks, for price",
            ),
            Self::Star => (
                "一位销售每个阶段的推进率为同事的 1.3 倍",
                "One seller advances deals 1.3 times as often as peers, at every stage",
            ),
            Self::Optimists => (
                "西南团队预计成交日期平均早报 45 天，反复推迟",
                "The Southwest team expects closes 45 days too early and pushes them again and again",
            ),
        }
    }
}

/// What decides how a deal fares on a day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances {
    pub(crate) region: Region,
    pub(crate) industry: Industry,
    pub(crate) channel: Channel,
    pub(crate) is_star: bool,
    /// Days from the end of the history, 0 on its last day.
    pub(crate) days_to_end: i32,
    /// Place of the stage in the process, 0 for the lead.
    pub(crate) stage: usize,
}

/// The causes that are switched on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Causes(Vec<Cause>);

impl Causes {
    /// Every cause but these.
    #[must_use]
    pub fn without(left_out: &[Cause]) -> Self {
        Self(Cause::ALL.into_iter().filter(|cause| !left_out.contains(cause)).collect())
    }

    /// Whether a cause is switched on.
    #[must_use]
    pub fn has(&self, cause: Cause) -> bool {
        self.0.contains(&cause)
    }

    /// Factor on new leads.
    pub(crate) fn arrivals(&self, region: Region, days_to_end: i32) -> f64 {
        if self.has(Cause::Drought) && region == Region::East && days_to_end < 42 { 0.45 } else { 1.0 }
    }

    /// Factor on the mean stay.
    pub(crate) fn stay(&self, on: Circumstances) -> f64 {
        let slow = on.region == Region::North && on.stage == 3 && on.days_to_end < 182;
        if self.has(Cause::SlowSolution) && slow { 2.2 } else { 1.0 }
    }

    /// Factor on the chance of going forward.
    pub(crate) fn forward(&self, on: Circumstances) -> f64 {
        let shows = self.has(Cause::WeakShows) && on.channel == Channel::Show && on.stage == 2;
        let star = self.has(Cause::Star) && on.is_star;
        let shows = if shows { 0.5 } else { 1.0 };
        shows * if star { 1.3 } else { 1.0 }
    }

    /// Factor on the chance of losing.
    pub(crate) fn loss(&self, on: Circumstances) -> f64 {
        let war = on.industry == Industry::Retail && on.stage == 4 && on.days_to_end < 182;
        if self.has(Cause::PriceWar) && war { 1.9 } else { 1.0 }
    }

    /// Days by which the seller's expected close is too early.
    pub(crate) fn haste_days(&self, region: Region) -> i32 {
        if self.has(Cause::Optimists) && region == Region::Southwest { 45 } else { 0 }
    }
}
