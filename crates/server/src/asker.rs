//! Who asks, found once for every request: by a cookie or by a token in the header.
//!
//! A browser sends a cookie along whoever's page asks it to. So whatever is not a plain reading has to come from
//! a page of this server, and say what only such a page has read: the session's CSRF token. A token in the
//! header is nobody's by accident and needs neither.

use std::net::SocketAddr;
use std::sync::Arc;

use app::Loudou;
use app::access::{Caller, Visitor};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};

use crate::State;
use crate::problem::{Code, Problem};

/// The cookie that holds a session's token.
pub(crate) const COOKIE: &str = "loudou_session";
/// Where a page says the session's CSRF token.
pub(crate) const CSRF: HeaderName = HeaderName::from_static("x-loudou-csrf");

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The data as whoever sent the request sees it, at the time of the request.
#[derive(Debug)]
pub struct Asker(pub Loudou);

/// Somebody who has proved who they are.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    /// Who they are.
    pub(crate) caller: Caller,
    /// The token of their session, where they have one.
    pub(crate) session_token: Option<String>,
}

/// Somebody at the door, on a page of this server.
#[derive(Debug)]
pub(crate) struct AtTheDoor {
    pub(crate) visitor: Visitor,
    /// The session that the browser had so far.
    pub(crate) session_token: Option<String>,
}

impl FromRequestParts<State> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let signed = Signed::from_request_parts(parts, state).await?;
        Ok(Self(state.loudou.session(signed.caller.who, state.now()).await?))
    }
}

impl FromRequestParts<State> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        if let Some(found) = parts.extensions.get::<Arc<Self>>() {
            return Ok(Self::clone(found));
        }
        let signed = sign(parts, state).await?;
        let now = state.now();
        if signed.caller.is_note_due(now) {
            // Nobody waits for it: another writer may take a while, and the answer does not depend on it.
            let (access, caller) = (state.access.clone(), signed.caller.clone());
            tokio::spawn(async move {
                if let Err(error) = access.note_use(&caller, now).await {
                    tracing::warn!(%error, "the use of a session or a token is not written down");
                }
            });
        }
        parts.extensions.insert(Arc::new(signed.clone()));
        Ok(signed)
    }
}

impl FromRequestParts<State> for AtTheDoor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        require_same_site(&parts.headers, &parts.uri, state.settings.behind_proxy)?;
        let agent = parts.headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
        let visitor = Visitor {
            address: address(parts, state.settings.behind_proxy),
            agent: agent.unwrap_or_default().into_owned(),
        };
        Ok(Self { visitor, session_token: cookie(&parts.headers) })
    }
}

async fn sign(parts: &Parts, state: &State) -> Result<Signed, Problem> {
    let signed_out = |zh: &str, en: &str| {
        Problem::new(Code::SignedOut, (zh, en)).hint((
            "请登录，或用 `Authorization: Bearer …` 发送令牌",
            "sign in, or send a token as `Authorization: Bearer …`",
        ))
    };
    let (now, address) = (state.now(), address(parts, state.settings.behind_proxy));
    if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
        let token = bearer(value).ok_or_else(|| {
            signed_out("Authorization 头中没有 Bearer 令牌", "the Authorization header holds no bearer token")
        })?;
        let caller = state.access.bearer(token, &address, now).await?;
        let caller = caller.ok_or_else(|| signed_out("令牌无效或已结束", "the token is none, or has ended"))?;
        return Ok(Signed { caller, session_token: None });
    }
    let token = cookie(&parts.headers).ok_or_else(|| signed_out("尚未登录", "nobody is signed in"))?;
    let caller = state.access.session(&token, &address, now).await?;
    let caller = caller.ok_or_else(|| signed_out("会话已结束", "the session has ended"))?;
    if !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        require_same_site(&parts.headers, &parts.uri, state.settings.behind_proxy)?;
        let said = parts.headers.get(CSRF).map(HeaderValue::as_bytes);
        let is_said = caller.session().is_some_and(|session| said == Some(session.csrf.as_bytes()));
        if !is_said {
            return Err(cross_site(
                "请求头 X-Loudou-CSRF 与会话的令牌不符",
                "the header X-Loudou-CSRF does not hold the session's token",
            ));
        }
    }
    Ok(Signed { caller, session_token: Some(token) })
}

fn cross_site(zh: &str, en: &str) -> Problem {
    Problem::new(Code::CrossSite, (zh, en)).hint((
        "只有本服务器的页面可以写入；程序请用令牌代替 cookie",
        "only the pages of this server may write; a program takes a token instead of a cookie",
    ))
}

/// Refuses what the browser says was asked for by a page of elsewhere. Programs say nothing of the kind.
fn require_same_site(headers: &HeaderMap, uri: &Uri, behind_proxy: bool) -> Result<(), Problem> {
    if let Some(site) = headers.get(FETCH_SITE)
        && site != "same-origin"
    {
        return Err(cross_site("请求由其他网站的页面发出", "the request was made by a page of another site"));
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let forwarded = headers.get(FORWARDED_HOST).filter(|_| behind_proxy);
    let host = forwarded.or_else(|| headers.get(header::HOST)).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| uri.authority().map(axum::http::uri::Authority::as_str));
    let from = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, from)| from);
    if from.is_some() && from.map(str::to_ascii_lowercase) == host.map(str::to_ascii_lowercase) {
        return Ok(());
    }
    Err(cross_site("请求由其他地址的页面发出", "the request was made by a page of another address"))
}

