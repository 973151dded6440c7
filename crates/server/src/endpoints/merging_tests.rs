//! Merging everything over HTTP: looked for, told, merged and taken back as jobs, by whoever may.

use domain::people::Role;
use serde_json::{Value, json};

use crate::testing::{Browser, House, Reply};

async fn post(house: &House, who: &Browser, path: &str, body: Value) -> Reply {
    house.by(who, "POST", path).json(&body).send().await
}

async fn names(house: &House, who: &Browser) -> Vec<Value> {
    let rows = house.get(who, "/api/v1/customers").await.body["rows"].clone();
    let mut names: Vec<Value> =
        rows.as_array().expect("rows").iter().map(|row| row["customer"]["name"].clone()).collect();
    names.sort_by_key(ToString::to_string);
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_looked_for_told_merged_and_taken_back() {
    let house = House::new().await;
    let process = app::process::read("b2b-seven").expect("it is ready-made");
    house.loudou().await.add_process(&process).await.expect("it is added");
    let ops = house.browser("ops", &[Role::Operations]).await;
    let boss = house.browser("boss", &Role::ALL).await;
    for name in ["Acme Trading Ltd", "ACME Trading", "Zenith Foods Ltd", "Zenith Foods", "Borealis"] {
        let made = post(&house, &ops, "/api/v1/customers", json!({"name": name})).await;
        assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    }
    let before = names(&house, &ops).await;
    let looked = post(&house, &ops, "/api/v1/duplicates/look", json!({"kind": "customers"})).await;
    assert_eq!(
        (looked.status.as_u16(), &looked.body["job"]),
        (200, &Value::Null),
        "few are found at once: {}",
        looked.body
    );
    assert_eq!(house.get(&ops, "/api/v1/duplicates").await.body["superfluous"], json!(2));

    let all = async |extra: Value| {
        let mut body = json!({"kind": "customers", "min_score": 0.8});
        body.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        let begun = post(&house, &ops, "/api/v1/merges/all", body).await;
        house.ended(&ops, &begun).await
    };
    let told = all(json!({"dry_run": true})).await;
    assert_eq!((&told["kind"], &told["state"]), (&json!("merge"), &json!("done")), "{told}");
    let told = &told["result"];
    assert_eq!((&told["clusters"], &told["merged"], &told["left"]), (&json!(2), &json!(2), &json!(3)));
    let stale = all(json!({"found": "7"})).await;
    assert_eq!((&stale["state"], &stale["problem"]["code"]), (&json!("failed"), &json!("conflict")), "{stale}");
    assert!(stale["problem"]["detail_zh"].is_string() && stale["result"].is_null(), "{stale}");
    assert_eq!(names(&house, &ops).await, before);
    let done = all(json!({"found": told["found"], "strategy": "newest"})).await["result"].clone();
    assert_eq!((names(&house, &ops).await.len(), &done["merged"]), (3, &json!(2)));

    let batches = house.get(&ops, "/api/v1/merges/batches").await.body;
    assert_eq!(
        (&batches[0]["id"], &batches[0]["merges"], &batches[0]["undone"]),
        (&done["batch"], &json!(2), &json!(0))
    );
    assert_eq!(house.get(&ops, "/api/v1/merges").await.body[1]["batch"], done["batch"]);
    let undo = format!("/api/v1/merges/batches/{}/undo", done["batch"]);
    let undone = house.ended(&ops, &house.by(&ops, "POST", &undo).send().await).await;
    assert_eq!((&undone["kind"], &undone["result"]["back"]), (&json!("unmerge"), &json!(2)), "{undone}");
    assert_eq!(names(&house, &ops).await, before);
    let again = house.ended(&ops, &house.by(&ops, "POST", &undo).send().await).await;
    assert_eq!((&again["state"], &again["problem"]["status"]), (&json!("failed"), &json!(409)), "{again}");
    let nowhere = house.ended(&ops, &house.by(&ops, "POST", "/api/v1/merges/batches/98765/undo").send().await).await;
    assert_eq!(nowhere["problem"]["status"], json!(404), "{nowhere}");

    let actions = async || {
        let log = house.get(&boss, "/api/v1/access-log").await.body;
        let rows = log["rows"].as_array().expect("rows").iter().map(|row| row["action"].clone());
        rows.filter(|action| action == "merged" || action == "merge_undone").collect::<Vec<_>>()
    };
    while actions().await.len() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(actions().await, ["merge_undone", "merged"], "a dry run and what failed are no news");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_merge_looks_for_nothing() {
    let house = House::new().await;
    house.team("East").await;
    let mia = house.member("mia", &[Role::Manager], "East").await;
    let boss = house.browser("boss", &[Role::Executive]).await;
    let ops = house.browser("ops", &[Role::Operations]).await;
    let begun = post(&house, &ops, "/api/v1/merges/all", json!({"kind": "deals", "dry_run": true})).await;
    assert_eq!(house.ended(&ops, &begun).await["state"], json!("done"));
    for who in [&mia, &boss] {
        for (path, body) in [
            ("/api/v1/duplicates/look", json!({"kind": "customers"})),
            ("/api/v1/merges/all", json!({"kind": "customers"})),
        ] {
            assert_eq!(post(&house, who, path, body).await.code(), "not-allowed", "{path}");
        }
        assert_eq!(house.get(who, "/api/v1/merges/batches").await.code(), "not-allowed");
        assert_eq!(house.by(who, "POST", "/api/v1/merges/batches/1/undo").send().await.code(), "not-allowed");
        let path = format!("/api/v1/jobs/{}", begun.body["job"]);
        assert_eq!(house.get(who, &path).await.status.as_u16(), 404);
    }
    for body in [json!({"kind": "customers", "min_score": 0.2}), json!({"kind": "customers", "min_score": 3})] {
        for path in ["/api/v1/duplicates/look", "/api/v1/merges/all"] {
            let reply = post(&house, &ops, path, body.clone()).await;
            assert_eq!(reply.status.as_u16(), 422, "{path} {body}: {}", reply.body);
        }
    }
}
