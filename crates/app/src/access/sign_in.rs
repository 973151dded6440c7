//! Coming in: the first run, a sign-in by name and password, a link to set a password.

use domain::Instant;
use domain::people::Role;
use serde_json::json;
use store::Writer;
use store::access::{Account, Link, Purpose, SessionDraft, User};

use super::log::note;
use super::secret::hash;
use super::session::ends_at;
use super::users::NewUser;
use super::{Access, Action, Caller, name, throttle};
use crate::{AppError, Fault, Organisation, Result};

const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;
/// How long the link of the first run works; a start of the program makes another.
const FIRST_RUN_MICROS: i64 = DAY_MICROS;

/// The setting that holds the sign-in to be shown to everybody.
pub(super) const DEMO: &str = "access.demo";
/// The setting that holds the language of the installation.
const LANGUAGE: &str = "web.language";

/// Who stands at the door.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Visitor {
    /// The network address.
    pub address: String,
    /// What the browser calls itself.
    pub agent: String,
}

/// What came of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// They are in.
    Welcome(Box<SignedIn>),
    /// Name and password do not belong together, or the user may not sign in.
    Wrong,
    /// Too many were wrong: the next one is looked at after so long.
    TooMany {
        /// Seconds to wait.
        retry_after_seconds: u64,
    },
}

/// Somebody who has come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The session's token: what the browser keeps. Told this once.
    pub token: String,
    /// Who they are.
    pub caller: Caller,
}

/// What the door shows to everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// Nobody has an account yet.
    pub first_run: bool,
    /// Whose data it is.
    pub organisation: Option<String>,
    /// The language chosen at the first run, `zh` or `en`.
    pub language: Option<String>,
    /// A sign-in for everybody, where the data are made up.
    pub demo: Option<Demo>,
}

/// A sign-in for everybody.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Demo {
    /// The user.
    pub user: i64,
    /// The name to sign in with.
    pub name: String,
    /// The password.
    pub password: String,
}

/// The first run of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstRun {
    /// The code that the program printed.
    pub code: String,
    /// The name to sign in with.
    pub name: String,
    /// The password.
    pub password: String,
    /// Whose data it will be, where that is said now.
    pub organisation: Option<Organisation>,
    /// The language of the installation, `zh` or `en`.
    pub language: Option<String>,
}

/// What attempts are counted by, each with how many may be wrong in a row.
pub(super) fn subjects(name_key: Option<&str>, visitor: &Visitor) -> Vec<(String, i64)> {
    let mut out = Vec::with_capacity(2);
    if let Some(key) = name_key {
        out.push((format!("account:{key}"), throttle::OF_ACCOUNT));
    }
    if !visitor.address.is_empty() {
        let address = throttle::address(&name::shown(&visitor.address, 100));
        out.push((format!("address:{address}"), throttle::OF_ADDRESS));
    }
    out
}

fn link_is_used() -> AppError {
    AppError::of(Fault::NotFound, ("链接已使用，或已过期", "this link was used already, or its time is over")).hint((
        "请索取新链接；首次运行时请重新启动程序",
        "ask for a new one; at the first run, start the program again",
    ))
}

impl Access {
    /// What the door shows to everybody.
    ///
    /// # Errors
    /// The database's own.
    pub async fn welcome(&self) -> Result<Welcome> {
        let first_run = !self.store.has_users().await?;
        let organisation = self.store.organisation().await?.map(Organisation::from);
        // A server that is started on nothing makes an organisation of nobody's choice: the first user chooses.
        let is_chosen = |organisation: &Organisation| !first_run || *organisation != Organisation::default();
        Ok(Welcome {
            first_run,
            organisation: organisation.filter(is_chosen).map(|organisation| organisation.name),
            language: self.store.setting(LANGUAGE).await?,
            demo: self.demo().await?,
        })
    }

    pub(super) async fn demo(&self) -> Result<Option<Demo>> {
        let text = self.store.setting(DEMO).await?.unwrap_or_default();
        if text.is_empty() {
            return Ok(None);
        }
        serde_json::from_str(&text).map(Some).map_err(|error| AppError::system(format!("the setting {DEMO}: {error}")))
    }

