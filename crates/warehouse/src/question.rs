//! What is asked, and why it can be refused.
//!
//! Messages say what was wrong and what to do, and name only what the asker may see.

use datafusion::error::DataFusionError;
use domain::money::RateError;
use domain::scope::Scope;
use domain::{Currency, Day};
use thiserror::Error;

/// A question over deals, beside the tally that counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// Key of the sales process; all its versions. Absent: the one that is in view.
    pub process: Option<String>,
    /// A boolean expression in SQL over the columns of deals.
    pub filter: Option<String>,
    /// Only deals with one of these values, of each dimension named; beside the filter.
    pub only: Vec<Only>,
    /// Dimensions to group by.
    pub by: Vec<String>,
    /// Who asks.
    pub scope: Scope,
    /// Nothing is seen after the end of this day.
    pub as_of: Day,
    /// As it was known at the end of this day; absent: as it is known now.
    pub known_at: Option<Day>,
    /// The currency to answer in; absent: the one that is booked, else the organisation's.
    pub currency: Option<Currency>,
}

/// Values of a dimension, one of which a deal must have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Only {
    /// The dimension.
    pub dimension: String,
    /// Its values as labels tell them, or `#` and a record's id; absent: none is recorded. A value that nothing has
    /// is no mistake: no deal passes.
    pub values: Vec<Option<String>>,
}

impl Question {
    /// Everything, as of a day.
    #[must_use]
    pub const fn everything(as_of: Day) -> Self {
        Self {
            process: None,
            filter: None,
            only: Vec::new(),
            by: Vec::new(),
            scope: Scope::All,
            as_of,
            known_at: None,
            currency: None,
        }
    }
}

/// What is wrong with a filter, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FilterFault {
    /// It is too long.
    #[error("it is longer than {limit} characters")]
    TooLong {
        /// What it may have.
        limit: usize,
    },
    /// It has more operators than what reads it has stack for.
    #[error("it has more than {limit} operators: write several values as column in ('a', 'b')")]
    TooDeep {
        /// What it may have.
        limit: usize,
    },
    /// It is no SQL.
    #[error("{said}. Write comparisons, joined by and, or, not: region = 'North' and amount > 10000")]
    NoSql {
        /// The parser's words.
        said: String,
    },
    /// It comes to a value that is neither true nor false.
    #[error("it is no condition: write a comparison such as amount > 10000")]
    NoCondition,
    /// It counts over deals.
    #[error("a filter reads one deal at a time and cannot count over deals")]
    Counts,
    /// It holds a query.
    #[error("a filter cannot hold a query")]
    Query,
    /// It has a parameter.
    #[error("a filter has no parameters: write the value")]
    Parameter,
    /// It calls what answers differently every time.
    #[error("`{function}` changes from one call to the next: write the value")]
    Volatile {
        /// The function.
        function: String,
    },
    /// The engine can make no sense of it.
    #[error("{said}")]
    Engine {
        /// The engine's words.
        said: String,
    },
}

/// Why a question is not answered.
#[derive(Debug, Error)]
pub enum AskError {
    /// The filter is no SQL, or none that is allowed.
    #[error("the filter `{filter}` cannot be read: {fault}")]
    Filter {
        /// As written.
        filter: String,
        /// What is wrong.
        fault: FilterFault,
    },
    /// The filter names a column that does not exist.
    #[error("there is no column `{name}` to filter by{}; columns are {}. Texts stand in single quotes: region = 'North'", nearest(.near), .known.join(", "))]
    UnknownColumn {
        /// As written.
        name: String,
        /// The most similar ones.
        near: Vec<String>,
        /// Every one.
        known: Vec<String>,
    },
    /// The filter compares with a word that its column does not have.
    #[error("`{column}` has no value `{value}`{}; {}", nearest(.near), listed(.known, *.more))]
    UnknownValue {
        /// The column.
        column: String,
        /// As written.
        value: String,
        /// The most similar ones.
        near: Vec<String>,
        /// The first of them.
        known: Vec<String>,
        /// How many there are beside.
        more: usize,
    },
    /// A dimension to group by that does not exist.
    #[error("cannot group by `{name}`{}; dimensions are {}", nearest(.near), .known.join(", "))]
    UnknownDimension {
        /// As written.
        name: String,
        /// The most similar ones.
        near: Vec<String>,
        /// Every one.
        known: Vec<String>,
    },
    /// A process that does not exist.
    #[error("there is no process `{key}`{}; processes are {}", nearest(.near), .known.join(", "))]
    UnknownProcess {
        /// As written.
        key: String,
        /// The most similar ones.
        near: Vec<String>,
        /// Every one.
        known: Vec<String>,
    },
    /// Stages of several processes would be mixed.
    #[error("deals of several processes are in view ({}), whose stages do not compare: choose one process, or group by `process`", .keys.join(", "))]
    SeveralProcesses {
        /// Their keys.
        keys: Vec<String>,
    },
    /// The process has more stages than can be counted in.
    #[error("the processes in view have {stages} open stages, more than can be told apart: choose one process")]
    TooManyStages {
        /// How many.
        stages: usize,
    },
    /// Amounts of several currencies, without the means to convert them.
    #[error("amounts in {} are in view and {reason}: filter to one currency (currency = '{}'), or group by `currency`, or add exchange rates", .currencies.join(", "), .currencies.first().map_or("CNY", String::as_str))]
    MixedCurrencies {
        /// Their codes.
        currencies: Vec<String>,
        /// What is missing.
        reason: String,
    },
    /// A rate is missing, or an amount does not fit.
    #[error(transparent)]
    Rate(#[from] RateError),
    /// More groups than can be told apart.
    #[error("grouping by {} could make more than {limit} groups: leave a dimension out, or filter first", .by.join(", "))]
    TooManyGroups {
        /// The dimensions.
        by: Vec<String>,
        /// The limit.
        limit: u64,
    },
    /// The counts outgrow their memory.
    #[error(transparent)]
    TooLarge(#[from] journey::TooLarge),
    /// The database failed while a question about the past was read.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The filter meets values that it has no result for.
    #[error("the filter cannot be worked out: {0}")]
    Evaluation(String),
    /// The engine of filters failed.
    #[error("the filter failed: {0}")]
    Engine(DataFusionError),
    /// The warehouse is shutting down.
    #[error("the question was given up: the warehouse is closing")]
    Closing,
}

impl From<DataFusionError> for AskError {
    fn from(error: DataFusionError) -> Self {
        let root = error.find_root();
        if crate::sql::is_evaluation(root) { Self::Evaluation(root.strip_backtrace()) } else { Self::Engine(error) }
    }
}

fn nearest(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => format!(" (did you mean {}?)", near.join(" or ")),
    }
}

fn listed(known: &[String], more: usize) -> String {
    match (known, more) {
        ([], _) => "it has no values here".to_owned(),
        (known, 0) => format!("values are {}", known.join(", ")),
        (known, more) => format!("values are {} and {more} more", known.join(", ")),
    }
}

/// The words most similar to one, at most three, the closest first.
#[must_use]
pub fn similar<'a>(word: &str, among: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let lower = word.to_lowercase();
    let mut scored: Vec<(f64, &str)> = among
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&lower, &known.to_lowercase()), known))
        .filter(|(score, _)| *score >= 0.8)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().take(3).map(|(_, known)| known.to_owned()).collect()
}
