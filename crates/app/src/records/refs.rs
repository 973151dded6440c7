//! What a field may refer to.
//!
//! Customers and deals are seen or not, contacts with their customer. People, teams and what deals are sorted by are
//! the organisation's own and known to all in it: a deal is handed to whoever is to work it. What has no customer, or
//! belongs to a record of another kind, is theirs who see everything.

use domain::field::ids;
use domain::{Kind, RecordId, Scope};

use crate::{Loudou, Result};

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
            Kind::DealLine | Kind::Activity | Kind::Expense | Kind::MetricValue | Kind::Target => {
                self.who.scope == Scope::All
            }
            _ => true,
        })
    }
}
