//! One request after the other to one server: the address is looked at after its name was resolved and the connection
//! goes to that very address; the token goes to that server only; what is refused for a while is asked for again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{
    ACCEPT, CONTENT_LENGTH, DATE, HOST, HeaderMap, HeaderName, HeaderValue, LINK, LOCATION, RETRY_AFTER, USER_AGENT,
};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use url::Url;

use crate::Patience;
use crate::definition::HttpDefinition;
use crate::failure::{Failure, FailureKind};
use crate::reach::{Reach, bare, unreachable};
use crate::secret::Secret;
use crate::trust::Authorities;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(15);
/// How long the other side may say nothing.
const SILENCE: Duration = Duration::from_secs(60);
/// Bytes of one page.
const PAGE: usize = 64 << 20;
/// How often an address may lead to another one.
const REDIRECTS: u32 = 5;

/// What came back.
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A server that is asked.
pub(crate) struct Caller {
    origin: Url,
    headers: HeaderMap,
    tls: Option<TlsConnector>,
    reach: Reach,
    patience: Patience,
    connection: Option<SendRequest<Empty<Bytes>>>,
}

/// Whether something that did not work is worth another try.
enum Refusal {
    /// Perhaps later; after so many seconds, if the server said.
    Later(Failure, Option<u64>),
    Final(Failure),
}

impl Caller {
    pub(crate) fn new(
        of: &HttpDefinition,
        url: &Url,
        secret: Option<&Secret>,
        reach: &Reach,
        patience: Patience,
    ) -> Result<Self, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static("loudou"));
        for (name, value) in &of.headers {
            headers.insert(header_name(name)?, header_value(name, value)?);
        }
        if let Some(secret) = secret {
            let mut value = header_value(&of.token_header, &format!("{}{}", of.token_prefix, secret.expose()))?;
            value.set_sensitive(true);
            headers.insert(header_name(&of.token_header)?, value);
        }
        let tls = if url.scheme() == "https" { Some(connector(&reach.authorities)?) } else { None };
        Ok(Self { origin: url.clone(), headers, tls, reach: reach.clone(), patience, connection: None })
    }

    /// Gets a page, however often that takes within reason.
    pub(crate) async fn get(&mut self, url: &Url) -> Result<Answer, Failure> {
        let mut pause = self.patience.first_pause;
        for left in (0..self.patience.tries).rev() {
            let (failure, told) = match self.get_once(url).await {
                Ok(answer) => return Ok(answer),
                Err(Refusal::Final(failure)) => return Err(failure),
                Err(Refusal::Later(failure, told)) => (failure, told.map(Duration::from_secs)),
            };
            self.connection = None;
            if left == 0 {
                return Err(failure);
            }
            if let Some(told) = told.filter(|told| *told > self.patience.longest_pause) {
                let seconds = told.as_secs();
                return Err(failure.hint(
                    format!("服务器要求 {seconds} 秒后再来：请稍后重试，或放慢计划"),
                    format!("the server asks to come again in {seconds} seconds: try later, or pull less often"),
                ));
            }
            tokio::time::sleep(told.unwrap_or(pause).min(self.patience.longest_pause)).await;
            pause = (pause * 2).min(self.patience.longest_pause);
        }
        Err(Failure::definition("没有尝试的次数", "there are no tries"))
    }

    async fn get_once(&mut self, url: &Url) -> Result<Answer, Refusal> {
        let mut at = url.clone();
        for _ in 0..=REDIRECTS {
            let answer = self.send(&at).await?;
            if !answer.status.is_redirection() {
                return judged(answer);
            }
            let told = answer.headers.get(LOCATION).and_then(|told| told.to_str().ok()).unwrap_or_default();
            let next = at.join(told).map_err(|_| {
                Refusal::Final(Failure::source(
                    "接口转到了无法读取的地址",
                    "the API leads to an address that cannot be read",
                ))
            })?;
            require_same_origin(&self.origin, &next).map_err(Refusal::Final)?;
            at = next;
        }
        Err(Refusal::Final(Failure::source(
            "接口不停地转到别的地址",
            "the API leads from address to address without end",
        )))
    }

    async fn send(&mut self, url: &Url) -> Result<Answer, Refusal> {
        let later = |what: String| {
            let host = url.host_str().unwrap_or_default();
            Refusal::Later(unreachable(host, &what), None)
        };
        // The answer before this one has come; the connection may still have to notice, or be hung up.
        let kept = match self.connection.take() {
            Some(mut sender) => sender.ready().await.is_ok().then_some(sender),
            None => None,
        };
        let mut sender = match kept {
            Some(sender) => sender,
            None => self.connect(url).await?,
        };
        let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = path
            .parse()
            .map_err(|_| Refusal::Final(Failure::definition("地址无法发送", "the address cannot be sent")))?;
        request.headers_mut().clone_from(&self.headers);
        request.headers_mut().insert(HOST, host_header(url));
        let response = tokio::time::timeout(SILENCE, sender.send_request(request)).await;
        let response =
            response.map_err(|_| later("nothing answers".to_owned()))?.map_err(|error| later(error.to_string()))?;
        let (parts, mut body) = response.into_parts();
        let length = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if length.is_some_and(|length| length > PAGE) {
            return Err(Refusal::Final(too_large()));
        }
        let mut bytes = Vec::with_capacity(length.unwrap_or(0).min(PAGE));
        loop {
            let frame = tokio::time::timeout(SILENCE, body.frame()).await;
            let Some(frame) = frame.map_err(|_| later("the answer stopped coming".to_owned()))? else { break };
            let frame = frame.map_err(|error| later(error.to_string()))?;
            if let Ok(data) = frame.into_data() {
                if bytes.len() + data.len() > PAGE {
                    return Err(Refusal::Final(too_large()));
                }
                bytes.extend_from_slice(&data);
            }
        }
        self.connection = Some(sender);
        Ok(Answer { status: parts.status, headers: parts.headers, body: bytes.into() })
    }

    async fn connect(&self, url: &Url) -> Result<SendRequest<Empty<Bytes>>, Refusal> {
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or(443);
        let addresses = self.reach.addresses(host, port).await.map_err(|failure| match failure.kind {
            FailureKind::Source => Refusal::Later(failure, None),
            _ => Refusal::Final(failure),
        })?;
        let later = |what: String| Refusal::Later(unreachable(host, &what), None);
        let stream = tokio::time::timeout(CONNECT, first_open(&addresses)).await;
        let stream =
            stream.map_err(|_| later("nothing answers".to_owned()))?.map_err(|error| later(error.to_string()))?;
        let Some(tls) = &self.tls else { return shaken(TokioIo::new(stream)).await.map_err(later) };
        let name = ServerName::try_from(bare(host).to_owned())
            .map_err(|error| Refusal::Final(unreachable(host, &error.to_string())))?;
        let secured = tokio::time::timeout(CONNECT, tls.connect(name, stream)).await;
        let secured =
            secured.map_err(|_| later("the encryption does not come about".to_owned()))?.map_err(|error| {
                Refusal::Final(
                    Failure::source(
                        format!("无法与“{host}”加密通信：{error}"),
                        format!("`{host}` cannot be spoken to encrypted: {error}"),
                    )
                    .hint(
                        "请让服务器使用受本系统信任的证书；公司自己的签发机构请写在 LOUDOU_SOURCE_CA",
                        "let the server have a certificate that this system trusts, or name the company's own authority in LOUDOU_SOURCE_CA",
                    ),
                )
            })?;
        shaken(TokioIo::new(secured)).await.map_err(later)
    }
}

