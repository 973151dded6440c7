//! Pivot: rows × columns over any dimensions, with totals that are computed here and nowhere else.
//!
//! Deals, amount and weighted amount are the stock at the as-of; won, lost and the rate are of the period, the fiscal
//! quarter of the as-of unless the question says otherwise. Every cell is one group of one count, so a total is the sum
//! of its cells and equals the ungrouped answer.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::people::May;
use journey::{Added, Pick, PickDecision, PickStock, Tally};
use methods::dials::{Colour, is_far};
use methods::ratio::Ratio;
use warehouse::Counted;

use crate::answer::{Answer, Cell, Column, Terms, Unit, why};
use crate::answers::gauges::{GaugeCells, GaugePlan};
use crate::answers::words::Words;
use crate::{AppError, Ask, Loudou, Result};

/// Cells that one pivot shows at most.
const MOST_CELLS: usize = 50_000;

/// A question for a pivot.
#[derive(Debug, Clone, Default)]
pub struct PivotAsk {
    /// What every question has; its groups do not count.
    pub common: Ask,
    /// Dimensions of the rows.
    pub rows: Vec<String>,
    /// Dimensions of the columns.
    pub columns: Vec<String>,
    /// What is shown in each cell; deals, amount and weighted amount where nothing is named.
    pub measures: Vec<String>,
}

/// A row of a pivot, or its foot.
#[derive(Debug, Clone, PartialEq)]
pub struct PivotGroup {
    /// The words of its dimensions; absent where nothing is recorded.
    pub keys: Vec<Option<String>>,
    /// A cell a column, each with a value a measure.
    pub cells: Vec<Vec<Cell>>,
    /// Over all columns, a value a measure.
    pub totals: Vec<Cell>,
    /// How the share of the target is to be shown: a cell a column, and last over all columns.
    pub attained: Vec<Option<Attained>>,
}

/// A share of a target by the rules that every gauge has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attained {
    /// Its colour: `red`, `yellow` or `green`.
    pub colour: &'static str,
    /// Whether it is so far from the target, whichever way, that it is marked.
    pub is_far: bool,
}

/// The dimensions of a pivot, and what their members are called.
#[derive(Debug, Clone, Default, PartialEq)]
struct Layout {
    rows: Vec<String>,
    columns: Vec<String>,
    words: Words,
}

impl Layout {
    /// Members of several dimensions as one text, in Chinese and in English.
    fn text(&self, by: &[String], members: &Keys) -> (String, String) {
        let cells = by.iter().zip(members).map(|(dimension, key)| self.words.cell(dimension, key.as_deref()));
        let both = cells.map(|cell| match cell {
            Cell::Name { zh, en, .. } => (zh, en),
            Cell::Text(text) => (text.clone(), text),
            _ => ("–".to_owned(), "–".to_owned()),
        });
        let (zh, en): (Vec<String>, Vec<String>) = both.unzip();
        (zh.join(" · "), en.join(" · "))
    }
}

/// A pivot.
#[derive(Debug, Clone, PartialEq)]
pub struct Pivot {
    layout: Layout,
    /// What was asked.
    pub terms: Terms,
    /// The currency of the amounts; absent where there are several.
    pub currency: Option<domain::Currency>,
    /// The measures.
    pub measures: Vec<Column>,
    /// The words of each column.
    pub columns: Vec<Vec<Option<String>>>,
    /// The rows, by their words.
    pub rows: Vec<PivotGroup>,
    /// The foot: over all rows.
    pub totals: PivotGroup,
    /// The journal up to here was read.
    pub seq: i64,
}

/// What a cell can show: key, Chinese, English, unit.
const MEASURES: [Measure; 8] = [
    ("deals", "商机数", "deals", Unit::Count),
    ("amount_minor", "金额", "amount", Unit::AmountMinor),
    ("weighted_minor", "加权金额", "weighted", Unit::AmountMinor),
    ("won_deals", "赢单数", "won deals", Unit::Count),
    ("won_minor", "赢单金额", "won", Unit::AmountMinor),
    ("win_rate", "赢单率", "win rate", Unit::Share),
    ("target_minor", "目标", "target", Unit::AmountMinor),
    ("target_share", "目标达成率", "target attainment", Unit::Share),
];

