//! How the demonstration company's deals fare: arrivals by week, then stage by stage with competing ends.
//!
//! The chances below are the known truth that analyses of the company can be held against.

use domain::{Day, Outcome};

use super::causes::{Causes, Circumstances};
use super::company::{Channel, Company, Industry, Product, Region};
use super::dice::Dice;

/// Stages a deal can stand in while open, in the order of the process.
pub const OPEN_STAGES: usize = 6;

/// How a stay in a stage ends, as chances that sum to one.
#[derive(Debug, Clone, Copy)]
pub struct Ends {
    /// To the next stage.
    pub forward: f64,
    /// Past the next stage.
    pub skip: f64,
    /// To the stage before.
    pub back: f64,
    /// Lost.
    pub lost: f64,
    /// Cancelled.
    pub cancelled: f64,
    /// Into nurture.
    pub parked: f64,
    /// Mean days of a stay that ends forward.
    pub stay_days: f64,
}

const fn ends(chances: [f64; 6], stay_days: f64) -> Ends {
    let [forward, skip, back, lost, cancelled, parked] = chances;
    Ends { forward, skip, back, lost, cancelled, parked, stay_days }
}

/// The true ends by stage, before any planted cause: lead, contact, needs, solution, proof, decision.
pub const TRUTH: [Ends; OPEN_STAGES] = [
    ends([0.56, 0.03, 0.00, 0.08, 0.28, 0.05], 9.0),
    ends([0.58, 0.04, 0.00, 0.14, 0.17, 0.07], 12.0),
    ends([0.62, 0.03, 0.04, 0.16, 0.10, 0.05], 18.0),
    ends([0.60, 0.02, 0.06, 0.21, 0.08, 0.03], 24.0),
    ends([0.67, 0.00, 0.05, 0.20, 0.06, 0.02], 22.0),
    ends([0.75, 0.00, 0.03, 0.17, 0.05, 0.00], 14.0),
];

/// New leads a seller finds in an ordinary week.
const LEADS_A_WEEK: f64 = 2.2;

/// What happened to a deal on a day.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    Stage(usize),
    Outcome(Outcome, Option<&'static str>),
    Resumed(usize),
    Amount(i64),
    ExpectedClose(Day),
    Owner(usize),
    Visit(&'static str),
    Expense(i64),
}

/// A deal with its history.
#[derive(Debug, Clone)]
pub(crate) struct Deal {
    pub(crate) account: usize,
    /// Who found it; transfers are events.
    pub(crate) first_owner: usize,
    /// Who has it at the end.
    pub(crate) owner: usize,
    pub(crate) product: Product,
    pub(crate) channel: Channel,
    pub(crate) campaign: Option<usize>,
    pub(crate) created: Day,
    pub(crate) events: Vec<(Day, Event)>,
}

/// The whole history from `from` to `until`.
pub(crate) fn histories(company: &Company, causes: &Causes, seed: u64, from: Day, until: Day) -> Vec<Deal> {
    let mut deals = Vec::new();
    for (place, person) in company.people.iter().enumerate().filter(|(_, person)| !person.is_manager) {
        let mut monday = from.week_start();
        let mut week = 0_u64;
        while monday <= until {
            // A stream a seller and week: a cause that thins one week leaves every other as it was.
            let mut dice = Dice::new(seed, 1_000_000 + (place as u64) * 10_000 + week);
            let mean = LEADS_A_WEEK * season(monday) * causes.arrivals(person.region, until.since(monday));
            for _ in 0..dice.poisson(mean) {
                let created = monday.plus(dice.between(0, 4));
                if (from..=until).contains(&created) {
                    deals.push(Walk::new(company, causes, &mut dice, place, person.region, created, until).run());
                }
            }
            monday = monday.plus(7);
            week += 1;
        }
    }
    deals.sort_by_key(|deal| deal.created);
    deals
}

/// Fewer leads around the spring festival and in high summer, more in the fourth quarter.
fn season(monday: Day) -> f64 {
    use chrono::Datelike;
    match monday.to_date().map_or(1, |date| date.month()) {
        2 => 0.6,
        7 | 8 => 0.9,
        10..=12 => 1.15,
        _ => 1.0,
    }
}

/// Places among a stay's ends of those that go on.
const FORWARD: [usize; 2] = [0, 1];
/// The place of the loss.
const LOST: [usize; 1] = [3];

/// Chances with those at `places` made `factor` times as likely (together at most 97 %), and the others less or
/// more likely in proportion.
fn scaled(chances: [f64; 6], places: &[usize], factor: f64) -> [f64; 6] {
    let before: f64 = places.iter().map(|place| chances[*place]).sum();
    if before <= 0.0 || before >= 1.0 {
        return chances;
    }
    let after = (before * factor).min(0.97);
    let (inside, outside) = (after / before, (1.0 - after) / (1.0 - before));
    let mut place = 0;
    chances.map(|chance| {
        let factor = if places.contains(&place) { inside } else { outside };
        place += 1;
        chance * factor
    })
}

struct Walk<'a> {
    causes: &'a Causes,
    dice: &'a mut Dice,
    company: &'a Company,
    region: Region,
    industry: Industry,
    until: Day,
    day: Day,
    stage: usize,
    amount_yuan: i64,
    expected_close: Option<Day>,
    deal: Deal,
}

