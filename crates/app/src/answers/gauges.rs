//! Gauges: per member of a dimension, what is won or far enough on the way against the target.

use std::collections::BTreeMap;

use domain::Day;
use domain::calendar::Grain;
use domain::process::{Process, StageRole};
use journey::{Stock, Tally, WinRate};
use methods::dials::{Colour, Dial, DialInput, DialReading, Factors, GREEN_PERCENT, NoReading, YELLOW_PERCENT, read};
use warehouse::Reply;

use super::frame::Frame;
use super::targets;
use super::words::Words;
use super::{Asked, in_order};
use crate::answer::{Answer, Cell, Column, Unit, why};
use crate::{AppError, Ask, Loudou, Result};

/// Won in the period, and open and due in it from a role's stage on, by member.
#[derive(Debug, Default, Clone, Copy)]
struct Standing {
    won_minor: i128,
    intent_minor: i128,
    commit_minor: i128,
}

/// What gauges and pivots count: the same scan, so that a page with both counts once.
#[derive(Debug)]
pub(crate) struct GaugePlan {
    /// The question, without its period.
    pub(crate) asked: Asked,
    /// The days whose targets the dials are held against.
    pub(crate) period: (Day, Day),
    /// What was won in the period.
    pub(crate) won: WinRate,
    /// What is open and due in the period.
    pub(crate) due: Stock,
    /// What is open.
    pub(crate) stock: Stock,
}

/// Counts of [`GaugePlan::scan`].
pub(crate) type GaugeCells = (<WinRate as Tally>::Cells, <Stock as Tally>::Cells, <Stock as Tally>::Cells);

impl GaugePlan {
    /// Won, due and open in one scan.
    pub(crate) fn scan(&self) -> (WinRate, Stock, Stock) {
        (self.won.clone(), self.due.clone(), self.stock.clone())
    }
}

/// How dials are to be read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DialRules {
    /// How many targets dial 4 asks for.
    pub intent_factor: f64,
    /// How many targets dial 5 asks for.
    pub commit_factor: f64,
    /// From this share on a dial is yellow.
    pub yellow_from: f64,
    /// From this share on it is green.
    pub green_from: f64,
}

impl Default for DialRules {
    fn default() -> Self {
        let factors = Factors::default();
        let factor = |dial| f64::from(factors.permille(dial)) / 1_000.0;
        Self {
            intent_factor: factor(Dial::Intent),
            commit_factor: factor(Dial::Commit),
            yellow_from: f64::from(YELLOW_PERCENT) / 100.0,
            green_from: f64::from(GREEN_PERCENT) / 100.0,
        }
    }
}

/// A question for gauges.
#[derive(Debug, Clone)]
pub struct GaugesAsk {
    /// What every question has.
    pub common: Ask,
    /// Only this many members, the worst first.
    pub worst: Option<usize>,
}

