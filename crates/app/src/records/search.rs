//! Values to filter by, and finding a record by a part of its name.

use domain::people::May;

use super::list::{Deal, Member};
use crate::customers::{ContactHit, RecordHit};
use crate::{Ask, Loudou, Result};

/// A value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// What a chip says: the label, `#` and an id where several have the label, nothing where none is recorded.
    pub value: String,
    /// What people call it; absent where none is recorded.
    pub label: Option<String>,
    /// The record; absent where the value is none.
    pub id: Option<i64>,
    /// Deals that have it, under the other filters.
    pub deals: u64,
}

/// What was found, at most eight of each sort, the best first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hits {
    /// Deals.
    pub deals: Vec<Deal>,
    /// Customers.
    pub customers: Vec<Member>,
    /// People.
    pub people: Vec<Member>,
    /// People of customers, the newest first.
    pub contacts: Vec<ContactHit>,
    /// Leads, contracts, orders, invoices, payments and service requests, in this order; eight of each.
    pub records: Vec<RecordHit>,
}

/// Records of each sort that a search tells.
const EACH: usize = 8;
/// Values that are told at most.
const VALUES: usize = 500;

impl Loudou {
    /// The values that deals in scope have of a dimension, most deals first. Chips of the same dimension do not
    /// count: they are what is being chosen.
    ///
    /// # Errors
    /// The question is wrong, or the data cannot be read.
    pub async fn members(&self, ask: &Ask, dimension: &str, q: &str, limit: usize) -> Result<Vec<Facet>> {
        self.who.require(May::Analyse)?;
        let mut ask = Ask { by: Vec::new(), ..ask.clone() };
        ask.chips.retain(|chip| chip.split_once(':').is_none_or(|(of, _)| of != dimension));
        let asked = self.asked(&ask).await?;
        let facets = self.warehouse().await?.facets(&asked.question, dimension, q, limit.clamp(1, VALUES)).await?;
        let facet = |facet: warehouse::Facet| Facet {
            value: facet.value.unwrap_or_default(),
            label: facet.label,
            id: facet.id,
            deals: facet.deals,
        };
        Ok(facets.into_iter().map(facet).collect())
    }

    /// Finds what is in scope by a part of its name: deals (also by external id), customers, people of ours and of
    /// customers (these also by telephone and address), and records of the chain by number, subject, company or person,
    /// and by their customer.
    ///
    /// # Errors
    /// The data cannot be read.
    pub async fn search(&self, q: &str) -> Result<Hits> {
        self.who.require(May::Analyse)?;
        let here = self.held().await?;
        let warehouse = here.warehouse().await?;
        let looked = warehouse.look(&self.who.scope, self.keepers(&self.who.scope).await?, q, EACH).await?;
        let mut deals = Vec::new();
        for (_, deal) in self.deals_of(&looked.deals).await? {
            deals.push(deal);
        }
        let place = |deal: &Deal| looked.deals.iter().position(|id| *id == deal.id);
        deals.sort_by_key(place);
        let member = |named: warehouse::Named| Member { id: named.id, name: named.name };
        Ok(Hits {
            deals,
            customers: looked.accounts.into_iter().map(member).collect(),
            people: looked.people.into_iter().map(member).collect(),
            contacts: here.look_contacts(q, EACH).await?,
            records: here.look_chain(q, EACH).await?,
        })
    }
}
