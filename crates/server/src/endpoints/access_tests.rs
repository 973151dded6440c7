//! Who comes in over HTTP, and who does not. What holds for every operation is in `every_operation_tests.rs`.

use domain::people::{May, Role};
use serde_json::{Value, json};

use crate::testing::{Browser, House, PASSWORD, Reply};

fn is(reply: &Reply, status: u16, code: &str, what: &str) {
    assert_eq!((reply.status.as_u16(), reply.code()), (status, code), "{what}: {}", reply.body);
    assert_eq!(reply.header("content-type"), "application/problem+json", "{what}");
}

#[tokio::test]
async fn an_administrator_keeps_the_system_and_asks_nothing_of_the_business() {
    let house = House::new().await;
    let root = house.browser("root", &[Role::Administrator]).await;
    let seen = house.get(&root, "/api/v1/session").await.body;
    assert_eq!((seen["may"].clone(), seen["scopes"].clone()), (json!(["administer"]), json!([])));
    is(&house.get(&root, "/api/v1/funnel").await, 403, "not-allowed", "the business");
    let all: Vec<Role> = Role::ALL.into_iter().filter(|role| *role != Role::Administrator).collect();
    let ops = house.browser("ops", &all).await;
    for path in ["/api/v1/users", "/api/v1/teams", "/api/v1/tokens?all=true", "/api/v1/access-log"] {
        is(&house.get(&ops, path).await, 403, "not-allowed", path);
    }
}

#[tokio::test]
async fn versions_and_ids_that_are_none_are_told_as_such() {
    let house = House::new().await;
    let root = house.browser("root", &[Role::Administrator]).await;
    for (method, path) in [("PATCH", "/api/v1/users/1"), ("PATCH", "/api/v1/teams/1"), ("DELETE", "/api/v1/teams/1")] {
        let call = || house.by(&root, method, path).text("application/json", "{}");
        is(&call().send().await, 428, "version-needed", path);
        is(&call().header("if-match", "*").send().await, 400, "malformed", path);
    }
    for path in ["/api/v1/tokens?all=perhaps", "/api/v1/access-log?cursor=x"] {
        is(&house.get(&root, path).await, 400, "malformed", path);
    }
    for path in ["/api/v1/users/x", "/api/v1/users/999", "/api/v1/users/99999999999999999999"] {
        is(&house.get(&root, path).await, 404, "not-found", path);
    }
}

#[tokio::test]
async fn the_first_run_over_http() {
    let house = House::new().await;
    let welcome = house.call("GET", "/api/v1/welcome").send().await;
    assert_eq!((welcome.body["first_run"].clone(), welcome.body["demo"].clone()), (json!(true), json!(null)));
    let code = house.access.first_run_code(house.now()).await.expect("a look").expect("a code");
    let first = |name: &str, month: u32| {
        json!({"code": code, "name": name, "password": PASSWORD, "language": "zh",
               "organisation": {"name": "华东", "zone": "Asia/Shanghai", "currency": "CNY", "fiscal_start_month": month}})
    };
    let call = || house.call("POST", "/api/v1/first-run");
    is(&call().json(&first("王伟", 13)).send().await, 422, "bad-input", "no month");
    is(&call().json(&first(" ", 1)).send().await, 422, "bad-input", "no name");
    let reply = call().json(&first("王伟", 1)).send().await;
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.body);
    assert_eq!(reply.body["user"]["roles"], json!(["operations", "administrator"]));
    let browser = Browser { cookie: reply.cookie(), csrf: reply.body["csrf"].as_str().expect("a token").into() };
    assert_eq!(house.get(&browser, "/api/v1/session").await.status.as_u16(), 200);
    is(&call().json(&first("again", 1)).send().await, 404, "not-found", "used");
    let welcome = house.call("GET", "/api/v1/welcome").send().await.body;
    assert_eq!(
        (&welcome["first_run"], &welcome["organisation"], &welcome["language"]),
        (&json!(false), &json!("华东"), &json!("zh"))
    );
}

