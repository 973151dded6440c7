//! The server as it is started and stopped: its line, the first run by its link, and a session over a restart.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::support::Data;

/// A running server; it ends with the value.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(data: &Data) -> Self {
        let mut command = data.command();
        command.args(["serve", "--listen", "127.0.0.1:0", "--lang", "en"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the built binary runs");
        let line = first_line(child.stdout.take().expect("its output"));
        let address = line.strip_prefix("http://").unwrap_or_else(|| panic!("no address: {line}")).to_owned();
        Self { child, address }
    }

    /// The code of the link that makes the first user.
    fn first_run_code(&mut self) -> String {
        let line = first_line(self.child.stderr.take().expect("its messages"));
        let (before, code) = line.split_once("/first-run#code=").unwrap_or_else(|| panic!("no link: {line}"));
        assert!(before.ends_with(&format!("http://{}", self.address)), "{line}");
        code.to_owned()
    }

    /// Sends a request. Returns the status, the head and the body.
    fn send(&self, method: &str, path: &str, headers: &str, body: &Value) -> (u16, String, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len()
        )
        .expect("it takes the request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, head.to_owned(), serde_json::from_str(body).unwrap_or(Value::Null))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().expect("it is stopped");
        self.child.wait().expect("it ends");
    }
}

fn first_line(from: impl Read) -> String {
    let mut line = String::new();
    BufReader::new(from).read_line(&mut line).expect("a line");
    line.trim_end().to_owned()
}

#[test]
fn the_first_user_is_made_by_the_link_and_stays_signed_in_over_a_kill() {
    let data = Data::empty();
    let mut server = Server::start(&data);
    let code = server.first_run_code();
    let first = json!({"code": code, "name": "王伟", "password": "correct horse battery"});
    let (status, head, body) = server.send("POST", "/api/v1/first-run", "", &first);
    assert_eq!((status, &body["user"]["name"]), (200, &json!("王伟")), "{head}\n{body}");
    let set = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    assert!(set.contains("HttpOnly") && !set.contains("Secure"), "plain HTTP on this machine: {set}");
    let cookie = format!("Cookie: {}\r\n", set.split(';').next().expect("its pair"));

    drop(server);
    let server = Server::start(&data);
    let (status, _, body) = server.send("GET", "/api/v1/session", &cookie, &Value::Null);
    assert_eq!((status, &body["user"]["name"]), (200, &json!("王伟")), "an acknowledged session outlives a kill");
    let token = data.ok(&["token", "new", "--user", "王伟"]).out;
    let bearer = format!("Authorization: Bearer {}\r\n", token.trim_end());
    let (status, _, body) = server.send("GET", "/api/v1/session", &bearer, &Value::Null);
    assert_eq!((status, &body["user"]["name"]), (200, &json!("王伟")));
    data.ok(&["user", "add", "ada", "--role", "rep", "--link"]);
    let (_, _, users) = server.send("GET", "/api/v1/users", &bearer, &Value::Null);
    assert_eq!(users.as_array().map(Vec::len), Some(2), "what another process wrote is there: {users}");
    let (status, ..) = server.send("GET", "/api/v1/session", "", &Value::Null);
    assert_eq!(status, 401);
}
