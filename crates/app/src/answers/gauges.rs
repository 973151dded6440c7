//! Gauges: per member of a dimension, what is won or far enough on the way against the target.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::calendar::Grain;
use domain::field::{FieldId, ids};
use domain::process::{Process, StageRole};
use domain::{Currency, Day, Kind, RecordId, Scope};
use journey::{Stock, Tally, WinRate};
use methods::dials::{Colour, Dial, DialInput, DialReading, Factors, NoReading, read};
use store::Record;
use warehouse::{Dimension, Question, Reply, Snapshot};

use super::frame::Frame;
use super::{Asked, in_order};
use crate::answer::{Answer, Cell, Column, Unit, why};
use crate::{AppError, Ask, Loudou, Result};

/// Fields of a target that name whose it is.
pub(crate) const MEMBERS: [(&str, FieldId, Kind); 6] = [
    ("owner", ids::TARGET_PERSON, Kind::Person),
    ("team", ids::TARGET_TEAM, Kind::Team),
    ("region", ids::TARGET_REGION, Kind::Region),
    ("product", ids::TARGET_PRODUCT, Kind::Product),
    ("industry", ids::TARGET_INDUSTRY, Kind::Industry),
    ("channel", ids::TARGET_CHANNEL, Kind::Channel),
];

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
        let dimension = gauge_dimension(&ask.by)?;
        let plan = self.gauge_plan(ask).await?;
        let warehouse = self.warehouse().await?;
        let counted = warehouse.count(&plan.asked.question, &plan.scan()).await?;
        let words = counted.with(());
        let won = Frame::of(&Reply::of(&plan.won, words.with(counted.cells.0)), &ask.by);
        let stock = Frame::of(&Reply::of(&plan.due, words.with(counted.cells.1)), &ask.by);
        let GaugePlan { mut asked, period: (from, to), .. } = plan;
        let (process, currency) = (won.process.as_ref(), won.currency);
        let seen = self.members_in_scope(&asked.question.scope, dimension, &warehouse.snapshot()).await?;
        let view = TargetView { dimension, period: (from, to), process, currency, seen: seen.as_ref() };
        let targets = self.targets(&asked.question.scope, &view).await?;
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
                "期内、本流程或不限流程、不限阶段的目标",
                "inside the period, of the process or of none, of no single stage",
            )
            .with_words(
                "dial_4",
                "明确阶段起 ÷（1.5 × 目标）",
                "from the stage with the role intent on ÷ (1.5 × target)",
            )
            .with_words(
                "dial_5",
                "投入阶段起 ÷（1.2 × 目标）",
                "from the stage with the role commit on ÷ (1.2 × target)",
            )
            .with_words("colours", "85 % 起绿，60 % 起黄，以下红", "green from 85 %, yellow from 60 %, red below")
            .with("members", standings.len())
            .with("worst", *worst);
        let mut answer = won.answer(("仪表盘", "Gauges"), terms, columns());
        let mut rows: Vec<(f64, Vec<Cell>)> = standings
            .into_iter()
            .map(|(member, standing)| {
                row(member.as_deref(), standing, targets.get(&member).copied(), process, !ask.by.is_empty())
            })
            .collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        rows.into_iter().take(worst.unwrap_or(usize::MAX)).for_each(|(_, row)| answer.push(row));
        if targets.is_empty() {
            answer.note(
                format!("{from} 至 {to} 在此范围内没有这样分的目标，因此没有百分比；用映射文件导入 target 记录即可。"),
                format!("there is no such target in scope from {from} to {to}, so there is no percentage; import target records by a mapping file."),
            );
        }
        Ok(answer)
    }

    /// The target of everything in scope for the quarter of a day.
    pub(super) async fn quarter_target(
        &self,
        question: &Question,
        process: Option<&Process>,
        currency: Option<Currency>,
    ) -> Result<Option<i128>> {
        let period = self.gauge_period(&Ask { as_of: Some(question.as_of), ..Ask::default() })?;
        let view = TargetView { dimension: None, period, process, currency, seen: None };
        Ok(self.targets(&question.scope, &view).await?.get(&None).copied())
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

    fn gauge_period(&self, ask: &Ask) -> Result<(Day, Day)> {
        let as_of = ask.as_of.unwrap_or_else(|| self.today());
        let from = ask.from.unwrap_or_else(|| self.calendar.period_start(Grain::Quarter, as_of));
        let to = ask.to.unwrap_or_else(|| self.calendar.next_period(Grain::Quarter, as_of).plus(-1));
        in_order(from, to, "the last day of the as-of day's quarter")?;
        Ok((from, to))
    }

    /// The members whose targets the scope shows: its teams, their people, and whoever owns a deal in it. Targets
    /// of the whole, of regions, products and the like are everybody's together and shown to no single team.
    /// `None`: all of them.
    pub(crate) async fn members_in_scope(
        &self,
        scope: &Scope,
        dimension: Option<(FieldId, Kind)>,
        snapshot: &Snapshot,
    ) -> Result<Option<HashSet<RecordId>>> {
        let (teams, person) = match scope {
            Scope::All => return Ok(None),
            Scope::Nothing => return Ok(Some(HashSet::new())),
            Scope::Person(person) => (BTreeSet::new(), Some(*person)),
            Scope::Teams { teams, person } => (teams.clone(), *person),
            Scope::Both(a, b) => {
                let a = Box::pin(self.members_in_scope(a, dimension, snapshot)).await?;
                let b = Box::pin(self.members_in_scope(b, dimension, snapshot)).await?;
                return Ok(match (a, b) {
                    (Some(a), Some(b)) => Some(a.intersection(&b).copied().collect()),
                    (one, None) | (None, one) => one,
                });
            }
        };
        match dimension.map(|(_, kind)| kind) {
            Some(Kind::Team) => Ok(Some(teams.into_iter().collect())),
            Some(Kind::Person) => {
                let mut people = owners_in_scope(scope, snapshot);
                people.extend(person);
                for record in self.store.all_records(Kind::Person).await? {
                    if record.int(ids::PERSON_TEAM).is_some_and(|team| teams.contains(&team)) {
                        people.insert(record.id);
                    }
                }
                Ok(Some(people))
            }
            _ => Ok(Some(HashSet::new())),
        }
    }

    /// Targets that the scope shows, by member name; `None` is the target of the whole.
    pub(crate) async fn targets_in_scope(
        &self,
        scope: &Scope,
        view: TargetView<'_>,
    ) -> Result<HashMap<Option<String>, i128>> {
        let seen = self.members_in_scope(scope, view.dimension, &self.warehouse().await?.snapshot()).await?;
        self.targets(scope, &TargetView { seen: seen.as_ref(), ..view }).await
    }

    /// Targets inside the period by member name; `None` is the target of the whole.
    async fn targets(&self, scope: &Scope, view: &TargetView<'_>) -> Result<HashMap<Option<String>, i128>> {
        let Some((_, kind)) = view.dimension else {
            let whole = match scope {
                Scope::All => self.targets_by_member(view).await?.get(&None).copied(),
                part => self.target_of(part, view).await?,
            };
            return Ok(whole.map(|amount| (None, amount)).into_iter().collect());
        };
        let mut names: HashMap<RecordId, String> = HashMap::new();
        let field = Dimension::of(kind).map(Dimension::name_field);
        for record in self.store.all_records(kind).await? {
            let name =
                field.and_then(|field| record.text(field)).map_or_else(|| format!("#{}", record.id), str::to_owned);
            names.insert(record.id, name);
        }
        let mut out: HashMap<Option<String>, i128> = HashMap::new();
        for (member, amount) in self.targets_by_member(view).await? {
            *out.entry(member.and_then(|member| names.get(&member).cloned())).or_default() += amount;
        }
        Ok(out)
    }

    async fn targets_by_member(&self, view: &TargetView<'_>) -> Result<HashMap<Option<RecordId>, i128>> {
        let versions: HashSet<i64> = self
            .processes()
            .await?
            .iter()
            .filter(|process| view.process.is_some_and(|seen| seen.key == process.key))
            .filter_map(|process| process.id.map(|id| i64::from(id.0)))
            .collect();
        let mut out: HashMap<Option<RecordId>, i128> = HashMap::new();
        for target in self.store.all_records(Kind::Target).await? {
            let Some(amount) = target.int(ids::TARGET_AMOUNT).filter(|_| view.is_comparable(&target, &versions)) else {
                continue;
            };
            if let Some(member) = whose(&target, view.dimension)
                && view.seen.is_none_or(|seen| member.is_some_and(|member| seen.contains(&member)))
            {
                *out.entry(member).or_default() += i128::from(amount);
            }
        }
        Ok(out)
    }

    /// The target of a part: of its topmost teams, each by its own target or by those of the teams below; or of
    /// the one person.
    async fn target_of(&self, scope: &Scope, view: &TargetView<'_>) -> Result<Option<i128>> {
        let (kind, seen): (Kind, HashSet<RecordId>) = match scope {
            Scope::Teams { teams, .. } => (Kind::Team, teams.iter().copied().collect()),
            Scope::Person(person) => (Kind::Person, HashSet::from([*person])),
            Scope::All | Scope::Both(..) | Scope::Nothing => return Ok(None),
        };
        let dimension = MEMBERS.iter().find(|(.., of)| *of == kind).map(|(_, field, kind)| (*field, *kind));
        let view = TargetView { dimension, seen: Some(&seen), ..*view };
        let own = self.targets_by_member(&view).await?;
        let mut below: HashMap<Option<RecordId>, Vec<RecordId>> = HashMap::new();
        for record in self.store.all_records(kind).await?.iter().filter(|record| seen.contains(&record.id)) {
            let parent = (kind == Kind::Team).then(|| record.int(ids::TEAM_PARENT)).flatten();
            below.entry(parent.filter(|parent| seen.contains(parent))).or_default().push(record.id);
        }
        let mut todo = below.remove(&None).unwrap_or_default();
        let mut sum = None;
        while let Some(member) = todo.pop() {
            match own.get(&Some(member)) {
                Some(amount) => *sum.get_or_insert(0) += amount,
                None => todo.extend(below.remove(&Some(member)).unwrap_or_default()),
            }
        }
        Ok(sum)
    }
}