#[tokio::test]
async fn a_session_survives_a_restart_and_ends_on_sign_out() {
    let mut house = House::new().await;
    house.user("ada", &[Role::Rep]).await;
    let sign_in = json!({"name": "ADA", "password": PASSWORD});
    let reply = house.call("POST", "/api/v1/session").json(&sign_in).send().await;
    let set = reply.header("set-cookie").to_owned();
    for part in ["loudou_session=", "; HttpOnly", "; SameSite=Strict", "; Path=/", "; Secure"] {
        assert!(set.contains(part), "{set} lacks {part}");
    }
    assert_eq!(reply.header("cache-control"), "no-store");
    let browser = Browser { cookie: reply.cookie(), csrf: reply.body["csrf"].as_str().expect("a token").into() };
    let other = house.sign_in("ada").await;
    house.restart().await;
    let session = house.get(&browser, "/api/v1/session").await;
    assert_eq!(session.body["user"]["name"], "ada");
    assert_eq!(session.body["may"], json!(["analyse", "edit_deals", "edit_customers"]));
    assert!(session.headers.get("set-cookie").is_none(), "nothing has changed");

    let listed = house.get(&browser, "/api/v1/sessions").await.body;
    let current: Vec<&Value> = listed.as_array().expect("a list").iter().map(|one| &one["current"]).collect();
    assert_eq!(current, [&json!(false), &json!(true)]);
    let path = format!("/api/v1/sessions/{}", listed[0]["id"]);
    assert_eq!(house.by(&browser, "DELETE", &path).send().await.status.as_u16(), 204);
    is(&house.get(&other, "/api/v1/session").await, 401, "signed-out", "the other one");
    is(&house.by(&browser, "DELETE", &path).send().await, 404, "not-found", "it is gone");

    let out = house.by(&browser, "DELETE", "/api/v1/session").send().await;
    assert_eq!(out.status.as_u16(), 204);
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{}", out.header("set-cookie"));
    is(&house.get(&browser, "/api/v1/session").await, 401, "signed-out", "signed out");
    house.restart().await;
    is(&house.get(&browser, "/api/v1/session").await, 401, "signed-out", "signed out for good");
    let (one, two) = (house.sign_in("ada").await, house.sign_in("ada").await);
    assert_eq!(house.by(&one, "DELETE", "/api/v1/sessions").send().await.status.as_u16(), 204);
    is(&house.get(&two, "/api/v1/session").await, 401, "signed-out", "everywhere");
    house.advance_seconds(15 * 86_400);
    is(&house.get(&one, "/api/v1/session").await, 401, "signed-out", "over");
}

#[tokio::test]
async fn wrong_attempts_are_throttled_and_told_when_to_come_again() {
    let house = House::new().await;
    house.user("ada", &[Role::Rep]).await;
    let attempt = |name: &'static str, password: &'static str, address: [u8; 4]| {
        house.call("POST", "/api/v1/session").json(&json!({"name": name, "password": password})).from(address).send()
    };
    for _ in 0..5 {
        is(&attempt("ada", "wrong wrong", [192, 0, 2, 1]).await, 401, "wrong-credentials", "wrong");
    }
    let reply = attempt("Ada", PASSWORD, [192, 0, 2, 99]).await;
    is(&reply, 429, "too-many-attempts", "the account");
    assert_eq!(reply.header("retry-after"), "30");
    house.advance_seconds(30);
    assert_eq!(attempt("ada", PASSWORD, [192, 0, 2, 1]).await.status.as_u16(), 200);
    for _ in 0..30 {
        attempt("nobody at all \u{0}", "wrong wrong", [198, 51, 100, 7]).await;
    }
    is(&attempt("ada", PASSWORD, [198, 51, 100, 7]).await, 429, "too-many-attempts", "the address");
    assert_eq!(attempt("ada", PASSWORD, [198, 51, 100, 8]).await.status.as_u16(), 200);
}

