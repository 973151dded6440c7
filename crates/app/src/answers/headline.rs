//! The sentence at the head of the analyser: replenish or advance, by the rules of `methods::diagnosis`, each told with
//! its inputs.
//!
//! What the rules read is taken from frames that the page shows anyway. Must not ask the warehouse.

use domain::Day;
use domain::process::{Process, Stage, StageRole};
use domain::words::Text2;
use journey::{Destination, Origin};
use methods::diagnosis::{
    ALARM_PERIODS, Advice, AgainstMean, Findings, OVER_PERCENT, SHORT_NEW_PERCENT, SHORT_TOP_PERCENT, Shortage,
    drop_chance,
};
use methods::movement::push_strength;
use methods::ratio::Ratio;

use super::frame::Frame;
use crate::answer::{Answer, Cell};

/// Below this many new deals a week, four weeks are compared with four.
const FEW_NEW: u64 = 10;
/// Members that the sentence names.
const MOST_NAMED: usize = 3;
/// Weeks that are taken together then.
const FEW_WEEKS: usize = 4;

/// Why supply is not judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unjudged {
    /// There is no target, or nothing was new.
    NothingToCompare,
    /// Most deals of the top have no amount: unknown is not nothing.
    NoAmounts { deals: i64, unknown: i64 },
}

impl Unjudged {
    fn words(self) -> (String, String) {
        match self {
            Self::NothingToCompare => (
                "没有可比的目标或新增，无法判断总量是否不足".to_owned(),
                "without a target and new deals to compare, supply cannot be judged".to_owned(),
            ),
            Self::NoAmounts { deals, unknown } if deals == unknown => (
                format!("漏斗顶部的 {deals} 个商机都没有金额，无法判断总量是否不足"),
                format!("none of the {deals} deals in the top has an amount, so supply cannot be judged"),
            ),
            Self::NoAmounts { deals, unknown } => (
                format!("漏斗顶部 {deals} 个商机中 {unknown} 个没有金额，无法判断总量是否不足"),
                format!("{unknown} of the {deals} deals in the top have no amount, so supply cannot be judged"),
            ),
        }
    }
}

/// What the numbers come to, with the rules it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Headline {
    /// What to do.
    pub advice: Advice,
    /// The sentence, in Chinese and in English.
    pub words: (String, String),
    /// Each rule that could be read, with its inputs, likewise.
    pub rules: Vec<(String, String)>,
    /// The first stage's share of the amount against its own mean, where it has been over its threshold for long
    /// enough.
    pub alarm: Option<Alarm>,
    /// The members with a red dial, the worst first.
    pub behind: Vec<String>,
    /// Whether too little was known to judge the supply.
    pub is_open: bool,
}

impl Headline {
    /// The advice as a word for programs.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.advice {
            Advice::Replenish => "replenish",
            Advice::Advance => "advance",
            Advice::Both => "both",
            Advice::Neither if self.is_open => "unknown",
            Advice::Neither => "none",
        }
    }
}

/// A member with a red dial.
#[derive(Debug, Clone, PartialEq)]
struct Behind {
    key: String,
    name: Text2,
}

/// A share that stays over its threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// Key of the stage.
    pub stage: String,
    /// The share from which on it is over.
    pub threshold: f64,
    /// The days at whose ends it was over, without a break up to the last.
    pub days: Vec<Day>,
}

/// What the sentence is read from.
pub(super) struct Page<'a> {
    pub(super) process: Option<&'a Process>,
    /// The stock of the day.
    pub(super) stock: &'a Frame,
    /// The stock at each of `trend_ends`.
    pub(super) trend: &'a Frame,
    pub(super) trend_ends: &'a [Day],
    /// Movements between each of `week_ends` and the next.
    pub(super) series: &'a Frame,
    pub(super) week_ends: &'a [Day],
    /// The quarter's target of all that is in view.
    pub(super) target_minor: Option<i128>,
    /// Dials by member, the worst first.
    pub(super) gauges: &'a Answer,
}

