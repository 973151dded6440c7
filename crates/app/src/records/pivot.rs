//! Pivot: rows × columns over any dimensions, with totals that are computed here and nowhere else.
//!
//! Deals, amount and weighted amount are the stock at the as-of; won, lost and the rate are of the period, the fiscal
//! quarter of the as-of unless the question says otherwise. Every cell is one group of one count, so a total is the sum
//! of its cells and equals the ungrouped answer.

use std::collections::{BTreeMap, BTreeSet};

use domain::people::May;
use journey::{Added, Pick, PickDecision, PickStock, Tally};

use crate::answer::{Answer, Cell, Column, Terms, Unit, why};
use crate::answers::gauges::{GaugeCells, GaugePlan, gauge_dimension};
use crate::answers::targets::TargetView;
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
}

/// A pivot.
#[derive(Debug, Clone, PartialEq)]
pub struct Pivot {
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
const MEASURES: [(&str, &str, &str, Unit); 8] = [
    ("deals", "商机数", "deals", Unit::Count),
    ("amount_minor", "金额", "amount", Unit::AmountMinor),
    ("weighted_minor", "加权金额", "weighted", Unit::AmountMinor),
    ("won_deals", "赢单数", "won deals", Unit::Count),
    ("won_minor", "赢单金额", "won", Unit::AmountMinor),
    ("win_rate", "赢单率", "win rate", Unit::Share),
    ("target_minor", "目标", "target", Unit::AmountMinor),
    ("target_share", "目标达成", "share of target", Unit::Share),
];

/// What a cell adds up.
#[derive(Debug, Clone, Default, PartialEq)]
struct Sums {
    stock: Added,
    weighted_ppm: i128,
    /// Open deals with an amount stand in a stage without a probability.
    unweighted: bool,
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
        self.won = self.won.plus(other.won);
        self.lost = self.lost.plus(other.lost);
        if let Some(target) = other.target_minor {
            *self.target_minor.get_or_insert(0) += target;
        }
        self.currencies.extend(other.currencies.iter().cloned());
    }

