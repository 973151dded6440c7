//! E-mail addresses and web domains, and whose they are: the company's, or a mailbox provider's.

use crate::text::folded;

/// Providers whose mailboxes anybody has: their domain says nothing about a company.
const PUBLIC: &[&str] = &[
    "126.com",
    "139.com",
    "163.com",
    "163.net",
    "188.com",
    "189.cn",
    "21cn.com",
    "263.net",
    "aliyun.com",
    "aol.com",
    "btinternet.com",
    "daum.net",
    "duck.com",
    "fastmail.com",
    "foxmail.com",
    "free.fr",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hanmail.net",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "inbox.ru",
    "laposte.net",
    "libero.it",
    "list.ru",
    "live.cn",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "naver.com",
    "orange.fr",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rediffmail.com",
    "sina.cn",
    "sina.com",
    "sina.com.cn",
    "sohu.com",
    "t-online.de",
    "tom.com",
    "uol.com.br",
    "vip.163.com",
    "vip.qq.com",
    "vip.sina.com",
    "wanadoo.fr",
    "web.de",
    "wo.cn",
    "yahoo.cn",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.com.cn",
    "yahoo.de",
    "yahoo.fr",
    "yandex.com",
    "yandex.ru",
    "yeah.net",
    "ymail.com",
    "zoho.com",
];

/// Mailboxes of a function, which several people read.
const SHARED: &[&str] = &[
    "admin",
    "contact",
    "finance",
    "hello",
    "hr",
    "info",
    "mail",
    "marketing",
    "no-reply",
    "noreply",
    "office",
    "order",
    "orders",
    "purchase",
    "sales",
    "service",
    "support",
    "webmaster",
];

/// An e-mail address in its normal form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email {
    /// `name@domain`, in lower case, without a tag (`+news`).
    pub address: String,
    /// The registered domain behind the `@`; none where it is a mailbox provider's.
    pub domain: Option<String>,
    /// Whether several people read it (`info@`).
    pub shared: bool,
}

/// The address in a text such as `Li Wei <li.wei@acme.cn>`; absent where there is none.
#[must_use]
pub fn email(text: &str) -> Option<Email> {
    let folded = folded(text);
    let inside = folded.split(|letter: char| letter.is_whitespace() || matches!(letter, '<' | '>' | ';' | ',' | '"'));
    let found = inside.map(|word| word.trim_start_matches("mailto:")).find(|word| word.contains('@'))?;
    let (name, host) = found.rsplit_once('@')?;
    let host = host.trim_end_matches('.');
    let name = name.split('+').next().unwrap_or_default();
    if name.is_empty() || !is_host(host) {
        return None;
    }
    let name = if matches!(host, "gmail.com" | "googlemail.com") { name.replace('.', "") } else { name.to_owned() };
    let domain = (!PUBLIC.contains(&host)).then(|| registered(host));
    Some(Email { shared: SHARED.contains(&name.as_str()), address: format!("{name}@{host}"), domain })
}

/// The registered domain of an address of the web, `acme.com.cn` of `https://www.acme.com.cn:8080/contact`; absent
/// where the text is none, or a mailbox provider's.
#[must_use]
pub fn site(text: &str) -> Option<String> {
    let folded = folded(text);
    let rest = folded.split_once("://").map_or(folded.as_str(), |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':', ' ']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default().trim_end_matches('.');
    (is_host(host) && !PUBLIC.contains(&host)).then(|| registered(host))
}

fn is_host(host: &str) -> bool {
    let fits = |letter: char| letter.is_alphanumeric() || letter == '-';
    let labels: Vec<&str> = host.split('.').collect();
    labels.len() >= 2
        && host.len() <= 253
        && labels.iter().all(|label| !label.is_empty() && label.chars().all(fits))
        && labels.last().is_some_and(|top| top.chars().count() >= 2 && !top.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The domain that somebody registered: two labels, or three where a country's second one is for all (`com.cn`).
fn registered(host: &str) -> String {
    let labels: Vec<&str> = host.split('.').collect();
    let shared = ["com", "co", "net", "org", "gov", "edu", "ac", "or", "ne", "go"];
    let many = match labels.as_slice() {
        [.., second, top] if top.len() == 2 && shared.contains(second) => 3,
        _ => 2,
    };
    labels[labels.len().saturating_sub(many)..].join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_one_form_and_providers_are_no_companies() {
        for (text, address, domain) in [
            ("Li.Wei@ACME.com.cn", "li.wei@acme.com.cn", Some("acme.com.cn")),
            ("李伟 <li.wei+crm@mail.acme.cn>", "li.wei@mail.acme.cn", Some("acme.cn")),
            ("mailto:a@b.co.uk", "a@b.co.uk", Some("b.co.uk")),
            ("１２３４５＠ｑｑ．ｃｏｍ", "12345@qq.com", None),
            ("John.Doe+x@gmail.com", "johndoe@gmail.com", None),
        ] {
            let found = email(text).expect(text);
            assert_eq!((found.address.as_str(), found.domain.as_deref()), (address, domain), "{text}");
        }
        assert!(email("info@acme.com").expect("it is one").shared);
        for none in ["", "acme.com", "@acme.com", "li@", "li@acme", "li@10.0.0.1"] {
            assert_eq!(email(none), None, "{none}");
        }
    }

    #[test]
    fn sites_are_registered_domains() {
        for (text, expected) in [
            ("https://www.acme.com.cn:8080/contact?x=1", Some("acme.com.cn")),
            ("WWW.Acme.COM", Some("acme.com")),
            ("shop.acme.co.uk/", Some("acme.co.uk")),
            ("acme.de.", Some("acme.de")),
            ("acme", None),
            ("qq.com", None),
            ("not a site", None),
            ("10.0.0.1", None),
        ] {
            assert_eq!(site(text).as_deref(), expected, "{text}");
        }
    }
}
