//! Lists of deals.

use std::sync::Arc;

use domain::{Currency, Day, Kind, Outcome, RecordId};
use serde::{Deserialize, Serialize};
use warehouse::{After, Dimension, Found, Listed, Sort, SortBy, SortValue};

use super::{CellAsk, OwnColumn, OwnValues, cursor};
use crate::answer::Terms;
use crate::{AppError, Ask, Loudou, Result, Words, words};
use domain::people::May;

/// Deals of a page at most: what a file is written by.
pub(crate) const MOST: usize = 20_000;

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct DealsAsk {
    /// What every question has; without groups, the process may be left open.
    pub common: Ask,
    /// Only the deals behind this cell.
    pub cell: Option<CellAsk>,
    /// Only deals in whose name, customer or external id this occurs.
    pub q: String,
    /// Only open ones, or only those that are not: closed, in nurture or deleted.
    pub open: Option<bool>,
    /// The column to order by, with a minus before it for the largest first; by id where empty.
    pub sort: String,
    /// Deals of a page, at most 20,000.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A record by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: RecordId,
    /// Its name.
    pub name: String,
}

/// A stage by its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageName {
    /// Its key.
    pub key: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
}

/// A deal as it stood at the end of the as-of day; name, next step and external id are those of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    /// Its record.
    pub id: RecordId,
    /// Its id in the source it was imported from.
    pub external_id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// The customer.
    pub account: Option<Member>,
    /// Key of its process.
    pub process: Option<String>,
    /// Its stage; absent where unknown.
    pub stage: Option<StageName>,
    /// How it stands; absent where it was deleted.
    pub outcome: Option<Outcome>,
    /// Its amount in minor units of its own currency.
    pub amount_minor: Option<i64>,
    /// The currency it is booked in.
    pub currency: Option<Currency>,
    /// The seller.
    pub owner: Option<Member>,
    /// The team.
    pub team: Option<Member>,
    /// The region, the customer's where the deal has none.
    pub region: Option<Member>,
    /// The trade, likewise.
    pub industry: Option<Member>,
    /// The primary product.
    pub product: Option<Member>,
    /// The way it came.
    pub channel: Option<Member>,
    /// The campaign it came from.
    pub campaign: Option<Member>,
    /// The business day it began.
    pub created_on: Day,
    /// The business day since which it is closed.
    pub closed_on: Option<Day>,
    /// When it is expected to close.
    pub expected_close_on: Option<Day>,
    /// Days in its stage, while it is open.
    pub days_in_stage: Option<i32>,
    /// The seller's own probability in millionths.
    pub probability_ppm: Option<i32>,
    /// The next step.
    pub next_step: Option<String>,
    /// When that is due.
    pub next_step_on: Option<Day>,
    /// What it has of the organisation's own fields, as of now.
    pub own: OwnValues,
    /// What it adds to the count of the cell asked about.
    pub cell_deals: i64,
    /// What it adds to the amount of that cell.
    pub cell_minor: i128,
}

impl From<Listed> for Deal {
    fn from(listed: Listed) -> Self {
        let member = |dimension: Dimension| {
            listed.member(dimension).map(|named| Member { id: named.id, name: named.name.clone() })
        };
        Self {
            id: listed.id,
            account: member(Dimension::Account),
            owner: member(Dimension::Owner),
            team: member(Dimension::Team),
            region: member(Dimension::Region),
            industry: member(Dimension::Industry),
            product: member(Dimension::Product),
            channel: member(Dimension::Channel),
            campaign: member(Dimension::Campaign),
            stage: listed.stage.map(|stage| StageName { key: stage.key, zh: stage.zh, en: stage.en }),
            external_id: listed.external_id,
            name: listed.name,
            process: listed.process,
            outcome: listed.outcome,
            amount_minor: listed.amount_minor,
            currency: listed.currency,
            created_on: listed.created_on,
            closed_on: listed.closed_on,
            expected_close_on: listed.expected_close_on,
            days_in_stage: listed.days_in_stage,
            probability_ppm: listed.probability_ppm,
            next_step: listed.next_step,
            next_step_on: listed.next_step_on,
            own: OwnValues::new(),
            cell_deals: listed.added.count,
            cell_minor: listed.added.amount_minor,
        }
    }
}

/// What all deals of a list add up to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListSums {
    /// How many there are.
    pub deals: u64,
    /// Their amounts; absent where they do not add up.
    pub amount_minor: Option<i128>,
    /// Why not.
    pub amount_why: Option<Words>,
    /// Deals without a known amount: they add nothing. Absent where amounts do not add up.
    pub deals_without_amount: Option<u64>,
    /// Amount × probability of the stage, of open deals; absent where it is not known of all.
    pub weighted_minor: Option<i128>,
    /// Why not.
    pub weighted_why: Option<Words>,
    /// Deals by outcome.
    pub by_outcome: Vec<(Outcome, u64)>,
    /// What they add to the count of the cell asked about.
    pub cell_deals: Option<i64>,
    /// What they add to its amount; absent where it has none.
    pub cell_minor: Option<i128>,
    /// Deals that are not open and that the list leaves out.
    pub others_left_out: u64,
    /// Open deals that the list leaves out.
    pub open_left_out: u64,
}

/// A page of a list of deals.
#[derive(Debug, Clone)]
pub struct DealsList {
    /// The deals, in order.
    pub rows: Vec<Deal>,
    /// The organisation's own fields, of which rows have values.
    pub own: Vec<OwnColumn>,
    /// What all of them add up to.
    pub sums: ListSums,
    /// The currency of the sums, and of what is added to the cell.
    pub currency: Option<Currency>,
    /// The currency that every row is booked in; absent where there are several.
    pub booked: Option<Currency>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// The journal up to here was read.
    pub seq: i64,
    /// What was asked.
    pub terms: Terms,
}

