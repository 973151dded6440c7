//! The sales processes that deals may come into.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::asker::Asker;
use crate::body::Both;
use crate::problem::Problem;

/// A process.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportableProcessBody {
    key: String,
    name: Both,
    /// Whether it is stored here: deals may live under it. Others come with the program.
    stored: bool,
    /// Its stages, in their order.
    stages: Vec<ImportableStageBody>,
}

/// A stage of a process.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportableStageBody {
    key: String,
    name: Both,
    /// `open`, `won`, `lost`, `cancelled`, `parked` or `post`.
    kind: &'static str,
}

/// The sales processes that an import may put deals into: the newest versions of those that are stored, then the
/// ready-made ones.
#[utoipa::path(get, path = "/api/v1/processes", tag = "imports", responses(
    (status = 200, description = "The processes", body = [ImportableProcessBody]),
    (status = 403, description = "The roles do not suffice", body = Problem),
))]
pub(crate) async fn processes(Asker(loudou): Asker) -> Result<Json<Vec<ImportableProcessBody>>, Problem> {
    let both = |text: domain::words::Text2| Both::new(text.zh, text.en);
    let body = |process: domain::process::Process| ImportableProcessBody {
        stored: process.id.is_some(),
        key: process.key,
        name: both(process.name),
        stages: process
            .stages
            .into_iter()
            .map(|stage| ImportableStageBody { key: stage.key, name: both(stage.name), kind: stage.kind.as_str() })
            .collect(),
    };
    Ok(Json(loudou.importable_processes().await?.into_iter().map(body).collect()))
}

#[cfg(test)]
mod tests {
    use domain::people::Role;
    use serde_json::json;

    use crate::testing::House;

    #[tokio::test(flavor = "multi_thread")]
    async fn ready_made_processes_are_told_with_their_stages_before_any_deal_lives_under_them() {
        let house = House::new().await;
        let (ops, rep) = (house.browser("ops", &[Role::Operations]).await, house.browser("rep", &[Role::Rep]).await);
        assert_eq!(house.get(&rep, "/api/v1/processes").await.code(), "not-allowed");
        let process = app::process::read("basic-five").expect("it is ready-made");
        house.loudou().await.add_process(&process).await.expect("it is added");
        let all = house.get(&ops, "/api/v1/processes").await.body;
        let rows = all.as_array().expect("a list");
        assert_eq!((&rows[0]["key"], &rows[0]["stored"]), (&json!("basic-five"), &json!(true)));
        let other = rows.iter().find(|row| row["key"] == "b2b-seven").expect("it comes with the program");
        assert_eq!((&other["stored"], &other["stages"][0]["key"]), (&json!(false), &json!("lead")));
        assert_eq!(other["stages"][0]["name"]["en"], "Lead");
        assert_eq!(rows.iter().filter(|row| row["key"] == "basic-five").count(), 1);
    }
}
