//! Exchange rates into the home currency: what is known, and more of them.

use app::rates::CurrencyRates;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::asker::Asker;
use crate::problem::Problem;
use crate::query::Body;

/// What rates there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RatesBody {
    /// The home currency: every rate is what one unit of the other is in it.
    into: String,
    rows: Vec<CurrencyRatesBody>,
}

/// What is known of a currency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CurrencyRatesBody {
    currency: String,
    /// How many rates there are.
    rates: usize,
    /// The first day that has one: amounts of earlier days do not convert.
    #[schema(format = Date)]
    first_on: String,
    /// The day of the last one, which holds from there on.
    #[schema(format = Date)]
    last_on: String,
    /// What one unit of it is in the home currency since then.
    rate: f64,
}

impl From<CurrencyRates> for CurrencyRatesBody {
    fn from(known: CurrencyRates) -> Self {
        let CurrencyRates { currency, rates, first, last, rate } = known;
        Self { currency: currency.to_string(), rates, first_on: first.to_string(), last_on: last.to_string(), rate }
    }
}

/// Rates to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRatesBody {
    /// CSV whose first line is `date,currency,rate`: one unit of the currency is so many of the home currency from that
    /// day on. A rate of a day that is there already is replaced.
    #[schema(example = "date,currency,rate\n2026-11-02,EUR,7.81\n")]
    csv: String,
}

/// How many rates were read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddedBody {
    rates: usize,
}

/// The currencies that have rates into the home currency.
#[utoipa::path(get, path = "/api/v1/rates", tag = "analyses", responses(
    (status = 200, description = "What is known of each", body = RatesBody),
    (status = 403, description = "The roles do not suffice", body = Problem),
))]
pub(crate) async fn rates(Asker(loudou): Asker) -> Result<Json<RatesBody>, Problem> {
    let (into, known) = loudou.known_rates().await?;
    let rows = known.into_iter().map(CurrencyRatesBody::from).collect();
    Ok(Json(RatesBody { into: into.to_string(), rows }))
}

/// Adds rates; the next question counts with them.
#[utoipa::path(post, path = "/api/v1/rates", tag = "analyses", request_body = NewRatesBody, responses(
    (status = 200, description = "How many were read", body = AddedBody),
    (status = 403, description = "The roles do not suffice", body = Problem),
    (status = 422, description = "A line is wrong: nothing was changed", body = Problem),
))]
pub(crate) async fn add(Asker(loudou): Asker, Body(body): Body<NewRatesBody>) -> Result<Json<AddedBody>, Problem> {
    Ok(Json(AddedBody { rates: loudou.add_rates(&body.csv, "CSV").await? }))
}

#[cfg(test)]
mod tests {
    use domain::people::Role;
    use serde_json::json;

    use crate::testing::House;

    #[tokio::test(flavor = "multi_thread")]
    async fn amounts_convert_once_there_are_rates_and_only_some_roles_set_them() {
        let house = House::new().await;
        let process = app::process::read("b2b-seven").expect("it is ready-made");
        house.loudou().await.add_process(&process).await.expect("it is added");
        let (boss, ops) =
            (house.browser("boss", &[Role::Manager]).await, house.browser("ops", &[Role::Operations]).await);
        for (name, currency) in [("Pump", "CNY"), ("Valve", "EUR")] {
            let deal = json!({"name": name, "amount_minor": 1_000_000, "currency": currency});
            assert_eq!(house.by(&boss, "POST", "/api/v1/opportunities").json(&deal).send().await.status.as_u16(), 201);
        }
        let refused = house.get(&boss, "/api/v1/funnel").await;
        assert_eq!((refused.status.as_u16(), refused.code()), (422, "bad-question"), "{}", refused.body);
        let csv = json!({"csv": "date,currency,rate\n2000-01-01,EUR,7.5\n2000-02-01,EUR,8\n"});
        let add = async |who, body| house.by(who, "POST", "/api/v1/rates").json(body).send().await;
        assert_eq!(add(&boss, &csv).await.code(), "not-allowed");
        let wrong = json!({"csv": "date,currency,rate\n2000-01-01,EUR,8\n2000-02-30,EUR,8\n"});
        let wrong = add(&ops, &wrong).await;
        assert_eq!((wrong.status.as_u16(), wrong.code()), (422, "bad-question"), "{}", wrong.body);
        assert!(wrong.body["detail_zh"].as_str().is_some_and(|zh| zh.contains("第 3 行")), "{}", wrong.body);
        assert_eq!(house.get(&boss, "/api/v1/rates").await.body["rows"], json!([]));
        assert_eq!(add(&ops, &csv).await.body, json!({"rates": 2}));
        let known = house.get(&boss, "/api/v1/rates").await.body;
        let row =
            json!({"currency": "EUR", "rates": 2, "first_on": "2000-01-01", "last_on": "2000-02-01", "rate": 8.0});
        assert_eq!(known, json!({"into": "CNY", "rows": [row]}));
        let stock = house.get(&boss, "/api/v1/funnel").await;
        assert_eq!(stock.body["totals"]["amount_minor"], json!(9_000_000), "{}", stock.body);
    }
}
