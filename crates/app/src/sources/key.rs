//! The key that secrets of sources are encrypted with, and the encrypting.
//!
//! The database holds ciphertext alone (XChaCha20-Poly1305), the key lies elsewhere: in the environment, or in a file of
//! the data directory that only its owner may read. A ciphertext is bound to its source and to the place that the secret
//! is for: moved to another source, or with another address, it opens no more. Each ciphertext names the key it needs,
//! so that a change of keys that was cut off can go on.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use connect::Secret;
use sha2::{Digest, Sha256};

use crate::access::Random;
use crate::{AppError, Result};

/// The file of the key in the data directory.
const FILE: &str = "secret.key";
/// A key that takes the place of the other one, while it does.
const NEXT: &str = "secret.key.next";
/// How a ciphertext begins: its form.
const FORM: &str = "v1";
/// Characters that a key from the environment has at least.
const SHORTEST: usize = 32;

/// A key.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key {
    bytes: [u8; 32],
    /// What a ciphertext names it by.
    id: String,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}…)", self.id)
    }
}

impl Key {
    fn of(text: &str) -> Self {
        let hash = |use_for: &str| Sha256::new().chain_update(use_for).chain_update(text.trim()).finalize();
        let id = URL_SAFE_NO_PAD.encode(&hash("loudou secret key id\0")[..6]);
        Self { bytes: hash("loudou secret key\0").into(), id }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.bytes.into())
    }

    /// Encrypts a secret for a source and a place.
    pub(super) fn seal(&self, secret: &Secret, source: i64, target: &str, random: &Random) -> Result<String> {
        let nonce: [u8; 24] = random.bytes();
        let bound = bound_to(source, target);
        let payload = Payload { msg: secret.expose().as_bytes(), aad: bound.as_bytes() };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| AppError::system("the secret cannot be encrypted"))?;
        Ok([FORM, &self.id, &URL_SAFE_NO_PAD.encode(nonce), &URL_SAFE_NO_PAD.encode(sealed)].join("."))
    }

    fn open(&self, nonce: [u8; 24], sealed: &[u8], bound: &str) -> Option<Secret> {
        let payload = Payload { msg: sealed, aad: bound.as_bytes() };
        let opened = self.cipher().decrypt(&XNonce::from(nonce), payload).ok()?;
        String::from_utf8(opened).ok().map(Secret::new)
    }
}

fn bound_to(source: i64, target: &str) -> String {
    format!("loudou source {source}\0{target}")
}

/// Where keys are.
#[derive(Clone)]
pub(super) struct KeyPlace {
    dir: PathBuf,
    /// The key of the environment, which goes before the file.
    given: Option<Key>,
    /// The one before it, while keys are changed.
    given_before: Option<Key>,
    random: Random,
}

impl fmt::Debug for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPlace").field("given", &self.given).finish_non_exhaustive()
    }
}

impl KeyPlace {
    pub(super) fn new(dir: &Path, given: Option<&str>, before: Option<&str>, random: Random) -> Result<Self> {
        let key = |text: Option<&str>| {
            let text = text.filter(|text| !text.trim().is_empty());
            if text.is_some_and(|text| text.trim().len() < SHORTEST) {
                return Err(AppError::input((
                    format!("密钥至少须有 {SHORTEST} 个字符"),
                    format!("the key of secrets has {SHORTEST} characters at least"),
                ))
                .hint((
                    "例如用 `openssl rand -base64 32` 生成，设为 LOUDOU_SECRET_KEY",
                    "make one by `openssl rand -base64 32`, for example, and set it as LOUDOU_SECRET_KEY",
                )));
            }
            Ok(text.map(Key::of))
        };
        Ok(Self { given: key(given)?, given_before: key(before)?, ..Self::in_file(dir, random) })
    }

    /// The file of the data directory, whatever the environment holds.
    pub(super) fn in_file(dir: &Path, random: Random) -> Self {
        Self { dir: dir.to_owned(), given: None, given_before: None, random }
    }