impl Page<'_> {
    pub(super) fn headline(&self) -> Headline {
        let new = self.new_by_week();
        let top = self.top_minor();
        let unjudged = top.err().unwrap_or(Unjudged::NothingToCompare);
        let compared = compared(&new, self.has_part_of_a_week());
        let findings = Findings {
            shortage: top
                .ok()
                .zip(compared)
                .and_then(|(top, (now, before, _))| Shortage::read(top, self.target_minor, now, before)),
            push: AgainstMean::read(&self.push_by_week()),
            low_share: AgainstMean::read(&self.share_by_week(|slot| self.is_low(slot))),
            first_share: AgainstMean::read(&self.share_by_week(|slot| self.is_first(slot))),
        };
        let advice = findings.advice();
        let behind = behind(self.gauges);
        Headline {
            advice,
            words: words(advice, &findings, &behind, unjudged),
            rules: rules(&findings, compared, top.ok().and_then(|_| self.yield_of_top())),
            alarm: self.alarm(findings.first_share),
            behind: behind.into_iter().map(|member| member.key).collect(),
            is_open: findings.shortage.is_none(),
        }
    }

    fn alarm(&self, first_share: Option<AgainstMean>) -> Option<Alarm> {
        let share = first_share.filter(AgainstMean::is_alarm)?;
        let stage = self.stock.slots.iter().find(|slot| slot.stage.is_some())?.key.clone();
        let full = &self.trend_ends[..self.full_weeks()];
        let over = full.len().saturating_sub(share.periods_over);
        Some(Alarm { stage, threshold: share.threshold(), days: full[over..].to_vec() })
    }

    fn is_low(&self, slot: usize) -> bool {
        let stage = self.stock.slots.get(slot).and_then(|slot| slot.stage.as_ref());
        stage.zip(self.process).is_some_and(|(stage, process)| !process.is_high(stage.id))
    }

    fn is_first(&self, slot: usize) -> bool {
        self.stock.slots.iter().position(|slot| slot.stage.is_some()) == Some(slot)
    }

    fn is_commit(&self, slot: usize) -> bool {
        let stage = self.stock.slots.get(slot).and_then(|slot| slot.stage.as_ref());
        stage.is_some_and(|stage| stage.role == StageRole::Commit)
    }

    /// Rows of the stock in the stages that the process calls its top, with their stages.
    fn top(&self) -> impl Iterator<Item = (usize, &Stage)> {
        let stage = |row: usize| {
            let slot = usize::from(self.stock.rows.code("slot", row));
            self.stock.slots.get(slot).and_then(|slot| slot.stage.as_ref()).map(|stage| (row, stage))
        };
        let is_top = |stage: &Stage| self.process.is_some_and(|process| process.top.contains(&stage.key));
        (0..self.stock.rows.len()).filter_map(stage).filter(move |(_, stage)| is_top(stage))
    }

    /// Amount in the top, unless nothing is known of what most of its deals are worth.
    fn top_minor(&self) -> Result<i128, Unjudged> {
        let rows = &self.stock.rows;
        let (mut deals, mut unknown, mut minor) = (0, 0, 0);
        for (row, _) in self.top() {
            deals += rows.count("deals", row);
            unknown += rows.count("deals_without_amount", row);
            minor += rows.money("amount_minor", row);
        }
        if unknown * 2 > deals { Err(Unjudged::NoAmounts { deals, unknown }) } else { Ok(minor) }
    }

    /// What the top is expected to yield, by the probabilities that its stages are configured with, as a share of the
    /// quarter's target: what the target asks of the top is the target by that probability. Absent where a stage of the
    /// top has none.
    fn yield_of_top(&self) -> Option<f64> {
        let mut weighted_ppm = 0_i128;
        for (row, stage) in self.top() {
            weighted_ppm += self.stock.rows.money("amount_minor", row) * i128::from(stage.probability_ppm?);
        }
        let target = self.target_minor.filter(|target| *target > 0)?;
        Ratio::new(weighted_ppm, target.checked_mul(1_000_000)?).map(Ratio::value)
    }

    /// The last of the weeks is not over.
    fn has_part_of_a_week(&self) -> bool {
        self.week_ends.last().is_some_and(|last| last.week_start().plus(6) != *last)
    }

    fn weeks(&self) -> usize {
        self.week_ends.len().saturating_sub(1)
    }

    /// New deals of each week.
    fn new_by_week(&self) -> Vec<u64> {
        let rows = &self.series.rows;
        let mut new = vec![0; self.weeks()];
        for row in (0..rows.len()).filter(|row| Origin::from_code(rows.code("from", *row)) == Some(Origin::New)) {
            if let Some(week) = new.get_mut(rows.number("period", row) as usize) {
                *week += u64::try_from(rows.count("deals", row)).unwrap_or(0);
            }
        }
        new
    }

    /// Amount that a slot of interest has at the end of each period of the trend, and the whole amount.
    fn amounts(&self, wanted: impl Fn(usize) -> bool) -> Vec<(i128, i128)> {
        let rows = &self.trend.rows;
        let mut amounts = vec![(0, 0); self.trend_ends.len()];
        for row in 0..rows.len() {
            let Some((part, whole)) = amounts.get_mut(rows.number("period", row) as usize) else { continue };
            let minor = rows.money("amount_minor", row);
            *whole += minor;
            if wanted(usize::from(rows.code("slot", row))) {
                *part += minor;
            }
        }
        amounts
    }

    #[allow(clippy::cast_precision_loss, reason = "a share of amounts is shown with few digits")]
    fn share_by_week(&self, wanted: impl Fn(usize) -> bool) -> Vec<Option<f64>> {
        let share = |(part, whole): (i128, i128)| (whole > 0).then(|| part as f64 / whole as f64);
        self.amounts(wanted).into_iter().take(self.full_weeks()).map(share).collect()
    }

    /// Weeks of the trend that are over: the running one does not count as a week in a row.
    fn full_weeks(&self) -> usize {
        self.trend_ends.len() - usize::from(self.has_part_of_a_week() && !self.trend_ends.is_empty())
    }

    /// Inflow of each full week into the commit stage from low ones, by the low stock before it.
    fn push_by_week(&self) -> Vec<Option<f64>> {
        let low = self.amounts(|slot| self.is_low(slot));
        let low_at = |day: Day| self.trend_ends.iter().position(|end| *end == day).map(|at| low[at].0);
        let mut from_low = vec![0_i128; self.weeks()];
        let rows = &self.series.rows;
        for row in 0..rows.len() {
            let (from, to) = (Origin::from_code(rows.code("from", row)), Destination::from_code(rows.code("to", row)));
            if let (Some(Origin::Slot(from)), Some(Destination::Slot(to))) = (from, to)
                && self.is_low(usize::from(from))
                && self.is_commit(usize::from(to))
                && let Some(week) = from_low.get_mut(rows.number("period", row) as usize)
            {
                *week += rows.money("amount_to_minor", row);
            }
        }
        let full = self.weeks() - usize::from(self.has_part_of_a_week() && self.weeks() > 0);
        let strength = |(week, inflow): (usize, i128)| push_strength(inflow, low_at(self.week_ends[week])?);
        from_low.into_iter().enumerate().take(full).map(|week| strength(week).map(Ratio::value)).collect()
    }
}

