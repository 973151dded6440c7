//! Customers: those of one's deals, and those one owns.
//!
//! Who sees everything sees every customer. Anybody else sees a customer who has a deal in their scope, or whose owner
//! is in it; a customer without an owner and without such a deal is theirs who see everything. Sums count deals in
//! scope alone: of a customer shared between teams each sees its own part.

use std::collections::{HashMap, HashSet};

use domain::field::ids;
use domain::journal::SYSTEM_ACTOR;
use domain::people::May;
use domain::{Currency, Day, Kind, RecordId, Scope};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use store::Record;
use warehouse::{AccountSort, AccountSums, AccountsAsk, After, Dimension, Question, SortValue};

use super::contacts::{Contact, contact};
use super::edit::Edited;
use super::fields::FieldValue;
use super::list::{MOST, Member};
use super::names::referred;
use super::timeline::{Timeline, TimelineAsk, page};
use super::{OwnColumn, OwnValues, cursor, edit};
use crate::answer::Terms;
use crate::answers::Asked;
use crate::{AppError, Ask, Loudou, Result, Words, question, words};

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct CustomersAsk {
    /// Which deals count. Where it narrows them (by a past day, a process, a condition), only customers with such a deal
    /// are listed; name, owner and the like are those of now.
    pub common: Ask,
    /// Only customers in whose name this occurs.
    pub q: String,
    /// `name`, `deals`, `deals_open`, `open_minor` or `won_minor`, with a minus before it for the largest first.
    pub sort: String,
    /// Customers of a page, at most 20,000.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Its record.
    pub id: RecordId,
    /// Its name.
    pub name: String,
    /// Its trade.
    pub industry: Option<Member>,
    /// Its region.
    pub region: Option<Member>,
    /// Who keeps it.
    pub owner: Option<Member>,
    /// Its grade.
    pub grade: Option<String>,
    /// What it has of the organisation's own fields.
    pub own: OwnValues,
}

/// A customer in a list. Amounts are absent where they do not add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRow {
    /// The customer.
    pub customer: Customer,
    /// Deals in scope.
    pub deals: u64,
    /// Open ones.
    pub deals_open: u64,
    /// Their amounts.
    pub open_minor: Option<i128>,
    /// Amounts that were won.
    pub won_minor: Option<i128>,
}

/// A page of customers.
#[derive(Debug, Clone)]
pub struct CustomersList {
    /// Customers, in order.
    pub rows: Vec<CustomerRow>,
    /// The organisation's own fields, of which rows have values.
    pub own: Vec<OwnColumn>,
    /// How many there are on all pages.
    pub customers: u64,
    /// What all of them add up to: deals, open ones, their amounts, amounts won.
    pub sums: (u64, u64, Option<i128>, Option<i128>),
    /// Why amounts are absent.
    pub amount_why: Option<Words>,
    /// The currency of the amounts.
    pub currency: Option<Currency>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// What was asked.
    pub terms: Terms,
}

/// A customer's page. Its deals are a list of their own, filtered by `account:#ID`.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerPage {
    /// The customer with the sums of its deals in scope.
    pub row: CustomerRow,
    /// The currency of the amounts.
    pub currency: Option<Currency>,
    /// To be handed back with a change.
    pub version: i64,
    /// All its fields.
    pub fields: Vec<FieldValue>,
    /// People there.
    pub contacts: Vec<Contact>,
    /// Whether the asker may change it.
    pub editable: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    sort: String,
    int: Option<i64>,
    text: Option<String>,
    id: RecordId,
}

fn no_such(id: RecordId) -> AppError {
    AppError::not_found((format!("没有客户 {id}"), format!("there is no customer {id}")))
}

impl Loudou {
    /// The people in a scope, whose customers are seen; absent: everybody's.
    pub(crate) async fn keepers(&self, scope: &Scope) -> Result<Option<HashSet<RecordId>>> {
        if *scope == Scope::All {
            return Ok(None);
        }
        let people = self.store.references(ids::PERSON_TEAM).await?;
        let seen = people.into_iter().filter(|(person, team)| scope.allows(Some(*person), *team));
        Ok(Some(seen.map(|(person, _)| person).collect()))
    }