    /// Shows a user's name and password to everybody who comes to the door. For data that are made up.
    ///
    /// # Errors
    /// The caller may not administer; name and password do not belong together; or the database's own.
    pub async fn show_to_everybody(&self, by: &Caller, called: &str, password: &str) -> Result<()> {
        let seen = self.user_named(by, called).await?;
        let kept = self.store.password_hash(seen.user.id).await?;
        if !self.hasher.is(password, kept.as_deref()).await? {
            return Err(AppError::input(("用户名与密码不符", "name and password do not belong together")));
        }
        let demo = Demo { user: seen.user.id, name: seen.user.name, password: password.to_owned() };
        let text = serde_json::to_string(&demo).map_err(|error| AppError::system(error.to_string()))?;
        Ok(self.store.set_setting(DEMO, &text).await?)
    }

    /// The code of a link by which the first user is made; nothing where there are users.
    ///
    /// # Errors
    /// The database's own.
    pub async fn first_run_code(&self, now: Instant) -> Result<Option<String>> {
        if self.store.has_users().await? {
            return Ok(None);
        }
        let code = self.random.secret();
        let expires_at = Instant(now.0 + FIRST_RUN_MICROS);
        let link = Link { hash: hash(&code), purpose: Purpose::FirstRun, user: 0, expires_at };
        let mut writer = self.store.begin().await?;
        writer.add_link(&link, now).await?;
        writer.commit().await?;
        Ok(Some(code))
    }

    /// Makes the first user, who administers and operates, and signs them in.
    ///
    /// # Errors
    /// The code is none or used; name, password or language are none; or the database's own.
    pub async fn first_run(&self, first: FirstRun, visitor: &Visitor, now: Instant) -> Result<SignedIn> {
        let code = hash(&first.code);
        // Before anything that costs work.
        if self.store.link_user(&code, Purpose::FirstRun, now).await?.is_none() {
            return Err(link_is_used());
        }
        if first.language.as_deref().is_some_and(|language| !matches!(language, "zh" | "en")) {
            return Err(AppError::input(("语言须为 `zh` 或 `en`", "the language is `zh` or `en`")));
        }
        if let Some(organisation) = &first.organisation {
            name::check(&organisation.name).map_err(|error| {
                let zh = error.messages_zh.first().cloned().flatten().unwrap_or_default();
                AppError::input((format!("组织：{zh}"), format!("the organisation: {error}")))
            })?;
        }
        let new = NewUser {
            name: first.name,
            roles: [Role::Administrator, Role::Operations].into(),
            password: Some(first.password),
            person: None,
            team: None,
        };
        let door = Caller { address: name::shown(&visitor.address, 100), ..Caller::machine() };
        let (mut writer, id) = self.begin_user(&door, &new, now).await?;
        if writer.users().await?.len() > 1 || writer.take_link(&code, Purpose::FirstRun, now).await?.is_none() {
            return Err(link_is_used());
        }
        if let Some(organisation) = &first.organisation {
            writer.set_organisation(&organisation.stored()).await?;
        }
        if let Some(language) = &first.language {
            writer.set_setting(LANGUAGE, language).await?;
        }
        note(&mut writer, &door, Action::FirstRun, new.name.trim(), json!({}), now).await?;
        let token = self.enter(&mut writer, id, visitor, None, now).await?;
        writer.commit().await?;
        self.entered(token, visitor, now).await
    }

    /// Signs somebody in. `old_token` is what the browser had before: that session ends.
    ///
    /// # Errors
    /// Too many sign in at this moment; or the database's own.
    pub async fn sign_in(
        &self,
        called: &str,
        password: &str,
        visitor: &Visitor,
        old_token: Option<&str>,
        now: Instant,
    ) -> Result<SignIn> {
        let key = name::key(called);
        let subjects = subjects(key.as_deref(), visitor);
        if let Some(retry_after_seconds) = self.begin_attempt(&subjects, now).await? {
            return Ok(SignIn::TooMany { retry_after_seconds });
        }
        let account = match &key {
            Some(key) => self.store.user_named(key).await?,
            None => None,
        };
        let account = self.verified(account, password).await?;
        let mut writer = self.store.begin().await?;
        let Some(Account { user, .. }) = account else {
            let door = Caller { address: name::shown(&visitor.address, 100), ..Caller::machine() };
            note(&mut writer, &door, Action::SignInFailed, called, json!({}), now).await?;
            writer.commit().await?;
            return Ok(SignIn::Wrong);
        };
        take_back(&mut writer, &subjects).await?;
        let token = self.enter(&mut writer, user.id, visitor, old_token, now).await?;
        writer.commit().await?;
        Ok(SignIn::Welcome(Box::new(self.entered(token, visitor, now).await?)))
    }

