//! Access: who may come in, as whom, and for how long. Users, sessions, tokens, teams, throttling and the log.
//!
//! A caller proves who they are by a session or a token; this module makes a [`Who`] of it, with the rights and
//! the scope of that very moment, and everything else in the crate asks the `Who`. Secrets leave here once, when
//! they are made; only their hashes are kept. The module must not know HTTP: cookies, headers and statuses are
//! the server's. Clock and randomness are arguments.

mod idempotency;
mod log;
pub(crate) mod name;
mod password;
mod person;
mod rights;
mod secret;
mod session;
mod sign_in;
mod teams;
mod throttle;
mod tokens;
mod users;

use std::sync::Arc;
use std::time::Duration;

use domain::Instant;
use store::Store;
use tokio::sync::Semaphore;

pub use idempotency::Once;
pub(crate) use log::note;
pub use log::{Action, LogPage, LogRow};
pub use person::Named;
pub use rights::ScopeChoice;
pub use secret::Random;
pub use session::{Me, OwnPassword};
pub use sign_in::{Demo, FirstRun, SignIn, SignedIn, Visitor, Welcome};
pub use store::access::{Session, Token, User};
pub use teams::{NewTeam, TeamChange, TeamSeen};
pub use tokens::{NewToken, TokenSeen};
pub use users::{NewUser, UserChange, UserSeen};

use crate::sources::Sources;
use crate::{AppError, Fault, Loudou, Result, Who};
use password::Hasher;

/// How often the use of a session or a token is written down.
const NOTE_EVERY_MICROS: i64 = 5 * 60 * 1_000_000;

/// The door to one organisation's data. Cheap to clone; clones share the bound on work.
#[derive(Debug, Clone)]
pub struct Access {
    store: Store,
    random: Random,
    hasher: Hasher,
    noting: Arc<Semaphore>,
}

/// How a caller has proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// They run the program on the machine of the data.
    Machine,
    /// They have signed in.
    Session(Session),
    /// A program acts for them.
    Token(Token),
}

/// Somebody who calls, and how they have proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who they are, with the rights of this moment.
    pub who: Arc<Who>,
    /// The user; 0 for whoever runs the program on the machine of the data.
    pub user: i64,
    /// The team of the user's person.
    pub team: Option<domain::RecordId>,
    /// The network address; empty on the machine of the data.
    pub address: String,
    /// How they have proved it.
    pub proof: Proof,
}

impl Caller {
    /// Whoever runs the program on the machine of the data.
    #[must_use]
    pub fn machine() -> Self {
        Self { who: Arc::new(Who::system()), user: 0, team: None, address: String::new(), proof: Proof::Machine }
    }

    /// The session that they have signed in with.
    #[must_use]
    pub const fn session(&self) -> Option<&Session> {
        match &self.proof {
            Proof::Session(session) => Some(session),
            _ => None,
        }
    }

    /// The session, for what a program must not do in a user's name: what would outlive or widen its token.
    fn require_session(&self) -> Result<&Session> {
        self.session().ok_or_else(|| {
            AppError::of(
                Fault::NotAllowed,
                ("令牌不能更改其用户的登录方式", "a token may not change how its user signs in"),
            )
            .hint(("请用用户名和密码登录后再操作", "sign in with name and password for this"))
        })
    }

    /// Refuses a program that acts for a user what lets others in, or widens what they may: it would outlive its token,
    /// or give the program more than the token does.
    fn require_no_token(&self) -> Result<()> {
        if !matches!(self.proof, Proof::Token(_)) {
            return Ok(());
        }
        Err(AppError::of(
            Fault::NotAllowed,
            (
                "令牌不能新建用户，也不能更改用户的权限和密码",
                "a token may not make users, nor change what they may or how they sign in",
            ),
        )
        .hint(("请用用户名和密码登录后再操作", "sign in with name and password for this")))
    }

    /// Whether their use has not been written down for some minutes ([`Access::note_use`]).
    #[must_use]
    pub fn is_note_due(&self, now: Instant) -> bool {
        let last = match &self.proof {
            Proof::Machine => return false,
            Proof::Session(session) => Some(session.last_seen_at),
            Proof::Token(token) => token.last_used_at,
        };
        last.is_none_or(|last| now.0 - last.0 >= NOTE_EVERY_MICROS)
    }
}

impl Access {
    /// The door to opened data.
    ///
    /// # Errors
    /// The hasher of passwords cannot be set up.
    pub fn of(loudou: &Loudou, random: Random) -> Result<Self> {
        let hasher = Hasher::new(&random)?;
        Ok(Self { store: loudou.store.clone(), random, hasher, noting: Arc::new(Semaphore::new(1)) })
    }

    /// Sources as a server reaches them where nothing was said: no files, and the key in the data directory.
    #[must_use]
    pub fn sources(&self, loudou: &Loudou) -> Sources {
        Sources::plain(loudou, self.random.clone())
    }

    /// The same door for callers that wait no longer than `turn` for another writer, and are told [`Fault::Busy`] then.
    #[must_use]
    pub fn with_turn(mut self, turn: Duration) -> Self {
        self.store = self.store.with_turn(Some(turn));
        self
    }

    /// Writes down that a session or a token is in use, which also keeps the session alive. One at a time: who
    /// comes meanwhile is written down at the next call.
    ///
    /// # Errors
    /// The database's own.
    pub async fn note_use(&self, caller: &Caller, now: Instant) -> Result<()> {
        let Ok(_one) = self.noting.try_acquire() else { return Ok(()) };
        match &caller.proof {
            Proof::Machine => {}
            Proof::Session(session) => {
                let mut writer = self.store.begin().await?;
                writer.note_session(session.id, now, session::ends_at(session.created_at, now)).await?;
                writer.commit().await?;
            }
            Proof::Token(token) => {
                let mut writer = self.store.begin().await?;
                writer.note_token(token.id, now).await?;
                writer.commit().await?;
            }
        }
        Ok(())
    }
}