impl Loudou {
    /// Dials 4 and 5 per member of at most one dimension, the worst first. The period is the fiscal quarter
    /// of the as-of day unless the question says otherwise.
    ///
    /// # Errors
    /// The question is wrong, or the data cannot be read.
    pub async fn gauges(&self, ask: &GaugesAsk) -> Result<Answer> {
        let GaugesAsk { common: ask, worst } = ask;
        if ask.by.len() > 1 {
            return Err(AppError::input(("仪表只按一个维度显示", "gauges are shown by one dimension"))
                .hint(("请为 --by 给出其中之一", "give --by one of them")));
        }
        let plan = self.gauge_plan(ask).await?;
        let warehouse = self.warehouse().await?;
        let counted = warehouse.count(&plan.asked.question, &plan.scan()).await?;
        let words = counted.with(());
        let won = Frame::of(&Reply::of(&plan.won, words.with(counted.cells.0)), &ask.by);
        let stock = Frame::of(&Reply::of(&plan.due, words.with(counted.cells.1)), &ask.by);
        let GaugePlan { mut asked, period: (from, to), .. } = plan;
        let (process, currency) = (won.process.as_ref(), won.currency);
        let targets = self.targets_of_groups(&asked.question, (from, to), process, currency).await?;
        let standings = standings(&stock, &won, process, targets.keys());
        asked.terms.state("from", from.to_string());
        asked.terms.state("to", to.to_string());
        let terms = asked
            .terms
            .with_words(
                "population",
                "期内赢单，加预计期内成交的进行中商机",
                "won in the period, and open with the expected close in it",
            )
            .with_words(
                "targets",
                "期内、本流程或不限流程、不限阶段，且恰为筛选所余的目标",
                "inside the period, of the process or of none, of no single stage, and set for just what the filters leave",
            )
            .with_words(
                "dial_4",
                "（已赢 + 明确阶段起的进行中）÷（1.5 × 目标）",
                "(won + open from the intent stage on) ÷ (1.5 × target)",
            )
            .with_words(
                "dial_5",
                "（已赢 + 投入阶段起的进行中）÷（1.2 × 目标）",
                "(won + open from the commit stage on) ÷ (1.2 × target)",
            )
            .with_words("colours", "85 % 起绿，60 % 起黄，以下红", "green from 85 %, yellow from 60 %, red below")
            .with("members", standings.len())
            .with("worst", *worst);
        let mut answer = won.answer(("仪表盘", "Gauges"), terms, columns());
        let words = Words::of(process, &words.keys);
        let mut rows: Vec<(f64, Vec<Cell>)> = standings
            .into_iter()
            .map(|(member, standing)| {
                let named = ask.by.first().map(|dimension| words.cell(dimension, member.as_deref()));
                row(named, standing, targets.get(&member).copied(), process)
            })
            .collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        rows.into_iter().take(worst.unwrap_or(usize::MAX)).for_each(|(_, row)| answer.push(row));
        if ask.by.iter().any(|name| !targets::are_set_by(name)) {
            answer.note(
                "目标不按这一维度设定，因此没有百分比。",
                "no target is set by this dimension, so there is no percentage.",
            );
        } else if targets.is_empty() {
            answer.note(
                format!("{from} 至 {to} 在此范围与筛选下没有这样分的目标，因此没有百分比；可在“目标”页设定，或用映射文件导入 target 记录。"),
                format!("from {from} to {to} no target is set for just what the scope and the filters leave, so there is no percentage; set it on the page Targets, or import target records by a mapping file."),
            );
        }
        Ok(answer)
    }

    /// What gauges count and over which days.
    pub(crate) async fn gauge_plan(&self, ask: &Ask) -> Result<GaugePlan> {
        let (from, to) = self.gauge_period(ask)?;
        let asked = self.asked(&Ask { from: None, to: None, ..ask.clone() }).await?;
        let stock = Stock::on(asked.as_of);
        let (won, due) =
            (WinRate::between(from, to.min(asked.as_of)), Stock { due: Some((from, to)), ..stock.clone() });
        Ok(GaugePlan { asked, period: (from, to), won, due, stock })
    }

    pub(super) fn gauge_period(&self, ask: &Ask) -> Result<(Day, Day)> {
        let as_of = ask.as_of.unwrap_or_else(|| self.today());
        let from = ask.from.unwrap_or_else(|| self.calendar.period_start(Grain::Quarter, as_of));
        let to = ask.to.unwrap_or_else(|| self.calendar.next_period(Grain::Quarter, as_of).plus(-1));
        in_order(from, to, "the last day of the as-of day's quarter")?;
        Ok((from, to))
    }
}