/// What a cursor holds.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    sort: String,
    int: Option<i64>,
    text: Option<String>,
    deal: RecordId,
    seq: i64,
}

impl Loudou {
    /// Lists deals in scope.
    ///
    /// # Errors
    /// The question is wrong, or the data cannot be read.
    pub async fn deals(&self, ask: &DealsAsk) -> Result<DealsList> {
        self.who.require(May::Analyse)?;
        let asked = self.asked(&Ask { by: Vec::new(), ..ask.common.clone() }).await?;
        let found = match &ask.cell {
            Some(cell) => Some(self.behind(&ask.common, cell).await?),
            None => None,
        };
        let has_cell = found.as_ref().map(|found| found.has_amount);
        let cell_currency = found.as_ref().and_then(|found| found.currency);
        let sort = sort(&ask.sort)?;
        let after = ask.cursor.as_deref().map(|text| after(text, &ask.sort)).transpose()?;
        let wanted = warehouse::DealsAsk {
            question: warehouse::Question { currency: asked.question.currency.or(cell_currency), ..asked.question },
            found: found.map(Arc::<Found>::new),
            text: ask.q.clone(),
            open: ask.open,
            sort,
            limit: limit(ask.limit)?,
            after,
        };
        let list = self.warehouse().await?.list(wanted).await?;
        let next_cursor = list.next.as_ref().map(|after| next(after, &ask.sort, list.seq));
        let mut terms = asked.terms;
        terms.state("currency", list.currency.map(|currency| currency.to_string()));
        let of_own: Vec<_> = list.rows.iter().map(|listed| listed.own.as_slice()).collect();
        let (own, values) = self.own_columns(Kind::Opportunity, &of_own).await?;
        let sums = sums(&list, has_cell);
        let rows = list.rows.into_iter().zip(values).map(|(listed, own)| Deal { own, ..Deal::from(listed) });
        Ok(DealsList {
            sums,
            rows: rows.collect(),
            own,
            currency: list.currency,
            booked: list.currency.filter(|_| !list.converted),
            next_cursor,
            seq: list.seq,
            terms,
        })
    }
}

fn limit(limit: usize) -> Result<usize> {
    if (1..=MOST).contains(&limit) {
        return Ok(limit);
    }
    Err(AppError::input((format!("一页不能有 {limit} 行"), format!("a page cannot have {limit} rows")))
        .hint((format!("每次取 1 到 {MOST} 行"), format!("ask for 1 to {MOST} at a time"))))
}

fn sort(text: &str) -> Result<Sort> {
    let (descending, word) = text.strip_prefix('-').map_or((false, text), |word| (true, word));
    if word.is_empty() {
        return Ok(Sort { by: SortBy::Id, descending });
    }
    let by = SortBy::parse(word).ok_or_else(|| {
        let words: Vec<_> = SortBy::words().collect();
        AppError::input((format!("商机不能按“{word}”排序"), format!("deals cannot be ordered by `{word}`")))
            .hint((format!("可按：{}", words.join("、")), format!("order by {}", words.join(", "))))
    })?;
    Ok(Sort { by, descending })
}

fn after(text: &str, sort: &str) -> Result<After> {
    let cursor: Cursor = cursor::read(text)?;
    if cursor.sort != sort {
        return Err(AppError::input((
            format!("游标属于按“{}”排序的列表，而不是“{sort}”", cursor.sort),
            format!("the cursor is of a list ordered by `{}`, not by `{sort}`", cursor.sort),
        ))
        .hint(("换了顺序就从头开始，不带游标", "begin without a cursor when the order changes")));
    }
    let value = match (cursor.int, cursor.text) {
        (Some(int), _) => SortValue::Int(int),
        (None, Some(text)) => SortValue::Text(text),
        (None, None) => SortValue::None,
    };
    Ok(After { value, deal: cursor.deal })
}

fn next(after: &After, sort: &str, seq: i64) -> String {
    let (int, text) = match &after.value {
        SortValue::None => (None, None),
        SortValue::Int(int) => (Some(*int), None),
        SortValue::Text(text) => (None, Some(text.clone())),
    };
    cursor::write(&Cursor { sort: sort.to_owned(), int, text, deal: after.deal, seq })
}

fn without_probability(deals: u64) -> Words {
    let en = format!("{deals} open deals are in stages without a configured probability");
    (format!("{deals} 个进行中的商机所在阶段没有设置概率"), en).into()
}

fn sums(list: &warehouse::DealList, cell: Option<bool>) -> ListSums {
    let sums = &list.sums;
    let why = list.no_amount.as_ref().map(words::told);
    let unweighted = (sums.without_probability > 0).then(|| without_probability(sums.without_probability));
    let weighted_why = why.clone().or(unweighted);
    ListSums {
        deals: sums.deals,
        amount_minor: why.is_none().then_some(sums.amount_minor),
        amount_why: why,
        deals_without_amount: list.no_amount.is_none().then_some(sums.without_amount),
        weighted_minor: weighted_why.is_none().then(|| domain::money::div_half_even(sums.weighted_ppm, 1_000_000)),
        weighted_why,
        by_outcome: Outcome::ALL.into_iter().zip(sums.by_outcome).collect(),
        cell_deals: cell.map(|_| sums.added.count),
        cell_minor: cell.filter(|has_amount| *has_amount).map(|_| sums.added.amount_minor),
        others_left_out: sums.others_left_out,
        open_left_out: sums.open_left_out,
    }
}
