//! What to mend first: records that fail rules, the worst and most valuable first.

use std::collections::HashMap;

use domain::people::May;
use domain::quality::{Class, Of};
use domain::words::Text2;
use domain::{Currency, Day, Kind, Outcome, RecordId};
use serde::{Deserialize, Serialize};
use warehouse::Dimension;

use super::rules::unknown;
use super::scores::class_bits;
use super::view::{Row, Viewed, stands};
use crate::answer::Terms;
use crate::records::{Member, StageName, cursor};
use crate::{AppError, Ask, Loudou, Result};

/// Rows of a page at most.
const MOST: usize = 1_000;

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct FixAsk {
    /// Which records: scope, process and filters.
    pub common: Ask,
    /// Only deals, or only customers.
    pub of: Option<Of>,
    /// Only open deals, or only others.
    pub open: Option<bool>,
    /// Only records that fail this rule.
    pub rule: Option<String>,
    /// Only records that fail a rule of this class.
    pub class: Option<Class>,
    /// Only deals in the stage of this key; empty: in none that is known.
    pub stage: Option<String>,
    /// Only records of this person; 0: of nobody.
    pub person: Option<RecordId>,
    /// Only records of this team; 0: of none.
    pub team: Option<RecordId>,
    /// Only records from this source; empty: entered here.
    pub source: Option<String>,
    /// Rows of a page, at most 1,000.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A rule that a record fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixRule {
    /// Its key.
    pub key: String,
    /// Its class.
    pub class: Class,
    /// What fails.
    pub name: Text2,
    /// What to do.
    pub advice: Text2,
    /// The field that mends it, where one does.
    pub field: Option<String>,
}

/// A record that fails rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// What it is.
    pub of: Of,
    /// Its record.
    pub id: RecordId,
    /// Its name.
    pub name: Option<String>,
    /// The customer of a deal.
    pub account: Option<Member>,
    /// Whose it is.
    pub owner: Option<Member>,
    /// The stage of a deal.
    pub stage: Option<StageName>,
    /// How a deal stands.
    pub outcome: Option<Outcome>,
    /// A deal's amount in its own currency.
    pub amount_minor: Option<i64>,
    /// That currency.
    pub currency: Option<Currency>,
    /// Its score.
    pub score: f64,
    /// What it fails, the weightiest first.
    pub rules: Vec<FixRule>,
}

/// A page of what to mend.
#[derive(Debug, Clone)]
pub struct FixList {
    /// The records, in order.
    pub rows: Vec<Fix>,
    /// How many there are on all pages.
    pub records: u64,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// What was asked.
    pub terms: Terms,
}

/// What a list is in the order of: the worst score first, of those alike the greatest amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Key {
    /// Score in billionths.
    score: i64,
    /// Amount in the organisation's currency, negative.
    less: i64,
    of: u8,
    id: RecordId,
}

