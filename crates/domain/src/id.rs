//! Identities and the small closed vocabularies that every other crate shares.
//!
//! The numeric codes are written to databases and checkpoints: they are only ever appended to.

use serde::{Deserialize, Serialize};

/// The id of a record, unique over all kinds within one database. Zero is never given out.
pub type RecordId = i64;

/// A stage, unique over all processes and their versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct StageId(pub u32);

impl StageId {
    /// The stage nobody recorded: a deal known to be open while its source tells no stage.
    pub const UNKNOWN: Self = Self(0);
}

/// One version of a sales process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct ProcessId(pub u32);

/// Stands between a source's id and a number, where the source used one id for several records and each of
/// them went in: a character that no id holds.
pub const REPEAT_MARK: char = '\u{1f}';

/// The id as the source wrote it, of the key under which a record is linked to it.
#[must_use]
pub fn source_id(key: &str) -> &str {
    key.split_once(REPEAT_MARK).map_or(key, |(id, _)| id)
}

/// How a deal stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Outcome {
    /// In the stock.
    Open = 0,
    /// Signed with us.
    Won = 1,
    /// Decided for somebody else.
    Lost = 2,
    /// Ended without a decision.
    Cancelled = 3,
    /// In nurture: out of the stock, still in the denominators.
    Parked = 4,
}

impl Outcome {
    /// Every outcome, in the order of its code.
    pub const ALL: [Self; 5] = [Self::Open, Self::Won, Self::Lost, Self::Cancelled, Self::Parked];

    /// The word used in files, SQL and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Cancelled => "cancelled",
            Self::Parked => "parked",
        }
    }

    /// The outcome with this code, if there is one.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Open),
            1 => Some(Self::Won),
            2 => Some(Self::Lost),
            3 => Some(Self::Cancelled),
            4 => Some(Self::Parked),
            _ => None,
        }
    }

    /// The outcome written as `word` (see [`Outcome::as_str`]).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }

    /// Won, lost or cancelled: the deal is over until somebody reopens it.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Won | Self::Lost | Self::Cancelled)
    }
}

/// What a record is. The code is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(i16)]
pub enum Kind {
    /// A buying organisation.
    Account = 1,
    /// A person at an account.
    Contact = 2,
    /// Something sold.
    Product = 3,
    /// Somebody of our own organisation.
    Person = 4,
    /// A group of people; teams form a tree.
    Team = 5,
    /// A sales region; regions form a tree.
    Region = 6,
    /// A trade.
    Industry = 7,
    /// A way by which business comes.
    Channel = 8,
    /// A marketing campaign.
    Campaign = 9,
    /// A deal.
    Opportunity = 10,
    /// One product line of a deal.
    DealLine = 11,
    /// A call, visit, meeting, demo, message.
    Activity = 12,
    /// Money spent on selling.
    Expense = 13,
    /// A total that is not a deal (exposures, visitors).
    MetricValue = 14,
    /// A target for a period and a member of a dimension.
    Target = 15,
    /// A signal that there may be business, verified or not.
    Lead = 16,
    /// What was signed.
    Contract = 17,
    /// What was ordered.
    Order = 18,
    /// One product of an order, or one seller's part of it.
    OrderLine = 19,
    /// What was billed.
    Invoice = 20,
    /// Money that came in.
    Payment = 21,
    /// Something a customer asked for after the sale.
    ServiceRequest = 22,
}

impl Kind {
    /// Every kind, in the order of its code.
    pub const ALL: [Self; 22] = [
        Self::Account,
        Self::Contact,
        Self::Product,
        Self::Person,
        Self::Team,
        Self::Region,
        Self::Industry,
        Self::Channel,
        Self::Campaign,
        Self::Opportunity,
        Self::DealLine,
        Self::Activity,
        Self::Expense,
        Self::MetricValue,
        Self::Target,
        Self::Lead,
        Self::Contract,
        Self::Order,
        Self::OrderLine,
        Self::Invoice,
        Self::Payment,
        Self::ServiceRequest,
    ];

    /// Records of the chain from lead to cash and service: they come after deals, and refer to them.
    pub const CHAIN: [Self; 7] =
        [Self::Lead, Self::Contract, Self::Order, Self::OrderLine, Self::Invoice, Self::Payment, Self::ServiceRequest];

    /// The code in the journal.
    #[must_use]
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The word with its article: `an account`, `a deal`.
    #[must_use]
    pub fn with_article(self) -> String {
        let word = self.as_str();
        let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        format!("{article} {word}")
    }

    /// The word in mapping files and messages, singular.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Contact => "contact",
            Self::Product => "product",
            Self::Person => "person",
            Self::Team => "team",
            Self::Region => "region",
            Self::Industry => "industry",
            Self::Channel => "channel",
            Self::Campaign => "campaign",
            Self::Opportunity => "opportunity",
            Self::DealLine => "deal_line",
            Self::Activity => "activity",
            Self::Expense => "expense",
            Self::MetricValue => "metric_value",
            Self::Target => "target",
            Self::Lead => "lead",
            Self::Contract => "contract",
            Self::Order => "order",
            Self::OrderLine => "order_line",
            Self::Invoice => "invoice",
            Self::Payment => "payment",
            Self::ServiceRequest => "service_request",
        }
    }

    /// The kind written as `word` (see [`Kind::as_str`]).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The table of current records, in the store and in SQL.
    #[must_use]
    pub const fn table(self) -> &'static str {
        match self {
            Self::Account => "accounts",
            Self::Contact => "contacts",
            Self::Product => "products",
            Self::Person => "people",
            Self::Team => "teams",
            Self::Region => "regions",
            Self::Industry => "industries",
            Self::Channel => "channels",
            Self::Campaign => "campaigns",
            Self::Opportunity => "opportunities",
            Self::DealLine => "deal_lines",
            Self::Activity => "activities",
            Self::Expense => "expenses",
            Self::MetricValue => "metric_values",
            Self::Target => "targets",
            Self::Lead => "leads",
            Self::Contract => "contracts",
            Self::Order => "orders",
            Self::OrderLine => "order_lines",
            Self::Invoice => "invoices",
            Self::Payment => "payments",
            Self::ServiceRequest => "service_requests",
        }
    }
}