async fn first_open(addresses: &[SocketAddr]) -> std::io::Result<TcpStream> {
    // The very addresses that were looked at, the first one that answers.
    TcpStream::connect(addresses).await
}

async fn shaken<S>(io: TokioIo<S>) -> Result<SendRequest<Empty<Bytes>>, String>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = handshake(io).await.map_err(|error| error.to_string())?;
    // It ends with the sender, or when the other side hangs up.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(sender)
}

/// What an answer's status means.
fn judged(answer: Answer) -> Result<Answer, Refusal> {
    let status = answer.status;
    if status.is_success() {
        return Ok(answer);
    }
    let failure = Failure::source(format!("接口回答 {status}"), format!("the API answers {status}"));
    Err(match status.as_u16() {
        401 | 403 => Refusal::Final(failure.hint(
            "请核对令牌是否有效、是否有权读取；令牌用 `source secret set` 或来源页设置",
            "look whether the token is good and may read this; it is set on the source's page or by `source secret set`",
        )),
        404 => Refusal::Final(failure.hint("请核对 http.url", "look at http.url")),
        408 | 429 | 500 | 502 | 503 | 504 => Refusal::Later(failure.hint("请稍后重试，或放慢计划", "try later, or pull less often"), answer.retry_after()),
        _ => Refusal::Final(failure.hint("请核对 http.params", "look at http.params")),
    })
}