#[tokio::test]
async fn users_are_made_changed_and_let_in_at_once() {
    let house = House::new().await;
    let root = house.browser("root", &[Role::Administrator]).await;
    let post = |path: &'static str, body: Value| house.by(&root, "POST", path).json(&body).send();
    let east = post("/api/v1/teams", json!({"name": "East"})).await.body["id"].clone();
    let new = json!({"name": "ada", "roles": ["rep"], "team_id": east});
    let added = post("/api/v1/users", new.clone()).await;
    assert_eq!((added.status.as_u16(), added.header("etag")), (201, "\"1\""), "{}", added.body);
    assert_eq!((&added.body["team"]["name"], &added.body["has_password"]), (&json!("East"), &json!(false)));
    is(&post("/api/v1/users", new).await, 409, "conflict", "taken");
    for (wrong, pointer) in [
        (json!({"name": "x", "roles": ["boss"]}), Some("/roles")),
        (json!({"name": "x", "roles": []}), None),
        (json!({"name": "x", "roles": ["rep"], "password": "1234567890"}), None),
        (json!({"name": "x", "roles": ["rep"], "team_id": 999}), None),
        (json!({"name": "x", "roles": ["rep"], "person_id": 999}), None),
    ] {
        let reply = post("/api/v1/users", wrong).await;
        is(&reply, 422, "bad-input", "a rule");
        if let Some(pointer) = pointer {
            assert_eq!(reply.body["errors"][0]["pointer"], pointer);
        }
    }

    // The link lets the user in once.
    let link = added.body["one_time_link"].as_str().expect("a link").to_owned();
    let code = link.strip_prefix("/set-password#code=").expect("a path of the web").to_owned();
    let set = |password: &str| {
        let body = json!({"code": code, "password": password});
        house.call("POST", "/api/v1/set-password").json(&body).send()
    };
    is(&set("short").await, 422, "bad-input", "weak");
    let entered = set(PASSWORD).await;
    assert_eq!(entered.status.as_u16(), 200, "{}", entered.body);
    is(&set(PASSWORD).await, 404, "not-found", "once");
    let ada = Browser { cookie: entered.cookie(), csrf: entered.body["csrf"].as_str().expect("a token").into() };

    // Rights change from the next request on; the page gets another cookie when it asks who it is.
    let path = format!("/api/v1/users/{}", added.body["id"]);
    let current = house.get(&root, &path).await;
    let patch = |etag: &str, body: Value| house.by(&root, "PATCH", &path).header("if-match", etag).json(&body).send();
    let changed = patch(current.header("etag"), json!({"roles": ["administrator"], "team_id": null})).await;
    assert_eq!((changed.status.as_u16(), &changed.body["team"]), (200, &json!(null)), "{}", changed.body);
    is(&patch(current.header("etag"), json!({"active": false})).await, 412, "changed-meanwhile", "stale");
    assert_eq!(house.get(&ada, "/api/v1/users").await.status.as_u16(), 200);
    let renewed = house.get(&ada, "/api/v1/session").await;
    let fresh = Browser { cookie: renewed.cookie(), ..ada.clone() };
    assert_ne!(fresh.cookie, ada.cookie);
    house.advance_seconds(61);
    is(&house.get(&ada, "/api/v1/session").await, 401, "signed-out", "the cookie before");
    assert_eq!(house.get(&fresh, "/api/v1/users").await.status.as_u16(), 200);
    let off = patch(changed.header("etag"), json!({"active": false})).await;
    assert_eq!(off.status.as_u16(), 200, "{}", off.body);
    is(&house.get(&fresh, "/api/v1/session").await, 401, "signed-out", "disabled");
    let me = house.get(&root, "/api/v1/session").await.body["user"]["id"].clone();
    let alone = house.by(&root, "PATCH", &format!("/api/v1/users/{me}")).header("if-match", "\"1\"");
    is(&alone.json(&json!({"active": false})).send().await, 409, "conflict", "the last administrator");
}

