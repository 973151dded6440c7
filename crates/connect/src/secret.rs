//! Passwords and tokens: held in memory only, never shown, and taken out of whatever others say.

use std::fmt;

/// A password or a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself: for the driver that sends it, and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

const HIDDEN: &str = "***";

/// What others say, without the secret, and without what stands before the `@` of an address.
pub(crate) fn clean(text: &str, secret: Option<&Secret>) -> String {
    let mut out = text.to_owned();
    if let Some(Secret(secret)) = secret
        && !secret.is_empty()
    {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for form in [secret.as_str(), &encoded, &encoded.replace('+', "%20")] {
            out = out.replace(form, HIDDEN);
        }
    }
    without_user_info(&out)
}

/// `scheme://user:password@host` without what tells who.
fn without_user_info(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after.find(|c: char| c.is_whitespace() || "/?#\"'`)".contains(c)).unwrap_or(after.len());
        let (authority, behind) = after.split_at(end);
        match authority.rsplit_once('@') {
            Some((_, host)) => {
                out.push_str(HIDDEN);
                out.push('@');
                out.push_str(host);
            }
            None => out.push_str(authority),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_the_secret_nor_who_is_named_in_an_address_gets_out() {
        let secret = Secret::new("p ss/w:rd");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        for (said, told) in [
            ("password \"p ss/w:rd\" is wrong", "password \"***\" is wrong"),
            ("GET /?t=p+ss%2Fw%3Ard failed", "GET /?t=*** failed"),
            ("GET /?t=p%20ss%2Fw%3Ard failed", "GET /?t=*** failed"),
            (
                "at postgres://ada:x@db.example:5432/crm and http://b",
                "at postgres://***@db.example:5432/crm and http://b",
            ),
            ("`https://ada@b`", "`https://***@b`"),
            ("https://b/a@c", "https://b/a@c"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(clean(said, Some(&secret)), told);
        }
        assert_eq!(clean("x", Some(&Secret::new(""))), "x");
    }
}