/// Which targets the dials are held against.
#[derive(Clone, Copy)]
pub(crate) struct TargetView<'a> {
    pub(crate) dimension: Option<(FieldId, Kind)>,
    pub(crate) period: (Day, Day),
    pub(crate) process: Option<&'a Process>,
    pub(crate) currency: Option<Currency>,
    /// The members whose targets the scope shows; absent: all.
    pub(crate) seen: Option<&'a HashSet<RecordId>>,
}

impl TargetView<'_> {
    /// Whether a target counts the same as the dials: inside the period, in their currency, of their process (one
    /// of `versions`) or of none. A target of one stage is no target of the money that comes out at the end.
    fn is_comparable(&self, target: &Record, versions: &HashSet<i64>) -> bool {
        let day = |field| target.int(field).and_then(|day| i32::try_from(day).ok()).map(Day);
        let (from, to) = self.period;
        day(ids::TARGET_FROM).is_some_and(|day| day >= from)
            && day(ids::TARGET_TO).is_some_and(|day| day <= to)
            && self.currency.is_none_or(|is| target.int(ids::TARGET_CURRENCY) == Some(i64::from(is.code())))
            && target.int(ids::TARGET_STAGE).is_none()
            && target.int(ids::TARGET_PROCESS).is_none_or(|process| versions.contains(&process))
    }
}

