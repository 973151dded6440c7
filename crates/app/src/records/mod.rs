//! Records: deals, customers and targets as people list, read and change them; and the deals behind a number.
//!
//! Everything is read and changed under the asker's scope: what lies outside answers like what does not exist. Lists
//! come from the warehouse, pages and edits from the store. Changes go through the domain's rules and are written
//! under the version that the asker has read.

mod cell;
mod contacts;
pub(crate) mod cursor;
mod customers;
mod deal;
mod edit;
mod export;
pub(crate) mod facts;
pub(crate) mod fields;
mod labels;
mod list;
mod moment;
mod moves;
mod names;
mod needs;
mod own;
mod pivot;
mod refs;
mod search;
mod targets;
mod timeline;

pub use cell::CellAsk;
pub use contacts::Contact;
pub(crate) use contacts::contact;
pub use customers::{Customer, CustomerPage, CustomerRow, CustomersAsk, CustomersList};
pub use deal::{DealPage, PathStage};
pub use edit::{EditError, FieldIssue};
pub use export::{customers_answer, deals_answer, targets_answer};
pub(crate) use facts::hot_values;
pub use fields::FieldValue;
pub(crate) use fields::word as type_word;
pub(crate) use labels::{choices as field_choices, label as field_label};
pub use list::{Deal, DealsAsk, DealsList, ListSums, Member, StageName};
pub(crate) use moment::Moment;
pub use moves::MoveAsk;
pub(crate) use names::referred;
pub use needs::{Need, NeedKind};
pub use own::{OwnColumn, OwnValues};
pub use pivot::{Attained, Pivot, PivotAsk, PivotGroup};
pub use refs::Choice;
pub use search::{Facet, Hits};
pub use targets::{Target, TargetsAsk};
pub use timeline::{Change, Timeline, TimelineAsk, TimelineItem, TimelineKind};
