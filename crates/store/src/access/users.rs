//! Users.

use std::collections::BTreeSet;

use domain::people::Role;
use domain::{Instant, RecordId};
use sea_orm::{QueryResult, Value as Sql};

use super::{ACCOUNT_COLUMNS, Account, flag, maybe_text, parse, role_words};
use crate::engine::{execute, row, rows};
use crate::registry::{int, text};
use crate::{Store, StoreError, Writer};

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id, never given again.
    pub id: i64,
    /// The name to sign in with, as it was typed.
    pub name: String,
    /// What they do; several together.
    pub roles: BTreeSet<Role>,
    /// The record of the person.
    pub person: RecordId,
    /// Whether a password was ever set.
    pub has_password: bool,
    /// Whether they may sign in now.
    pub active: bool,
    /// Counts the changes; to be handed back with an edit.
    pub version: i64,
    /// When the user was made.
    pub created_at: Instant,
    /// When they signed in last.
    pub last_sign_in_at: Option<Instant>,
}

/// A user to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDraft {
    /// The name to sign in with.
    pub name: String,
    /// The name as it is compared: without regard to case and width.
    pub name_key: String,
    /// What they do.
    pub roles: BTreeSet<Role>,
    /// The record of the person.
    pub person: RecordId,
    /// The hash of the password, where one is set.
    pub password_hash: Option<String>,
}

impl User {
    /// Reads nine columns from `at` on.
    pub(super) fn read(row: &QueryResult, at: usize) -> Result<Self, StoreError> {
        let roles: String = row.try_get_by_index(at + 2)?;
        let last: Option<i64> = row.try_get_by_index(at + 8)?;
        Ok(Self {
            id: row.try_get_by_index(at)?,
            name: row.try_get_by_index(at + 1)?,
            roles: parse(&roles, "the roles of a user", Role::parse)?,
            person: row.try_get_by_index(at + 3)?,
            has_password: row.try_get_by_index(at + 4)?,
            active: row.try_get_by_index(at + 5)?,
            version: row.try_get_by_index(at + 6)?,
            created_at: Instant(row.try_get_by_index(at + 7)?),
            last_sign_in_at: last.map(Instant),
        })
    }
}

fn accounts(condition: &str) -> String {
    format!("SELECT {ACCOUNT_COLUMNS} FROM users u LEFT JOIN people p ON p.id = u.person {condition}")
}

impl Store {
    /// Every user, by id.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn users(&self) -> Result<Vec<Account>, StoreError> {
        let found = rows(self.readers(), self.engine(), &accounts("ORDER BY u.id"), Vec::new()).await?;
        found.iter().map(|row| Account::read(row, 0)).collect()
    }

    /// One user.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn user(&self, id: i64) -> Result<Option<Account>, StoreError> {
        self.account("WHERE u.id = ?", int(id)).await
    }

    /// The user of a name, as it is compared.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn user_named(&self, name_key: &str) -> Result<Option<Account>, StoreError> {
        self.account("WHERE u.name_key = ?", text(name_key)).await
    }

    async fn account(&self, condition: &str, value: Sql) -> Result<Option<Account>, StoreError> {
        let found = row(self.readers(), self.engine(), &accounts(condition), vec![value]).await?;
        found.map(|row| Account::read(&row, 0)).transpose()
    }

    /// The hash of a user's password, where one is set.
    ///
    /// # Errors
    /// The database's own.
    pub async fn password_hash(&self, user: i64) -> Result<Option<String>, StoreError> {
        let sql = "SELECT password_hash FROM users WHERE id = ?";
        let found = row(self.readers(), self.engine(), sql, vec![int(user)]).await?;
        Ok(found.map(|row| row.try_get_by_index(0)).transpose()?.flatten())
    }

    /// Whether there is any user.
    ///
    /// # Errors
    /// The database's own.
    pub async fn has_users(&self) -> Result<bool, StoreError> {
        Ok(row(self.readers(), self.engine(), "SELECT id FROM users LIMIT 1", Vec::new()).await?.is_some())
    }

    /// Every team with the one above it.
    ///
    /// # Errors
    /// The database's own.
    pub async fn team_parents(&self) -> Result<Vec<(RecordId, Option<RecordId>)>, StoreError> {
        let found = rows(self.readers(), self.engine(), "SELECT id, parent FROM teams", Vec::new()).await?;
        found.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
    }
}