#[tokio::test]
async fn passwords_and_sessions_of_others_and_ones_own() {
    let house = House::new().await;
    let root = house.browser("root", &[Role::Administrator]).await;
    let id = house.user("ada", &[Role::Rep]).await;
    let (one, two) = (house.sign_in("ada").await, house.sign_in("ada").await);
    let own = |current: &str, new: &str| {
        let body = json!({"current": current, "new": new});
        house.by(&one, "PUT", "/api/v1/me/password").json(&body).send()
    };
    let wrong = own("wrong wrong", "another battery").await;
    is(&wrong, 422, "bad-input", "the current one");
    assert_eq!(wrong.body["errors"][0]["pointer"], "/current");
    let weak = own(PASSWORD, "short").await;
    assert_eq!((weak.status.as_u16(), &weak.body["errors"][0]["pointer"]), (422, &json!("/new")));
    let changed = own(PASSWORD, "another battery").await;
    assert_eq!(changed.status.as_u16(), 204);
    is(&house.get(&two, "/api/v1/session").await, 401, "signed-out", "the others");
    let one = Browser { cookie: changed.cookie(), ..one.clone() };
    assert_eq!(house.get(&one, "/api/v1/session").await.status.as_u16(), 200);

    let call = |method: &'static str, what: &str| house.by(&root, method, &format!("/api/v1/users/{id}/{what}"));
    assert_eq!(call("DELETE", "sessions").send().await.status.as_u16(), 204);
    is(&house.get(&one, "/api/v1/session").await, 401, "signed-out", "ended by the administrator");
    let weak = call("POST", "password").json(&json!({"password": "short"})).send().await;
    is(&weak, 422, "bad-input", "weak");
    assert_eq!(call("POST", "password").json(&json!({"password": PASSWORD})).send().await.status.as_u16(), 204);
    house.sign_in("ada").await;
    let link = call("POST", "password-link").send().await;
    assert_eq!(link.status.as_u16(), 201);
    assert!(link.body["one_time_link"].as_str().is_some_and(|link| link.starts_with("/set-password#code=")));
}

#[tokio::test]
async fn teams_are_made_once_and_changed_by_version() {
    let house = House::new().await;
    let root = house.browser("root", &[Role::Administrator]).await;
    let post = |key: &str, body: Value| {
        house.by(&root, "POST", "/api/v1/teams").header("idempotency-key", key).json(&body).send()
    };
    let east = post("k-1", json!({"name": "East"})).await;
    assert_eq!(east.status.as_u16(), 201, "{}", east.body);
    let again = post("k-1", json!({"name": "East"})).await;
    assert_eq!((again.status.as_u16(), &again.body), (201, &east.body));
    assert_eq!((again.header("idempotency-replayed"), east.header("idempotency-replayed")), ("true", ""));
    is(&post("k-1", json!({"name": "West"})).await, 409, "key-reused", "another request");
    is(&post("k 2", json!({"name": "West"})).await, 422, "bad-input", "no key");
    is(&post("k-3", json!({"name": "East"})).await, 409, "conflict", "taken");
    let west = post("k-3", json!({"name": "West"})).await;
    assert_eq!(west.status.as_u16(), 201, "a refused request gives its key back: {}", west.body);
    assert_eq!(house.get(&root, "/api/v1/teams").await.body.as_array().map(Vec::len), Some(2));

    let path = format!("/api/v1/teams/{}", east.body["id"]);
    let edit = |method: &'static str, version: &Value, body: Value| {
        house.by(&root, method, &path).header("if-match", &format!("\"{version}\"")).json(&body).send()
    };
    let named = edit("PATCH", &east.body["version"], json!({"name": "Coast"})).await;
    assert_eq!((named.status.as_u16(), &named.body["name"]), (200, &json!("Coast")), "{}", named.body);
    assert_eq!(named.header("etag"), format!("\"{}\"", named.body["version"]));
    is(&edit("PATCH", &east.body["version"], json!({"name": "x"})).await, 412, "changed-meanwhile", "stale");
    is(&edit("PATCH", &named.body["version"], json!({"parent_id": 999})).await, 422, "bad-input", "nowhere");
    assert_eq!(edit("DELETE", &named.body["version"], json!({})).await.status.as_u16(), 204);
    is(&edit("DELETE", &named.body["version"], json!({})).await, 404, "not-found", "gone");
}

