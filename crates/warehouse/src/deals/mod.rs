//! Deals themselves: those behind a number, lists of them, the values they have, and finding one by its name.
//!
//! Everything here sees what a question sees: its scope, filters, as-of and known-at, by the same plan as tallies.
//! Must not know what a list is for, nor how a page shows it.

mod accounts;
mod facets;
mod find;
mod list;
mod look;
mod order;
mod rows;
mod seen;
mod texts;

pub use accounts::{AccountSort, AccountSums, AccountsAsk, AccountsList};
pub use facets::Facet;
pub use find::{Found, Hits, Standing};
pub use list::{DealList, DealSums, DealsAsk};
pub use look::Looked;
pub use order::{After, Sort, SortBy, SortValue};
pub use rows::{Listed, ListedStage, Named};
pub(crate) use texts::names;

#[cfg(test)]
mod tests;

/// The values of a dimension that a question offers.
#[cfg(test)]
pub(crate) fn facets_of(snapshot: &crate::Snapshot, question: &crate::Question, dimension: &str) -> Vec<Facet> {
    let memory = crate::memory::Memory::new(0);
    facets::facets(snapshot, question, dimension, "", 100, &memory).expect("they are told")
}