impl Writer {
    /// Every user as this transaction sees them, by id.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn users(&mut self) -> Result<Vec<Account>, StoreError> {
        let found = rows(&self.tx, self.engine, &accounts("ORDER BY u.id"), Vec::new()).await?;
        found.iter().map(|row| Account::read(row, 0)).collect()
    }

    /// Makes a user. Returns the id.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`], or the database's own.
    pub async fn add_user(&mut self, draft: UserDraft, now: Instant) -> Result<i64, StoreError> {
        let sql = "SELECT name FROM users WHERE name_key = ?";
        if let Some(taken) = row(&self.tx, self.engine, sql, vec![text(&draft.name_key)]).await? {
            return Err(StoreError::NameTaken(taken.try_get_by_index(0)?));
        }
        let id = self.next_access();
        let sql = "INSERT INTO users (id, name, name_key, roles, person, password_hash, active, version, created_at) \
                   VALUES (?,?,?,?,?,?,?,?,?)";
        let values = vec![
            int(id),
            text(draft.name),
            text(draft.name_key),
            text(role_words(&draft.roles)),
            int(draft.person),
            maybe_text(draft.password_hash),
            flag(true),
            int(1),
            int(now.0),
        ];
        execute(&self.tx, self.engine, sql, values).await?;
        Ok(id)
    }

    /// Makes sure that a user is as the caller has read it.
    ///
    /// # Errors
    /// [`StoreError::NoUser`], [`StoreError::UserChanged`], or the database's own.
    pub async fn expect_user(&mut self, user: i64, version: i64) -> Result<(), StoreError> {
        let found = row(&self.tx, self.engine, "SELECT version FROM users WHERE id = ?", vec![int(user)]).await?;
        let found: i64 = found.ok_or(StoreError::NoUser(user))?.try_get_by_index(0)?;
        if found == version { Ok(()) } else { Err(StoreError::UserChanged { user, expected: version, found }) }
    }

    /// Sets roles and whether the user may sign in.
    ///
    /// # Errors
    /// [`StoreError::NoUser`], or the database's own.
    pub async fn change_user(&mut self, user: i64, roles: &BTreeSet<Role>, active: bool) -> Result<(), StoreError> {
        let sql = "UPDATE users SET roles = ?, active = ?, version = version + 1 WHERE id = ?";
        self.of_user(user, sql, vec![text(role_words(roles)), flag(active), int(user)]).await
    }

    /// Sets the hash of a user's password.
    ///
    /// # Errors
    /// [`StoreError::NoUser`], or the database's own.
    pub async fn set_password_hash(&mut self, user: i64, hash: &str) -> Result<(), StoreError> {
        let sql = "UPDATE users SET password_hash = ?, version = version + 1 WHERE id = ?";
        self.of_user(user, sql, vec![text(hash), int(user)]).await
    }

    /// Notes that a user has signed in. It is no change that an editor must be told of.
    ///
    /// # Errors
    /// [`StoreError::NoUser`], or the database's own.
    pub async fn note_sign_in(&mut self, user: i64, now: Instant) -> Result<(), StoreError> {
        self.of_user(user, "UPDATE users SET last_sign_in_at = ? WHERE id = ?", vec![int(now.0), int(user)]).await
    }

    async fn of_user(&self, user: i64, sql: &str, values: Vec<Sql>) -> Result<(), StoreError> {
        match execute(&self.tx, self.engine, sql, values).await? {
            0 => Err(StoreError::NoUser(user)),
            _ => Ok(()),
        }
    }
}