/// What a cell adds up.
#[derive(Debug, Clone, Default, PartialEq)]
struct Sums {
    stock: Added,
    weighted_ppm: i128,
    /// Open deals with an amount stand in a stage without a probability.
    unweighted: bool,
    /// Open deals of unknown stage, which have no weight.
    stageless: i64,
    won: Added,
    lost: Added,
    target_minor: Option<i128>,
    currencies: BTreeSet<Option<String>>,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.stock = self.stock.plus(other.stock);
        self.weighted_ppm += other.weighted_ppm;
        self.unweighted |= other.unweighted;
        self.stageless += other.stageless;
        self.won = self.won.plus(other.won);
        self.lost = self.lost.plus(other.lost);
        if let Some(target) = other.target_minor {
            *self.target_minor.get_or_insert(0) += target;
        }
        self.currencies.extend(other.currencies.iter().cloned());
    }

    fn is_mixed(&self) -> bool {
        self.currencies.len() > 1
    }

    /// What is won against the target, where that can be said.
    fn attained(&self) -> Option<Attained> {
        let share = Ratio::new(self.won.amount_minor, self.target_minor?).filter(|_| !self.is_mixed())?;
        Some(Attained { colour: Colour::of(share).as_str(), is_far: is_far(share) })
    }

    fn cell(&self, measure: &str) -> Cell {
        let mixed = self.is_mixed();
        let amount = |minor: i128| if mixed { Cell::Undefined(why::SEVERAL_CURRENCIES) } else { Cell::Minor(minor) };
        let worth = |added: Added| {
            if added.is_of_unknown_worth() { Cell::Undefined(why::NO_AMOUNT) } else { amount(added.amount_minor) }
        };
        match measure {
            "deals" => Cell::Int(self.stock.count),
            "amount_minor" => worth(self.stock),
            "weighted_minor" if self.stock.is_of_unknown_worth() => Cell::Undefined(why::NO_AMOUNT),
            "weighted_minor" if self.unweighted || (self.stageless > 0 && self.stageless == self.stock.count) => {
                Cell::Undefined(why::NO_PROBABILITY)
            }
            "weighted_minor" => amount(domain::money::div_half_even(self.weighted_ppm, 1_000_000)),
            "won_deals" => Cell::Int(self.won.count),
            "won_minor" => worth(self.won),
            "win_rate" => {
                let decided = self.won.count + self.lost.count;
                if decided == 0 {
                    Cell::Undefined(why::NOTHING_DECIDED)
                } else {
                    Cell::share(i128::from(self.won.count), i128::from(decided))
                }
            }
            "target_minor" => self.target_minor.map_or(Cell::Undefined(why::NO_TARGET), amount),
            _ => match self.target_minor {
                None => Cell::Undefined(why::NO_TARGET),
                Some(_) if mixed => Cell::Undefined(why::SEVERAL_CURRENCIES),
                Some(target) => Cell::share(self.won.amount_minor, target),
            },
        }
    }
}

