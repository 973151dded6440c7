//! Tokens: a program comes in as a user, with the user's rights or a part of them, until a day.

use std::collections::BTreeSet;

use domain::Instant;
use domain::people::May;
use serde_json::json;
use store::access::{Token, TokenDraft};

use super::log::note;
use super::secret::hash;
use super::users::no_user;
use super::{Access, Action, Caller, Proof, name, rights};
use crate::{AppError, Fault, Result};

/// What every token begins with, so that one that was left lying about is recognised.
const PREFIX: &str = "ldt_";
/// Days that a token may last.
const LONGEST_DAYS: u32 = 3650;
const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;

/// A token as its user, or an administrator, sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSeen {
    /// The token, without its secret.
    pub token: Token,
    /// The name of its user.
    pub user_name: String,
}

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// The user.
    pub user: i64,
    /// What it is for.
    pub name: String,
    /// What of the user's rights it has; absent: all of them.
    pub may: Option<BTreeSet<May>>,
    /// How long it lasts.
    pub days: u32,
}

impl Access {
    /// Who a token lets in: its user, narrowed to what the token may. Nobody where it is none, has ended, or its
    /// user may not sign in.
    ///
    /// # Errors
    /// The database's own.
    pub async fn bearer(&self, token: &str, address: &str, now: Instant) -> Result<Option<Caller>> {
        if !token.starts_with(PREFIX) {
            return Ok(None);
        }
        let Some((token, account)) = self.store.token(&hash(token)).await? else { return Ok(None) };
        if token.expires_at <= now || !account.user.active {
            return Ok(None);
        }
        let who = rights::who(&self.store, &account, token.may.as_ref()).await?;
        Ok(Some(Caller {
            who: who.into(),
            user: account.user.id,
            team: account.team,
            address: name::shown(address, 100),
            proof: Proof::Token(token),
        }))
    }

    /// Makes a token. Returns it and, this once, its secret. People make their own, signed in; whoever runs the
    /// program on the machine of the data makes anybody's.
    ///
    /// # Errors
    /// It is for somebody else, or may more than its user; a name, right or time that is none; or the database's
    /// own.
    pub async fn new_token(&self, by: &Caller, new: NewToken, now: Instant) -> Result<(TokenSeen, String)> {
        if by.proof != Proof::Machine {
            by.require_session()?;
            if by.user != new.user {
                return Err(AppError::of(Fault::NotAllowed, ("令牌须由其用户本人创建", "a token is made by its user")));
            }
        }
        let called = name::shown(new.name.trim(), 100);
        if called.is_empty() {
            return Err(
                AppError::input(("令牌须有名称", "a token has a name")).hint(("请写明用途", "say what it is for"))
            );
        }
        if !(1..=LONGEST_DAYS).contains(&new.days) {
            return Err(AppError::input((
                format!("令牌有效期为 1 到 {LONGEST_DAYS} 天，不能是 {} 天", new.days),
                format!("a token lasts 1 to {LONGEST_DAYS} days, and not {}", new.days),
            )));
        }
        let user = self.store.user(new.user).await?.ok_or_else(|| no_user(new.user))?.user;
        let has = rights::may_of(&user.roles);
        if let Some(more) = new.may.iter().flatten().find(|may| !has.contains(may)) {
            let all: Vec<_> = has.iter().map(|may| may.as_str()).collect();
            return Err(AppError::input((
                format!("{} 没有权限 {}", user.name, more.as_str()),
                format!("{} may not {}", user.name, more.as_str()),
            ))
            .hint((format!("该用户的权限：{}", all.join("、")), format!("the user may {}", all.join(", ")))));
        }
        let secret = format!("{PREFIX}{}", self.random.secret());
        let expires_at = Instant(now.0 + i64::from(new.days) * DAY_MICROS);
        let draft = TokenDraft { token_hash: hash(&secret), user: user.id, name: called, may: new.may, expires_at };
        let mut writer = self.store.begin().await?;
        let (name, may) = (draft.name.clone(), draft.may.clone());
        let id = writer.add_token(draft, now).await?;
        let words = may.as_ref().map(|may| may.iter().map(|may| may.as_str()).collect::<Vec<_>>());
        let detail = json!({"token": name, "may": words, "days": new.days});
        note(&mut writer, by, Action::TokenMade, &user.name, detail, now).await?;
        writer.commit().await?;
        let token = Token { id, user: user.id, name, may, created_at: now, expires_at, last_used_at: None };
        Ok((TokenSeen { token, user_name: user.name }, secret))
    }

    /// The caller's tokens; everybody's with `all`, which takes an administrator.
    ///
    /// # Errors
    /// The caller may not see everybody's; or the database's own.
    pub async fn tokens(&self, by: &Caller, all: bool) -> Result<Vec<TokenSeen>> {
        if all {
            by.who.require(May::Administer)?;
        }
        let tokens = self.store.tokens((!all).then_some(by.user)).await?;
        let users = self.store.users().await?;
        let name = |id| users.iter().find(|of| of.user.id == id).map(|of| of.user.name.clone()).unwrap_or_default();
        Ok(tokens.into_iter().map(|token| TokenSeen { user_name: name(token.user), token }).collect())
    }

    /// Makes a token useless: one's own, or as an administrator anybody's.
    ///
    /// # Errors
    /// There is none in the caller's sight; or the database's own.
    pub async fn revoke_token(&self, by: &Caller, id: i64, now: Instant) -> Result<()> {
        let all = by.who.may.contains(&May::Administer);
        let found = self.tokens(by, all).await?.into_iter().find(|seen| seen.token.id == id);
        let no_token = || AppError::not_found((format!("没有令牌 {id}"), format!("there is no token {id}")));
        let seen = found.ok_or_else(no_token)?;
        let mut writer = self.store.begin().await?;
        if !writer.revoke_token(id).await? {
            return Err(no_token());
        }
        let detail = json!({"token": seen.token.name});
        note(&mut writer, by, Action::TokenRevoked, seen.user_name, detail, now).await?;
        writer.commit().await?;
        Ok(())
    }
}
