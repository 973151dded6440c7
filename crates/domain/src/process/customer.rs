//! The customer funnel: how many customers are potential, have an opportunity, a contract, paid.
//!
//! It is no sales process. Distinct customers are counted by what they have, each step over the one
//! before, and nobody moves a customer by hand.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::load;
use crate::words::Text2;

/// What a customer must have to be at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerHolds {
    /// A customer record.
    Account,
    /// An opportunity.
    Opportunity,
    /// A contract or an order.
    ContractOrOrder,
    /// A payment received.
    Payment,
}

/// A step of the customer funnel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerStep {
    /// Its name for programs.
    pub key: String,
    /// Its position.
    pub order: i32,
    /// What a customer must have at least one of.
    pub holds: CustomerHolds,
    /// Its name.
    pub name: Text2,
    /// When a customer is here.
    pub when: Text2,
    /// What the seller does.
    pub behaviour: Text2,
}

/// The steps, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerFunnel {
    /// The steps.
    pub steps: Vec<CustomerStep>,
}

static FUNNEL: LazyLock<CustomerFunnel> = LazyLock::new(|| {
    load::shape(include_str!("../../../../processes/customer-funnel.toml"))
        .expect("a test reads the customer funnel that is built in")
});

/// The customer funnel that comes with the product.
#[must_use]
pub fn customer_funnel() -> &'static CustomerFunnel {
    &FUNNEL
}
