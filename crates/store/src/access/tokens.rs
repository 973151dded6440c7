//! Tokens of programs.

use std::collections::BTreeSet;

use domain::Instant;
use domain::people::May;
use sea_orm::QueryResult;

use super::{ACCOUNT_COLUMNS, Account, may_words, maybe_text, parse};
use crate::engine::{execute, row, rows};
use crate::registry::{int, text};
use crate::{Store, StoreError, Writer};

/// Lets a program come in as a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: i64,
    /// The user.
    pub user: i64,
    /// What it is for, in the user's words.
    pub name: String,
    /// What of the user's rights it has; absent: all of them.
    pub may: Option<BTreeSet<May>>,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
    /// When it was used last, within some minutes.
    pub last_used_at: Option<Instant>,
}

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenDraft {
    /// The hash of the token.
    pub token_hash: String,
    /// The user.
    pub user: i64,
    /// What it is for.
    pub name: String,
    /// What of the user's rights it has; absent: all of them.
    pub may: Option<BTreeSet<May>>,
    /// When it ends.
    pub expires_at: Instant,
}

const COLUMNS: &str = "t.id, t.user_id, t.name, t.may, t.created_at, t.expires_at, t.last_used_at";

impl Token {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let may: Option<String> = row.try_get_by_index(3)?;
        let last: Option<i64> = row.try_get_by_index(6)?;
        Ok(Self {
            id: row.try_get_by_index(0)?,
            user: row.try_get_by_index(1)?,
            name: row.try_get_by_index(2)?,
            may: may.map(|may| parse(&may, "what a token may", May::parse)).transpose()?,
            created_at: Instant(row.try_get_by_index(4)?),
            expires_at: Instant(row.try_get_by_index(5)?),
            last_used_at: last.map(Instant),
        })
    }
}

impl Store {
    /// A token with its user, in one indexed read; whether either is still good is the caller's to judge.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn token(&self, token_hash: &str) -> Result<Option<(Token, Account)>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, {ACCOUNT_COLUMNS} FROM tokens t JOIN users u ON u.id = t.user_id \
             LEFT JOIN people p ON p.id = u.person WHERE t.token_hash = ?"
        );
        let found = row(self.readers(), self.engine(), &sql, vec![text(token_hash)]).await?;
        found.map(|row| Ok((Token::read(&row)?, Account::read(&row, 7)?))).transpose()
    }

    /// The tokens of a user, or of everybody, by id.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn tokens(&self, user: Option<i64>) -> Result<Vec<Token>, StoreError> {
        let (condition, values) = match user {
            Some(user) => ("WHERE t.user_id = ?", vec![int(user)]),
            None => ("", Vec::new()),
        };
        let sql = format!("SELECT {COLUMNS} FROM tokens t {condition} ORDER BY t.id");
        rows(self.readers(), self.engine(), &sql, values).await?.iter().map(Token::read).collect()
    }
}

impl Writer {
    /// Makes a token. Returns its id.
    ///
    /// # Errors
    /// The database's own.
    pub async fn add_token(&mut self, draft: TokenDraft, now: Instant) -> Result<i64, StoreError> {
        let id = self.next_access();
        let sql = "INSERT INTO tokens (id, token_hash, user_id, name, may, created_at, expires_at) \
                   VALUES (?,?,?,?,?,?,?)";
        let values = vec![
            int(id),
            text(draft.token_hash),
            int(draft.user),
            text(draft.name),
            maybe_text(draft.may.as_ref().map(may_words)),
            int(now.0),
            int(draft.expires_at.0),
        ];
        execute(&self.tx, self.engine, sql, values).await?;
        Ok(id)
    }

    /// Notes that a token is in use.
    ///
    /// # Errors
    /// The database's own.
    pub async fn note_token(&mut self, id: i64, now: Instant) -> Result<(), StoreError> {
        execute(&self.tx, self.engine, "UPDATE tokens SET last_used_at = ? WHERE id = ?", vec![int(now.0), int(id)])
            .await?;
        Ok(())
    }

    /// Deletes a token. Tells whether there was one.
    ///
    /// # Errors
    /// The database's own.
    pub async fn revoke_token(&mut self, id: i64) -> Result<bool, StoreError> {
        Ok(execute(&self.tx, self.engine, "DELETE FROM tokens WHERE id = ?", vec![int(id)]).await? > 0)
    }
}