    /// Whether a customer is in sight.
    pub(crate) async fn sees_customer(&self, id: RecordId) -> Result<bool> {
        let Some(account) = self.store.records(Kind::Account, &[id]).await?.into_iter().next() else {
            return Ok(false);
        };
        let keeper = account.int(ids::ACCOUNT_OWNER);
        if self
            .keepers(&self.who.scope)
            .await?
            .is_none_or(|keepers| keeper.is_some_and(|keeper| keepers.contains(&keeper)))
        {
            return Ok(true);
        }
        let question = Question { scope: self.who.scope.clone(), ..Question::everything(self.today()) };
        Ok(self.sums_of(id, question).await?.2.deals > 0)
    }

    /// What the deals of one customer add up to, of those in question.
    async fn sums_of(
        &self,
        id: RecordId,
        mut question: Question,
    ) -> Result<(Option<Currency>, Option<String>, AccountSums)> {
        let values = vec![Some(format!("#{id}"))];
        question.only.push(warehouse::Only { dimension: Dimension::Account.name().to_owned(), values });
        let list = self
            .warehouse()
            .await?
            .accounts(AccountsAsk {
                question,
                keepers: None,
                text: String::new(),
                sort: AccountSort::Name,
                descending: false,
                limit: 1,
                after: None,
            })
            .await?;
        Ok((list.currency, list.no_amount.map(|error| error.to_string()), list.sums))
    }

    /// Lists customers in sight.
    ///
    /// # Errors
    /// The order or the cursor is none, or the data cannot be read.
    pub async fn customers(&self, ask: &CustomersAsk) -> Result<CustomersList> {
        self.who.require(May::Analyse)?;
        let (descending, word) = ask.sort.strip_prefix('-').map_or((false, ask.sort.as_str()), |word| (true, word));
        let word = if word.is_empty() { "name" } else { word };
        let sort = AccountSort::WORDS.iter().find(|(known, _)| *known == word).map(|(_, sort)| *sort);
        let sort = sort.ok_or_else(|| {
            let words: Vec<_> = AccountSort::WORDS.iter().map(|(word, _)| *word).collect();
            AppError::input((format!("客户不能按“{word}”排序"), format!("customers cannot be ordered by `{word}`")))
                .hint((format!("可按：{}", words.join("、")), format!("order by {}", words.join(", "))))
        })?;
        let Asked { question, terms, .. } = self.asked(&Ask { by: Vec::new(), ..ask.common.clone() }).await?;
        let is_narrowed = question.process.is_some() || question.filter.is_some() || !question.only.is_empty();
        let keepers = match is_narrowed || self.is_past(question.as_of, question.known_at) {
            true => Some(HashSet::new()),
            false => self.keepers(&question.scope).await?,
        };
        let asked = AccountsAsk {
            question,
            keepers,
            text: ask.q.clone(),
            sort,
            descending,
            limit: ask.limit.clamp(1, MOST),
            after: ask.cursor.as_deref().map(|text| after(text, &ask.sort)).transpose()?,
        };
        let list = self.warehouse().await?.accounts(asked).await?;
        let ids: Vec<RecordId> = list.rows.iter().map(|(id, ..)| *id).collect();
        let (customers, own) = self.customers_of(&ids).await?;
        let mut records: HashMap<RecordId, Customer> =
            customers.into_iter().map(|customer| (customer.id, customer)).collect();
        let valued = list.no_amount.is_none();
        let rows = list.rows.into_iter().filter_map(|(id, _, sums)| Some(row(records.remove(&id)?, &sums, valued)));
        let amount = |minor| valued.then_some(minor);
        Ok(CustomersList {
            rows: rows.collect(),
            own,
            customers: list.customers,
            sums: (list.sums.deals, list.sums.deals_open, amount(list.sums.open_minor), amount(list.sums.won_minor)),
            amount_why: list.no_amount.as_ref().map(words::told),
            currency: list.currency,
            next_cursor: list.next.map(|after| next(after, &ask.sort)),
            terms,
        })
    }

