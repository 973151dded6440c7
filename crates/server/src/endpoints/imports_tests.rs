//! Files to deals over HTTP: the whole way, and who may not go it.

use domain::people::Role;
use serde_json::{Value, json};

use crate::testing::{Browser, House, Reply};

const DEALS: &str = "商机名称,客户,金额(万元),阶段,预计成交日期,负责人,区域\n\
    一期产线,华东机电,120,初步接洽,2026/12/31,张伟,华东\n\
    二期产线,华南精工,80.5,确定需求,2027/1/15,李娜,华南\n\
    质检系统,华东机电,60,赢单,2026/10/8,张伟,华东\n";

fn is(reply: &Reply, status: u16, code: &str, what: &str) {
    assert_eq!((reply.status.as_u16(), reply.code()), (status, code), "{what}: {}", reply.body);
    assert_eq!(reply.header("content-type"), "application/problem+json", "{what}");
}

async fn send(house: &House, who: &Browser, path: &str, file: &str) -> Reply {
    house.by(who, "POST", path).text("application/octet-stream", file).send().await
}

/// The id of a new upload of the deals.
async fn uploaded(house: &House, who: &Browser) -> i64 {
    let reply = send(house, who, "/api/v1/uploads?name=deals.csv", DEALS).await;
    assert_eq!(reply.status.as_u16(), 201, "{}", reply.body);
    reply.body["id"].as_i64().expect("an id")
}

async fn mapping(house: &House, who: &Browser, upload: i64) -> Value {
    let path = format!("/api/v1/uploads/{upload}/suggest");
    let reply = house.by(who, "POST", &path).json(&json!({})).send().await;
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.body);
    reply.body
}

/// The states that a job goes through to its end, as events tell them.
async fn events(house: &House, who: &Browser, job: &Value) -> Vec<Value> {
    let reply = house.get(who, &format!("/api/v1/jobs/{job}/events")).await;
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "text/event-stream"));
    let text = reply.body.as_str().expect("events are no JSON");
    let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    data.map(|data| serde_json::from_str(data.trim()).expect("each is a job")).collect()
}

async fn ended(house: &House, who: &Browser, reply: &Reply) -> Value {
    assert_eq!(reply.status.as_u16(), 202, "{}", reply.body);
    events(house, who, &reply.body["job"]).await.pop().expect("at least the end")
}

#[tokio::test]
async fn from_files_to_deals_and_back() {
    let house = House::new().await;
    let ops = house.browser("ops", &[Role::Operations]).await;
    let profiles = house.get(&ops, "/api/v1/profiles").await;
    assert_eq!(profiles.body[0]["name"], "regional-sales");
    let upload = uploaded(&house, &ops).await;
    let seen = house.get(&ops, &format!("/api/v1/uploads/{upload}")).await;
    let file = &seen.body["files"][0];
    assert_eq!((&file["rows_seen"], &file["columns"][1]["sample"]), (&json!(3), &json!(["华东机电", "华南精工"])));

    let suggested = mapping(&house, &ops, upload).await;
    let of_amount = suggested["suggestions"].as_array().expect("a list").iter();
    let of_amount = of_amount.clone().find(|found| found["field"] == "amount_minor").expect("it is found");
    assert_eq!(of_amount["column"], "金额(万元)");
    assert_eq!(suggested["mapping"]["process"], "basic-five");
    let kinds = suggested["kinds"].as_array().expect("a list");
    let of_deals = kinds.iter().find(|kind| kind["kind"] == "opportunity").expect("deals are one");
    assert_eq!(
        of_deals["fields"][0],
        json!({"name": "id", "label": {"zh": "编号", "en": "Id"}, "type": "key", "required": true})
    );

    let body = json!({"mapping": suggested["mapping"]});
    let preview = house.by(&ops, "POST", &format!("/api/v1/uploads/{upload}/preview")).json(&body).send().await;
    assert_eq!(preview.status.as_u16(), 200, "{}", preview.body);
    assert_eq!((&preview.body["counts"]["opportunities"], &preview.body["issues_total"]), (&json!(3), &json!(0)));
    assert_eq!(preview.body["samples"]["opportunities"][0]["key"], "一期产线");
    assert!(preview.body["profile"].as_str().expect("a profile").contains("商机名称"));
    let issues = house.get(&ops, &format!("/api/v1/jobs/{}/issues", preview.body["job"])).await;
    assert_eq!(issues.body["samples"], preview.body["samples"], "a dry run that took its time has them too");

    let body = json!({"upload": upload, "mapping": suggested["mapping"], "skip_rejected": false});
    let start = || house.by(&ops, "POST", "/api/v1/imports").header("idempotency-key", "one").json(&body);
    let started = start().send().await;
    let job = ended(&house, &ops, &started).await;
    assert_eq!((&job["state"], &job["result"]["opportunities"]), (&json!("done"), &json!(3)), "{job}");
    let again = start().send().await;
    assert_eq!((again.status, &again.body), (started.status, &started.body), "the same key begins nothing more");
    let first = house.get(&ops, &format!("/api/v1/jobs/{}", started.body["job"])).await;
    assert_eq!(first.body, job, "the last event is the job");

    let imports = house.get(&ops, "/api/v1/imports").await;
    let id = imports.body[0]["id"].as_i64().expect("an import");
    assert_eq!((&imports.body[0]["state"], &imports.body[0]["actor"]), (&json!("done"), &json!("ops")));
    let page = house.get(&ops, &format!("/api/v1/imports/{id}")).await;
    assert_eq!((&page.body["report"]["rows_read"], &page.body["has_profile"]), (&json!(3), &json!(true)));
    let profile = house.get(&ops, &format!("/api/v1/imports/{id}/profile")).await;
    assert_eq!(profile.header("content-type"), "application/toml");
    let rejects = house.get(&ops, &format!("/api/v1/imports/{id}/rejects")).await;
    assert_eq!(rejects.body, "\u{feff}file,row,column,value,rule,message,hint,原因,建议\n");

    let undo = || house.by(&ops, "POST", &format!("/api/v1/imports/{id}/undo")).header("idempotency-key", "two");
    let undone = undo().send().await;
    let job = ended(&house, &ops, &undone).await;
    assert_eq!((&job["kind"], &job["state"]), (&json!("undo"), &json!("done")), "{job}");
    assert_eq!(undo().send().await.body, undone.body, "the same key begins nothing more");
    let imports = house.get(&ops, "/api/v1/imports").await;
    assert_eq!(imports.body[0]["state"], "undone");
}

