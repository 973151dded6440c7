//! Users: listed, made, changed, and given a password.

use std::collections::{BTreeMap, BTreeSet};

use domain::field::ids;
use domain::people::{May, Role};
use domain::{Instant, Kind, RecordId};
use serde_json::json;
use store::Writer;
use store::access::{Account, Link, Purpose, User, UserDraft};

use super::log::note;
use super::person::{self, Named, reference};
use super::secret::hash;
use super::{Access, Action, Caller, name, password};
use crate::{AppError, Fault, Result};

/// How long a link to set a password works.
const LINK_MICROS: i64 = 7 * 24 * 3600 * 1_000_000;

/// A user as an administrator sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSeen {
    /// The user.
    pub user: User,
    /// The name of the user's person, if it is there and was not erased.
    pub person_name: Option<String>,
    /// The person's team, with its name.
    pub team: Option<(RecordId, String)>,
}

/// A user to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The name to sign in with.
    pub name: String,
    /// What they do.
    pub roles: BTreeSet<Role>,
    /// The password; without one, a link is made to set it.
    pub password: Option<String>,
    /// The person; without one, the only person of the user's name, or a new one.
    pub person: Option<Named>,
    /// The team that the person belongs to from now on.
    pub team: Option<Named>,
}

/// What is to change of a user; what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserChange {
    /// What they do.
    pub roles: Option<BTreeSet<Role>>,
    /// Whether they may sign in.
    pub active: Option<bool>,
    /// The team of their person; the inner absence takes them out of teams.
    pub team: Option<Option<Named>>,
}

/// Whether a user is the last active administrator, and would be one no more with these roles.
fn takes_the_last_administrator(users: &[Account], changed: i64, roles: &BTreeSet<Role>, active: bool) -> bool {
    let is_one = |user: &User| user.active && user.roles.contains(&Role::Administrator);
    let mut administrators = users.iter().filter(|account| is_one(&account.user)).map(|account| account.user.id);
    let is_last = administrators.next() == Some(changed) && administrators.next().is_none();
    is_last && !(active && roles.contains(&Role::Administrator))
}

pub(super) fn role_list(roles: &BTreeSet<Role>) -> Vec<&'static str> {
    roles.iter().map(|role| role.as_str()).collect()
}

fn check_roles(roles: &BTreeSet<Role>) -> Result<()> {
    if roles.is_empty() {
        let all: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
        return Err(AppError::input(("用户至少有一个角色", "a user has at least one role"))
            .hint((format!("角色有：{}", all.join(", ")), format!("roles are {}", all.join(", ")))));
    }
    Ok(())
}

pub(super) fn no_user(id: i64) -> AppError {
    AppError::not_found((format!("没有用户 {id}"), format!("there is no user {id}")))
}

impl Access {
    /// Every user, by name.
    ///
    /// # Errors
    /// The caller may not administer; or the database's own.
    pub async fn users(&self, by: &Caller) -> Result<Vec<UserSeen>> {
        by.who.require(May::Administer)?;
        let mut seen = self.seen(self.store.users().await?).await?;
        seen.sort_by_key(|one| one.user.name.to_lowercase());
        Ok(seen)
    }

    /// One user.
    ///
    /// # Errors
    /// The caller may not administer, or there is none; or the database's own.
    pub async fn user(&self, by: &Caller, id: i64) -> Result<UserSeen> {
        by.who.require(May::Administer)?;
        self.user_seen(id).await
    }

    /// The user of a name.
    ///
    /// # Errors
    /// The caller may not administer, or there is none; or the database's own.
    pub async fn user_named(&self, by: &Caller, called: &str) -> Result<UserSeen> {
        by.who.require(May::Administer)?;
        let found = match name::key(called) {
            Some(key) => self.store.user_named(&key).await?,
            None => None,
        };
        let account = found.ok_or_else(|| {
            AppError::not_found((format!("没有名为“{called}”的用户"), format!("there is no user called `{called}`")))
                .hint(("`loudou user list` 列出用户", "`loudou user list` shows them"))
        })?;
        self.user_seen(account.user.id).await
    }

    pub(super) async fn user_seen(&self, id: i64) -> Result<UserSeen> {
        let account = self.store.user(id).await?.ok_or_else(|| no_user(id))?;
        self.seen(vec![account]).await?.pop().ok_or_else(|| no_user(id))
    }

    async fn seen(&self, accounts: Vec<Account>) -> Result<Vec<UserSeen>> {
        let people: Vec<RecordId> = accounts.iter().map(|account| account.user.person).collect();
        let teams: Vec<RecordId> = accounts.iter().filter_map(|account| account.team).collect();
        let text = |records: Vec<store::Record>, field| -> BTreeMap<RecordId, String> {
            records.into_iter().filter_map(|record| Some((record.id, record.text(field)?.to_owned()))).collect()
        };
        let people = text(self.store.records(Kind::Person, &people).await?, ids::PERSON_NAME);
        let teams = text(self.store.records(Kind::Team, &teams).await?, ids::TEAM_NAME);
        let one = |Account { user, team }| UserSeen {
            person_name: people.get(&user.person).cloned(),
            team: team.and_then(|team| Some((team, teams.get(&team)?.clone()))),
            user,
        };
        Ok(accounts.into_iter().map(one).collect())
    }

