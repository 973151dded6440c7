//! Passwords and tokens of sources: they are set, taken away, and encrypted anew; nothing tells them.

use domain::people::May;

use super::{Known, Secret, Sources};
use crate::{AppError, Loudou, Result};

impl Sources {
    /// Sets the secret of a source, or takes it away. Nobody can read it afterwards.
    ///
    /// # Errors
    /// The asker may not administer, or the source takes none.
    pub async fn set_secret(&self, loudou: &Loudou, id: i64, secret: Option<Secret>) -> Result<()> {
        loudou.who.require(May::Administer)?;
        let fits = |secret: &Secret| !secret.expose().is_empty() && secret.expose().len() <= 8 << 10;
        if secret.as_ref().is_some_and(|secret| !fits(secret)) {
            return Err(AppError::input(("密码或令牌须为 1 到 8192 字节", "a password or token has 1 to 8192 bytes")));
        }
        // Address and key are read while nobody else writes: neither changes between the sealing and the keeping.
        let mut writer = loudou.store.begin().await?;
        let known = Known::of(loudou.store.connection(id).await?)?;
        let Some(target) = known.definition.target() else {
            return Err(AppError::input(("此来源没有密码或令牌", "this source takes no password or token")));
        };
        let sealed = match &secret {
            Some(secret) => Some(self.keys.key()?.seal(secret, id, &target, &self.random)?),
            None => None,
        };
        writer.set_connection_secret(id, sealed.as_deref()).await?;
        writer.commit().await?;
        Ok(())
    }

    /// Encrypts every secret with a new key: one that is made, or the one that the environment gives. Returns how many.
    ///
    /// # Errors
    /// The asker may not administer, or a secret opens with none of the keys; nothing was changed then.
    pub async fn rekey(&self, loudou: &Loudou) -> Result<usize> {
        loudou.who.require(May::Administer)?;
        let mut writer = loudou.store.begin().await?;
        let next = self.keys.next()?;
        let secrets = loudou.store.connection_secrets().await?;
        for (id, sealed) in &secrets {
            let known = Known::of(loudou.store.connection(*id).await?)?;
            let target = known.definition.target().unwrap_or_default();
            let secret = self.keys.open(sealed, *id, &target)?;
            writer.set_connection_secret(*id, Some(&next.seal(&secret, *id, &target, &self.random)?)).await?;
        }
        writer.commit().await?;
        self.keys.settle()?;
        Ok(secrets.len())
    }
}

/// How many sources have a secret: a backup of the database does not hold its key.
///
/// # Errors
/// The database's own.
pub async fn secrets_of(loudou: &Loudou) -> Result<usize> {
    Ok(loudou.store.connection_secrets().await?.len())
}
