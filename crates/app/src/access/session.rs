//! Sessions: whom they let in, how long they last, how they end; and one's own password.

use domain::Instant;
use serde_json::json;
use store::StoreError;
use store::access::{Account, Session};

use super::log::note;
use super::secret::hash;
use super::sign_in::{Visitor, subjects, take_back};
use super::{Access, Action, Caller, Proof, UserSeen, name, rights};
use crate::{AppError, Result};

const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;
/// A session that is not used for so long ends.
const IDLE_MICROS: i64 = 14 * DAY_MICROS;
/// And however much it is used, after so long.
const LONGEST_MICROS: i64 = 90 * DAY_MICROS;
/// How long the token before a renewal is good, for what was under way.
const FORMER_MICROS: i64 = 60 * 1_000_000;

/// What came of changing one's own password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnPassword {
    /// It is changed; the session goes on under this token, every other one has ended.
    Changed {
        /// The session's new token.
        token: String,
    },
    /// The current password is another.
    Wrong,
    /// Too many were wrong: the next one is looked at after so long.
    TooMany {
        /// Seconds to wait.
        retry_after_seconds: u64,
    },
}

/// Who somebody is, as their own pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The user.
    pub seen: UserSeen,
    /// Whether their sign-in is shown to everybody.
    pub is_demo: bool,
    /// When the session, or the token, ends.
    pub expires_at: Instant,
}

/// When a session ends that is used now.
pub(super) fn ends_at(created_at: Instant, now: Instant) -> Instant {
    Instant((now.0 + IDLE_MICROS).min(created_at.0 + LONGEST_MICROS))
}

impl Access {
    /// Who the caller is.
    ///
    /// # Errors
    /// The caller is no user; or the database's own.
    pub async fn me(&self, caller: &Caller) -> Result<Me> {
        let expires_at = match &caller.proof {
            Proof::Session(session) => session.expires_at,
            Proof::Token(token) => token.expires_at,
            Proof::Machine => return Err(super::users::no_user(caller.user)),
        };
        let is_demo = self.demo().await?.is_some_and(|demo| demo.user == caller.user);
        Ok(Me { seen: self.user_seen(caller.user).await?, is_demo, expires_at })
    }

    /// Who a session's token lets in, with the rights of this moment. Nobody where it is none, has ended, or its
    /// user may not sign in.
    ///
    /// # Errors
    /// The database's own.
    pub async fn session(&self, token: &str, address: &str, now: Instant) -> Result<Option<Caller>> {
        let Some((session, account)) = self.store.session(&hash(token), now).await? else { return Ok(None) };
        if session.expires_at <= now || !account.user.active {
            return Ok(None);
        }
        let who = rights::who(&self.store, &account, None).await?;
        Ok(Some(Caller {
            who: who.into(),
            user: account.user.id,
            team: account.team,
            address: name::shown(address, 100),
            proof: Proof::Session(session),
        }))
    }

    /// Another token for a session whose user's rights have changed; nothing where they have not. What is under
    /// way with the old one is still answered for a minute.
    ///
    /// # Errors
    /// The database's own.
    pub async fn renewed(&self, caller: &Caller, token: &str, now: Instant) -> Result<Option<String>> {
        if !caller.session().is_some_and(|session| session.to_renew) {
            return Ok(None);
        }
        let fresh = self.random.secret();
        let mut writer = self.store.begin().await?;
        let until = Some(Instant(now.0 + FORMER_MICROS));
        let is_given = writer.renew_session(&hash(token), &hash(&fresh), until).await?;
        writer.commit().await?;
        Ok(is_given.then_some(fresh))
    }

    /// Ends the caller's session.
    ///
    /// # Errors
    /// The caller has none; or the database's own.
    pub async fn sign_out(&self, caller: &Caller, now: Instant) -> Result<()> {
        let session = caller.require_session()?;
        let mut writer = self.store.begin().await?;
        writer.end_session(caller.user, session.id).await?;
        note(&mut writer, caller, Action::SignedOut, "", json!({}), now).await?;
        writer.commit().await?;
        Ok(())
    }

    /// Ends every session of the caller, this one too.
    ///
    /// # Errors
    /// The caller has none; or the database's own.
    pub async fn sign_out_everywhere(&self, caller: &Caller, now: Instant) -> Result<()> {
        caller.require_session()?;
        let mut writer = self.store.begin().await?;
        let ended = writer.end_sessions_of(caller.user, None).await?;
        note(&mut writer, caller, Action::SessionsEnded, &caller.who.name, json!({"sessions": ended}), now).await?;
        writer.commit().await?;
        Ok(())
    }

    /// The caller's sessions that go on, the latest first.
    ///
    /// # Errors
    /// The caller has none; or the database's own.
    pub async fn sessions(&self, caller: &Caller, now: Instant) -> Result<Vec<Session>> {
        caller.require_session()?;
        let mut sessions = self.store.sessions_of(caller.user).await?;
        sessions.retain(|session| session.expires_at > now);
        Ok(sessions)
    }

    /// Ends one session of the caller.
    ///
    /// # Errors
    /// The caller has no such session; or the database's own.
    pub async fn end_session(&self, caller: &Caller, id: i64, now: Instant) -> Result<()> {
        caller.require_session()?;
        let mut writer = self.store.begin().await?;
        if !writer.end_session(caller.user, id).await? {
            return Err(AppError::not_found((format!("您没有会话 {id}"), format!("you have no session {id}"))));
        }
        note(&mut writer, caller, Action::SessionsEnded, &caller.who.name, json!({"sessions": 1}), now).await?;
        writer.commit().await?;
        Ok(())
    }

    /// Sets the caller's own password. Every other session of theirs ends; this one gets another token.
    ///
    /// # Errors
    /// The caller has not signed in by a password, or the new one is too weak; or the database's own.
    pub async fn change_own_password(
        &self,
        caller: &Caller,
        token: &str,
        current: &str,
        new: &str,
        now: Instant,
    ) -> Result<OwnPassword> {
        let session = caller.require_session()?;
        let account = self.store.user(caller.user).await?.ok_or(StoreError::NoUser(caller.user))?;
        let key = name::key(&account.user.name);
        super::password::check(new, key.as_deref().unwrap_or_default())?;
        let visitor = Visitor { address: caller.address.clone(), agent: String::new() };
        let subjects = subjects(key.as_deref(), &visitor);
        if let Some(retry_after_seconds) = self.begin_attempt(&subjects, now).await? {
            return Ok(OwnPassword::TooMany { retry_after_seconds });
        }
        let Some(Account { user, .. }) = self.verified(Some(account), current).await? else {
            return Ok(OwnPassword::Wrong);
        };
        let hashed = self.password_hash(&user, new).await?;
        let mut writer = self.store.begin().await?;
        self.put_password(&mut writer, caller, &user, &hashed, Some(session.id), now).await?;
        take_back(&mut writer, &subjects).await?;
        let fresh = self.random.secret();
        writer.renew_session(&hash(token), &hash(&fresh), None).await?;
        writer.commit().await?;
        Ok(OwnPassword::Changed { token: fresh })
    }
}