#[tokio::test]
async fn wrong_rows_are_told_with_their_place() {
    let house = House::new().await;
    let ops = house.browser("ops", &[Role::Operations]).await;
    let upload = uploaded(&house, &ops).await;
    let mapping = mapping(&house, &ops, upload).await["mapping"].clone();
    let wrong = format!("{DEALS}坏行,=cmd(),不知道,初步接洽,2026/12/31,张伟,华东\n");
    send(&house, &ops, &format!("/api/v1/uploads?name=deals.csv&upload={upload}"), &wrong).await;
    let body = json!({"upload": upload, "mapping": mapping});
    let started = house.by(&ops, "POST", "/api/v1/imports").json(&body).send().await;
    let job = ended(&house, &ops, &started).await;
    assert_eq!((&job["state"], &job["problem"]["code"]), (&json!("failed"), &json!("bad-input")), "{job}");
    assert_eq!((&job["issues_total"], &job["result"]["rows_rejected"]), (&json!(1), &json!(1)));
    let path = format!("/api/v1/jobs/{}", started.body["job"]);
    let issues = house.get(&ops, &format!("{path}/issues?limit=10")).await;
    let issue = &issues.body["issues"][0];
    assert_eq!(
        (&issue["row"], &issue["column"], &issue["message"]["zh"]),
        (&json!(5), &json!("金额(万元)"), &json!("不是数字"))
    );
    assert_eq!(house.get(&ops, &format!("{path}/issues?offset=1")).await.body["issues"], json!([]));
    let rejects = house.get(&ops, &format!("{path}/rejects")).await;
    assert!(rejects.body.as_str().expect("text").contains("not-a-number"), "{}", rejects.body);
    assert_eq!(house.get(&ops, "/api/v1/imports").await.body, json!([]));
}

#[tokio::test]
async fn whoever_may_import_no_more_reads_none_of_the_rows() {
    let house = House::new().await;
    let root = house.browser("root", &[Role::Administrator]).await;
    let ops = house.browser("ops", &[Role::Operations]).await;
    let upload = uploaded(&house, &ops).await;
    let body = json!({"upload": upload, "mapping": mapping(&house, &ops, upload).await["mapping"]});
    let started = house.by(&ops, "POST", "/api/v1/imports").json(&body).send().await;
    ended(&house, &ops, &started).await;
    let id = house.get(&ops, "/api/v1/session").await.body["user"]["id"].clone();
    let withdrawn = house.by(&root, "PATCH", &format!("/api/v1/users/{id}")).header("if-match", "\"1\"");
    let withdrawn = withdrawn.json(&json!({"roles": ["rep"]})).send().await;
    assert_eq!(withdrawn.status.as_u16(), 200, "{}", withdrawn.body);
    let job = format!("/api/v1/jobs/{}", started.body["job"]);
    for path in ["", "/issues", "/rejects", "/events"] {
        is(&house.get(&ops, &format!("{job}{path}")).await, 404, "not-found", path);
    }
    assert_eq!(
        house.get(&ops, "/api/v1/jobs").await.body,
        json!([]),
        "jobs of other rights are there for whoever has them"
    );
    is(&house.by(&ops, "POST", &format!("{job}/cancel")).send().await, 404, "not-found", "cancelling");
}

