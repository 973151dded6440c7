//! The sales processes that come with the product.

use super::issue::ProcessIssue;
use super::{Process, load};

/// A process that comes with the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadyMade {
    /// Its key.
    pub key: &'static str,
    /// Its file, as shipped in `processes/`.
    pub toml: &'static str,
}

macro_rules! ready_made {
    ($($key:literal),* $(,)?) => {
        &[$(ReadyMade {
            key: $key,
            toml: include_str!(concat!("../../../../processes/", $key, ".toml")),
        }),*]
    };
}

const READY_MADE: &[ReadyMade] = ready_made![
    "b2b-seven",
    "basic-five",
    "yield-seven",
    "telesales",
    "small-project",
    "marketing-repurchase",
    "ecommerce",
    "resource-eight",
];

/// Every process that comes with the product, the most usual first.
#[must_use]
pub const fn ready_made() -> &'static [ReadyMade] {
    READY_MADE
}

/// Reads all of them.
///
/// # Errors
/// The issues of the first one that is not sound. A test holds them sound; the result is kept so
/// that nobody has to trust it.
pub fn load_ready_made() -> Result<Vec<Process>, Vec<ProcessIssue>> {
    READY_MADE.iter().map(|ready| load(ready.toml)).collect()
}