impl<'a> Walk<'a> {
    fn new(
        company: &'a Company,
        causes: &'a Causes,
        dice: &'a mut Dice,
        owner: usize,
        region: Region,
        created: Day,
        until: Day,
    ) -> Self {
        let at_home: Vec<usize> = company
            .accounts
            .iter()
            .enumerate()
            .filter(|(_, account)| account.region == region)
            .map(|(at, _)| at)
            .collect();
        let account = *dice.pick(&at_home);
        let channel = Channel::ALL[dice.weighted(&Channel::WEIGHTS)];
        let product = *dice.pick(Product::ALL);
        let campaign =
            matches!(channel, Channel::Show | Channel::Ads | Channel::Web).then(|| dice.below(super::CAMPAIGNS.len()));
        let amount_yuan = round_to(dice.log_normal(product.median_yuan(), 0.5), 1_000);
        let industry = company.accounts[account].industry;
        let deal = Deal { account, first_owner: owner, owner, product, channel, campaign, created, events: Vec::new() };
        Self {
            causes,
            dice,
            company,
            region,
            industry,
            until,
            day: created,
            stage: 0,
            amount_yuan,
            expected_close: None,
            deal,
        }
    }

    fn run(mut self) -> Deal {
        // A repeat customer sometimes enters late, and rightly so.
        if self.deal.channel == Channel::Referral && self.dice.chance(0.2) {
            self.stage = 2;
        }
        self.tell(self.day, Event::Stage(self.stage));
        self.on_entering();
        // Deals end: nobody walks more than forty steps.
        for _ in 0..40 {
            if !self.step() {
                break;
            }
        }
        self.deal.events.retain(|(day, _)| *day <= self.until);
        self.deal.events.sort_by_key(|(day, _)| *day);
        self.deal
    }

    fn tell(&mut self, day: Day, event: Event) {
        self.deal.events.push((day, event));
    }

    fn circumstances(&self) -> Circumstances {
        Circumstances {
            region: self.region,
            industry: self.industry,
            channel: self.deal.channel,
            is_star: self.deal.owner == self.company.star(),
            days_to_end: self.until.since(self.day),
            stage: self.stage,
        }
    }

    /// One stay in a stage and what ends it. False where the deal is over, or the history is.
    fn step(&mut self) -> bool {
        let truth = TRUTH[self.stage];
        let on = self.circumstances();
        let forward = self.causes.forward(on);
        let loss = self.causes.loss(on);
        let chances = [truth.forward, truth.skip, truth.back, truth.lost, truth.cancelled, truth.parked];
        let weights = scaled(scaled(chances, &FORWARD, forward), &LOST, loss);
        let end = self.dice.weighted(&weights);
        // Losses and cancellations come sooner than advances.
        let pace = if end >= 3 { 0.7 } else { 1.0 };
        let stay = self.dice.stay_days(truth.stay_days * pace * self.causes.stay(on));
        self.while_staying(stay);
        self.day = weekday(self.day.plus(stay));
        if self.day > self.until {
            return false;
        }
        match end {
            0 => self.go_to(self.stage + 1),
            1 => self.go_to((self.stage + 2).min(OPEN_STAGES - 1)),
            2 => self.go_to(self.stage - 1),
            3 => self.lose(loss),
            4 => self.end(Outcome::Cancelled, "cancelled.budget"),
            _ => self.park(),
        }
    }

    fn go_to(&mut self, stage: usize) -> bool {
        if stage >= OPEN_STAGES {
            let haggled = round_to(self.amount_yuan as f64 * (0.9 + 0.1 * self.dice.unit()), 1_000);
            self.tell(self.day, Event::Amount(haggled * 100));
            return self.end(Outcome::Won, "");
        }
        self.stage = stage;
        self.tell(self.day, Event::Stage(stage));
        self.on_entering();
        true
    }

    fn end(&mut self, outcome: Outcome, reason: &'static str) -> bool {
        self.tell(self.day, Event::Outcome(outcome, (!reason.is_empty()).then_some(reason)));
        false
    }