#[tokio::test]
async fn jobs_are_listed_for_whoever_began_them() {
    let house = House::new().await;
    let ann = house.browser("ann", &[Role::Operations]).await;
    let bob = house.browser("bob", &[Role::Operations]).await;
    let upload = uploaded(&house, &ann).await;
    let body = json!({"mapping": mapping(&house, &ann, upload).await["mapping"]});
    let preview =
        async || house.by(&ann, "POST", &format!("/api/v1/uploads/{upload}/preview")).json(&body).send().await;
    let (first, second) = (preview().await, preview().await);
    let listed = house.get(&ann, "/api/v1/jobs").await.body;
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "only the last preview of an upload: {listed}");
    assert_eq!((&listed[0]["id"], &listed[0]["kind"]), (&second.body["job"], &json!("preview")));
    is(&house.get(&ann, &format!("/api/v1/jobs/{}", first.body["job"])).await, 404, "not-found", "the first");
    assert_eq!(house.get(&bob, "/api/v1/jobs").await.body, json!([]));
}

#[tokio::test]
async fn a_problem_with_files_tells_the_upload_and_not_where_it_lies() {
    let house = House::new().await;
    let ops = house.browser("ops", &[Role::Operations]).await;
    let upload = uploaded(&house, &ops).await;
    send(&house, &ops, &format!("/api/v1/uploads?name=b.csv&upload={upload}"), "a,b\n1,2\n").await;
    let preview = house.by(&ops, "POST", &format!("/api/v1/uploads/{upload}/preview"));
    let refused = preview.json(&json!({"profile": "maven-crm"})).send().await;
    is(&refused, 422, "bad-input", "files of another profile");
    let text = refused.body.to_string();
    assert!(text.contains(&format!("upload {upload}")), "{text}");
    assert!(!text.contains(&house.place.dir.display().to_string()), "{text}");
}

#[tokio::test]
async fn what_is_another_users_does_not_exist() {
    let house = House::new().await;
    let ann = house.browser("ann", &[Role::Operations]).await;
    let bob = house.browser("bob", &[Role::Operations]).await;
    let upload = uploaded(&house, &ann).await;
    let start = json!({"upload": upload, "mapping": mapping(&house, &ann, upload).await["mapping"]}).to_string();
    for (method, path, body) in [
        ("POST", format!("/api/v1/uploads?name=b.csv&upload={upload}"), "a,b".to_owned()),
        ("POST", "/api/v1/imports".to_owned(), start),
        ("GET", "/api/v1/imports/1".to_owned(), String::new()),
        ("POST", "/api/v1/imports/1/undo".to_owned(), String::new()),
    ] {
        let reply = house.by(&bob, method, &path).text("application/json", &body).send().await;
        is(&reply, 404, "not-found", &format!("{method} {path}"));
    }
}