    /// Makes a user and, where nobody is called so, the person. Without a password, returns the code of the link
    /// to set it, told this once.
    ///
    /// # Errors
    /// The caller may not administer, or is a token; the name is taken or none, the password too weak, the team or
    /// person not there; or the database's own.
    pub async fn add_user(&self, by: &Caller, new: NewUser, now: Instant) -> Result<(UserSeen, Option<String>)> {
        by.who.require(May::Administer)?;
        by.require_no_token()?;
        let mut writer_and_id = self.begin_user(by, &new, now).await?;
        let (writer, id) = (&mut writer_and_id.0, writer_and_id.1);
        let code = match new.password {
            Some(_) => None,
            None => Some(self.link_to(writer, id, now).await?),
        };
        let detail = json!({"roles": role_list(&new.roles)});
        note(writer, by, Action::UserAdded, new.name.trim(), detail, now).await?;
        writer_and_id.0.commit().await?;
        Ok((self.user_seen(id).await?, code))
    }

    /// Checks a user that is to be made, and makes them in a transaction that is the caller's to end.
    pub(super) async fn begin_user(&self, by: &Caller, new: &NewUser, now: Instant) -> Result<(Writer, i64)> {
        let (called, name_key) = name::check(&new.name)?;
        check_roles(&new.roles)?;
        let password_hash = match &new.password {
            Some(text) => {
                password::check(text, &name_key)?;
                Some(self.hasher.hash(text).await?)
            }
            None => None,
        };
        let team = match &new.team {
            Some(named) => Some(person::team(&self.store, named).await?.id),
            None => None,
        };
        let taken: Vec<RecordId> = self.store.users().await?.iter().map(|account| account.user.person).collect();
        let named = new.person.clone().unwrap_or_else(|| Named::Name(called.clone()));
        let found = person::find(&self.store, &named, &taken).await?;
        let mut writer = self.store.begin().await?;
        let mut fields = Vec::new();
        let person = found.unwrap_or_else(|| {
            let name = if let Named::Name(name) = &named { name } else { &called };
            fields.push((ids::PERSON_NAME, domain::field::Value::Text(name.as_str().into())));
            writer.allocate(1)
        });
        if team.is_some() {
            fields.push((ids::PERSON_TEAM, reference(team)));
        }
        if !fields.is_empty() {
            person::assert(&mut writer, by, Kind::Person, person, fields, now).await?;
        }
        let draft = UserDraft { name: called, name_key, roles: new.roles.clone(), person, password_hash };
        let id = writer.add_user(draft, now).await?;
        Ok((writer, id))
    }

    /// Changes roles, team, and whether somebody may sign in; it holds from their next request on.
    ///
    /// # Errors
    /// The caller may not administer, or is a token; there is none, it was changed meanwhile, it is the last
    /// administrator, or the team is not there; or the database's own.
    pub async fn change_user(
        &self,
        by: &Caller,
        id: i64,
        version: i64,
        change: UserChange,
        now: Instant,
    ) -> Result<UserSeen> {
        by.who.require(May::Administer)?;
        by.require_no_token()?;
        let team = match &change.team {
            Some(Some(named)) => Some(Some(person::team(&self.store, named).await?.id)),
            Some(None) => Some(None),
            None => None,
        };
        let mut writer = self.store.begin().await?;
        writer.expect_user(id, version).await?;
        let users = writer.users().await?;
        let Account { user, team: before } =
            users.iter().find(|account| account.user.id == id).ok_or_else(|| no_user(id))?;
        let roles = change.roles.unwrap_or_else(|| user.roles.clone());
        let active = change.active.unwrap_or(user.active);
        check_roles(&roles)?;
        if takes_the_last_administrator(&users, id, &roles, active) {
            return Err(AppError::of(
                Fault::Conflict,
                (
                    format!("{} 是最后一位有效的管理员", user.name),
                    format!("{} is the last active administrator", user.name),
                ),
            )
            .hint(("请先指定另一位管理员", "make somebody else administrator first")));
        }
        writer.change_user(id, &roles, active).await?;
        if let Some(team) = team.filter(|team| team != before) {
            let fields = vec![(ids::PERSON_TEAM, reference(team))];
            person::assert(&mut writer, by, Kind::Person, user.person, fields, now).await?;
        }
        if active {
            writer.renew_sessions_of(id).await?;
        } else {
            writer.end_sessions_of(id, None).await?;
        }
        let detail = json!({"roles": role_list(&roles), "active": active});
        note(&mut writer, by, Action::UserChanged, &user.name, detail, now).await?;
        writer.commit().await?;
        self.user_seen(id).await
    }

