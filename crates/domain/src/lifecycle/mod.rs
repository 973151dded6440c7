//! The lifecycle of an opportunity.
