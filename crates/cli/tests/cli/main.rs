//! The commands as people and scripts use them: on the data sets that ship, on small files that are wrong in one
//! way each, and for one team beside another.

mod bad_input;
mod customer_funnel;
mod dedupe;
mod imports;
mod known_at;
mod places;
mod rates;
mod scope;
mod serve;
mod shape;
mod shipped;
mod steps;
#[path = "../support/mod.rs"]
mod support;
mod users;
