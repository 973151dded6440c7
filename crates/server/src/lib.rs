//! The HTTP face: endpoints over the use cases of `app`, their OpenAPI document, and the embedded web application.
//!
//! The crate must not know SQL, the store or the warehouse: an endpoint reads a request, calls one use case and
//! writes its answer. Who asks is found once ([`asker`]), what goes wrong is told by one table ([`problem`]).
//! Clock and randomness come with [`Settings`].
//!
//! To add an endpoint: a file in `endpoints/` named after what it is about, with the request type, a handler with
//! `#[utoipa::path]` (every status it can answer with) and tests at its end; then a line in
//! [`endpoints::router`]. Parameters that the document does not name are refused, so the document is complete by
//! construction.

pub mod asker;
mod body;
mod document;
pub mod endpoints;
mod files;
mod layers;
mod once;
pub mod problem;
mod query;
mod serve;
mod state;
#[cfg(test)]
mod testing;
mod version;
mod web;

pub use serve::{router, serve};
pub use state::{Settings, State};
