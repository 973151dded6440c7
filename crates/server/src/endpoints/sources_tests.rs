//! Sources over HTTP, with a folder of files as the other side.

use app::access::Random;
use app::sources::{Authorities, Folders, Setup, Sources};
use domain::people::Role;
use serde_json::{Value, json};

use crate::testing::{Browser, House, Reply};

const SECRET: &str = "tok-pa55w0rd";
const DEALS: &str = "商机名称,客户,金额(万元),阶段,预计成交日期,负责人\n\
    一期产线,华东机电,120,初步接洽,2026/12/31,张伟\n\
    二期产线,华南精工,80.5,确定需求,2027/1/15,李娜\n";

async fn house(folder: &std::path::Path) -> House {
    let mut house = House::new().await;
    let loudou = house.loudou().await;
    let setup = Setup {
        folders: Folders::Inside(folder.to_owned()),
        authorities: Authorities::default(),
        key: None,
        key_before: None,
        random: Random::seeded([3; 32]),
    };
    let sources = Sources::of(&loudou, setup).expect("the door");
    house.restart_with_sources(sources).await;
    house
}

async fn post(house: &House, who: &Browser, path: &str, body: &Value) -> Reply {
    house.by(who, "POST", path).json(body).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_looked_at_pulled_imported_and_runs_from_then_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(dir.path()).await;
    let (ops, rep) = (house.browser("ops", &[Role::Operations]).await, house.browser("rep", &[Role::Rep]).await);
    std::fs::write(dir.path().join("2026-10.csv"), DEALS).expect("a file");
    let new = json!({"name": "收件箱", "definition": {"files": {"path": ".", "names": "*.csv"}}, "schedule": "hourly"});
    assert_eq!(post(&house, &rep, "/api/v1/sources", &new).await.code(), "not-allowed");
    let made = house.by(&ops, "POST", "/api/v1/sources").header("idempotency-key", "k1").json(&new).send().await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    let again = house.by(&ops, "POST", "/api/v1/sources").header("idempotency-key", "k1").json(&new).send().await;
    assert_eq!(again.body, made.body);
    assert_eq!(post(&house, &ops, "/api/v1/sources", &new).await.code(), "conflict");
    let path = format!("/api/v1/sources/{}", made.body["id"]);
    assert_eq!(made.body["next_at"], Value::Null, "nothing runs before somebody has imported once");

    let rows = house.by(&ops, "POST", &format!("{path}/test")).send().await;
    assert_eq!(rows.status.as_u16(), 200, "{}", rows.body);
    assert_eq!(
        (rows.body["file"].as_str(), rows.body["rows"]["rows"].as_array().map(Vec::len)),
        (Some("2026-10.csv"), Some(2))
    );
    assert_eq!(rows.body["rows"]["rows"][0]["客户"], json!("华东机电"));

    let job = house.ended(&ops, &house.by(&ops, "POST", &format!("{path}/pull")).send().await).await;
    assert_eq!((job["kind"].as_str(), job["state"].as_str()), (Some("pull"), Some("done")), "{job}");
    let upload = job["result"]["upload"].as_i64().expect("an upload");
    let seen = house.get(&ops, &format!("/api/v1/uploads/{upload}")).await;
    assert_eq!(seen.body["files"][0]["rows_seen"], json!(2), "the studio goes on from here");
    let suggested = post(&house, &ops, &format!("/api/v1/uploads/{upload}/suggest"), &json!({})).await;
    let start = json!({"upload": upload, "mapping": suggested.body["mapping"]});
    let job = house.ended(&ops, &post(&house, &ops, "/api/v1/imports", &start).await).await;
    let import = job["result"]["import_id"].as_i64().unwrap_or_else(|| panic!("{job}"));

    let change = json!({"like_import": import});
    let unsaid = house.by(&ops, "PATCH", &path).json(&change).send().await;
    assert_eq!(unsaid.status.as_u16(), 428);
    let kept = house.by(&ops, "PATCH", &path).header("if-match", "\"1\"").json(&change).send().await;
    assert_eq!((kept.status.as_u16(), kept.header("etag")), (200, "\"2\""), "{}", kept.body);
    assert!(kept.body["profile"].is_string() && kept.body["next_at"].is_string(), "{}", kept.body);
    let stale = house.by(&ops, "PATCH", &path).header("if-match", "\"1\"").json(&change).send().await;
    assert_eq!(stale.status.as_u16(), 412, "{}", stale.body);

    std::fs::write(dir.path().join("2026-11.csv"), DEALS.replace("120", "150")).expect("a file");
    let job = house.ended(&ops, &house.by(&ops, "POST", &format!("{path}/run")).send().await).await;
    assert_eq!((job["kind"].as_str(), job["result"]["state"].as_str()), (Some("run"), Some("done")), "{job}");
    let runs = house.get(&ops, &format!("{path}/runs")).await.body;
    let states: Vec<_> =
        runs.as_array().expect("runs").iter().map(|run| run["state"].as_str().unwrap_or_default()).collect();
    assert_eq!(states, ["done", "done", "pulled"]);
    let deals = house.get(&ops, "/api/v1/opportunities").await.body;
    assert_eq!(deals["rows"].as_array().map(Vec::len), Some(2), "{deals}");
    let last = &house.get(&ops, &path).await.body["last_run"];
    assert_eq!(last["imports"].as_array().map(Vec::len), Some(1), "{last}");
    assert_eq!(house.by(&ops, "POST", &format!("{path}/start-over")).send().await.status.as_u16(), 200);
    let root = house.browser("root", &[Role::Administrator]).await;
    let log = house.get(&root, "/api/v1/access-log").await.body;
    let lines = log["rows"].as_array().expect("lines").iter();
    let of_sources = lines.filter(|line| line["subject"] == "收件箱" || line["detail"]["kind"] == "run");
    let told: Vec<_> = of_sources.map(|line| (line["action"].as_str(), line["user"]["name"].as_str())).collect();
    let actions = ["source_started_over", "imported", "source_changed", "source_pulled", "source_added"];
    assert_eq!(told, actions.map(|action| (Some(action), Some("ops"))), "{log}");
    let none = house
        .by(&ops, "PATCH", &path)
        .header("if-match", "\"2\"")
        .json(&json!({"schedule": null, "like_import": null}))
        .send()
        .await;
    assert_eq!(
        (&none.body["schedule"], &none.body["profile"], &none.body["next_at"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(house.by(&ops, "DELETE", &path).header("if-match", "\"3\"").send().await.status.as_u16(), 204);
    assert_eq!(house.get(&ops, &path).await.status.as_u16(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_goes_in_and_never_comes_out() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(dir.path()).await;
    let ops = house.browser("ops", &[Role::Operations]).await;
    let root = house.browser("root", &[Role::Operations, Role::Administrator]).await;
    let definition = json!({"http": {"url": "http://127.0.0.1:9/deals", "plain": true}, "limits": {"seconds": 1}});
    let new = json!({"name": "API", "definition": definition});
    let refused = post(&house, &ops, "/api/v1/sources", &new).await;
    assert_eq!(refused.code(), "not-allowed", "an address takes an administrator: {}", refused.body);
    let made = post(&house, &root, "/api/v1/sources", &new).await;
    let path = format!("/api/v1/sources/{}", made.body["id"]);
    let secret = json!({"secret": SECRET});
    let put = async |who| house.by(who, "PUT", &format!("{path}/secret")).json(&secret).send().await;
    assert_eq!(put(&ops).await.code(), "not-allowed");
    assert_eq!(put(&root).await.status.as_u16(), 204);
    let mut said = String::new();
    for (method, path) in [
        ("GET", "/api/v1/sources".to_owned()),
        ("GET", path.clone()),
        ("POST", format!("{path}/test")),
        ("GET", format!("{path}/runs")),
        ("GET", "/api/v1/access-log".to_owned()),
        ("GET", "/api/v1/meta".to_owned()),
    ] {
        said += &house.by(&root, method, &path).send().await.body.to_string();
    }
    assert!(said.contains("\"has_secret\":true") && said.contains("source_secret_set"), "{said}");
    assert!(!said.contains(SECRET), "{said}");
    let moved = json!({"definition": {"http": {"url": "http://127.0.0.2:9/deals", "plain": true}}});
    let change = async |who| house.by(who, "PATCH", &path).header("if-match", "\"1\"").json(&moved).send().await;
    assert_eq!(change(&ops).await.code(), "not-allowed");
    assert_eq!(change(&root).await.body["has_secret"], json!(false), "it was for the former address");
    assert_eq!(house.by(&root, "DELETE", &format!("{path}/secret")).send().await.status.as_u16(), 204);
    let wrong = json!({"name": "X", "definition": {"http": {"url": "ftp://x"}}});
    let wrong = post(&house, &root, "/api/v1/sources", &wrong).await;
    assert_eq!(wrong.status.as_u16(), 422);
    assert!(wrong.body["detail_zh"].as_str().is_some_and(|zh| zh.contains("http.url")), "{}", wrong.body);
    let password = json!({"name": "X", "definition": {"sql": {"engine": "mysql", "database": "d", "query": "q", "password": "x"}}});
    assert_eq!(post(&house, &root, "/api/v1/sources", &password).await.code(), "malformed");
}