impl Answer {
    /// How many seconds the server asks to wait; told as a time, it is taken from the server's own clock.
    fn retry_after(&self) -> Option<u64> {
        let told = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = told.parse() {
            return Some(seconds);
        }
        let time = |text: &str| chrono::DateTime::parse_from_rfc2822(text).ok();
        let seconds = time(told)? - time(self.headers.get(DATE)?.to_str().ok()?)?;
        u64::try_from(seconds.num_seconds()).ok()
    }

    /// The address that the `Link` header calls `next`.
    pub(crate) fn next_link(&self) -> Option<String> {
        self.headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()).find_map(next_of)
    }
}

fn next_of(header: &str) -> Option<String> {
    let mut rest = header;
    while let Some((_, from)) = rest.split_once('<') {
        let (address, after) = from.split_once('>')?;
        let end = after.find(",<").or_else(|| after.find(", <")).unwrap_or(after.len());
        let is_next = after[..end].split(';').filter_map(|part| part.trim().split_once('=')).any(|(name, value)| {
            let value = value.trim().trim_end_matches(',').trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel")
                && value.split_whitespace().any(|word| word.eq_ignore_ascii_case("next"))
        });
        if is_next {
            return Some(address.to_owned());
        }
        rest = &after[end..];
    }
    None
}

/// Refuses another server than the definition's: the token is for that one, and so is the look at its address.
pub(crate) fn require_same_origin(own: &Url, next: &Url) -> Result<(), Failure> {
    if own.origin() == next.origin() {
        return Ok(());
    }
    let (own, next) = (own.origin().ascii_serialization(), next.origin().ascii_serialization());
    Err(Failure::new(
        FailureKind::OutOfReach,
        format!("接口从 {own} 转到了 {next}"),
        format!("the API leads from {own} to {next}"),
    )
    .hint(
        "令牌只发给定义中的服务器：若新地址可信，请把它写进 http.url",
        "the token goes to the definition's server alone: write the new address into http.url if it is to be trusted",
    ))
}

fn too_large() -> Failure {
    let most = PAGE >> 20;
    Failure::too_much(format!("一页超过 {most} MiB"), format!("a page is larger than {most} MiB"))
        .hint("请减小每页行数（paging.size）", "ask for smaller pages (paging.size)")
}

fn host_header(url: &Url) -> HeaderValue {
    let host = url.host_str().unwrap_or_default();
    let text = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

fn header_name(name: &str) -> Result<HeaderName, Failure> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
        Failure::definition(format!("“{name}”不是请求头的名称"), format!("`{name}` is no name of a header"))
    })
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, Failure> {
    HeaderValue::from_str(value).map_err(|_| {
        Failure::definition(
            format!("请求头 {name} 的内容含有不能发送的字符"),
            format!("the header {name} holds characters that cannot be sent"),
        )
    })
}

/// Encrypts, and believes the certificates that the system and the authorities given beside it vouch for.
fn connector(authorities: &Authorities) -> Result<TlsConnector, Failure> {
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::source(format!("无法加密：{error}"), format!("nothing can be encrypted: {error}")))?
        .with_root_certificates(authorities.roots()?)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_in_the_header() {
        for (header, next) in [
            ("<https://a/x?page=2>; rel=\"next\", <https://a/x?page=9>; rel=\"last\"", Some("https://a/x?page=2")),
            ("<https://a/x?p=1,2>; rel=prev, </y?p=3>; title=\"a\"; rel=\"prefetch next\"", Some("/y?p=3")),
            ("<https://a/x>; rel=\"last\"", None),
            ("https://a/x; rel=next", None),
            ("<https://a", None),
            ("", None),
        ] {
            assert_eq!(next_of(header).as_deref(), next, "{header}");
        }
    }

    #[test]
    fn a_pause_is_told_in_seconds_or_as_a_time() {
        let answer = |pairs: &[(HeaderName, &str)]| {
            let headers = pairs
                .iter()
                .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).expect("a value")))
                .collect();
            Answer { status: StatusCode::TOO_MANY_REQUESTS, headers, body: Bytes::new() }.retry_after()
        };
        assert_eq!(answer(&[(RETRY_AFTER, "7")]), Some(7));
        let date = (DATE, "Mon, 23 Nov 2026 01:00:00 GMT");
        assert_eq!(answer(&[(RETRY_AFTER, "Mon, 23 Nov 2026 01:00:30 GMT"), date.clone()]), Some(30));
        assert_eq!((answer(&[(RETRY_AFTER, "soon"), date]), answer(&[])), (None, None));
    }
}