/// New deals of the last full week and of the one before, or of four and four; with how many weeks that is.
fn compared(new: &[u64], part: bool) -> Option<(u64, u64, usize)> {
    let full = &new[..new.len() - usize::from(part && !new.is_empty())];
    let of = |weeks: usize| {
        let now = full.len().checked_sub(weeks)?;
        let before = now.checked_sub(weeks)?;
        Some((full[now..].iter().sum::<u64>(), full[before..now].iter().sum::<u64>(), weeks))
    };
    let one = of(1)?;
    if one.1 < FEW_NEW { of(FEW_WEEKS) } else { Some(one) }
}

/// Members with a red dial, in the order of the gauges.
fn behind(gauges: &Answer) -> Vec<Behind> {
    let colours: Vec<usize> =
        (0..gauges.columns.len()).filter(|at| gauges.columns[*at].key.ends_with("_colour")).collect();
    let is_red =
        |row: &&Vec<Cell>| colours.iter().any(|at| matches!(&row[*at], Cell::Name { key, .. } if key == "red"));
    let name = |row: &Vec<Cell>| match row.first() {
        Some(Cell::Text(name)) => Some(Behind { key: name.clone(), name: Text2::new(name, name) }),
        Some(Cell::Name { zh, en, key }) => Some(Behind { key: key.clone(), name: Text2::new(zh, en) }),
        _ => None,
    };
    gauges.rows.iter().filter(is_red).filter_map(name).collect()
}

