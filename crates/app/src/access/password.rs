//! Passwords: which are accepted, and how they are kept and compared.
//!
//! Argon2id with the parameters that OWASP's password storage cheat sheet names first (19 MiB, two passes, one
//! lane). A hash costs some tens of milliseconds and 19 MiB on purpose, so it is made on the threads for
//! blocking work, and only so many at a time; who comes when the queue is full is told to come again.

use std::sync::Arc;

use argon2::password_hash::SaltString;
use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use super::Random;
use crate::{AppError, Fault, Result};

/// Characters of a password at least.
const SHORTEST: usize = 10;
/// Bytes of a password at most: more is no password, but work.
const LONGEST_BYTES: usize = 1000;
/// Hashes made at a time.
const AT_A_TIME: usize = 2;
/// Who may wait for one.
const QUEUE: usize = 64;

/// The commonest passwords that are long enough to pass otherwise.
const COMMON: &str = include_str!("common_passwords.txt");

/// A password as it is hashed: what a full-width keyboard types is the same.
fn normal(password: &str) -> String {
    password.nfkc().collect()
}

/// Refuses a password that is too short, the user's name, or one that everybody tries first.
pub(super) fn check(password: &str, name_key: &str) -> Result<()> {
    let refuse = |zh: String, en: String| {
        Err(AppError::input((zh, en)).hint((
            "请用由几个词组成的句子，或让密码管理器生成",
            "take a sentence of several words, or let a password manager make one",
        )))
    };
    if password.len() > LONGEST_BYTES {
        return refuse(
            format!("密码最多 {LONGEST_BYTES} 字节"),
            format!("a password has at most {LONGEST_BYTES} bytes"),
        );
    }
    let folded: String = normal(password).to_lowercase();
    if folded.chars().count() < SHORTEST {
        return refuse(format!("密码至少 {SHORTEST} 个字符"), format!("a password has at least {SHORTEST} characters"));
    }
    if folded == name_key {
        return refuse("密码不能与用户名相同".to_owned(), "the password is the user's name".to_owned());
    }
    if COMMON.lines().any(|common| common == folded) {
        return refuse("这个密码太常见".to_owned(), "the password is one of those that are tried first".to_owned());
    }
    Ok(())
}

/// Makes and compares hashes, within bounds.
#[derive(Debug, Clone)]
pub(super) struct Hasher {
    random: Random,
    queue: Arc<Semaphore>,
    working: Arc<Semaphore>,
    /// The hash of a password that nobody has: a sign-in of an unknown name is compared with it.
    decoy: Arc<str>,
}

impl Hasher {
    pub(super) fn new(random: &Random) -> Result<Self> {
        let decoy = hash(&random.secret(), random.bytes())?;
        Ok(Self {
            random: random.clone(),
            queue: Arc::new(Semaphore::new(QUEUE)),
            working: Arc::new(Semaphore::new(AT_A_TIME)),
            decoy: decoy.into(),
        })
    }

    /// The hash of a password, to be kept.
    pub(super) async fn hash(&self, password: &str) -> Result<String> {
        let (password, salt) = (normal(password), self.random.bytes());
        self.work(move || hash(&password, salt)).await?
    }

    /// Whether a password is the one of the hash. Without a hash the work is the same and the answer no.
    pub(super) async fn is(&self, password: &str, kept: Option<&str>) -> Result<bool> {
        let is_there = kept.is_some();
        let kept: Arc<str> = kept.map_or_else(|| Arc::clone(&self.decoy), Into::into);
        let password = if password.len() > LONGEST_BYTES { String::new() } else { normal(password) };
        let same = self.work(move || verify(&password, &kept)).await??;
        Ok(same && is_there)
    }

    async fn work<R: Send + 'static>(&self, work: impl FnOnce() -> R + Send + 'static) -> Result<R> {
        let full = || {
            AppError::of(Fault::Busy, ("此刻登录的人太多", "too many people are signing in at this moment"))
                .hint(("请重试", "try again"))
        };
        let _place = self.queue.try_acquire().map_err(|_| full())?;
        let turn = Arc::clone(&self.working).acquire_owned().await.map_err(|_| full())?;
        let work = move || {
            // The turn is over when the work is, also where nobody waits for it any more.
            let _turn = turn;
            work()
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|error| AppError::system(format!("a password could not be hashed: {error}")))
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| failed(&error))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str, salt: [u8; 16]) -> Result<String> {
    let salt = SaltString::encode_b64(&salt).map_err(|error| failed(&error))?;
    let hash = argon2()?.hash_password(password.as_bytes(), &salt).map_err(|error| failed(&error))?;
    Ok(hash.to_string())
}

fn verify(password: &str, kept: &str) -> Result<bool> {
    let kept = PasswordHash::new(kept).map_err(|error| failed(&error))?;
    match argon2()?.verify_password(password.as_bytes(), &kept) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::Password) => Ok(false),
        Err(error) => Err(failed(&error)),
    }
}

fn failed(error: &impl std::fmt::Display) -> AppError {
    AppError::system(format!("a password could not be hashed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_passwords_are_accepted() {
        for (password, expected) in [
            ("correct horse battery", None),
            ("楼兜漏斗销售管理系统", None),
            ("short", Some("at least 10")),
            ("九个汉字九个汉字九", Some("at least 10")),
            ("Ada Lovelace", Some("the user's name")),
            ("ＡＤＡ ｌovelace", Some("the user's name")),
            ("1234567890", Some("tried first")),
            ("Password123", Some("tried first")),
            (&"x".repeat(1001), Some("at most 1000")),
        ] {
            let found = check(password, "ada lovelace").err().map(|error| error.to_string());
            match expected {
                None => assert_eq!(found, None, "{password}"),
                Some(part) => assert!(found.as_deref().is_some_and(|found| found.contains(part)), "{found:?}"),
            }
        }
    }

    #[test]
    fn the_list_of_the_commonest_is_folded_and_holds_only_what_would_pass() {
        for common in COMMON.lines() {
            assert!(common.chars().count() >= SHORTEST && common == common.to_lowercase(), "{common}");
        }
    }

    #[tokio::test]
    async fn a_hash_knows_its_password_and_no_other() {
        let hasher = Hasher::new(&Random::seeded([1; 32])).expect("a hasher");
        let kept = hasher.hash("ｃorrect horse 1").await.expect("a hash");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(hasher.is("correct horse １", Some(&kept)).await.expect("a comparison"));
        assert!(!hasher.is("correct horse 2", Some(&kept)).await.expect("a comparison"));
        assert!(!hasher.is("correct horse 1", None).await.expect("a comparison"));
        assert_ne!(hasher.hash("correct horse 1").await.expect("a hash"), kept, "salted");
        assert!(hasher.is("x", Some("no hash")).await.is_err());
    }
}