#[tokio::test]
async fn what_is_repeated_with_a_key_is_made_once_and_tells_no_secret_twice() {
    let house = House::new().await;
    let root = house.browser("root", &[Role::Administrator]).await;
    let post = |path: &'static str, body: Value| {
        house.by(&root, "POST", path).header("idempotency-key", path).json(&body).send()
    };
    for (path, secret, body) in [
        ("/api/v1/users", "one_time_link", json!({"name": "ada", "roles": ["rep"]})),
        ("/api/v1/tokens", "token", json!({"name": "nightly", "expires_in_days": 9})),
    ] {
        let first = post(path, body.clone()).await;
        assert_eq!((first.status.as_u16(), first.body[secret].is_string()), (201, true), "{path}: {}", first.body);
        let again = post(path, body.clone()).await;
        assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, "true"), "{path}");
        assert_eq!((&again.body["id"], &again.body[secret]), (&first.body["id"], &json!(null)), "{path}");
        let mut other = body;
        other["name"] = json!("other");
        is(&post(path, other).await, 409, "key-reused", path);
    }
    let users = house.get(&root, "/api/v1/users").await.body;
    assert_eq!(users.as_array().map(Vec::len), Some(2), "{users}");
    assert_eq!(house.get(&root, "/api/v1/tokens").await.body.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_token_lets_a_program_in_with_a_part_of_its_users_rights() {
    let house = House::new().await;
    let root = house.browser("root", &[Role::Administrator]).await;
    let id = house.user("ada", &[Role::Operations]).await;
    let ada = house.sign_in("ada").await;
    let post = |body: Value| house.by(&ada, "POST", "/api/v1/tokens").json(&body).send();
    let made = post(json!({"name": "nightly", "may": ["analyse"], "expires_in_days": 7})).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    let secret = made.body["token"].as_str().expect("a secret").to_owned();
    for wrong in [
        json!({"name": "x", "may": ["fly"], "expires_in_days": 7}),
        json!({"name": "x", "may": ["administer"], "expires_in_days": 7}),
        json!({"name": "x", "expires_in_days": 0}),
        json!({"name": " ", "expires_in_days": 7}),
    ] {
        is(&post(wrong).await, 422, "bad-input", "a rule");
    }
    // It needs no CSRF token, writes from anywhere, and does what it may.
    let whole = house.token(id, None).await;
    let seen = house.call("GET", "/api/v1/session").bearer(&secret).send().await;
    assert_eq!((&seen.body["may"], &seen.body["csrf"]), (&json!(["analyse"]), &json!(null)), "{}", seen.body);
    assert_eq!(house.call("GET", "/api/v1/funnel").bearer(&secret).send().await.status.as_u16(), 200);
    let narrow = house.call("GET", "/api/v1/users").bearer(&whole).header("cookie", &root.cookie).send().await;
    is(&narrow, 403, "not-allowed", "the token counts, not the cookie beside it");
    let admin = house.token(1, Some(May::Administer)).await;
    let post = house.call("POST", "/api/v1/teams").bearer(&admin).header("origin", "https://elsewhere.example");
    assert_eq!(post.json(&json!({"name": "East"})).send().await.status.as_u16(), 201);
    // What would outlive or widen it takes a sign-in.
    for (method, path, body) in [
        ("POST", "/api/v1/tokens", r#"{"name": "more", "expires_in_days": 9}"#),
        ("PUT", "/api/v1/me/password", r#"{"current": "correct horse battery", "new": "another battery"}"#),
        ("DELETE", "/api/v1/session", ""),
        ("GET", "/api/v1/sessions", ""),
        ("DELETE", "/api/v1/sessions", ""),
    ] {
        let reply = house.call(method, path).bearer(&whole).text("application/json", body).send().await;
        is(&reply, 403, "not-allowed", &format!("{method} {path}"));
    }
    for (method, path, body) in [
        ("POST", "/api/v1/users", r#"{"name": "eve", "roles": ["operations"], "password": "another battery"}"#),
        ("PATCH", "/api/v1/users/1", r#"{"roles": ["operations", "administrator"]}"#),
        ("POST", "/api/v1/users/1/password", r#"{"password": "another battery"}"#),
        ("POST", "/api/v1/users/1/password-link", ""),
    ] {
        let call = house.call(method, path).bearer(&admin).header("if-match", "\"1\"");
        is(&call.text("application/json", body).send().await, 403, "not-allowed", &format!("{method} {path}"));
    }
    assert_eq!(house.call("GET", "/api/v1/users").bearer(&admin).send().await.status.as_u16(), 200, "it may look");
    let listed = house.get(&ada, "/api/v1/tokens").await.body;
    assert_eq!((listed.as_array().map(Vec::len), &listed[0]["may"]), (Some(2), &json!(["analyse"])));
    assert!(!listed.to_string().contains("ldt_"));
    assert_eq!(house.get(&root, "/api/v1/tokens?all=true").await.body.as_array().map(Vec::len), Some(3));
    assert_eq!(house.get(&root, "/api/v1/tokens").await.body.as_array().map(Vec::len), Some(1));
    let path = format!("/api/v1/tokens/{}", made.body["id"]);
    let bob = house.browser("bob", &[Role::Rep]).await;
    is(&house.by(&bob, "DELETE", &path).send().await, 404, "not-found", "another's");
    assert_eq!(house.by(&ada, "DELETE", &path).send().await.status.as_u16(), 204);
    is(&house.call("GET", "/api/v1/session").bearer(&secret).send().await, 401, "signed-out", "revoked");
    is(&house.call("GET", "/api/v1/session").bearer("x").send().await, 401, "signed-out", "none");
    let basic = house.call("GET", "/api/v1/session").header("authorization", "Basic eDp5").send().await;
    is(&basic, 401, "signed-out", "another scheme");
}

#[tokio::test]
async fn the_log_tells_who_came_and_pages() {
    let house = House::new().await;
    let root = house.browser("root", &[Role::Administrator]).await;
    let wrong = json!({"name": "mallory", "password": "wrong wrong"});
    house.call("POST", "/api/v1/session").json(&wrong).from([203, 0, 113, 5]).send().await;
    let log = house.get(&root, "/api/v1/access-log").await.body;
    let last = &log["rows"][0];
    assert_eq!(
        (&last["action"], &last["subject"], &last["user"]),
        (&json!("sign_in_failed"), &json!("mallory"), &json!(null))
    );
    assert_eq!((&last["address"], &log["next_cursor"]), (&json!("203.0.113.5"), &json!(null)));
    assert_eq!((&log["rows"][1]["action"], &log["rows"][1]["user"]["name"]), (&json!("signed_in"), &json!("root")));
    let rest = house.get(&root, &format!("/api/v1/access-log?cursor={}", last["seq"])).await.body;
    assert_eq!(rest["rows"][0], log["rows"][1]);
}

#[tokio::test]
async fn every_operation_of_the_document_says_who_may_come_in() {
    let house = House::new().await;
    let document = house.call("GET", "/api/v1/openapi.json").send().await.body;
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(
        (&schemes["session"]["name"], &schemes["token"]["scheme"]),
        (&json!("loudou_session"), &json!("bearer"))
    );
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let is_open = operation.get("security").is_some_and(|security| *security == json!([{}]));
            let tells = operation["responses"].get("401").is_some();
            let is_health = !path.starts_with("/api/");
            assert!(is_open || tells || is_health, "{method} {path} does not say what happens without a session");
        }
    }
}
