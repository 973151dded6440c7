//! Customers along the chain from lead to cash: the customer funnel with the customers behind its numbers, and what
//! belongs to one customer.
//!
//! The warehouse counts, `methods` makes rates and medians of the counts; here is said what is asked and what the
//! numbers are called.

mod behind;
mod chain;
mod funnel;
mod look;

pub use behind::{CustomerAt, CustomersAt, CustomersAtAsk};
pub use chain::{ChainRecord, CustomerChain, InvoiceSums};
pub use funnel::CustomerFunnelAnswer;
pub use look::{ContactHit, RecordHit};
