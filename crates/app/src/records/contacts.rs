//! People on the customers' side: seen with their customer, added to it, and changed.

use domain::field::{Value, ids};
use domain::people::May;
use domain::{Kind, RecordId};
use serde_json::{Map, Value as Json};
use store::Record;

use super::edit::{EditError, Edited, FieldIssue};
use crate::{AppError, Loudou, Result};

/// Somebody on the customer's side; a text that was erased or never told is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The record.
    pub id: RecordId,
    /// To be handed back with a change.
    pub version: i64,
    /// The name.
    pub name: Option<String>,
    /// The post.
    pub post: Option<String>,
    /// The part played in the decision.
    pub role: Option<String>,
    /// The telephone.
    pub phone: Option<String>,
    /// The address for mails.
    pub email: Option<String>,
}

/// A contact as its record tells it.
pub(crate) fn contact(record: &Record) -> Contact {
    let text = |field| record.text(field).map(str::to_owned);
    Contact {
        id: record.id,
        version: record.version,
        name: text(ids::CONTACT_NAME),
        post: text(ids::CONTACT_POST),
        role: text(ids::CONTACT_ROLE),
        phone: text(ids::CONTACT_PHONE),
        email: text(ids::CONTACT_EMAIL),
    }
}

impl Loudou {
    /// Adds somebody to a customer in sight.
    ///
    /// # Errors
    /// Values that break rules; no such customer in sight; a role that may not.
    pub async fn create_contact(&self, customer: RecordId, values: &Map<String, Json>) -> Edited<RecordId> {
        self.who.require(May::EditCustomers)?;
        self.seen_customer(customer).await?;
        if values.contains_key("account") {
            return Err(EditError::Fields(vec![FieldIssue::new("account", "is the customer that the address names")]));
        }
        let mut facts = self.draw_record(Kind::Contact, values, None, &["name"]).await?;
        facts.put(ids::CONTACT_ACCOUNT, Value::Ref(customer));
        self.write_new(Kind::Contact, facts).await
    }

    /// Changes facts of somebody on the side of a customer in sight, on the version that was read.
    ///
    /// # Errors
    /// Values that break rules; nobody such in sight; a change meanwhile; a role that may not.
    pub async fn edit_contact(&self, id: RecordId, version: i64, values: &Map<String, Json>) -> Edited<()> {
        self.who.require(May::EditCustomers)?;
        let record = self.seen_contact(id).await?;
        let facts = self.draw_record(Kind::Contact, values, Some(&record), &["name", "account"]).await?;
        self.write_change(Kind::Contact, id, version, facts).await
    }

    /// Somebody whom the asker has just added to a customer, or changed (see [`Loudou::changed_deal`]).
    ///
    /// # Errors
    /// There is nobody in sight now, or the role may not change customers.
    pub async fn changed_contact(&self, id: RecordId) -> Result<Contact> {
        self.who.require(May::EditCustomers)?;
        Ok(contact(&self.seen_contact(id).await?))
    }

    async fn seen_contact(&self, id: RecordId) -> Result<Record> {
        let gone = || AppError::not_found((format!("没有联系人 {id}"), format!("there is no contact {id}")));
        if !self.may_refer_to(Kind::Contact, id).await? {
            return Err(gone());
        }
        self.store.records(Kind::Contact, &[id]).await?.into_iter().next().ok_or_else(gone)
    }
}