/// Owners now of the deals that the scope shows.
fn owners_in_scope(scope: &Scope, snapshot: &Snapshot) -> HashSet<RecordId> {
    let codes = snapshot.scope(scope);
    let owners = snapshot.labels.members(Dimension::Owner);
    let mut out = HashSet::new();
    for partition in &snapshot.partitions {
        let Some(flags) = partition.in_scope(&codes) else { continue };
        let shown = partition.attributes.owner.iter().zip(flags).filter(|(_, shown)| *shown);
        out.extend(shown.filter_map(|(owner, _)| owners.get(*owner)).map(|owner| owner.id));
    }
    out
}

/// The one member that a target is for, seen along a dimension; absent where it is somebody else's.
fn whose(target: &Record, dimension: Option<(FieldId, Kind)>) -> Option<Option<RecordId>> {
    let named: Vec<_> = MEMBERS.iter().filter_map(|(_, field, _)| target.int(*field).map(|id| (*field, id))).collect();
    match (dimension, named.as_slice()) {
        (None, []) => Some(None),
        (Some((field, _)), [(of, id)]) if *of == field => Some(Some(*id)),
        _ => None,
    }
}

pub(crate) fn gauge_dimension(by: &[String]) -> Result<Option<(FieldId, Kind)>> {
    match by {
        [] => Ok(None),
        [one] => {
            let found = MEMBERS.iter().find(|(name, ..)| name == one).map(|(_, field, kind)| Some((*field, *kind)));
            found.ok_or_else(|| unknown_dimension(one))
        }
        _ => Err(AppError::input("gauges are shown by one dimension").hint("give --by one of them")),
    }
}

fn unknown_dimension(name: &str) -> AppError {
    let names: Vec<_> = MEMBERS.iter().map(|(name, ..)| *name).collect();
    AppError::input(format!("there are no targets by `{name}`")).hint(format!("gauges go by {}", names.join(", ")))
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
    member: Option<&str>,
    standing: Standing,
    target_minor: Option<i128>,
    process: Option<&Process>,
    named: bool,
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
    let mut cells = Vec::new();
    if named {
        cells.push(member.map_or(Cell::Undefined(why::NOT_RECORDED), |name| Cell::Text(name.to_owned())));
    }
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
