//! Who asks, found once for every request.

use app::Loudou;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::State;
use crate::problem::{Code, Problem};

/// The data as whoever sent the request sees it, at the time of the request.
#[derive(Debug)]
pub struct Asker(pub Loudou);

impl FromRequestParts<State> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, _: &State) -> Result<Self, Problem> {
        Err(Problem::new(Code::SignedOut, "nobody is signed in"))
    }
}