    /// The key to encrypt with; made where there is none.
    pub(super) fn key(&self) -> Result<Key> {
        if let Some(given) = &self.given {
            return Ok(given.clone());
        }
        // While keys are changed, the one to come: the other may be gone before the secret is kept.
        for name in [NEXT, FILE] {
            if let Some(found) = read(&self.dir.join(name))? {
                return Ok(found);
            }
        }
        self.write_new(&self.dir.join(FILE))?;
        // Somebody else may have been faster: theirs is there then.
        read(&self.dir.join(FILE))?.ok_or_else(|| AppError::system("the key of secrets was made and is gone"))
    }

    /// Decrypts the secret of a source for a place.
    pub(super) fn open(&self, sealed: &str, source: i64, target: &str) -> Result<Secret> {
        let damaged = || AppError::system(format!("the secret of source {source} cannot be read: set it anew"));
        let mut parts = sealed.split('.');
        let (Some(FORM), Some(id), Some(nonce), Some(text), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(damaged());
        };
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| damaged());
        let (nonce, text) = (decode(nonce)?.try_into().map_err(|_| damaged())?, decode(text)?);
        let Some(key) = self.all()?.into_iter().find(|key| key.id == id) else {
            return Err(AppError::input((
                "密钥与加密时所用的不同，无法打开来源的密码或令牌",
                "the key is not the one that the source's password or token was encrypted with",
            ))
            .hint((
                "请把原来的 secret.key 放回数据目录（或设置原来的 LOUDOU_SECRET_KEY），或重新设置密码或令牌",
                "put the former secret.key into the data directory (or set the former LOUDOU_SECRET_KEY), or set the password or token anew",
            )));
        };
        key.open(nonce, &text, &bound_to(source, target)).ok_or_else(|| {
            AppError::input((
                "来源的地址已更改，原来的密码或令牌不再适用",
                "the source's address was changed: its password or token was for the former one",
            ))
            .hint(("请重新设置密码或令牌", "set the password or token anew"))
        })
    }

    /// A key to change to: a new one in the file, or the one that the environment gives.
    pub(super) fn next(&self) -> Result<Key> {
        if let Some(given) = &self.given {
            return Ok(given.clone());
        }
        let next = self.dir.join(NEXT);
        if let Some(found) = read(&next)? {
            return Ok(found);
        }
        self.write_new(&next)?;
        read(&next)?.ok_or_else(|| AppError::system("the new key of secrets was made and is gone"))
    }

    /// The next key takes the place of the other one: nothing needs that any more.
    pub(super) fn settle(&self) -> Result<()> {
        let next = self.dir.join(NEXT);
        if self.given.is_none() && next.is_file() {
            fs::rename(&next, self.dir.join(FILE)).map_err(|error| not_written(&error))?;
        }
        Ok(())
    }

    /// Every key that something may have been encrypted with.
    fn all(&self) -> Result<Vec<Key>> {
        let mut all: Vec<Key> = self.given.iter().chain(&self.given_before).cloned().collect();
        for name in [FILE, NEXT] {
            all.extend(read(&self.dir.join(name))?);
        }
        Ok(all)
    }

    /// Writes a new key beside its place, readable by its owner alone, and puts it there unless somebody was faster.
    fn write_new(&self, to: &Path) -> Result<()> {
        let beside = to.with_extension(format!("part-{}", URL_SAFE_NO_PAD.encode(self.random.bytes::<6>())));
        let write = || -> io::Result<()> {
            let mut file = owners_file(&beside)?;
            writeln!(file, "{}", self.random.secret())?;
            file.sync_all()?;
            match fs::hard_link(&beside, to) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                linked => linked,
            }
        };
        let written = write();
        let _ = fs::remove_file(&beside);
        written.map_err(|error| not_written(&error))
    }
}

fn not_written(error: &io::Error) -> AppError {
    AppError::system(format!("the key of secrets cannot be written: {error}")).hint((
        "请允许写入数据目录，或设置 LOUDOU_SECRET_KEY",
        "let the data directory be written to, or set LOUDOU_SECRET_KEY",
    ))
}