    async fn customers_of(&self, ids: &[RecordId]) -> Result<(Vec<Customer>, Vec<OwnColumn>)> {
        let records = self.store.records(Kind::Account, ids).await?;
        let fields = [ids::ACCOUNT_INDUSTRY, ids::ACCOUNT_REGION, ids::ACCOUNT_OWNER];
        let kinds = [Kind::Industry, Kind::Region, Kind::Person];
        let of = |record: &Record| {
            let refs = fields.iter().zip(kinds).filter_map(|(field, kind)| Some((kind, record.int(*field)?)));
            refs.collect::<Vec<_>>()
        };
        let names = self.names(records.iter().flat_map(of).collect()).await?;
        let member = |record: &Record, kind, field| record.int(field).map(|id| Member { id, name: names.of(kind, id) });
        let of_own: Vec<_> = records.iter().map(|record| record.rest.as_slice()).collect();
        let (own, values) = self.own_columns(Kind::Account, &of_own).await?;
        let customer = |(record, own): (&Record, OwnValues)| Customer {
            own,
            id: record.id,
            name: record.text(ids::ACCOUNT_NAME).map_or_else(|| format!("#{}", record.id), str::to_owned),
            industry: member(record, Kind::Industry, ids::ACCOUNT_INDUSTRY),
            region: member(record, Kind::Region, ids::ACCOUNT_REGION),
            owner: member(record, Kind::Person, ids::ACCOUNT_OWNER),
            grade: record.text(ids::ACCOUNT_GRADE).map(str::to_owned),
        };
        Ok((records.iter().zip(values).map(customer).collect(), own))
    }

    /// A customer's page. The day, the known-at and the scope of `ask` say which deals its sums count; its fields and
    /// contacts are those of now.
    ///
    /// # Errors
    /// There is no such customer in sight, or the scope is none.
    pub async fn customer(&self, id: RecordId, ask: &Ask) -> Result<CustomerPage> {
        self.who.require(May::Analyse)?;
        let id = self.store.survivor(id).await?.unwrap_or(id);
        self.customer_page(id, ask).await
    }

    /// The page of a customer that the asker has just made or changed (see [`Loudou::changed_deal`]).
    ///
    /// # Errors
    /// It is out of sight now, or the role may not change customers.
    pub async fn changed_customer(&self, id: RecordId) -> Result<CustomerPage> {
        self.who.require(May::EditCustomers)?;
        self.customer_page(id, &Ask::default()).await
    }

    fn is_past(&self, as_of: Day, known_at: Option<Day>) -> bool {
        as_of < self.today() || known_at.is_some()
    }

    async fn customer_page(&self, id: RecordId, ask: &Ask) -> Result<CustomerPage> {
        let record = self.seen_customer(id).await?;
        let fields = self.fields(Kind::Account).await?;
        let used = fields.iter().filter_map(|field| Some((field, record.get(field.id)?)));
        let names = self.names(referred(used)).await?;
        let as_of = ask.as_of.unwrap_or_else(|| self.today());
        let editable = self.who.may.contains(&May::EditCustomers) && !self.is_past(as_of, ask.known_at);
        let contacts = self.store.referring(ids::CONTACT_ACCOUNT, &[id]).await?;
        let scope = question::scope(&self.store, &self.who, &ask.scope).await?;
        let question = Question { scope, known_at: ask.known_at, ..Question::everything(as_of) };
        let (currency, why, sums) = self.sums_of(id, question).await?;
        let customer = self.customers_of(&[id]).await?.0.into_iter().next().ok_or_else(|| no_such(id))?;
        let entries = self.store.entries_of(&[id]).await?;
        let erased = entries.iter().any(|entry| entry.op == domain::journal::Op::Erase);
        let show = |field: &super::fields::Field| {
            let mut shown = field.show(record.get(field.id), &names, editable);
            shown.erased = erased && shown.ty == "personal" && shown.value.is_null();
            shown
        };
        Ok(CustomerPage {
            row: row(customer, &sums, why.is_none()),
            currency,
            version: record.version,
            fields: fields
                .iter()
                .filter(|field| !field.is_retired() || record.get(field.id).is_some())
                .map(show)
                .collect(),
            contacts: contacts.iter().map(contact).collect(),
            editable,
        })
    }

