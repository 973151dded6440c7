//! What a field may refer to: whether a record is one of those, and which there are to choose from.
//!
//! Customers and deals are seen or not, contacts with their customer. People, teams and what deals are sorted by are
//! the organisation's own and known to all who edit: a deal is handed to whoever is to work it. What has no customer, or
//! belongs to a record of another kind, is theirs who see everything.

use std::collections::HashSet;

use domain::field::{Value, ids};
use domain::people::May;
use domain::text::folded;
use domain::{Kind, RecordId, Scope};
use store::Record;
use warehouse::{AccountSort, AccountsAsk, Dimension, Question};

use crate::{AppError, Loudou, Result};

/// A record to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its id.
    pub id: RecordId,
    /// Its name.
    pub name: String,
    /// What tells it from others of its name: a person's team, a contact's post.
    pub note: Option<String>,
}

/// Choices that are told at most.
const MOST: usize = 200;

impl Loudou {
    /// Whether a record stands and is in sight of whoever would refer to it.
    pub(super) async fn may_refer_to(&self, kind: Kind, id: RecordId) -> Result<bool> {
        let Some(record) = self.store.records(kind, &[id]).await?.into_iter().next() else { return Ok(false) };
        Ok(match kind {
            Kind::Account => self.sees_customer(id).await?,
            Kind::Contact => match record.int(ids::CONTACT_ACCOUNT) {
                Some(account) => self.sees_customer(account).await?,
                None => self.who.scope == Scope::All,
            },
            Kind::Opportunity => self.who.scope.allows(record.hot.owner, record.hot.team),
            // Nothing that people fill in refers to one of these; whoever sees everything may.
            kind if kind > Kind::Opportunity => self.who.scope == Scope::All,
            _ => true,
        })
    }

    /// The records of a kind that a form offers, those that begin with `q` first, whether or not a deal has them.
    /// Contacts are those of one customer.
    ///
    /// # Errors
    /// No form offers this kind; contacts of no customer, or of one out of sight; a role that edits nothing.
    pub async fn choices(&self, kind: &str, q: &str, customer: Option<RecordId>, limit: usize) -> Result<Vec<Choice>> {
        let edits = [May::EditDeals, May::EditCustomers, May::EditTargets];
        if !edits.iter().any(|may| self.who.may.contains(may)) {
            self.who.require(May::EditDeals)?;
        }
        let needle = folded(q);
        let (needle, limit) = (needle.trim(), limit.clamp(1, MOST));
        let mut all = match (Kind::parse(kind), customer) {
            (Some(Kind::Account), _) => return self.customer_choices(needle, limit).await,
            (Some(Kind::Contact), Some(customer)) => {
                self.seen_customer(customer).await?;
                named(&self.store.referring(ids::CONTACT_ACCOUNT, &[customer]).await?, Kind::Contact)
            }
            (Some(Kind::Contact), None) => {
                return Err(AppError::input((
                    "联系人属于客户，请先指明客户",
                    "contacts are those of a customer: name the customer",
                )));
            }
            (Some(Kind::Person), _) => self.people().await?,
            (Some(kind), _) if Dimension::of(kind).is_some() => named(&self.store.all_records(kind).await?, kind),
            _ => {
                return Err(AppError::input((
                    format!("表单中没有可选的 `{kind}`"),
                    format!("no form offers records of the kind `{kind}`"),
                )));
            }
        };
        let fit = |choice: &Choice| folded(&choice.name).find(needle);
        all.retain(|choice| fit(choice).is_some());
        all.sort_by_cached_key(|choice| (fit(choice) != Some(0), choice.name.clone(), choice.id));
        all.truncate(limit);
        Ok(all)
    }

    /// Customers in sight, by name.
    async fn customer_choices(&self, needle: &str, limit: usize) -> Result<Vec<Choice>> {
        let scope = self.who.scope.clone();
        let ask = AccountsAsk {
            keepers: self.keepers(&scope).await?,
            question: Question { scope, ..Question::everything(self.today()) },
            text: needle.to_owned(),
            sort: AccountSort::Name,
            descending: false,
            limit,
            after: None,
        };
        let rows = self.warehouse().await?.accounts(ask).await?.rows;
        Ok(rows.into_iter().map(|(id, name, _)| Choice { id, name, note: None }).collect())
    }

    /// The people who are still there, each with the team.
    async fn people(&self) -> Result<Vec<Choice>> {
        let mut people = self.store.all_records(Kind::Person).await?;
        people.retain(|person| person.get(ids::PERSON_ACTIVE) != Some(&Value::Bool(false)));
        let team = |person: &Record| Some((Kind::Team, person.int(ids::PERSON_TEAM)?));
        let names = self.names(people.iter().filter_map(team).collect::<HashSet<_>>()).await?;
        let choice = |person: &Record| {
            let name = person.text(ids::PERSON_NAME)?.to_owned();
            Some(Choice { id: person.id, name, note: team(person).map(|(kind, id)| names.of(kind, id)) })
        };
        Ok(people.iter().filter_map(choice).collect())
    }
}

/// Records by their names; those whose name was erased cannot be told apart and are left out.
fn named(records: &[Record], kind: Kind) -> Vec<Choice> {
    let field = Dimension::of(kind).map_or(ids::CONTACT_NAME, Dimension::name_field);
    let choice = |record: &Record| {
        let note = record.text(ids::CONTACT_POST).filter(|_| kind == Kind::Contact).map(str::to_owned);
        Some(Choice { id: record.id, name: record.text(field)?.to_owned(), note })
    };
    records.iter().filter_map(choice).collect()
}
