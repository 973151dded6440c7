//! A running `loudou serve`, and requests to it over plain sockets.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use serde_json::Value;
use tempfile::NamedTempFile;

use super::Data;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A running server; it is killed when the value ends.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    /// What it says beside its address. A file takes as much as there is, and nobody has to read it meanwhile.
    messages: NamedTempFile,
}

/// What a server answered.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

impl Reply {
    /// A header's value; empty where it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// The session's cookie that came along, as a browser sends it back.
    pub(crate) fn cookie(&self) -> String {
        let pair = self.header("set-cookie").split(';').next().filter(|pair| !pair.is_empty());
        format!("Cookie: {}\r\n", pair.unwrap_or_else(|| panic!("no cookie: {self:?}")))
    }
}

impl Server {
    pub(crate) fn start(data: &Data) -> Self {
        let messages = NamedTempFile::new().expect("a temporary file can be made");
        let mut command = data.command();
        command.args(["serve", "--listen", "127.0.0.1:0", "--lang", "en"]);
        let beside = messages.reopen().expect("it can be opened again");
        let mut child = command.stdout(Stdio::piped()).stderr(beside).spawn().expect("the built binary runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let said = || std::fs::read_to_string(messages.path()).unwrap_or_default();
        let address = line.trim_end().strip_prefix("http://");
        let address = address.unwrap_or_else(|| panic!("no address: {line}{}", said())).to_owned();
        Self { child, address, messages }
    }

    /// The code of the link that makes the first user, told before the address.
    pub(crate) fn first_run_code(&self) -> String {
        let mut line = String::new();
        let file = File::open(self.messages.path()).expect("its messages");
        BufReader::new(file).read_line(&mut line).expect("a line");
        let (before, code) =
            line.trim_end().split_once("/first-run#code=").unwrap_or_else(|| panic!("no link: {line}"));
        assert!(before.ends_with(&format!("http://{}", self.address)), "{line}");
        code.to_owned()
    }

    /// Sends a request that has to be answered.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &str, body: &Value) -> Reply {
        try_send(&self.address, method, path, headers, body).unwrap_or_else(|| panic!("no answer to {method} {path}"))
    }

    /// What is at a path, which has to be there.
    pub(crate) fn get(&self, path: &str, headers: &str) -> Value {
        let reply = self.send("GET", path, headers, &Value::Null);
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.body
    }

    /// Ends it at once: nothing of it has a chance to tidy up.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Sends a request; nothing where the server ended before the whole answer was there.
pub(crate) fn try_send(address: &str, method: &str, path: &str, headers: &str, body: &Value) -> Option<Reply> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut stream = TcpStream::connect(address).ok()?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let reply = Reply { status, head: head.to_owned(), body: serde_json::from_str(body).unwrap_or(Value::Null) };
    let length: usize = reply.header("content-length").parse().unwrap_or(0);
    (body.len() >= length).then_some(reply)
}

/// A user with the password of all tests, and a header by which a program comes in as them.
pub(crate) fn user(data: &Data, name: &str, role: &str) -> String {
    let mut command = data.command();
    command.args(["user", "add", name, "--role", role]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().expect("the built binary runs");
    writeln!(child.stdin.take().expect("its input"), "{PASSWORD}").expect("it takes its input");
    assert!(child.wait().expect("it ends").success(), "the user {name} is not made");
    format!("Authorization: Bearer {}\r\n", data.ok(&["token", "new", "--user", name]).out.trim_end())
}