    pub(crate) async fn seen_customer(&self, id: RecordId) -> Result<Record> {
        if !self.sees_customer(id).await? {
            return Err(no_such(id));
        }
        self.store.records(Kind::Account, &[id]).await?.into_iter().next().ok_or_else(|| no_such(id))
    }

    /// What happened to a customer in sight, newest first.
    ///
    /// # Errors
    /// There is no such customer in sight, or the cursor is none.
    pub async fn customer_timeline(&self, id: RecordId, ask: &TimelineAsk) -> Result<Timeline> {
        self.who.require(May::Analyse)?;
        self.seen_customer(id).await?;
        let moment = self.moment(ask.as_of, ask.known_at);
        let mut items = self.items(Kind::Account, self.store.entries_of(&[id]).await?, None, moment).await?;
        items.extend(self.activities(ids::ACTIVITY_ACCOUNT, id, moment).await?);
        items.extend(self.chain_items(id, moment, ask.as_of.unwrap_or_else(|| self.today())).await?);
        page(items, ask.cursor.as_deref())
    }

    /// Changes fields of a customer in sight, on the version that was read.
    ///
    /// # Errors
    /// Values that break rules; no such customer in sight; a change meanwhile; a role that may not.
    pub async fn edit_customer(&self, id: RecordId, version: i64, values: &Map<String, Json>) -> Edited<()> {
        self.who.require(May::EditCustomers)?;
        let record = self.seen_customer(id).await?;
        let mut facts = self.draw_record(Kind::Account, values, Some(&record), &["name"]).await?;
        settle_industry(&record, &mut facts);
        self.write_change(Kind::Account, id, version, facts).await
    }

    /// Makes a customer; it is the asker's where nobody else is named.
    ///
    /// # Errors
    /// Values that break rules, or a role that may not.
    pub async fn create_customer(&self, values: &Map<String, Json>) -> Edited<RecordId> {
        self.who.require(May::EditCustomers)?;
        let mut facts = self.draw_record(Kind::Account, values, None, &["name"]).await?;
        if edit::asserted(&facts, ids::ACCOUNT_OWNER).is_none() && self.who.actor != SYSTEM_ACTOR {
            facts.put(ids::ACCOUNT_OWNER, domain::field::Value::Ref(self.who.actor));
        }
        self.write_new(Kind::Account, facts).await
    }
}

/// An industry that somebody tells ends what was inferred.
fn settle_industry(record: &Record, facts: &mut domain::journal::Facts) {
    use domain::field::Value;
    let told = edit::asserted(facts, ids::ACCOUNT_INDUSTRY).is_some_and(|industry| *industry != Value::Null);
    if told && record.get(ids::ACCOUNT_INDUSTRY_INFERRED).is_some() {
        facts.put(ids::ACCOUNT_INDUSTRY_INFERRED, Value::Null);
        facts.put(ids::ACCOUNT_INDUSTRY_CONFIDENCE, Value::Null);
    }
}

fn row(customer: Customer, sums: &AccountSums, valued: bool) -> CustomerRow {
    let amount = |minor| valued.then_some(minor);
    CustomerRow {
        customer,
        deals: sums.deals,
        deals_open: sums.deals_open,
        open_minor: amount(sums.open_minor),
        won_minor: amount(sums.won_minor),
    }
}

fn after(text: &str, sort: &str) -> Result<After> {
    let cursor: Cursor = cursor::read(text)?;
    if cursor.sort != sort {
        return Err(AppError::input(("游标属于另一种排序的列表", "the cursor is of a list in another order"))
            .hint(("从头开始，不带游标", "begin without a cursor")));
    }
    let value = match (cursor.int, cursor.text) {
        (Some(int), _) => SortValue::Int(int),
        (None, text) => SortValue::Text(text.unwrap_or_default()),
    };
    Ok(After { value, deal: cursor.id })
}

fn next(after: After, sort: &str) -> String {
    let (int, text) = match after.value {
        SortValue::Int(int) => (Some(int), None),
        SortValue::Text(text) => (None, Some(text)),
        SortValue::None => (None, None),
    };
    cursor::write(&Cursor { sort: sort.to_owned(), int, text, id: after.deal })
}