/// The token of `Bearer TOKEN`.
fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The session's token among the cookies.
fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, token)| *name == COOKIE && !token.is_empty()).map(|(_, token)| token.to_owned()).next()
}

/// Where the request comes from: the other end of the connection; behind a proxy of ours, what that one says of
/// its own other end, which is the last it has added.
fn address(parts: &Parts, behind_proxy: bool) -> String {
    let mut forwarded =
        parts.headers.get_all(FORWARDED_FOR).iter().filter(|_| behind_proxy).filter_map(|v| v.to_str().ok());
    if let Some(last) = forwarded.next_back().and_then(|list| list.rsplit(',').next()) {
        return without_port(last.trim()).to_owned();
    }
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map(|ConnectInfo(peer)| peer.ip().to_string()).unwrap_or_default()
}

/// An address as proxies write it, without the port that some add: it differs from request to request.
fn without_port(address: &str) -> &str {
    let is_ip = |text: &str| text.parse::<std::net::IpAddr>().is_ok();
    if let Some((inside, _)) = address.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return inside;
    }
    address.rsplit_once(':').filter(|(ip, _)| !is_ip(address) && is_ip(ip)).map_or(address, |(ip, _)| ip)
}

/// The cookie that gives a browser a session until it ends, or takes it away.
pub(crate) fn set_cookie(token: Option<&str>, max_age_seconds: i64, is_secure: bool) -> HeaderValue {
    let secure = if is_secure { "; Secure" } else { "" };
    let (token, age) = token.map_or(("", 0), |token| (token, max_age_seconds));
    let text = format!("{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={age}{secure}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn what_a_page_of_elsewhere_asks_for_is_refused() {
        let here = ("host", "loudou.example:8080");
        for (pairs, behind_proxy, is_ours) in [
            (&[here][..], false, true),
            (&[here, ("origin", "http://loudou.example:8080")], false, true),
            (&[here, ("origin", "HTTP://Loudou.Example:8080"), ("sec-fetch-site", "same-origin")], false, true),
            (&[here, ("origin", "http://loudou.example")], false, false),
            (&[here, ("origin", "http://loudou.example:8080.evil.example")], false, false),
            (&[here, ("origin", "null")], false, false),
            (&[here, ("sec-fetch-site", "cross-site")], false, false),
            (&[here, ("sec-fetch-site", "same-site")], false, false),
            (&[here, ("sec-fetch-site", "none")], false, false),
            (&[("origin", "http://x")], false, false),
            (&[here, ("x-forwarded-host", "sales.example"), ("origin", "https://sales.example")], true, true),
            (&[here, ("x-forwarded-host", "sales.example"), ("origin", "https://sales.example")], false, false),
        ] {
            let found = require_same_site(&headers(pairs), &Uri::from_static("/api/v1/session"), behind_proxy);
            assert_eq!(found.is_ok(), is_ours, "{pairs:?}");
        }
    }

    #[test]
    fn cookies_and_tokens_are_found() {
        for (cookies, expected) in [
            ("loudou_session=abc", Some("abc")),
            ("a=b; loudou_session=abc; c=d", Some("abc")),
            ("xloudou_session=abc", None),
            ("loudou_session=", None),
            ("loudou_session", None),
        ] {
            assert_eq!(cookie(&headers(&[("cookie", cookies)])).as_deref(), expected, "{cookies}");
        }
        for (value, expected) in
            [("Bearer x", Some("x")), ("bearer  x", Some("x")), ("Basic x", None), ("Bearer", None)]
        {
            assert_eq!(bearer(&HeaderValue::from_static(value)), expected, "{value}");
        }
    }

    #[test]
    fn a_proxy_is_believed_where_there_is_one() {
        let request = axum::http::Request::builder().header("x-forwarded-for", "203.0.113.1, 192.0.2.9");
        let (mut parts, ()) = request.body(()).expect("a request").into_parts();
        let peer: SocketAddr = "198.51.100.7:5000".parse().expect("an address");
        parts.extensions.insert(ConnectInfo(peer));
        assert_eq!(address(&parts, false), "198.51.100.7");
        assert_eq!(address(&parts, true), "192.0.2.9");
        for (told, expected) in [
            ("192.0.2.9:51234", "192.0.2.9"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("unknown", "unknown"),
        ] {
            assert_eq!(without_port(told), expected);
        }
    }

    #[test]
    fn the_cookie_is_for_this_server_alone() {
        let set = set_cookie(Some("abc"), 60, true);
        assert_eq!(set, "loudou_session=abc; HttpOnly; SameSite=Strict; Path=/; Max-Age=60; Secure");
        assert_eq!(set_cookie(None, 60, false), "loudou_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
    }
}
