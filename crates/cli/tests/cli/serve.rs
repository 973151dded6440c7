//! The server as it is started and stopped: its line, the first run by its link, and a session over a restart.

use serde_json::{Value, json};

use crate::support::Data;
use crate::support::server::Server;

#[test]
fn the_first_user_is_made_by_the_link_and_stays_signed_in_over_a_kill() {
    let data = Data::empty();
    let server = Server::start(&data);
    let code = server.first_run_code();
    let first = json!({"code": code, "name": "王伟", "password": "correct horse battery"});
    let reply = server.send("POST", "/api/v1/first-run", "", &first);
    assert_eq!((reply.status, &reply.body["user"]["name"]), (200, &json!("王伟")), "{reply:?}");
    let set = reply.header("set-cookie");
    assert!(set.contains("HttpOnly") && !set.contains("Secure"), "plain HTTP on this machine: {set}");
    let cookie = reply.cookie();

    drop(server);
    let server = Server::start(&data);
    let body = server.get("/api/v1/session", &cookie);
    assert_eq!(body["user"]["name"], json!("王伟"), "an acknowledged session outlives a kill");
    let token = data.ok(&["token", "new", "--user", "王伟"]).out;
    let bearer = format!("Authorization: Bearer {}\r\n", token.trim_end());
    assert_eq!(server.get("/api/v1/session", &bearer)["user"]["name"], json!("王伟"));
    data.ok(&["user", "add", "ada", "--role", "rep", "--link"]);
    let users = server.get("/api/v1/users", &bearer);
    assert_eq!(users.as_array().map(Vec::len), Some(2), "what another process wrote is there: {users}");
    assert_eq!(server.send("GET", "/api/v1/session", "", &Value::Null).status, 401);
}