type Keys = Vec<Option<String>>;
/// Key, Chinese, English, unit.
type Measure = (&'static str, &'static str, &'static str, Unit);

impl Loudou {
    /// A pivot over deals in scope.
    ///
    /// # Errors
    /// The question is wrong or makes too many cells, or the data cannot be read.
    pub async fn pivot(&self, ask: &PivotAsk) -> Result<Pivot> {
        self.who.require(May::Analyse)?;
        let measures = measures(&ask.measures)?;
        let by: Vec<String> = ask.rows.iter().chain(&ask.columns).cloned().collect();
        if by.iter().collect::<BTreeSet<_>>().len() < by.len() {
            return Err(AppError::input(("透视表里同一维度出现了两次", "a dimension stands in a pivot twice"))
                .hint(("每个维度只选一次", "name each dimension once")));
        }
        let common = Ask { by: by.clone(), ..ask.common.clone() };
        let plan = self.gauge_plan(&common).await?;
        let counted = self.warehouse().await?.count(&plan.asked.question, &plan.scan()).await?;
        let wants_targets = measures.iter().any(|(key, ..)| key.starts_with("target"));
        let targets = if wants_targets {
            let (process, currency) = (counted.process.as_ref(), counted.currency);
            self.targets_of_groups(&plan.asked.question, plan.period, process, currency).await?
        } else {
            HashMap::new()
        };
        let (rows, columns) = (ask.rows.clone(), ask.columns.clone());
        // Thousands of cells are laid out: not on a thread that others' requests wait for.
        let work = move || {
            let grid = Grid::of(&plan, &counted, &by, rows.len(), targets)?;
            let mut terms = terms(plan, &counted, rows.clone(), columns.clone());
            if grid.whole.stageless > 0 {
                let deals = grid.whole.stageless;
                terms = terms.with_words(
                    "weighted",
                    &format!("{deals} 个商机阶段未知，不在加权金额里"),
                    format!("deals of unknown stage: {deals}; they are in no weighted amount"),
                );
            }
            let layout = Layout { rows, columns, words: Words::of(counted.process.as_ref(), &counted.keys) };
            Ok(grid.laid_out(&measures, layout, terms, counted.currency, counted.seq))
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|error| AppError::system(format!("the work was stopped: {error}")))?
    }
}

fn terms(plan: GaugePlan, counted: &Counted<GaugeCells>, rows: Vec<String>, columns: Vec<String>) -> Terms {
    let mut terms = plan
        .asked
        .terms
        .with("rows", rows)
        .with("columns", columns)
        .with("from", plan.period.0.to_string())
        .with("to", plan.period.1.to_string())
        .with_words(
            "population",
            "截至日日终的进行中商机；赢单与赢单率为期内",
            "open at the end of the as-of day; won and win rate in the period",
        );
    terms.state("currency", counted.currency.map(|currency| currency.to_string()));
    if let Some(process) = &counted.process {
        terms.state("process", process.key.clone());
    }
    terms
}

fn measures(words: &[String]) -> Result<Vec<Measure>> {
    if words.is_empty() {
        return Ok(MEASURES[..3].to_vec());
    }
    let find = |word: &String| {
        MEASURES.iter().copied().find(|(key, ..)| key == word).ok_or_else(|| {
            let known: Vec<_> = MEASURES.iter().map(|(key, ..)| *key).collect();
            AppError::input(format!("a pivot has no measure `{word}`"))
                .hint(format!("measures are {}", known.join(", ")))
        })
    };
    words.iter().map(find).collect()
}

/// Every group that counts anything.
fn groups(plan: &GaugePlan, (won, _, stock): &GaugeCells) -> BTreeSet<u64> {
    use arrow::array::AsArray;
    let of = |batch: arrow::array::RecordBatch| {
        batch.column(0).as_primitive::<arrow::datatypes::UInt64Type>().values().to_vec()
    };
    of(plan.stock.finish(stock)).into_iter().chain(of(plan.won.finish(won))).collect()
}

fn read(counted: &Counted<GaugeCells>, group: u64) -> Result<Sums> {
    let mut sums = Sums::default();
    let (won, _, stock) = &counted.cells;
    for (slot, stage) in (0..).zip(&counted.stages) {
        let added = PickStock(vec![slot]).read(stock, group);
        sums.stock = sums.stock.plus(added);
        match stage.as_ref().map(|stage| stage.probability_ppm) {
            Some(Some(ppm)) => sums.weighted_ppm += added.amount_minor * i128::from(ppm),
            Some(None) => sums.unweighted |= added.amount_minor != 0,
            None => sums.stageless += added.count,
        }
    }
    let decided = |word: &str| {
        let pick = PickDecision::named(word).ok_or_else(|| AppError::system(format!("a win rate has no `{word}`")))?;
        Ok::<_, AppError>(pick.read(won, group))
    };
    (sums.won, sums.lost) = (decided("won")?, decided("lost")?);
    Ok(sums)
}

/// Refuses a pivot of more cells than are shown.
fn fits(rows: usize, columns: usize) -> Result<()> {
    let cells = rows.saturating_mul(columns);
    if cells <= MOST_CELLS {
        return Ok(());
    }
    Err(AppError::input((
        format!("透视表将有 {cells} 格，最多显示 {MOST_CELLS} 格"),
        format!("the pivot would have {cells} cells; at most {MOST_CELLS} are shown"),
    ))
    .hint(("去掉一个维度，或先筛选", "leave a dimension out, or filter first")))
}

/// The cells that count anything, with what they come to by row, by column and altogether.
#[derive(Debug, Default)]
struct Grid {
    rows: BTreeMap<Keys, (BTreeMap<Keys, Sums>, Sums)>,
    columns: BTreeMap<Keys, Sums>,
    whole: Sums,
}

impl Grid {
    /// Of the groups by `by`, the first `down` of which stand in the rows; with targets by the word of a group.
    fn of(
        plan: &GaugePlan,
        counted: &Counted<GaugeCells>,
        by: &[String],
        down: usize,
        targets: HashMap<Option<String>, i128>,
    ) -> Result<Self> {
        let groups = groups(plan, &counted.cells);
        // Each group is a cell of its own: so many are refused before their words are read.
        fits(groups.len(), 1)?;
        let split = |mut labels: Keys| {
            let columns = labels.split_off(down.min(labels.len()));
            (labels, columns)
        };
        let words: Vec<(u64, Keys, Keys)> = groups
            .into_iter()
            .map(|group| {
                let (row, column) = split(counted.keys.labels(group));
                (group, row, column)
            })
            .collect();
        let rows: BTreeSet<&Keys> = words.iter().map(|(_, row, _)| row).collect();
        let columns: BTreeSet<&Keys> = words.iter().map(|(.., column)| column).collect();
        fits(rows.len(), columns.len())?;
        let currency_at = by.iter().position(|name| name == "currency");
        let mut grid = Self::default();
        for (group, row, column) in words {
            let mut sums = read(counted, group)?;
            let currency = currency_at.and_then(|at| row.iter().chain(&column).nth(at));
            sums.currencies.extend(currency.cloned());
            grid.add(row, column, &sums);
        }
        for (member, minor) in targets {
            let (row, column) = split(if by.is_empty() { Vec::new() } else { vec![member] });
            grid.add(row, column, &Sums { target_minor: Some(minor), ..Sums::default() });
        }
        Ok(grid)
    }

    fn add(&mut self, row: Keys, column: Keys, sums: &Sums) {
        self.whole.add(sums);
        self.columns.entry(column.clone()).or_default().add(sums);
        let (cells, total) = self.rows.entry(row).or_default();
        total.add(sums);
        cells.entry(column).or_default().add(sums);
    }

    /// In the order that `layout` says.
    fn laid_out(
        self,
        measures: &[Measure],
        layout: Layout,
        terms: Terms,
        currency: Option<domain::Currency>,
        seq: i64,
    ) -> Pivot {
        let values = |sums: &Sums| measures.iter().map(|(key, ..)| sums.cell(key)).collect::<Vec<_>>();
        let group = |keys: Keys, cells: &mut dyn Iterator<Item = &Sums>, total: &Sums| {
            let (mut shown, mut attained) = (Vec::new(), Vec::new());
            for sums in cells {
                shown.push(values(sums));
                attained.push(sums.attained());
            }
            attained.push(total.attained());
            PivotGroup { keys, cells: shown, totals: values(total), attained }
        };
        let nothing = Sums::default();
        let mut columns: Vec<(Keys, Sums)> = self.columns.into_iter().collect();
        columns.sort_by_cached_key(|(column, _)| layout.words.order(&layout.columns, column));
        let mut rows: Vec<_> = self.rows.into_iter().collect();
        rows.sort_by_cached_key(|(row, _)| layout.words.order(&layout.rows, row));
        let rows = rows.into_iter().map(|(row, (cells, total))| {
            let mut along = columns.iter().map(|(column, _)| cells.get(column).unwrap_or(&nothing));
            group(row, &mut along, &total)
        });
        let rows = rows.collect();
        let totals = group(Vec::new(), &mut columns.iter().map(|(_, sums)| sums), &self.whole);
        let measures = measures.iter().map(|(key, zh, en, unit)| Column::new(key, zh, en, *unit)).collect();
        let columns = columns.into_iter().map(|(column, _)| column).collect();
        Pivot { layout, terms, currency, measures, columns, rows, totals, seq }
    }
}

fn key_of(keys: &Keys) -> String {
    keys.iter().map(|key| key.as_deref().unwrap_or("–")).collect::<Vec<_>>().join(" · ")
}

impl Pivot {
    /// The pivot as a plain answer, a row a row and a column a column and measure: for files.
    #[must_use]
    pub fn to_answer(&self) -> Answer {
        let mut columns = vec![Column::new("row", "行", "row", Unit::Text)];
        let of_column = |keys: &Keys| (key_of(keys), self.layout.text(&self.layout.columns, keys));
        let whole = ("Σ".to_owned(), ("Σ".to_owned(), "Σ".to_owned()));
        for (key, of) in self.columns.iter().map(of_column).chain([whole]) {
            columns.extend(self.measures.iter().map(|measure| Column {
                key: if key.is_empty() { measure.key.clone() } else { format!("{key} {}", measure.key) },
                of: (!key.is_empty()).then(|| of.clone()),
                ..measure.clone()
            }));
        }
        let mut answer = Answer::new("透视", "Pivot", self.terms.clone(), columns);
        answer.currency = self.currency;
        for row in &self.rows {
            let cells = row.cells.iter().flatten().chain(&row.totals).cloned();
            let (zh, en) = self.layout.text(&self.layout.rows, &row.keys);
            let key = key_of(&row.keys);
            answer.push(std::iter::once(Cell::Name { zh, en, key }).chain(cells).collect());
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_of_one_pass_has_every_cell_once_and_totals_that_are_their_sums() {
        let key = |at: i64| vec![Some(format!("{at:04}"))];
        let mut grid = Grid::default();
        // A band around the diagonal: most cells of the table are empty.
        for at in 0..200 {
            for column in [at, (at + 1) % 200] {
                let stock = Added { count: at + 1, amount_minor: 7, ..Added::default() };
                grid.add(key(at), key(column), &Sums { stock, ..Sums::default() });
            }
        }
        let measures = measures(&["deals".to_owned()]).expect("it is one");
        let pivot = grid.laid_out(&measures, Layout::default(), Terms::default(), None, 0);
        let deals = |cells: &[Cell]| match cells {
            [Cell::Int(deals)] => *deals,
            other => panic!("{other:?}"),
        };
        assert_eq!((pivot.rows.len(), pivot.columns.len()), (200, 200));
        for (row, at) in pivot.rows.iter().zip(0..) {
            assert_eq!((row.cells.len(), row.attained.len()), (200, 201));
            assert_eq!(row.cells.iter().map(|cell| deals(cell)).sum::<i64>(), 2 * (at + 1));
            assert_eq!(deals(&row.totals), 2 * (at + 1));
        }
        for (column, foot) in pivot.totals.cells.iter().enumerate() {
            assert_eq!(pivot.rows.iter().map(|row| deals(&row.cells[column])).sum::<i64>(), deals(foot));
        }
        assert_eq!(deals(&pivot.totals.totals), 2 * (1..=200).sum::<i64>());
    }

    #[test]
    fn stages_stand_in_their_order_and_files_call_members_by_their_names() {
        let process = crate::process::read("b2b-seven").expect("it is ready-made");
        let keys: Vec<Keys> = process.stages.iter().map(|stage| vec![Some(stage.key.clone())]).collect();
        let mut grid = Grid::default();
        let worth = |without| Added { count: 2, amount_minor: 700, without_amount: without };
        for key in &keys {
            let stock = if *key == keys[0] { worth(2) } else { worth(1) };
            grid.add(key.clone(), vec![Some("won".to_owned())], &Sums { stock, ..Sums::default() });
        }
        let layout = Layout {
            rows: vec!["stage".to_owned()],
            columns: vec!["outcome".to_owned()],
            words: Words::of_process(Some(&process)),
        };
        let measures = measures(&["deals".to_owned(), "amount_minor".to_owned()]).expect("they are");
        let pivot = grid.laid_out(&measures, layout, Terms::default(), None, 0);
        assert_eq!(pivot.rows.iter().map(|row| row.keys.clone()).collect::<Vec<_>>(), keys);
        assert_eq!(pivot.rows[0].totals[1], Cell::Undefined(why::NO_AMOUNT), "no deal has one: that is not nothing");
        assert_eq!(pivot.rows[1].totals[1], Cell::Minor(700));
        let answer = pivot.to_answer();
        let name = &process.stages[0].name;
        assert!(matches!(&answer.rows[0][0], Cell::Name { zh, en, key }
            if *zh == name.zh && *en == name.en && *key == process.stages[0].key));
        assert_eq!(answer.columns[1].of, Some(("赢单".to_owned(), "won".to_owned())));
    }

    #[test]
    fn a_pivot_that_nobody_can_read_is_refused() {
        assert!(fits(MOST_CELLS, 1).is_ok() && fits(250, 200).is_ok());
        for (rows, columns) in [(MOST_CELLS + 1, 1), (251, 200), (usize::MAX, 2)] {
            let error = fits(rows, columns).expect_err("too many");
            assert!(error.messages_zh[0].is_some() && error.hint_zh.is_some(), "{error:?}");
        }
    }
}