/// `unjudged` is why supply is not judged, where it is not.
fn words(advice: Advice, findings: &Findings, behind: &[Behind], unjudged: Unjudged) -> (String, String) {
    let top = findings.shortage.map(|shortage| percent(shortage.top.value())).unwrap_or_default();
    let new = findings.shortage.map(|shortage| percent(shortage.new.value())).unwrap_or_default();
    let (zh, en) = match advice {
        Advice::Replenish => (
            format!("补充新商机：漏斗顶部只有季度目标的 {top}，新增只有上期的 {new}。"),
            format!(
                "Replenish: the top of the funnel holds {top} of the quarter's target, and new deals are {new} of those before."
            ),
        ),
        Advice::Both => (
            format!("先推进，再补充：漏斗顶部只有季度目标的 {top}，新增只有上期的 {new}，推进也偏弱。"),
            format!(
                "Advance first, then replenish: the top holds {top} of the quarter's target, new deals are {new} of those before, and the push is weak."
            ),
        ),
        Advice::Advance => (
            "推进现有商机：商机停在低阶段，推进偏弱。".to_owned(),
            "Advance: deals stay in the low stages, and the push into commitment does not keep up.".to_owned(),
        ),
        Advice::Neither => nothing_to_do(findings, behind, unjudged),
    };
    if behind.is_empty() {
        return (zh, en);
    }
    let named = &behind[..behind.len().min(MOST_NAMED)];
    let joined = |text: &dyn for<'a> Fn(&'a Text2) -> &'a str, mark: &str| {
        named.iter().map(|member| text(&member.name)).collect::<Vec<_>>().join(mark)
    };
    let more = behind.len() - named.len();
    let (more_zh, more_en) = if more == 0 {
        (String::new(), String::new())
    } else {
        (format!("等 {} 项", behind.len()), format!(" and {more} more"))
    };
    (
        format!("{zh}目标覆盖率最低：{}{more_zh}。", joined(&|name| name.zh.as_str(), "、")),
        format!("{en} Lowest target coverage: {}{more_en}.", joined(&|name| name.en.as_str(), ", ")),
    )
}

/// What is said where no rule asks for anything: how supply and movement stand, each as far as it could be read, and what
/// is out of its range without being a finding by itself.
fn nothing_to_do(findings: &Findings, behind: &[Behind], unjudged: Unjudged) -> (String, String) {
    let supply = findings.shortage.map(|shortage| {
        let (top, new) = (percent(shortage.top.value()), percent(shortage.new.value()));
        match (shortage.is_top_thin(), shortage.is_new_down()) {
            (false, false) => None,
            (true, _) => Some((
                format!("漏斗顶部只有季度目标的 {top}，但新增没有明显减少（上期的 {new}）"),
                format!(
                    "the top holds only {top} of the quarter's target, yet new deals keep up ({new} of those before)"
                ),
            )),
            (false, true) => Some((
                format!("新增只有上期的 {new}，但漏斗顶部仍有季度目标的 {top}"),
                format!("new deals are {new} of those before, yet the top holds {top} of the quarter's target"),
            )),
        }
    });
    let movement = findings.push.map(|push| {
        (!push.is_strong()).then(|| {
            let (now, mean) = (percent(push.now), percent(push.mean));
            (
                format!("推进力低于均值（{now}，均值 {mean}），但低阶段没有堆积"),
                format!("the push is below its mean ({now} against {mean}), yet nothing piles up in the low stages"),
            )
        })
    });
    let (zh, en) = match (supply, movement) {
        (None, None) if unjudged == Unjudged::NothingToCompare => (
            "数据还不足以判断：需要本季度目标，以及几周的变化历史".to_owned(),
            "not enough is known to judge: it takes a target for the quarter, and some weeks of history".to_owned(),
        ),
        (Some(None), Some(None)) if behind.is_empty() => (
            "没有突出的风险：补充与推进都在常态之内".to_owned(),
            "no risk stands out: supply and movement are within their usual range".to_owned(),
        ),
        (Some(None), Some(None)) => (
            "补充与推进都在常态之内，但离目标尚远".to_owned(),
            "supply and movement are within their usual range, yet the target is far".to_owned(),
        ),
        (supply, movement) => {
            let supply = match supply {
                Some(Some(said)) => said,
                Some(None) => ("补充在常态之内".to_owned(), "supply is within its usual range".to_owned()),
                None => unjudged.words(),
            };
            let movement = match movement {
                Some(Some(said)) => said,
                Some(None) => ("推进在常态之内".to_owned(), "movement is within its usual range".to_owned()),
                None => (
                    "没有推进的历史，无法判断推进是否偏弱".to_owned(),
                    "without a history of movement, movement cannot be judged".to_owned(),
                ),
            };
            (format!("{}；{}", supply.0, movement.0), format!("{}; {}", supply.1, movement.1))
        }
    };
    let mut letters = en.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    (format!("{zh}。"), format!("{first}{}.", letters.as_str()))
}

