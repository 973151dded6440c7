//! Whether two spellings are one thing: normal forms, similarity, clusters of values, duplicate records.
//!
//! The same customer comes as `上海华信科技有限公司`, `华信科技（上海）` and `SHANGHAI HUAXIN TECH CO., LTD`. This crate holds
//! what the rest of the product knows about such spellings, as pure functions on texts: the same input gives the same
//! output, in the same order. It proposes, and says why; people decide.
//!
//! It must not know records as they are stored, imports, files, the clock or any database.

mod address;
mod duplicates;
mod number;
mod organisation;
mod person;
mod phone;
mod similarity;
mod text;
mod values;
mod words;

pub use address::{Email, email, site};
pub use duplicates::{
    Cluster, Evidence, Keys, MIN_SCORE, Options, Pair, Part, Subject, Watch, Why, find_duplicates, score,
    watch_duplicates,
};
pub use number::{TaxNumber, credit_code_holds, tax_number};
pub use organisation::{Organisation, organisation};
pub use person::{Person, person};
pub use phone::{Phone, phones};
pub use similarity::{name_similarity, person_similarity, spelling};
pub use text::{folded, has_lookalikes, marks, squashed, unmasked};
pub use values::{Member, Reason, ValueCluster, value_clusters};
