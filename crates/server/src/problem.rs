//! What goes wrong, as RFC 9457 problem documents, from one table of codes.

use app::records::{EditError, FieldIssue};
use app::{AppError, Fault, Words};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// The content type of problems.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

tokio::task_local! {
    /// The id of the request that a task answers: a problem tells it wherever it is made.
    pub(crate) static REQUEST_ID: String;
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident $word:literal $status:ident $zh:literal $en:literal;)*) => {
        /// A sort of problem: its stable code, its status and what it is called.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable code.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The status it is answered with.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// The code as a relative reference.
            const fn reference(self) -> &'static str {
                match self { $(Self::$variant => concat!("/problems/", $word),)* }
            }

            const fn title(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($zh, $en),)* }
            }
        }
    };
}

codes! {
    /// Nobody is signed in.
    SignedOut "signed-out" UNAUTHORIZED "请先登录" "Sign in first";
    /// Name and password do not belong together.
    WrongCredentials "wrong-credentials" UNAUTHORIZED "用户名或密码不对" "Name or password is wrong";
    /// Too many wrong attempts.
    TooManyAttempts "too-many-attempts" TOO_MANY_REQUESTS "尝试次数过多" "Too many attempts";
    /// The roles do not suffice.
    NotAllowed "not-allowed" FORBIDDEN "没有权限" "Not allowed";
    /// The request was made by another site's page.
    CrossSite "cross-site" FORBIDDEN "请求来自其他网站" "The request came from another site";
    /// There is none in sight.
    NotFound "not-found" NOT_FOUND "没有找到" "Not found";
    /// The path knows other methods.
    Method "method" METHOD_NOT_ALLOWED "不支持此方法" "Method not allowed";
    /// A question that cannot be answered as asked.
    BadQuestion "bad-question" UNPROCESSABLE_ENTITY "问题无法回答" "The question cannot be answered";
    /// Values that break a rule.
    BadInput "bad-input" UNPROCESSABLE_ENTITY "输入有误" "The input breaks a rule";
    /// The request is not of the form that the document describes.
    Malformed "malformed" BAD_REQUEST "请求格式不对" "The request is malformed";
    /// The body is larger than allowed.
    TooLarge "too-large" PAYLOAD_TOO_LARGE "内容过大" "The body is too large";
    /// The address is longer than allowed.
    UriTooLong "uri-too-long" URI_TOO_LONG "网址过长" "The address is too long";
    /// The body is of another type.
    UnsupportedType "unsupported-type" UNSUPPORTED_MEDIA_TYPE "不支持的内容类型" "Unsupported content type";
    /// The record was changed since it was read.
    ChangedMeanwhile "changed-meanwhile" PRECONDITION_FAILED "其间已被修改" "It was changed meanwhile";
    /// An edit must say which version it was made on.
    VersionNeeded "version-needed" PRECONDITION_REQUIRED "缺少版本" "The version is needed";
    /// What is there stands against it.
    Conflict "conflict" CONFLICT "与现有数据冲突" "Conflict with what is there";
    /// The stage's exit criteria do not hold.
    Gate "gate" CONFLICT "未达到准出标准" "The exit criteria do not hold";
    /// An idempotency key was used for another request.
    KeyReused "key-reused" CONFLICT "幂等键已用于其他请求" "The idempotency key was used for another request";
    /// Somebody else is writing.
    Busy "busy" SERVICE_UNAVAILABLE "系统正忙" "Busy";
    /// It took too long.
    Timeout "timeout" GATEWAY_TIMEOUT "超时" "It took too long";
    /// We failed.
    Internal "internal" INTERNAL_SERVER_ERROR "系统内部错误" "Internal error";
}

/// One thing that is wrong, with its place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemItem {
    /// JSON pointer into the body, or the parameter's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// What is wrong there.
    pub message: String,
    /// The same in Chinese, where the text is the server's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_zh: Option<String>,
}

impl ProblemItem {
    fn new(pointer: Option<String>, message: impl Into<Words>) -> Self {
        let Words { en, zh } = message.into();
        Self { pointer, message: en, message_zh: zh }
    }
}

/// A problem document (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// The sort of problem as a relative reference.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What the sort is called.
    pub title: &'static str,
    /// The same in Chinese.
    pub title_zh: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: &'static str,
    /// What happened here.
    pub detail: String,
    /// The same in Chinese, where the text is the server's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail_zh: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The same in Chinese, where the text is the server's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint_zh: Option<String>,
    /// Each thing that is wrong, where there are several or where the place is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemItem>,
    /// The request's id, by which the log tells more; absent where the problem is no answer but a part of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    #[serde(skip)]
    retry_after_seconds: Option<u64>,
}

impl Problem {
    /// A problem of this code.
    pub fn new(code: Code, detail: impl Into<Words>) -> Self {
        let (zh, en) = code.title();
        let detail = detail.into();
        Self {
            kind: code.reference(),
            title: en,
            title_zh: zh,
            status: code.status().as_u16(),
            code: code.as_str(),
            detail: detail.en,
            detail_zh: detail.zh,
            hint: None,
            hint_zh: None,
            errors: Vec::new(),
            request_id: None,
            retry_after_seconds: None,
        }
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Words>) -> Self {
        let Words { en, zh } = hint.into();
        (self.hint, self.hint_zh) = (Some(en), zh);
        self
    }