fn standings<'a>(
    stock: &Frame,
    won: &Frame,
    process: Option<&Process>,
    targets: impl Iterator<Item = &'a Option<String>>,
) -> BTreeMap<Option<String>, Standing> {
    let mut out: BTreeMap<Option<String>, Standing> =
        targets.map(|member| (member.clone(), Standing::default())).collect();
    let member = |frame: &Frame, group: u64| frame.labels(group).first().cloned().flatten();
    let intent = process.and_then(Process::intent_order);
    let commit = process.and_then(Process::commit_order);
    for row in 0..stock.rows.len() {
        let standing = out.entry(member(stock, stock.rows.group(row))).or_default();
        let slot = &stock.slots[usize::from(stock.rows.code("slot", row))];
        let minor = stock.rows.money("amount_minor", row);
        if intent.is_some_and(|order| slot.is_from(order)) {
            standing.intent_minor += minor;
        }
        if commit.is_some_and(|order| slot.is_from(order)) {
            standing.commit_minor += minor;
        }
    }
    for row in 0..won.rows.len() {
        out.entry(member(won, won.rows.group(row))).or_default().won_minor += won.rows.money("won_amount_minor", row);
    }
    if out.is_empty() {
        out.insert(None, Standing::default());
    }
    out
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("target_minor", "目标", "target", Unit::AmountMinor),
        Column::new("won_minor", "已赢", "won", Unit::AmountMinor),
        Column::new("dial_4_open_minor", "明确及以上在途", "open from intent", Unit::AmountMinor),
        Column::new("dial_4", "明确·阶段四", "dial 4 intent", Unit::Share).with_bar(),
        Column::new("dial_4_open_only", "只计在途", "open only", Unit::Share),
        Column::new("dial_4_colour", "", "", Unit::Text),
        Column::new("dial_5_open_minor", "投入及以上在途", "open from commit", Unit::AmountMinor),
        Column::new("dial_5", "投入·阶段五", "dial 5 commit", Unit::Share).with_bar(),
        Column::new("dial_5_open_only", "只计在途", "open only", Unit::Share),
        Column::new("dial_5_colour", "", "", Unit::Text),
    ]
}

/// A member's row, with the share that sorts it: the worse of the two dials, last where there is none.
fn row(
    member: Option<Cell>,
    standing: Standing,
    target_minor: Option<i128>,
    process: Option<&Process>,
) -> (f64, Vec<Cell>) {
    let has = |role| process.is_some_and(|process| process.stage_of_role(role).is_some());
    let dial = |dial, role, open_minor| {
        let open_minor = has(role).then_some(open_minor);
        read(dial, &DialInput { won_minor: standing.won_minor, open_minor, target_minor }, &Factors::default())
    };
    let four = dial(Dial::Intent, StageRole::Intent, standing.intent_minor);
    let five = dial(Dial::Commit, StageRole::Commit, standing.commit_minor);
    let worst = [&four, &five].into_iter().filter_map(|dial| dial.as_ref().ok()).map(|dial| dial.attained.value());
    let worst = worst.fold(f64::INFINITY, f64::min);
    let mut cells: Vec<Cell> = member.into_iter().collect();
    cells.push(target_minor.map_or(Cell::Undefined(why::NO_TARGET), Cell::Minor));
    cells.push(Cell::Minor(standing.won_minor));
    let open = |role, minor| {
        if has(role) { Cell::Minor(minor) } else { Cell::Undefined(why::NO_ROLE) }
    };
    cells.push(open(StageRole::Intent, standing.intent_minor));
    cells.extend(dial_cells(four));
    cells.push(open(StageRole::Commit, standing.commit_minor));
    cells.extend(dial_cells(five));
    (worst, cells)
}

fn dial_cells(reading: std::result::Result<DialReading, NoReading>) -> [Cell; 3] {
    match reading {
        Ok(reading) => [
            Cell::Float(reading.attained.value()),
            Cell::Float(reading.open_only.value()),
            match reading.colour {
                Colour::Red => colour("▼ 红", "▼ red", "red"),
                Colour::Yellow => colour("● 黄", "● yellow", "yellow"),
                Colour::Green => colour("▲ 绿", "▲ green", "green"),
            },
        ],
        Err(why) => {
            let reason = match why {
                NoReading::NoRole => why::NO_ROLE,
                NoReading::NoTarget => why::NO_TARGET,
                NoReading::EmptyTarget => why::EMPTY_TARGET,
            };
            [Cell::Undefined(reason), Cell::Undefined(reason), Cell::Undefined(reason)]
        }
    }
}

fn colour(zh: &str, en: &str, key: &str) -> Cell {
    Cell::Name { zh: zh.to_owned(), en: en.to_owned(), key: key.to_owned() }
}
