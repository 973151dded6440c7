//! Accounts: users, sessions, tokens, links, throttling, the access log, and answers to repeated requests.
//!
//! They are no records and have no history in the journal: who may come in is no business fact, must act at
//! once, and must not come back by an undo. Writes go through [`crate::Writer`] all the same, so that a user and
//! the person behind it are made in one transaction. Of secrets only hashes arrive here; the module must not
//! know how they are made, how long anything lasts, nor who may do what.

mod guard;
mod idempotency;
mod log;
mod sessions;
mod tokens;
mod users;

use std::collections::BTreeSet;

use domain::people::{May, Role};
use sea_orm::{QueryResult, Value as Sql};

pub use guard::{Attempts, Link, Purpose};
pub use idempotency::Reserved;
pub use log::{LogDraft, LogLine};
pub use sessions::{Session, SessionDraft};
pub use tokens::{Token, TokenDraft};
pub use users::{User, UserDraft};

use crate::{StoreError, Writer};

/// A user as a session or a token finds it: with what decides today's rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: User,
    /// The team of the user's person now.
    pub team: Option<domain::RecordId>,
}

/// The columns of [`Account::read`], of `users u LEFT JOIN people p`.
const ACCOUNT_COLUMNS: &str = "u.id, u.name, u.roles, u.person, u.password_hash IS NOT NULL, u.active, u.version, \
                               u.created_at, u.last_sign_in_at, p.team";

impl Account {
    /// Reads [`ACCOUNT_COLUMNS`] from column `at` on.
    fn read(row: &QueryResult, at: usize) -> Result<Self, StoreError> {
        Ok(Self { user: User::read(row, at)?, team: row.try_get_by_index(at + 9)? })
    }
}

impl Writer {
    /// A number for what lies beside the journal: a user, a session, a token, a line of the log, a connection, a run.
    pub(crate) fn next_access(&mut self) -> i64 {
        self.head.access += 1;
        self.head.access
    }
}

fn words<T>(of: &BTreeSet<T>, word: impl Fn(&T) -> &'static str) -> String {
    of.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn role_words(roles: &BTreeSet<Role>) -> String {
    words(roles, |role| role.as_str())
}

fn may_words(may: &BTreeSet<May>) -> String {
    words(may, |may| may.as_str())
}

/// Reads words; one that no program has written is damage, not a right that is left out.
fn parse<T: Ord>(words: &str, what: &'static str, one: impl Fn(&str) -> Option<T>) -> Result<BTreeSet<T>, StoreError> {
    words.split_whitespace().map(|word| one(word).ok_or_else(|| StoreError::damaged(what, word))).collect()
}

fn flag(value: bool) -> Sql {
    Sql::Bool(Some(value))
}

fn maybe_int(value: Option<i64>) -> Sql {
    Sql::BigInt(value)
}

fn maybe_text(value: Option<String>) -> Sql {
    Sql::String(value)
}