    /// Names a place and what is wrong there.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>, message: impl Into<Words>) -> Self {
        self.errors.push(ProblemItem::new(Some(pointer.into()), message));
        self
    }

    /// A value that breaks a rule, told with its place.
    pub fn bad_input_at(place: &str, message: impl Into<Words>) -> Self {
        let message = message.into();
        let name = place.trim_start_matches('/');
        let zh = message.zh.as_ref().map(|zh| format!("{name}：{zh}"));
        Self::new(Code::BadInput, Words { en: format!("{name}: {}", message.en), zh }).at(place, message)
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// A failed use case whose input was no question but values to be kept.
    pub fn of_input(error: AppError) -> Self {
        let is_input = error.fault == Fault::Input;
        let problem = Self::from(error);
        if is_input { problem.called(Code::BadInput) } else { problem }
    }

    /// The same, where the value's place in the body is known.
    pub fn of_input_at(pointer: &str, error: AppError) -> Self {
        let is_input = error.fault == Fault::Input;
        let problem = Self::of_input(error);
        let words = Words { en: problem.detail.clone(), zh: problem.detail_zh.clone() };
        if is_input { problem.at(pointer, words) } else { problem }
    }

    /// The same problem under another code.
    fn called(self, code: Code) -> Self {
        let Self { detail, detail_zh, hint, hint_zh, errors, .. } = self;
        Self { hint, hint_zh, errors, ..Self::new(code, Words { en: detail, zh: detail_zh }) }
    }

    /// Something that is not there, or not for the asker.
    pub fn not_found(detail: impl Into<Words>) -> Self {
        Self::new(Code::NotFound, detail)
    }

    /// We failed, and the log says how.
    pub fn internal() -> Self {
        let words =
            ("系统内部出错；日志中有本次请求的详情", "something failed here; the log has more under this request's id");
        Self::new(Code::Internal, words)
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let code = match error.fault {
            Fault::Input => Code::BadQuestion,
            Fault::NotFound => Code::NotFound,
            Fault::NotAllowed => Code::NotAllowed,
            Fault::Changed => Code::ChangedMeanwhile,
            Fault::Conflict => Code::Conflict,
            Fault::Gate => Code::Gate,
            Fault::TooLarge => Code::TooLarge,
            Fault::Busy => Code::Busy,
            Fault::System => {
                tracing::error!(%error, "a use case failed");
                return Self::internal();
            }
        };
        let chinese = error.messages_zh.into_iter().chain(std::iter::repeat(None));
        let messages: Vec<Words> = error.messages.into_iter().zip(chinese).map(|(en, zh)| Words { en, zh }).collect();
        let mut problem = Self::new(code, messages.first().cloned().unwrap_or_else(|| "".into()));
        if messages.len() > 1 {
            problem.errors = messages.into_iter().map(|message| ProblemItem::new(None, message)).collect();
        }
        (problem.hint, problem.hint_zh) = (error.hint, error.hint_zh);
        problem
    }
}

impl From<EditError> for Problem {
    fn from(error: EditError) -> Self {
        match error {
            EditError::App(error) => error.into(),
            EditError::Fields(issues) => {
                let first = issues.first().map_or_else(
                    || "".into(),
                    |FieldIssue { field, message, message_zh }| {
                        let name = field.rsplit('/').next().unwrap_or(field);
                        Words {
                            en: format!("{name} {message}"),
                            zh: message_zh.as_ref().map(|zh| format!("{name}：{zh}")),
                        }
                    },
                );
                let problem = Self::new(Code::BadInput, first);
                issues.into_iter().fold(problem, |problem, issue| {
                    problem.at(format!("/{}", issue.field), Words { en: issue.message, zh: issue.message_zh })
                })
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let request_id = REQUEST_ID.try_with(Clone::clone).ok();
        let retry = self.retry_after_seconds.or((status == StatusCode::SERVICE_UNAVAILABLE).then_some(1));
        let mut response = (status, axum::Json(Self { request_id, ..self })).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_one_word_of_an_error_status_with_a_title_in_both_languages() {
        let words: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), Code::ALL.len(), "two problems share a code");
        for code in Code::ALL {
            let (zh, en) = code.title();
            assert!(code.status().is_client_error() || code.status().is_server_error(), "{code:?}");
            assert!(!zh.is_ascii() && en.is_ascii(), "{code:?}: {zh} / {en}");
        }
    }

    #[test]
    fn what_failed_inside_stays_inside() {
        let problem = Problem::from(AppError::system("disk /secret/place is full").hint("look at /secret/place"));
        let text = serde_json::to_string(&problem).unwrap();
        assert!(!text.contains("secret"), "{text}");
        assert_eq!(problem.status, 500);
    }

    #[test]
    fn several_messages_are_told_one_by_one() {
        let error = AppError::of(Fault::Gate, "the deal may not leave Lead").and(("缺少金额", "the amount is missing"));
        let problem = Problem::from(error);
        assert_eq!((problem.status, problem.errors.len()), (409, 2));
        let chinese: Vec<_> = problem.errors.iter().map(|item| item.message_zh.as_deref()).collect();
        assert_eq!(chinese, [None, Some("缺少金额")], "each beside its own English");
    }
}