    /// The account, if the password is its own and it may sign in. The work is the same whether there is one.
    pub(super) async fn verified(&self, account: Option<Account>, password: &str) -> Result<Option<Account>> {
        let kept = match &account {
            Some(account) => self.store.password_hash(account.user.id).await?,
            None => None,
        };
        let is_right = self.hasher.is(password, kept.as_deref()).await?;
        Ok(account.filter(|account| is_right && account.user.active))
    }

    /// Counts an attempt before it is looked at. Returns how long to wait, where it is not.
    pub(super) async fn begin_attempt(&self, subjects: &[(String, i64)], now: Instant) -> Result<Option<u64>> {
        // Who has to wait is turned away by a read: a flood of attempts writes nothing.
        for (subject, _) in subjects {
            if let Some(seconds) = throttle::wait_seconds(&self.store.attempts(subject).await?, now) {
                return Ok(Some(seconds));
            }
        }
        let mut writer = self.store.begin().await?;
        for (subject, most) in subjects {
            let before = writer.attempts(subject).await?;
            if let Some(seconds) = throttle::wait_seconds(&before, now) {
                return Ok(Some(seconds));
            }
            writer.set_attempts(subject, &throttle::counted(&before, *most, now)).await?;
        }
        writer.forget_attempts(throttle::forgotten_before(now)).await?;
        writer.commit().await?;
        Ok(None)
    }

    /// Makes a session in a transaction. Returns its token.
    async fn enter(
        &self,
        writer: &mut Writer,
        user: i64,
        visitor: &Visitor,
        old_token: Option<&str>,
        now: Instant,
    ) -> Result<String> {
        let token = self.random.secret();
        if let Some(old) = old_token {
            writer.end_session_of_token(&hash(old)).await?;
        }
        writer.forget_sessions(now).await?;
        let draft = SessionDraft {
            token_hash: hash(&token),
            user,
            csrf: self.random.secret(),
            expires_at: ends_at(now, now),
            address: name::shown(&visitor.address, 100),
            agent: name::shown(&visitor.agent, 200),
        };
        writer.add_session(draft, now).await?;
        writer.note_sign_in(user, now).await?;
        let door = Caller { user, address: name::shown(&visitor.address, 100), ..Caller::machine() };
        note(writer, &door, Action::SignedIn, "", json!({}), now).await?;
        Ok(token)
    }

    async fn entered(&self, token: String, visitor: &Visitor, now: Instant) -> Result<SignedIn> {
        let caller = self.session(&token, &visitor.address, now).await?;
        let caller =
            caller.ok_or_else(|| AppError::of(Fault::Conflict, ("会话立即被结束", "the session was ended at once")))?;
        Ok(SignedIn { token, caller })
    }

    /// Sets a password by a link that was made for it, and signs the user in.
    ///
    /// # Errors
    /// The code is none or used, or the password too weak; or the database's own.
    pub async fn use_password_link(
        &self,
        code: &str,
        password: &str,
        visitor: &Visitor,
        now: Instant,
    ) -> Result<SignedIn> {
        let code = hash(code);
        let user = self.user_of_link(&code, now).await?;
        let address = name::shown(&visitor.address, 100);
        let door = Caller { user: user.id, address, ..Caller::machine() };
        let hashed = self.password_hash(&user, password).await?;
        let mut writer = self.store.begin().await?;
        if writer.take_link(&code, Purpose::SetPassword, now).await?.is_none() {
            return Err(link_is_used());
        }
        self.put_password(&mut writer, &door, &user, &hashed, None, now).await?;
        let token = self.enter(&mut writer, user.id, visitor, None, now).await?;
        writer.commit().await?;
        self.entered(token, visitor, now).await
    }

    async fn user_of_link(&self, code_hash: &str, now: Instant) -> Result<User> {
        let id = self.store.link_user(code_hash, Purpose::SetPassword, now).await?.ok_or_else(link_is_used)?;
        let account = self.store.user(id).await?.filter(|account| account.user.active);
        account.map(|account| account.user).ok_or_else(link_is_used)
    }
}

/// Takes an attempt back that was right: the account begins anew, the address has one less.
pub(super) async fn take_back(writer: &mut Writer, subjects: &[(String, i64)]) -> Result<()> {
    for (subject, most) in subjects {
        let before = writer.attempts(subject).await?;
        let after = if subject.starts_with("account:") {
            store::access::Attempts::default()
        } else {
            throttle::taken_back(&before, *most)
        };
        writer.set_attempts(subject, &after).await?;
    }
    Ok(())
}