/// Each rule with its inputs.
fn rules(findings: &Findings, compared: Option<(u64, u64, usize)>, yield_of_top: Option<f64>) -> Vec<(String, String)> {
    let mut rules = Vec::new();
    if let (Some(shortage), Some((now, before, weeks))) = (findings.shortage, compared) {
        let top = percent(shortage.top.value());
        let fired = if shortage.is_short() { ("成立", "holds") } else { ("不成立", "does not hold") };
        let chance = percent(drop_chance(now, before));
        rules.push((
            format!("总量不足{}：顶部金额为季度目标的 {top}（界限 {SHORT_TOP_PERCENT} %），最近 {weeks} 个整周新增 {now} 个，之前 {before} 个（界限 {SHORT_NEW_PERCENT} %；纯属偶然也这样少的概率 {chance}）。两项都低于界限才成立。", fired.0),
            format!("Shortage {}: the top holds {top} of the quarter's target (bound {SHORT_TOP_PERCENT} %); {now} new deals in the last full week(s) ({weeks}), {before} before (bound {SHORT_NEW_PERCENT} %; as few by mere chance: {chance}). It takes both below their bounds.", fired.1),
        ));
    }
    if let Some(share) = yield_of_top {
        let yields = percent(share);
        let (zh, en) = if share > 0.0 && share < 1.0 {
            let times = format!("{:.1}", 1.0 / share);
            (
                format!("单靠顶部完成目标，顶部金额须为现在的 {times} 倍"),
                format!("to reach it from the top alone, the top would have to be {times} times as large"),
            )
        } else if share >= 1.0 {
            ("单靠顶部也够".to_owned(), "the top alone would do".to_owned())
        } else {
            ("顶部没有金额".to_owned(), "there is no amount in the top".to_owned())
        };
        rules.push((
            format!("需求：按各阶段配置的赢单概率，顶部预计带来季度目标的 {yields}；{zh}。"),
            format!(
                "Requirement: by the configured probabilities of its stages the top yields {yields} of the quarter's \
                 target; {en}."
            ),
        ));
    }
    if let Some(push) = findings.push {
        let fired = if push.is_strong() { ("不弱", "not weak") } else { ("偏弱", "weak") };
        let (now, mean) = (percent(push.now), percent(push.mean));
        rules.push((
            format!("推进力{}：上个整周由低阶段流入投入阶段的金额为低阶段存量的 {now}，均值 {mean}。", fired.0),
            format!("Push {}: in the last full week {now} of the low stock flowed into the commit stage, {mean} on average.", fired.1),
        ));
    }
    let shares = [
        (findings.low_share, "低阶段占比", "Share of the low stages"),
        (findings.first_share, "第一阶段占比", "Share of the first stage"),
    ];
    for (share, zh, en) in shares {
        let Some(share) = share else { continue };
        let (now, bound, over) = (percent(share.now), percent(share.threshold()), share.periods_over);
        rules.push((
            format!("{zh} {now}，界限 {bound}（自身均值的 {OVER_PERCENT} %），已连续 {over} 周超过（满 {ALARM_PERIODS} 周报警）。"),
            format!("{en}: {now}, bound {bound} ({OVER_PERCENT} % of its own mean), over it for {over} week(s) in a row (rings at {ALARM_PERIODS})."),
        ));
    }
    rules
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use domain::words::Text2;
    use methods::diagnosis::{Advice, Findings, Shortage};

    use super::{Unjudged, compared, rules, words};

    const NOTHING_TO_COMPARE: Unjudged = Unjudged::NothingToCompare;
    const NO_AMOUNTS: Unjudged = Unjudged::NoAmounts { deals: 118, unknown: 116 };

    #[test]
    fn who_is_furthest_behind_is_named() {
        let push = methods::diagnosis::AgainstMean::read(&[Some(0.1), Some(0.2)]);
        let known = Findings { shortage: Shortage::read(90, Some(100), 10, 10), push, ..Findings::default() };
        let said = |behind_names: &[&str]| {
            let behind = |name: &&str| super::Behind { key: (*name).to_owned(), name: Text2::new(*name, *name) };
            let behind: Vec<_> = behind_names.iter().map(behind).collect();
            words(Advice::Neither, &known, &behind, NOTHING_TO_COMPARE)
        };
        assert_eq!(said(&[]).1, "No risk stands out: supply and movement are within their usual range.");
        let far = "Supply and movement are within their usual range, yet the target is far.";
        assert_eq!(said(&["East"]).1, format!("{far} Lowest target coverage: East."));
        let many = said(&["East", "West", "North", "South"]);
        assert_eq!(many.1, format!("{far} Lowest target coverage: East, West, North and 1 more."));
        assert_eq!(many.0, "补充与推进都在常态之内，但离目标尚远。目标覆盖率最低：East、West、North等 4 项。");
    }

    #[test]
    fn nothing_is_said_to_be_well_that_was_not_read() {
        let said = words(Advice::Neither, &Findings::default(), &[], NOTHING_TO_COMPARE).1;
        assert!(said.starts_with("Not enough is known to judge"), "{said}");
        let moved =
            Findings { push: methods::diagnosis::AgainstMean::read(&[Some(0.1), Some(0.2)]), ..Findings::default() };
        assert!(words(Advice::Neither, &moved, &[], NOTHING_TO_COMPARE).1.contains("supply cannot be judged"));
        assert!(
            words(Advice::Neither, &moved, &[], NO_AMOUNTS)
                .1
                .starts_with("116 of the 118 deals in the top have no amount, so")
        );
        let supplied = Findings { shortage: Shortage::read(90, Some(100), 10, 10), ..Findings::default() };
        assert!(words(Advice::Neither, &supplied, &[], NOTHING_TO_COMPARE).1.contains("movement cannot be judged"));
    }

    #[test]
    fn what_is_out_of_its_range_is_said_even_where_it_is_no_finding() {
        let said = |top: i128, new: u64, push: &[Option<f64>]| {
            let push = methods::diagnosis::AgainstMean::read(push);
            let findings = Findings { shortage: Shortage::read(top, Some(1000), new, 10), push, ..Findings::default() };
            assert_eq!(findings.advice(), Advice::Neither);
            words(findings.advice(), &findings, &[], NO_AMOUNTS).1
        };
        let (strong, weak) = ([Some(0.1), Some(0.2)], [Some(0.3), Some(0.1)]);
        assert_eq!(
            said(24, 12, &weak),
            "The top holds only 2.4 % of the quarter's target, yet new deals keep up (120.0 % of those before); the push \
             is below its mean (10.0 % against 20.0 %), yet nothing piles up in the low stages."
        );
        assert!(
            said(900, 5, &strong)
                .ends_with("yet the top holds 90.0 % of the quarter's target; movement is within its usual range.")
        );
        assert!(said(900, 9, &weak).starts_with("Supply is within its usual range; the push is below its mean"));
    }

    #[test]
    fn what_the_target_asks_of_the_top_stands_beside_the_shortage() {
        let said = |share| rules(&Findings::default(), None, share).first().map(|(_, en)| en.clone());
        assert_eq!(said(None), None);
        let short = said(Some(0.25)).expect("a rule");
        assert!(short.contains("yields 25.0 % of the quarter's target") && short.contains("4.0 times"), "{short}");
        assert!(said(Some(1.2)).is_some_and(|en| en.ends_with("the top alone would do.")));
    }

    #[test]
    fn few_new_deals_are_compared_over_four_weeks() {
        let weeks = [1, 2, 3, 4, 5, 6, 7, 8, 12, 14];
        assert_eq!(compared(&weeks, false), Some((14, 12, 1)));
        assert_eq!(compared(&weeks, true), Some((6 + 7 + 8 + 12, 2 + 3 + 4 + 5, 4)), "the running week is left out");
        assert_eq!(compared(&weeks[..7], false), None, "not enough weeks");
        assert_eq!(compared(&[], true), None);
    }
}