#[tokio::test]
async fn malformed_and_oversized_requests_are_told_apart() {
    let house = House::new().await;
    let ops = house.browser("ops", &[Role::Operations]).await;
    let upload = uploaded(&house, &ops).await;
    for (path, body, status, code) in [
        ("/api/v1/uploads".to_owned(), "a,b", 400, "malformed"),
        ("/api/v1/uploads?name=a.csv&upload=x".to_owned(), "a,b", 400, "malformed"),
        ("/api/v1/uploads?name=a.csv&colour=1".to_owned(), "a,b", 400, "malformed"),
        ("/api/v1/uploads?name=..".to_owned(), "a,b", 422, "bad-input"),
        ("/api/v1/uploads?name=a.zip".to_owned(), "no archive", 422, "bad-input"),
        (format!("/api/v1/uploads/{upload}/preview"), "{}", 422, "bad-input"),
        (format!("/api/v1/uploads/{upload}/preview"), r#"{"profile": "/etc/passwd"}"#, 422, "bad-input"),
        (format!("/api/v1/uploads/{upload}/preview"), r#"{"profile": "maven-crm"}"#, 422, "bad-input"),
        (format!("/api/v1/uploads/{upload}/suggest"), r#"{"sheet": "x", "file": "none.csv"}"#, 422, "bad-input"),
    ] {
        let reply = house.by(&ops, "POST", &path).text("application/json", body).send().await;
        is(&reply, status, code, &format!("{path} {body}"));
    }
    let huge = house.by(&ops, "POST", "/api/v1/uploads?name=a.csv").header("content-length", "3000000000");
    is(&huge.send().await, 413, "too-large", "a file of three gigabytes");
    let larger = format!("编号,名称\n{}", "1,x\n".repeat(100_000));
    let reply = send(&house, &ops, "/api/v1/uploads?name=b.csv", &larger).await;
    assert_eq!(reply.status.as_u16(), 201, "a file may be larger than a body: {}", reply.body);
    is(&house.get(&ops, "/api/v1/jobs/zero").await, 404, "not-found", "an id that is none");
    is(&house.get(&ops, "/api/v1/jobs/1/issues?limit=x").await, 400, "malformed", "a limit that is none");
}

#[tokio::test]
async fn the_demonstration_company_is_made_once() {
    let house = House::new().await;
    let ops = house.browser("ops", &[Role::Operations]).await;
    let demo = || house.by(&ops, "POST", "/api/v1/demo").json(&json!({}));
    let job = ended(&house, &ops, &demo().send().await).await;
    assert_eq!(job["state"], "done", "{job}");
    is(&demo().send().await, 409, "conflict", "a second company");
}

#[tokio::test]
async fn a_table_is_cleaned_step_by_step_and_the_next_one_goes_in_the_same_way() {
    let house = House::new().await;
    let ops = house.browser("ops", &[Role::Operations]).await;
    let seller = house.browser("rep", &[Role::Rep]).await;
    let upload = uploaded(&house, &ops).await;
    let path = format!("/api/v1/uploads/{upload}/steps");
    let steps = json!([
        {"do": "filter", "where": "\"区域\" <> '华南'"},
        {"name": "amounts", "do": "type", "columns": {"金额(万元)": "number"}},
        {"do": "drop", "columns": ["没有这一列"]},
    ]);
    let body = json!({"table": {"file": "deals.csv", "steps": steps}});
    let seen = house.by(&ops, "POST", &path).json(&body).send().await;
    assert_eq!(seen.status.as_u16(), 200, "{}", seen.body);
    let counts: Vec<_> =
        seen.body["tables"].as_array().expect("tables").iter().map(|table| &table["row_count"]).collect();
    assert_eq!(counts, [3, 2, 2, 2]);
    assert_eq!(
        (&seen.body["failed"][0]["step"], &seen.body["tables"][1]["rows"][1][0]),
        (&json!(3), &json!("质检系统"))
    );
    let problem = &seen.body["failed"][0]["problem"];
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("没有这一列")), "{problem}");
    is(&house.by(&seller, "POST", &path).json(&body).send().await, 403, "not-allowed", "who may not import");
    let wrong = json!({"table": {"file": "other.csv"}});
    is(&house.by(&ops, "POST", &path).json(&wrong).send().await, 422, "bad-input", "no such file");

    let ask = json!({"file": "deals.csv", "steps": [steps[0]]});
    let suggested = house.by(&ops, "POST", &format!("/api/v1/uploads/{upload}/suggest")).json(&ask).send().await;
    assert_eq!((&suggested.body["file"]["rows_seen"], &suggested.body["saved_matches"]), (&json!(2), &json!([])));
    assert_eq!(suggested.body["mapping"]["table"]["steps"], json!([steps[0]]));
    let body = json!({"upload": upload, "mapping": suggested.body["mapping"], "skip_rejected": false});
    let job = ended(&house, &ops, &house.by(&ops, "POST", "/api/v1/imports").json(&body).send().await).await;
    let import = job["result"]["import_id"].clone();
    assert_eq!(job["result"]["opportunities"], 2, "{job}");

    let reply = send(&house, &ops, "/api/v1/uploads?name=december.csv", &DEALS.replace("质检", "新的")).await;
    let upload = reply.body["id"].as_i64().expect("an id");
    let suggested = mapping(&house, &ops, upload).await;
    assert_eq!(suggested["saved_matches"][0]["import"], import);
    let body = json!({"upload": upload, "saved": import, "skip_rejected": false});
    let job = ended(&house, &ops, &house.by(&ops, "POST", "/api/v1/imports").json(&body).send().await).await;
    assert_eq!((&job["state"], &job["result"]["entries"]), (&json!("done"), &json!(1)), "{job}");
    let reply = send(&house, &ops, "/api/v1/uploads?name=x.csv", "a,b\n1,2\n").await;
    let body = json!({"upload": reply.body["id"], "saved": import, "skip_rejected": false});
    let reply_to_other = house.by(&ops, "POST", "/api/v1/imports").json(&body).send().await;
    is(&reply_to_other, 422, "bad-input", "other columns are another file");
    let body = json!({"upload": reply.body["id"], "saved": 99, "skip_rejected": false});
    is(&house.by(&ops, "POST", "/api/v1/imports").json(&body).send().await, 404, "not-found", "no such import");
}