    fn cell(&self, measure: &str) -> Cell {
        let mixed = self.currencies.len() > 1;
        let amount = |minor: i128| if mixed { Cell::Undefined(why::SEVERAL_CURRENCIES) } else { Cell::Minor(minor) };
        match measure {
            "deals" => Cell::Int(self.stock.count),
            "amount_minor" => amount(self.stock.amount_minor),
            "weighted_minor" if self.unweighted => Cell::Undefined(why::NO_PROBABILITY),
            "weighted_minor" => amount(domain::money::div_half_even(self.weighted_ppm, 1_000_000)),
            "won_deals" => Cell::Int(self.won.count),
            "won_minor" => amount(self.won.amount_minor),
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
        let mut cells: BTreeMap<(Keys, Keys), Sums> = BTreeMap::new();
        let split = |labels: Keys| {
            let columns = labels[ask.rows.len()..].to_vec();
            (labels[..ask.rows.len()].to_vec(), columns)
        };
        let currency_at = by.iter().position(|name| name == "currency");
        for group in groups(&plan, &counted.cells) {
            let labels = counted.keys.labels(group);
            let mut sums = read(&counted, group)?;
            sums.currencies.extend(currency_at.map(|at| labels[at].clone()));
            cells.entry(split(labels)).or_default().add(&sums);
        }
        let GaugePlan { asked, period, .. } = plan;
        let wants_targets = measures.iter().any(|(key, ..)| key.starts_with("target"));
        if wants_targets && by.len() <= 1 && gauge_dimension(&by).is_ok() {
            let view = TargetView {
                dimension: gauge_dimension(&by)?,
                period,
                process: counted.process.as_ref(),
                currency: counted.currency,
            };
            for (member, minor) in self.targets(&asked.question, &view).await? {
                let labels = if by.is_empty() { Vec::new() } else { vec![member] };
                cells.entry(split(labels)).or_default().target_minor = Some(minor);
            }
        }
        let mut terms = asked
            .terms
            .with("rows", ask.rows.clone())
            .with("columns", ask.columns.clone())
            .with("from", period.0.to_string())
            .with("to", period.1.to_string())
            .with_words(
                "population",
                "截至日日终的进行中商机；赢单与赢单率为期内",
                "open at the end of the as-of day; won and win rate in the period",
            );
        terms.state("currency", counted.currency.map(|currency| currency.to_string()));
        if let Some(process) = &counted.process {
            terms.state("process", process.key.clone());
        }
        laid_out(&cells, &measures, terms, counted.currency, counted.seq)
    }
}

fn measures(words: &[String]) -> Result<Vec<(&'static str, &'static str, &'static str, Unit)>> {
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

fn read(counted: &warehouse::Counted<GaugeCells>, group: u64) -> Result<Sums> {
    let mut sums = Sums::default();
    let (won, _, stock) = &counted.cells;
    for (slot, stage) in (0..).zip(&counted.stages) {
        let added = PickStock(vec![slot]).read(stock, group);
        sums.stock = sums.stock.plus(added);
        match stage.as_ref().and_then(|stage| stage.probability_ppm) {
            Some(ppm) => sums.weighted_ppm += added.amount_minor * i128::from(ppm),
            None => sums.unweighted |= added.amount_minor != 0,
        }
    }
    let decided = |word: &str| {
        let pick = PickDecision::named(word).ok_or_else(|| AppError::system(format!("a win rate has no `{word}`")))?;
        Ok::<_, AppError>(pick.read(won, group))
    };
    (sums.won, sums.lost) = (decided("won")?, decided("lost")?);
    Ok(sums)
}

fn laid_out(
    cells: &BTreeMap<(Keys, Keys), Sums>,
    measures: &[(&'static str, &'static str, &'static str, Unit)],
    terms: Terms,
    currency: Option<domain::Currency>,
    seq: i64,
) -> Result<Pivot> {
    let row_keys: BTreeSet<&Keys> = cells.keys().map(|(row, _)| row).collect();
    let columns: Vec<Keys> =
        cells.keys().map(|(_, column)| column.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    if row_keys.len().saturating_mul(columns.len()) > MOST_CELLS {
        let (rows, columns) = (row_keys.len(), columns.len());
        let en = format!("the pivot would have {rows} rows and {columns} columns");
        let message = (format!("透视表会有 {rows} 行、{columns} 列"), en);
        return Err(
            AppError::input(message).hint(("请减少一个维度，或先筛选", "leave a dimension out, or filter first"))
        );
    }
    let values = |sums: &Sums| measures.iter().map(|(key, ..)| sums.cell(key)).collect::<Vec<_>>();
    let over = |wanted: &dyn Fn(&Keys, &Keys) -> bool| {
        let mut all = Sums::default();
        cells.iter().filter(|((row, column), _)| wanted(row, column)).for_each(|(_, sums)| all.add(sums));
        all
    };
    let nothing = Sums::default();
    let mut by_row: BTreeMap<&Keys, Vec<(&Keys, &Sums)>> = BTreeMap::new();
    for ((row, column), sums) in cells {
        by_row.entry(row).or_default().push((column, sums));
    }
    let rows = by_row.iter().map(|(row, own)| {
        let mut total = Sums::default();
        own.iter().for_each(|(_, sums)| total.add(sums));
        let at = |column: &Keys| own.iter().find(|(of, _)| *of == column).map_or(&nothing, |(_, sums)| *sums);
        PivotGroup {
            keys: (*row).clone(),
            cells: columns.iter().map(|column| values(at(column))).collect(),
            totals: values(&total),
        }
    });
    let rows = rows.collect();
    let foot = columns.iter().map(|column| values(&over(&|_, of| of == column))).collect();
    let totals = PivotGroup { keys: Vec::new(), cells: foot, totals: values(&over(&|_, _| true)) };
    let measures = measures.iter().map(|(key, zh, en, unit)| Column::new(key, zh, en, *unit)).collect();
    Ok(Pivot { terms, currency, measures, columns, rows, totals, seq })
}

impl Pivot {
    /// The pivot as a plain answer, a row a row and a column a column and measure: for files.
    #[must_use]
    pub fn to_answer(&self) -> Answer {
        let word = |keys: &Keys| keys.iter().map(|key| key.as_deref().unwrap_or("–")).collect::<Vec<_>>().join(" · ");
        let mut columns = vec![Column::new("row", "行", "row", Unit::Text)];
        for keys in self.columns.iter().map(word).chain(["Σ".to_owned()]) {
            columns.extend(self.measures.iter().map(|measure| Column {
                key: if keys.is_empty() { measure.key.clone() } else { format!("{keys} {}", measure.key) },
                ..measure.clone()
            }));
        }
        let mut answer = Answer::new("透视", "Pivot", self.terms.clone(), columns);
        answer.currency = self.currency;
        for row in &self.rows {
            let cells = row.cells.iter().flatten().chain(&row.totals).cloned();
            answer.push(std::iter::once(Cell::Text(word(&row.keys))).chain(cells).collect());
        }
        answer
    }
}