    fn lose(&mut self, loss: f64) -> bool {
        const REASONS: [&str; 5] = ["lost.price", "lost.product", "lost.relation", "lost.competitor", "lost.late"];
        let by_price = if loss > 1.0 { 6.0 } else { 1.5 };
        let reason = REASONS[self.dice.weighted(&[by_price, 1.0, 1.0, 1.4, 0.8])];
        self.end(Outcome::Lost, reason);
        // Now and then a customer comes back.
        if self.dice.chance(0.03) {
            self.day = weekday(self.day.plus(self.dice.between(30, 90)));
            self.stage = self.stage.clamp(1, 2);
            self.tell(self.day, Event::Resumed(self.stage));
            return self.day <= self.until;
        }
        false
    }

    fn park(&mut self) -> bool {
        self.tell(self.day, Event::Outcome(Outcome::Parked, None));
        if !self.dice.chance(0.6) {
            return false;
        }
        self.day = weekday(self.day.plus(self.dice.between(40, 200)));
        self.tell(self.day, Event::Resumed(self.stage));
        self.day <= self.until
    }

    /// What a seller writes down on entering a stage.
    fn on_entering(&mut self) {
        if self.stage >= 2 {
            let moved = 0.9 + 0.2 * self.dice.unit();
            self.amount_yuan = round_to(self.amount_yuan as f64 * moved, 1_000);
            self.tell(self.day, Event::Amount(self.amount_yuan * 100));
        }
        let left: f64 = TRUTH[self.stage..].iter().map(|ends| ends.stay_days).sum();
        #[allow(clippy::cast_possible_truncation, reason = "some hundred days")]
        let left = (left * (0.8 + 0.5 * self.dice.unit())) as i32 - self.causes.haste_days(self.region);
        let expected = weekday(self.day.plus(left.max(7)));
        if self.stage >= 1 && self.expected_close.is_none_or(|close| close < expected || self.dice.chance(0.2)) {
            self.expected_close = Some(expected);
            self.tell(self.day, Event::ExpectedClose(expected));
        }
        if self.stage == 4 && self.dice.chance(0.5) {
            let yuan = round_to(self.amount_yuan as f64 * 0.01, 100);
            self.tell(self.day, Event::Expense(yuan.max(500) * 100));
        }
        if self.dice.chance(0.01) {
            let colleagues = self.company.sellers(self.region);
            self.deal.owner = *self.dice.pick(&colleagues);
            self.tell(self.day, Event::Owner(self.deal.owner));
        }
    }

    /// Visits and calls, and close dates that are pushed when they come near.
    fn while_staying(&mut self, stay: i32) {
        const TYPES: [&str; 5] = ["call", "visit", "meeting", "wechat", "demo"];
        let mut day = self.day.plus(self.dice.between(0, 3));
        while day < self.day.plus(stay) {
            let weights = [
                3.0,
                1.0 + self.stage as f64 * 0.4,
                0.5 + self.stage as f64 * 0.3,
                1.5,
                if self.stage >= 3 { 0.8 } else { 0.1 },
            ];
            let kind = TYPES[self.dice.weighted(&weights)];
            self.tell(weekday(day), Event::Visit(kind));
            day = day.plus(self.dice.between(6, 18));
        }
        while let Some(close) = self.expected_close.filter(|close| *close < self.day.plus(stay)) {
            let pushed_on = weekday(close.max(self.day).plus(-2).max(self.day));
            let to = weekday(close.max(self.day).plus(self.dice.between(20, 45)));
            self.tell(pushed_on, Event::ExpectedClose(to));
            self.expected_close = Some(to);
        }
    }
}

/// The day itself, or the Monday after a weekend.
fn weekday(day: Day) -> Day {
    match day.since(day.week_start()) {
        5 => day.plus(2),
        6 => day.plus(1),
        _ => day,
    }
}

#[allow(clippy::cast_possible_truncation, reason = "a deal is far below 2^53 yuan")]
fn round_to(yuan: f64, step: i64) -> i64 {
    (yuan / step as f64).round() as i64 * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_scales_the_chance_and_the_rest_makes_up_for_it() {
        let truth = [0.62, 0.03, 0.04, 0.16, 0.10, 0.05];
        let halved = scaled(truth, &FORWARD, 0.5);
        assert!((halved[0] + halved[1] - 0.325).abs() < 1e-12);
        assert!((halved.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((halved[3] / halved[4] - 1.6).abs() < 1e-12, "losses and cancellations stay in proportion");
    }

    #[test]
    fn the_truth_of_every_stage_sums_to_one() {
        for ends in TRUTH {
            let sum = ends.forward + ends.skip + ends.back + ends.lost + ends.cancelled + ends.parked;
            assert!((sum - 1.0).abs() < 1e-12, "{ends:?}");
        }
    }
}
