//! The customers behind a number of the customer funnel.

use std::collections::HashMap;

use domain::field::ids;
use domain::people::May;
use domain::process::customer_funnel;
use domain::{Day, Kind, RecordId};
use serde::{Deserialize, Serialize};
use warehouse::{GroupKey, Step, StepList, Which};

use crate::records::{Member, cursor};
use crate::{AppError, Ask, Loudou, Result};

/// Customers of a page at most.
const MOST: usize = 1000;

/// Which customers are asked for.
#[derive(Debug, Clone, Default)]
pub struct CustomersAtAsk {
    /// As the funnel was asked.
    pub common: Ask,
    /// Key of the step.
    pub step: String,
    /// `here`, `from_before`, `skipped`, `pending` or `ended`.
    pub which: String,
    /// The group, as the answer tells it: `#` and an id, a text, or empty for those of whom none is recorded. Absent:
    /// every group.
    pub group: Option<String>,
    /// Customers of a page.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A customer, or a lead that no customer came of yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerAt {
    /// Its record.
    pub id: RecordId,
    /// Whether the record is a lead.
    pub is_lead: bool,
    /// Its name; of a lead the company, else the person, else `#` and the id.
    pub name: String,
    /// Its owner.
    pub owner: Option<Member>,
    /// The first day of each step, in order; absent where it is not there.
    pub since: [Option<Day>; 4],
}

/// A page of them, who came last first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomersAt {
    /// Customers.
    pub rows: Vec<CustomerAt>,
    /// How many there are on all pages.
    pub customers: u64,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    after: usize,
    id: RecordId,
}

impl Loudou {
    /// Lists the customers behind a number of the funnel.
    ///
    /// # Errors
    /// The question or the cursor is wrong, or the data cannot be read.
    pub async fn customers_at(&self, ask: &CustomersAtAsk) -> Result<CustomersAt> {
        self.who.require(May::Analyse)?;
        let list = StepList { step: step(&ask.step)?, which: which(&ask.which)?, group: group(ask) };
        if list.group.is_some() && ask.common.by.is_empty() {
            return Err(AppError::input(("给出了 group 而没有 by", "`group` is given without `by`"))
                .hint(("请说明按什么分组", "say by what it groups")));
        }
        let (asked, _) = self.customers_asked(&ask.common).await?;
        let all = self.warehouse().await?.customers_at(asked, list).await?;
        let from = match &ask.cursor {
            Some(text) => {
                let cursor: Cursor = cursor::read(text)?;
                // What came meanwhile moves the list: it goes on behind the last one that was shown.
                let last = all.iter().position(|(id, ..)| *id == cursor.id);
                last.map_or(cursor.after, |at| at + 1)
            }
            None => 0,
        };
        let limit = ask.limit.clamp(1, MOST);
        let page: Vec<_> = all.iter().skip(from).take(limit).copied().collect();
        let more = all.len() > from + page.len();
        let last = page.last().filter(|_| more).map(|(id, ..)| *id);
        let next_cursor = last.map(|id| cursor::write(&Cursor { after: from + page.len(), id }));
        let rows = self.faces(page).await?;
        Ok(CustomersAt { rows, customers: all.len() as u64, next_cursor })
    }

    async fn faces(&self, page: warehouse::CustomerFaces) -> Result<Vec<CustomerAt>> {
        let of = |leads: bool| page.iter().filter(move |(_, is_lead, _)| *is_lead == leads).map(|(id, ..)| *id);
        let accounts = self.store.records(Kind::Account, &of(false).collect::<Vec<_>>()).await?;
        let leads = self.store.records(Kind::Lead, &of(true).collect::<Vec<_>>()).await?;
        let mut told: HashMap<RecordId, (Option<String>, Option<RecordId>)> = HashMap::new();
        for account in &accounts {
            let name = account.text(ids::ACCOUNT_NAME).map(str::to_owned);
            told.insert(account.id, (name, account.int(ids::ACCOUNT_OWNER)));
        }
        for lead in &leads {
            let name = lead.text(ids::LEAD_COMPANY).or_else(|| lead.text(ids::LEAD_NAME)).map(str::to_owned);
            told.insert(lead.id, (name, lead.int(ids::LEAD_OWNER)));
        }
        let owners = told.values().filter_map(|(_, owner)| Some((Kind::Person, (*owner)?))).collect();
        let names = self.names(owners).await?;
        let face = |(id, is_lead, since)| {
            let (name, owner) = told.remove(&id).unwrap_or_default();
            let owner = owner.map(|id| Member { id, name: names.of(Kind::Person, id) });
            CustomerAt { id, is_lead, name: name.unwrap_or_else(|| format!("#{id}")), owner, since }
        };
        Ok(page.into_iter().map(face).collect())
    }
}

fn step(key: &str) -> Result<Step> {
    let steps = &customer_funnel().steps;
    let found = steps.iter().position(|step| step.key == key);
    found.map(|at| Step::ALL[at]).ok_or_else(|| {
        let known: Vec<&str> = steps.iter().map(|step| step.key.as_str()).collect();
        AppError::input((format!("客户漏斗没有步骤“{key}”"), format!("the customer funnel has no step `{key}`")))
            .hint((format!("步骤有：{}", known.join("、")), format!("steps are {}", known.join(", "))))
    })
}

fn which(word: &str) -> Result<Which> {
    let word = if word.is_empty() { "here" } else { word };
    let found = Which::WORDS.iter().find(|(known, _)| *known == word).map(|(_, which)| *which);
    found.ok_or_else(|| {
        let known: Vec<&str> = Which::WORDS.iter().map(|(known, _)| *known).collect();
        AppError::input((format!("没有“{word}”这种客户"), format!("`{word}` says of no customers who they are")))
            .hint((format!("可写：{}", known.join("、")), format!("write {}", known.join(", "))))
    })
}

fn group(ask: &CustomersAtAsk) -> Option<GroupKey> {
    let text = ask.group.as_deref()?;
    let is_text = ask.common.by.first().is_some_and(|by| by == "grade");
    let id = text.strip_prefix('#').and_then(|id| id.parse().ok()).filter(|_| !is_text);
    Some(match (text, id) {
        ("", _) => GroupKey::None,
        (_, Some(id)) => GroupKey::Record(id),
        (text, None) => GroupKey::Text(text.to_owned()),
    })
}