fn owners_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn read(path: &Path) -> Result<Option<Key>> {
    match fs::read_to_string(path) {
        Ok(text) if text.trim().len() >= SHORTEST => Ok(Some(Key::of(&text))),
        Ok(_) => Err(AppError::system(format!("{} holds no key", path.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(AppError::system(format!("{} cannot be read: {error}", path.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(dir: &Path, given: Option<&str>, before: Option<&str>) -> KeyPlace {
        KeyPlace::new(dir, given, before, Random::seeded([9; 32])).expect("keys")
    }

    #[test]
    fn a_secret_opens_for_its_source_and_place_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let keys = place(dir.path(), None, None);
        let random = Random::seeded([1; 32]);
        let secret = Secret::new("s3cret 密码");
        let key = keys.key().expect("it is made");
        let (sealed, again) = (
            key.seal(&secret, 7, "db", &random).expect("it is sealed"),
            key.seal(&secret, 7, "db", &random).expect("it is sealed"),
        );
        assert_ne!(sealed, again, "no two are alike");
        assert!(!sealed.contains("s3cret"));
        assert_eq!(keys.open(&sealed, 7, "db"), Ok(secret));
        let refused = |source, target: &str, sealed: &str| {
            keys.open(sealed, source, target).expect_err("it stays shut").messages[0].clone()
        };
        assert!(refused(8, "db", &sealed).contains("former one"));
        assert!(refused(7, "evil", &sealed).contains("former one"));
        let mut broken = sealed.clone();
        let last = broken.pop().expect("a letter");
        broken.push(if last == 'A' { 'B' } else { 'A' });
        assert!(keys.open(&broken, 7, "db").is_err());
        assert!(refused(7, "db", "v2.x").contains("set it anew"));
        assert!(!format!("{keys:?} {key:?}").contains(&URL_SAFE_NO_PAD.encode(key.bytes)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(dir.path().join(FILE)).expect("the key").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            assert_eq!(fs::read_dir(dir.path()).expect("the folder").count(), 1, "nothing lies beside it");
        }
        let elsewhere = tempfile::tempdir().expect("a folder");
        let other = place(elsewhere.path(), None, None).open(&sealed, 7, "db").expect_err("another key");
        assert!(other.messages[0].contains("the key is not the one"));
    }

    #[test]
    fn keys_change_and_a_change_that_was_cut_off_goes_on() {
        let dir = tempfile::tempdir().expect("a folder");
        let random = Random::seeded([2; 32]);
        let keys = place(dir.path(), None, None);
        let secret = Secret::new("x");
        let old = keys.key().expect("a key").seal(&secret, 1, "db", &random).expect("it is sealed");
        let next = keys.next().expect("the next");
        assert_eq!(keys.next().expect("the same"), next);
        let new = next.seal(&secret, 1, "db", &random).expect("it is sealed");
        // Whoever seals meanwhile takes the key that stays.
        let meanwhile = keys.key().expect("a key").seal(&secret, 2, "db", &random).expect("it is sealed");
        // Cut off here, both open.
        assert_eq!((keys.open(&old, 1, "db"), keys.open(&new, 1, "db")), (Ok(secret.clone()), Ok(secret.clone())));
        keys.settle().expect("it takes its place");
        assert_eq!(keys.key().expect("a key"), next);
        assert!(keys.open(&old, 1, "db").is_err() && keys.open(&new, 1, "db").is_ok());
        assert_eq!(keys.open(&meanwhile, 2, "db"), Ok(secret.clone()), "it is not lost with the former key");
        // From the file to the environment, and on from there.
        let (one, two) = ("1".repeat(32), "2".repeat(32));
        let given = place(dir.path(), Some(&one), None);
        let by_one = given.next().expect("the given one").seal(&secret, 1, "db", &random).expect("it is sealed");
        assert_eq!((given.open(&new, 1, "db"), given.open(&by_one, 1, "db")), (Ok(secret.clone()), Ok(secret.clone())));
        let changed = place(dir.path(), Some(&two), Some(&one));
        assert_eq!(changed.open(&by_one, 1, "db"), Ok(secret));
        assert!(KeyPlace::new(dir.path(), Some("short"), None, random).is_err());
    }
}