impl Loudou {
    /// Records in scope that fail rules, the worst first, of those alike the most valuable.
    ///
    /// # Errors
    /// A rule, cursor or filter that is none, or the data cannot be read.
    pub async fn quality_fixes(&self, ask: &FixAsk) -> Result<FixList> {
        if !(1..=MOST).contains(&ask.limit) {
            return Err(AppError::input((format!("一页须为 1 到 {MOST} 行"), format!("a page has 1 to {MOST} rows"))));
        }
        let here = self.held().await?;
        let view = here.quality_view(&ask.common).await?;
        let sources = here.sources_of_imports().await?;
        let bits = wanted(&view, ask)?;
        let source =
            |row: Row<'_>| sources.get(&row.import()).map_or("", String::as_str) == ask.source.as_deref().unwrap_or("");
        let mut found: Vec<(Key, Row<'_>)> = view
            .rows(ask.of)
            .filter(|row| row.verdicts().failed & bits[row.of() as usize] != 0)
            .filter(|row| is_asked(&view, ask, *row) && (ask.source.is_none() || source(*row)))
            .map(|row| (key(&view, row), row))
            .collect();
        let records = found.len() as u64;
        if let Some(text) = &ask.cursor {
            let after: Key = cursor::read(text)?;
            found.retain(|(key, _)| *key > after);
        }
        found.sort_unstable_by_key(|(key, _)| *key);
        let more = found.len() > ask.limit;
        found.truncate(ask.limit);
        let next_cursor = found.last().filter(|_| more).map(|(key, _)| cursor::write(key));
        let rows: Vec<Row<'_>> = found.into_iter().map(|(_, row)| row).collect();
        Ok(FixList { rows: here.shown(&view, &rows).await?, records, next_cursor, terms: view.terms.clone() })
    }

    /// What one record in sight fails at the end of a day, and its score; no score where no rule applies.
    ///
    /// # Errors
    /// There is no such record in sight, or was none on that day.
    pub async fn quality_of(
        &self,
        of: Of,
        id: RecordId,
        as_of: Option<Day>,
        known_at: Option<Day>,
    ) -> Result<(Option<f64>, Vec<FixRule>)> {
        self.who.require(May::Analyse)?;
        let here = self.held().await?;
        let view = here.quality_view(&Ask { as_of, known_at, ..Ask::default() }).await?;
        let row = view.rows(Some(of)).find(|row| row.id() == id);
        let row = row.ok_or_else(|| {
            AppError::not_found(match of {
                Of::Deal => (format!("没有商机 {id}"), format!("there is no deal {id}")),
                Of::Customer => (format!("没有客户 {id}"), format!("there is no customer {id}")),
            })
        })?;
        Ok((view.score(row).map(methods::ratio::Ratio::value), failed(&view, row)))
    }

    async fn shown(&self, view: &Viewed, rows: &[Row<'_>]) -> Result<Vec<Fix>> {
        let of = |wanted: Of| rows.iter().filter(move |row| row.of() == wanted).map(Row::id).collect::<Vec<_>>();
        let names: HashMap<RecordId, String> = {
            let deals = self.store.records(Kind::Opportunity, &of(Of::Deal)).await?;
            let name = |record: store::Record| {
                Some((record.id, record.text(domain::field::ids::OPPORTUNITY_NAME)?.to_owned()))
            };
            deals.into_iter().filter_map(name).collect()
        };
        let owners = view.snapshot.labels.members(Dimension::Owner);
        let people: HashMap<RecordId, u32> = owners.iter().map(|(code, member)| (member.id, code)).collect();
        let accounts = view.snapshot.labels.members(Dimension::Account);
        let customers: HashMap<RecordId, u32> = if of(Of::Customer).is_empty() {
            HashMap::new()
        } else {
            accounts.iter().map(|(code, member)| (member.id, code)).collect()
        };
        let fix = |row: &Row<'_>| {
            let owner = view.owner(*row).map(|id| {
                let name = people.get(&id).and_then(|code| owners.label(*code));
                Member { id, name: name.unwrap_or_else(|| format!("#{id}")) }
            });
            let deal = match row {
                Row::Deal(deal) => Some(*deal),
                Row::Customer(_) => None,
            };
            let member = |code: u32| Some(Member { id: accounts.get(code)?.id, name: accounts.label(code)? });
            let stage = deal.and_then(|deal| view.snapshot.labels.stage(deal.stage));
            Fix {
                of: row.of(),
                id: row.id(),
                name: match row {
                    Row::Deal(deal) => names.get(&deal.id).cloned(),
                    Row::Customer(row) => customers.get(&row.id).and_then(|code| accounts.label(*code)),
                },
                account: deal.and_then(|deal| member(deal.account)),
                owner,
                stage: stage.map(|(_, stage)| StageName {
                    key: stage.key.clone(),
                    zh: stage.name.zh.clone(),
                    en: stage.name.en.clone(),
                }),
                outcome: deal.map(|deal| deal.outcome),
                amount_minor: deal.and_then(|deal| deal.amount_minor),
                currency: deal.and_then(|deal| deal.currency),
                score: view.score(*row).map_or(0.0, methods::ratio::Ratio::value),
                rules: failed(view, *row),
            }
        };
        Ok(rows.iter().map(fix).collect())
    }
}

/// The rules whose failing puts a record on the list, by kind.
fn wanted(view: &Viewed, ask: &FixAsk) -> Result<[u64; 2]> {
    let mut bits = [u64::MAX; 2];
    if let Some(key) = &ask.rule {
        let (bit, rule) = view.book.find(key).ok_or_else(|| unknown(key))?;
        bits = [0; 2];
        bits[rule.of as usize] = 1 << bit;
    }
    if let Some(class) = ask.class {
        for of in Of::ALL {
            bits[of as usize] &= class_bits(&view.book, of, class);
        }
    }
    // A rule of no weight puts a record on the list only where it is asked for by name.
    for of in Of::ALL.into_iter().filter(|_| ask.rule.is_none()) {
        let rules = view.book.rules(of).iter().enumerate().filter(|(_, rule)| rule.weight == 0);
        bits[of as usize] &= !rules.fold(0, |bits: u64, (bit, _)| bits | 1 << bit);
    }
    Ok(bits)
}

fn is_asked(view: &Viewed, ask: &FixAsk, row: Row<'_>) -> bool {
    let is = |wanted: Option<RecordId>, found: Option<RecordId>| wanted.is_none_or(|id| found.unwrap_or(0) == id);
    let stage = ask.stage.as_deref().is_none_or(|wanted| match row {
        Row::Deal(deal) => view.snapshot.labels.stage(deal.stage).map_or("", |(_, stage)| &stage.key) == wanted,
        Row::Customer(_) => false,
    });
    stage && stands(row, ask.open) && is(ask.person, view.owner(row)) && is(ask.team, view.team(row))
}

fn key(view: &Viewed, row: Row<'_>) -> Key {
    #[allow(clippy::cast_possible_truncation, reason = "a share in billionths is small")]
    let score = (view.score(row).map_or(1.0, methods::ratio::Ratio::value) * 1e9).round() as i64;
    let amount = match row {
        Row::Deal(deal) => deal.amount_minor.map(|minor| value(view, minor, deal.currency)),
        Row::Customer(_) => None,
    };
    Key { score, less: -amount.unwrap_or(0), of: row.of() as u8, id: row.id() }
}

/// An amount in the organisation's currency, to order by; one that does not convert counts as it stands.
fn value(view: &Viewed, minor: i64, currency: Option<Currency>) -> i64 {
    let (Some(rates), Some(currency)) = (&view.snapshot.rates, currency) else { return minor };
    rates.convert(minor, currency, view.day).unwrap_or(minor)
}

fn failed(view: &Viewed, row: Row<'_>) -> Vec<FixRule> {
    let failed = row.verdicts().failed;
    let rules = view.book.rules(row.of()).iter().enumerate().filter(|(bit, _)| failed >> bit & 1 == 1);
    let mut rules: Vec<_> = rules.map(|(_, rule)| rule).collect();
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.weight));
    let shown = |rule: &domain::quality::Rule| FixRule {
        key: rule.key.clone(),
        class: rule.class,
        name: rule.name.clone(),
        advice: rule.advice.clone(),
        field: rule.field.clone(),
    };
    rules.into_iter().map(shown).collect()
}
