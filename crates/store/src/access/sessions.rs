//! Sessions.

use domain::Instant;
use sea_orm::QueryResult;

use super::{ACCOUNT_COLUMNS, Account, flag, maybe_int};
use crate::engine::{execute, row, rows};
use crate::registry::{int, text};
use crate::{Store, StoreError, Writer};

/// Somebody who is signed in, at one browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: i64,
    /// The user.
    pub user: i64,
    /// What the browser has to say beside its cookie when it writes.
    pub csrf: String,
    /// Whether it waits for another token, because the user's rights changed.
    pub to_renew: bool,
    /// When the user signed in.
    pub created_at: Instant,
    /// When it was used last, within some minutes.
    pub last_seen_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
    /// The network address at the sign-in.
    pub address: String,
    /// What the browser called itself at the sign-in.
    pub agent: String,
}

/// A session to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionDraft {
    /// The hash of the token.
    pub token_hash: String,
    /// The user.
    pub user: i64,
    /// What the browser has to say beside its cookie when it writes.
    pub csrf: String,
    /// When it ends.
    pub expires_at: Instant,
    /// The network address.
    pub address: String,
    /// What the browser calls itself.
    pub agent: String,
}

const COLUMNS: &str =
    "s.id, s.user_id, s.csrf, s.to_renew, s.created_at, s.last_seen_at, s.expires_at, s.address, s.agent";

impl Session {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.try_get_by_index(0)?,
            user: row.try_get_by_index(1)?,
            csrf: row.try_get_by_index(2)?,
            to_renew: row.try_get_by_index(3)?,
            created_at: Instant(row.try_get_by_index(4)?),
            last_seen_at: Instant(row.try_get_by_index(5)?),
            expires_at: Instant(row.try_get_by_index(6)?),
            address: row.try_get_by_index(7)?,
            agent: row.try_get_by_index(8)?,
        })
    }
}

impl Store {
    /// The session of a token with its user, in one indexed read; whether either is still good is the caller's
    /// to judge. The token before a renewal counts until its time.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn session(&self, token_hash: &str, now: Instant) -> Result<Option<(Session, Account)>, StoreError> {
        let read = |condition: &str| {
            format!(
                "SELECT {COLUMNS}, {ACCOUNT_COLUMNS} FROM sessions s JOIN users u ON u.id = s.user_id \
                 LEFT JOIN people p ON p.id = u.person WHERE {condition}"
            )
        };
        let found = row(self.readers(), self.engine(), &read("s.token_hash = ?"), vec![text(token_hash)]).await?;
        let found = match found {
            Some(found) => Some(found),
            None => {
                let sql = read("s.former_hash = ? AND s.former_until > ?");
                row(self.readers(), self.engine(), &sql, vec![text(token_hash), int(now.0)]).await?
            }
        };
        found.map(|row| Ok((Session::read(&row)?, Account::read(&row, 9)?))).transpose()
    }

    /// The sessions of a user, the latest first.
    ///
    /// # Errors
    /// The database's own.
    pub async fn sessions_of(&self, user: i64) -> Result<Vec<Session>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM sessions s WHERE s.user_id = ? ORDER BY s.id DESC");
        let found = rows(self.readers(), self.engine(), &sql, vec![int(user)]).await?;
        found.iter().map(Session::read).collect()
    }
}

impl Writer {
    /// Makes a session. Returns its id.
    ///
    /// # Errors
    /// The database's own.
    pub async fn add_session(&mut self, draft: SessionDraft, now: Instant) -> Result<i64, StoreError> {
        let id = self.next_access();
        let sql = "INSERT INTO sessions (id, token_hash, user_id, csrf, to_renew, created_at, last_seen_at, \
                   expires_at, address, agent) VALUES (?,?,?,?,?,?,?,?,?,?)";
        let values = vec![
            int(id),
            text(draft.token_hash),
            int(draft.user),
            text(draft.csrf),
            flag(false),
            int(now.0),
            int(now.0),
            int(draft.expires_at.0),
            text(draft.address),
            text(draft.agent),
        ];
        execute(&self.tx, self.engine, sql, values).await?;
        Ok(id)
    }

    /// Notes that a session is in use.
    ///
    /// # Errors
    /// The database's own.
    pub async fn note_session(&mut self, id: i64, now: Instant, expires_at: Instant) -> Result<(), StoreError> {
        let sql = "UPDATE sessions SET last_seen_at = ?, expires_at = ? WHERE id = ?";
        execute(&self.tx, self.engine, sql, vec![int(now.0), int(expires_at.0), int(id)]).await?;
        Ok(())
    }

    /// Gives a session another token, if `old_hash` is still its own; the old one is good until `former_until`.
    /// Tells whether it was given.
    ///
    /// # Errors
    /// The database's own.
    pub async fn renew_session(
        &mut self,
        old_hash: &str,
        new_hash: &str,
        former_until: Option<Instant>,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE sessions SET token_hash = ?, former_hash = ?, former_until = ?, to_renew = ? \
                   WHERE token_hash = ?";
        let former = former_until.map(|_| old_hash.to_owned());
        let values = vec![
            text(new_hash),
            super::maybe_text(former),
            maybe_int(former_until.map(|until| until.0)),
            flag(false),
            text(old_hash),
        ];
        Ok(execute(&self.tx, self.engine, sql, values).await? > 0)
    }

    /// Has every session of a user ask for another token.
    ///
    /// # Errors
    /// The database's own.
    pub async fn renew_sessions_of(&mut self, user: i64) -> Result<(), StoreError> {
        let sql = "UPDATE sessions SET to_renew = ? WHERE user_id = ?";
        execute(&self.tx, self.engine, sql, vec![flag(true), int(user)]).await?;
        Ok(())
    }

    /// Ends one session of a user. Tells whether there was one.
    ///
    /// # Errors
    /// The database's own.
    pub async fn end_session(&mut self, user: i64, id: i64) -> Result<bool, StoreError> {
        let sql = "DELETE FROM sessions WHERE id = ? AND user_id = ?";
        Ok(execute(&self.tx, self.engine, sql, vec![int(id), int(user)]).await? > 0)
    }

    /// Ends the session of a token, whoever's it is.
    ///
    /// # Errors
    /// The database's own.
    pub async fn end_session_of_token(&mut self, token_hash: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM sessions WHERE token_hash = ?";
        execute(&self.tx, self.engine, sql, vec![text(token_hash)]).await?;
        Ok(())
    }

    /// Ends every session of a user, save one. Returns how many there were.
    ///
    /// # Errors
    /// The database's own.
    pub async fn end_sessions_of(&mut self, user: i64, save: Option<i64>) -> Result<u64, StoreError> {
        let sql = "DELETE FROM sessions WHERE user_id = ? AND id <> ?";
        execute(&self.tx, self.engine, sql, vec![int(user), int(save.unwrap_or(0))]).await
    }

    /// Deletes the sessions that have ended by themselves.
    ///
    /// # Errors
    /// The database's own.
    pub async fn forget_sessions(&mut self, now: Instant) -> Result<(), StoreError> {
        execute(&self.tx, self.engine, "DELETE FROM sessions WHERE expires_at <= ?", vec![int(now.0)]).await?;
        Ok(())
    }
}
