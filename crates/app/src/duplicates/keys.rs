//! What of a record is compared.

use std::collections::HashMap;

use domain::field::{Value, ids};
use domain::{Currency, Kind, RecordId};
use matching::{Keys, Subject};
use store::Record;

use crate::{Loudou, Result};

/// Addresses of a customer's people that are compared.
const MOST_EMAILS: usize = 5;

/// What `matching` calls the records of a kind.
pub(super) const fn subject(kind: Kind) -> Subject {
    match kind {
        Kind::Contact => Subject::Person,
        Kind::Opportunity => Subject::Deal,
        _ => Subject::Organisation,
    }
}

/// The aliases of a customer.
pub(super) fn aliases(record: &Record) -> Vec<String> {
    record.get(ids::ACCOUNT_ALIASES).map(listed).unwrap_or_default()
}

/// The names in a list of aliases.
pub(super) fn listed(list: &Value) -> Vec<String> {
    match list {
        Value::Json(text) | Value::Text(text) => serde_json::from_str(text).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// What is compared of a record. `emails` are those of a customer's people.
pub(super) fn keys(record: &Record, emails: &HashMap<RecordId, Vec<String>>) -> Keys {
    let text = |field| record.text(field).map(str::to_owned);
    let list = |field| text(field).into_iter().collect::<Vec<_>>();
    let id = record.id;
    match record.kind {
        Kind::Contact => Keys {
            id,
            names: list(ids::CONTACT_NAME),
            phones: list(ids::CONTACT_PHONE),
            emails: list(ids::CONTACT_EMAIL),
            parent: record.int(ids::CONTACT_ACCOUNT),
            ..Keys::default()
        },
        Kind::Opportunity => Keys {
            id,
            names: list(ids::OPPORTUNITY_NAME),
            parent: record.int(ids::OPPORTUNITY_ACCOUNT),
            amount: record.hot.amount_minor.zip(record.hot.currency.map(Currency::code)),
            day: record.created_on.map(|day| day.0),
            ..Keys::default()
        },
        _ => Keys {
            id,
            names: list(ids::ACCOUNT_NAME).into_iter().chain(aliases(record)).collect(),
            phones: list(ids::ACCOUNT_PHONE),
            emails: emails.get(&id).cloned().unwrap_or_default(),
            site: text(ids::ACCOUNT_DOMAIN),
            tax_number: text(ids::ACCOUNT_TAX_NUMBER),
            ..Keys::default()
        },
    }
}

impl Loudou {
    /// Addresses of people by customer, where customers are compared.
    pub(super) async fn emails_of_customers(&self, kind: Kind) -> Result<HashMap<RecordId, Vec<String>>> {
        let mut emails: HashMap<RecordId, Vec<String>> = HashMap::new();
        if kind != Kind::Account {
            return Ok(emails);
        }
        self.store
            .for_each_record(Kind::Contact, |contacts| {
                for contact in contacts {
                    let found = contact.int(ids::CONTACT_ACCOUNT).zip(contact.text(ids::CONTACT_EMAIL));
                    if let Some((account, email)) = found {
                        let of = emails.entry(account).or_default();
                        if of.len() < MOST_EMAILS {
                            of.push(email.to_owned());
                        }
                    }
                }
            })
            .await?;
        Ok(emails)
    }
}
