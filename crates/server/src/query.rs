//! Requests read strictly: what is not understood is told, with its place.

use app::Ask;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::Day;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::problem::{Code, Problem};

/// The query of a request. Parameters that the endpoint's documentation does not name never come this far
/// (see `layers::known_parameters`).
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        serde_html_form::from_str(query).map(Self).map_err(|error| {
            Problem::new(
                Code::Malformed,
                (format!("网址中的参数有误：{error}"), format!("the query of the address: {error}")),
            )
        })
    }
}

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let whole = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
        let bytes = whole.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::TooLarge, ("请求正文过大", rejection.body_text())),
            _ => Problem::new(Code::Malformed, ("请求正文传送中断", rejection.body_text())),
        })?;
        // A list of the values alone would be read as well, and a shifted one as something else.
        let is_object = bytes.trim_ascii_start().first() == Some(&b'{');
        match axum::Json::<T>::from_request(Request::from_parts(parts, bytes.into()), state).await {
            Ok(axum::Json(body)) if is_object => Ok(Self(body)),
            Ok(_) => Err(Problem::new(Code::Malformed, ("请求正文必须是 JSON 对象", "the body must be a JSON object"))),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::new(
                Code::UnsupportedType,
                ("请求正文必须是 application/json", "the body must be application/json"),
            )),
            Err(rejection) => {
                let text = rejection.body_text();
                Err(Problem::new(Code::Malformed, (format!("请求正文有误：{text}"), text)))
            }
        }
    }
}

/// A part of the path.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(part)) => Ok(Self(part)),
            // An id that cannot be one is the id of nothing.
            Err(_) => Err(Problem::not_found(("这个地址没有内容", "there is nothing at this address"))),
        }
    }
}

/// What every question may be asked with.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Common {
    /// Key of the sales process; needed where several are in view.
    pub(crate) process: Option<String>,
    /// The day the answer is as of; today where absent.
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) as_of: Option<String>,
    /// Only what was known at the end of this day.
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) known_at: Option<String>,
    /// First day of the period.
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) from: Option<String>,
    /// Last day of the period; the as-of day where absent.
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) to: Option<String>,
    /// Dimensions to group by, separated by commas.
    #[serde(default)]
    pub(crate) by: String,
    /// A condition on deals, as a boolean expression of SQL.
    #[serde(rename = "where")]
    pub(crate) filter: Option<String>,
    /// Only deals with these values, each as `dimension:value`; values of one dimension are alternatives, an empty
    /// value means that none is recorded.
    #[serde(default)]
    pub(crate) f: Vec<String>,
    /// The part of what one may see: empty for all of it, `me`, `team:NAME`, `person:NAME`, or `#ID` for the name.
    #[serde(default)]
    pub(crate) scope: String,
    /// The reporting currency.
    pub(crate) currency: Option<String>,
}

impl Common {
    /// The question's common part.
    ///
    /// # Errors
    /// A date that is none.
    pub(crate) fn ask(self) -> Result<Ask, Problem> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        Ok(Ask {
            as_of: day("as_of", self.as_of.as_deref())?,
            known_at: day("known_at", self.known_at.as_deref())?,
            from: day("from", self.from.as_deref())?,
            to: day("to", self.to.as_deref())?,
            process: given(self.process),
            by: list(&self.by),
            filter: given(self.filter),
            chips: self.f,
            scope: self.scope,
            currency: given(self.currency),
        })
    }
}

/// The words of a list separated by commas.
pub(crate) fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A date of the query.
pub(crate) fn day(name: &str, text: Option<&str>) -> Result<Option<Day>, Problem> {
    let Some(text) = text else { return Ok(None) };
    Day::parse(text).map(Some).ok_or_else(|| {
        let message = (format!("`{text}` 不是存在的日期"), format!("`{text}` is not a date that exists"));
        Problem::bad_input_at(name, message).hint(("请写成 2026-11-23", "write it as 2026-11-23"))
    })
}

/// A number from 1 to `most`.
pub(crate) fn bounded(name: &str, value: u32, most: u32) -> Result<u32, Problem> {
    if (1..=most).contains(&value) {
        return Ok(value);
    }
    let message = (format!("{value} 不在 1 到 {most} 之间"), format!("{value} is not from 1 to {most}"));
    Err(Problem::bad_input_at(name, message))
}

/// A number from 0 to `most`.
pub(crate) fn up_to(name: &str, value: u32, most: u32) -> Result<usize, Problem> {
    if value <= most {
        return Ok(value as usize);
    }
    let message = (format!("{value} 超过 {most}"), format!("{value} is more than {most}"));
    Err(Problem::bad_input_at(name, message))
}

/// A week, month, quarter or year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Every {
    Week,
    Month,
    Quarter,
    Year,
}

impl From<Every> for domain::calendar::Grain {
    fn from(every: Every) -> Self {
        match every {
            Every::Week => Self::Week,
            Every::Month => Self::Month,
            Every::Quarter => Self::Quarter,
            Every::Year => Self::Year,
        }
    }
}