    /// Sets somebody's password, and ends their sessions.
    ///
    /// # Errors
    /// The caller may not administer, or is a token; there is none, or the password is too weak; or the database's own.
    pub async fn set_password(&self, by: &Caller, id: i64, text: &str, now: Instant) -> Result<()> {
        by.who.require(May::Administer)?;
        by.require_no_token()?;
        let account = self.store.user(id).await?.ok_or_else(|| no_user(id))?;
        let hash = self.password_hash(&account.user, text).await?;
        let mut writer = self.store.begin().await?;
        self.put_password(&mut writer, by, &account.user, &hash, None, now).await?;
        writer.commit().await?;
        Ok(())
    }

    /// The hash of a password that a user may have.
    pub(super) async fn password_hash(&self, user: &User, text: &str) -> Result<String> {
        password::check(text, &name::key(&user.name).unwrap_or_default())?;
        self.hasher.hash(text).await
    }

    /// Sets a password. Every session of the user ends, save one; links to set it work no more.
    pub(super) async fn put_password(
        &self,
        writer: &mut Writer,
        by: &Caller,
        user: &User,
        hash: &str,
        save: Option<i64>,
        now: Instant,
    ) -> Result<()> {
        writer.set_password_hash(user.id, hash).await?;
        writer.end_sessions_of(user.id, save).await?;
        writer.drop_links(Purpose::SetPassword, user.id).await?;
        if self.demo().await?.is_some_and(|demo| demo.user == user.id) {
            writer.set_setting(super::sign_in::DEMO, "").await?;
        }
        note(writer, by, Action::PasswordSet, &user.name, json!({}), now).await
    }

    /// Makes a link by which somebody sets their password, once, within a week. Returns its code.
    ///
    /// # Errors
    /// The caller may not administer, or is a token, or there is none; or the database's own.
    pub async fn password_link(&self, by: &Caller, id: i64, now: Instant) -> Result<String> {
        by.who.require(May::Administer)?;
        by.require_no_token()?;
        let account = self.store.user(id).await?.ok_or_else(|| no_user(id))?;
        let mut writer = self.store.begin().await?;
        let code = self.link_to(&mut writer, id, now).await?;
        note(&mut writer, by, Action::PasswordLinkMade, &account.user.name, json!({}), now).await?;
        writer.commit().await?;
        Ok(code)
    }

    async fn link_to(&self, writer: &mut Writer, user: i64, now: Instant) -> Result<String> {
        let code = self.random.secret();
        let expires_at = Instant(now.0 + LINK_MICROS);
        let link = Link { hash: hash(&code), purpose: Purpose::SetPassword, user, expires_at };
        writer.add_link(&link, now).await?;
        Ok(code)
    }

    /// Ends every session of somebody. Returns how many there were.
    ///
    /// # Errors
    /// The caller may not administer, or there is none; or the database's own.
    pub async fn end_sessions_of(&self, by: &Caller, id: i64, now: Instant) -> Result<u64> {
        by.who.require(May::Administer)?;
        let account = self.store.user(id).await?.ok_or_else(|| no_user(id))?;
        let mut writer = self.store.begin().await?;
        let ended = writer.end_sessions_of(id, None).await?;
        note(&mut writer, by, Action::SessionsEnded, &account.user.name, json!({"sessions": ended}), now).await?;
        writer.commit().await?;
        Ok(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: i64, roles: &[Role], active: bool) -> Account {
        let user = User {
            id,
            name: format!("u{id}"),
            roles: roles.iter().copied().collect(),
            person: id,
            has_password: true,
            active,
            version: 1,
            created_at: Instant(0),
            last_sign_in_at: None,
        };
        Account { user, team: None }
    }

    #[test]
    fn the_last_active_administrator_is_known() {
        let (admin, rep) = ([Role::Administrator].into(), [Role::Rep].into());
        let alone = [account(1, &[Role::Administrator], true), account(2, &[Role::Administrator], false)];
        assert!(!takes_the_last_administrator(&alone, 1, &admin, true));
        assert!(takes_the_last_administrator(&alone, 1, &admin, false));
        assert!(takes_the_last_administrator(&alone, 1, &rep, true));
        assert!(!takes_the_last_administrator(&alone, 2, &rep, false));
        let none = [account(1, &[Role::Rep], true)];
        assert!(!takes_the_last_administrator(&none, 1, &rep, false), "there is none to be taken");
        let two = [account(1, &[Role::Administrator], true), account(3, &[Role::Rep, Role::Administrator], true)];
        assert!(!takes_the_last_administrator(&two, 1, &rep, false));
    }
}
