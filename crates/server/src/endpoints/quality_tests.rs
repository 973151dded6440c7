//! Quality over HTTP: who sees and sets what, and a record that leaves the list once it is mended in its place.

use domain::people::Role;
use serde_json::{Value, json};

use crate::testing::House;

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_mended_in_its_place_and_leaves_the_list() {
    let house = House::new().await;
    let process = app::process::read("b2b-seven").expect("it is ready-made");
    house.loudou().await.add_process(&process).await.expect("it is added");
    let (ann, bob) = (house.browser("ann", &[Role::Rep]).await, house.browser("bob", &[Role::Rep]).await);
    let deal = json!({"name": "Pump", "amount_minor": 1_000_000, "expected_close_on": "2026-11-22"});
    let made = house.by(&ann, "POST", "/api/v1/opportunities").json(&deal).send().await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    let list = "/api/v1/quality/fixes?rule=close_past";
    let found = house.get(&ann, list).await.body;
    assert_eq!((&found["records"], &found["rows"][0]["name"]), (&json!(1), &json!("Pump")), "{found}");
    let fields: Vec<&Value> =
        found["rows"][0]["rules"].as_array().expect("rules").iter().map(|rule| &rule["field"]).collect();
    let close = json!("expected_close_on");
    assert_eq!(fields, [&json!("account"), &close, &close], "no customer, a close that is past and before it began");
    assert_eq!(house.get(&bob, list).await.body["records"], json!(0), "another seller's");
    let id = made.body["id"].as_i64().expect("an id");
    let one = format!("/api/v1/quality/records/{id}");
    assert_eq!(house.get(&bob, &one).await.status.as_u16(), 404);
    let score = async || house.get(&ann, &one).await.body["score"].as_f64().expect("a score");
    let before = score().await;

    let version = format!("\"{}\"", made.body["version"]);
    let patch = house.by(&ann, "PATCH", &format!("/api/v1/opportunities/{id}")).header("if-match", &version);
    let mended = patch.json(&json!({"expected_close_on": "2027-01-31"})).send().await;
    assert_eq!(mended.status.as_u16(), 200, "{}", mended.body);
    assert_eq!(house.get(&ann, list).await.body["records"], json!(0));
    assert!(score().await > before);

    let refused = house.get(&ann, "/api/v1/quality/fixes?rule=close_pas").await;
    assert_eq!((refused.status.as_u16(), refused.code()), (422, "bad-question"), "{}", refused.body);
    assert!(refused.body["hint"].as_str().is_some_and(|hint| hint.contains("close_past")), "{}", refused.body);
    let trend = house.get(&ann, "/api/v1/quality/trend?points=3").await.body;
    assert_eq!(trend["rows"].as_array().map(Vec::len), Some(3), "{trend}");
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_set_rules_and_others_read_them() {
    let house = House::new().await;
    let (ann, ops) = (house.browser("ann", &[Role::Rep]).await, house.browser("ops", &[Role::Operations]).await);
    let put = async |who, body: Value| house.by(who, "PUT", "/api/v1/quality/rules").json(&body).send().await;
    let change = json!({"rules": {"silent": {"threshold": 30}, "twin": {"off": true}}});
    assert_eq!(put(&ann, change.clone()).await.code(), "not-allowed");
    assert_eq!(put(&ops, json!({"rules": {"no_such": {}}})).await.status.as_u16(), 422);
    assert_eq!(put(&ops, json!({"rules": {"twin": {"weight": 101}}})).await.status.as_u16(), 422);
    assert_eq!(put(&ops, change).await.status.as_u16(), 200);
    let rules = house.get(&ann, "/api/v1/quality/rules").await.body;
    let rule = |key: &str| {
        let rows = rules["rows"].as_array().expect("rows");
        rows.iter().find(|rule| rule["key"] == key).expect("a rule").clone()
    };
    assert_eq!((&rule("silent")["threshold"], &rule("silent")["built_in_threshold"]), (&json!(30), &json!(0)));
    assert_eq!((&rule("twin")["on"], &rule("close_past")["on"]), (&json!(false), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_few_customers_infer_nothing_and_say_so() {
    let house = House::new().await;
    let ann = house.browser("ann", &[Role::Rep]).await;
    let made = house.by(&ann, "POST", "/api/v1/customers").json(&json!({"name": "Acme"})).send().await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    let told = house.get(&ann, "/api/v1/quality/inferred").await.body;
    assert_eq!((&told["state"]["unknown"], &told["rows"]), (&json!(1), &json!([])), "{told}");
    assert!(told["state"]["too_little"]["zh"].as_str().is_some_and(|zh| zh.contains("数据太少")), "{told}");
    let looked = house.by(&ann, "POST", "/api/v1/quality/inferred/look").send().await;
    assert_eq!((looked.status.as_u16(), &looked.body["job"]), (200, &Value::Null), "{}", looked.body);
    let wrong = house.by(&ann, "POST", "/api/v1/quality/inferred/look?accuracy=0.2").send().await;
    assert_eq!(wrong.status.as_u16(), 422, "{}", wrong.body);
    let applied = house.by(&ann, "POST", "/api/v1/quality/inferred").send().await;
    let job = house.ended(&ann, &applied).await;
    assert_eq!((&job["kind"], &job["state"]), (&json!("infer"), &json!("failed")), "{job}");
    assert!(job["problem"]["detail"].as_str().is_some_and(|detail| detail.contains("too little data")), "{job}");
}
