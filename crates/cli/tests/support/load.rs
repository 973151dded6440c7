//! Several clients write to deals over HTTP until the server is killed; what was acknowledged has to be there when it
//! is started again, whatever the moment.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, Sender};
use std::thread;

use serde_json::{Value, json};

use super::server::{Reply, Server, try_send, user};
use super::{Data, Dice, root};

const CLIENTS: u64 = 4;
const OPPORTUNITIES: &str = "/api/v1/opportunities";
/// Where deals of the process go on to; a manager may pass a gate at which something is missing.
const STAGES: [&str; 5] = ["lead", "contact", "needs", "solution", "proof"];

/// What is known of a deal: what was acknowledged, and the write on which the server was killed.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    version: i64,
    amount_minor: i64,
    stage: usize,
    /// An amount that was sent and not acknowledged.
    maybe_amount: Option<i64>,
    /// Likewise a move to the next stage.
    maybe_stage: bool,
}

/// A deal that was asked for by a key, and its id where that was acknowledged.
#[derive(Debug, Clone)]
struct Made {
    name: String,
    id: Option<i64>,
}

/// What a client has done.
#[derive(Debug, Default)]
struct Done {
    deals: BTreeMap<i64, Known>,
    made: Vec<Made>,
}

/// One client, writing to deals of its own.
struct Client<'a> {
    address: &'a str,
    bearer: &'a str,
    name: String,
    dice: Dice,
    done: Done,
}

impl Client<'_> {
    fn send(&self, method: &str, path: &str, headers: &str, body: &Value) -> Option<Reply> {
        try_send(self.address, method, path, &format!("{}{headers}", self.bearer), body)
    }

    /// Writes until the server does not answer, and says so after each write that was acknowledged.
    fn run(mut self, acknowledged: &Sender<()>) -> Done {
        while self.write().is_some() {
            // Whoever listens has stopped where the server was killed; the next write finds out.
            let _ = acknowledged.send(());
        }
        self.done
    }

    fn write(&mut self) -> Option<()> {
        let pick = self.dice.below(4);
        let at = usize::try_from(self.dice.below(self.done.deals.len().max(1) as u64)).expect("few");
        let deal = self.done.deals.iter().nth(at).map(|(id, known)| (*id, *known));
        match deal {
            Some((id, known)) if pick == 1 && known.stage + 1 < STAGES.len() => self.move_on(id, known),
            Some((id, known)) if pick > 0 => self.edit(id, known),
            _ => self.create(),
        }
    }

    fn create(&mut self) -> Option<()> {
        let name = format!("{}-{}", self.name, self.done.made.len());
        self.done.made.push(Made { name: name.clone(), id: None });
        let reply = self.send("POST", OPPORTUNITIES, &key(&name), &new_deal(&name))?;
        assert_eq!(reply.status, 201, "{name}: {}", reply.body);
        let id = reply.body["id"].as_i64().expect("an id");
        let known = Known { version: version(&reply), amount_minor: 1, ..Known::default() };
        self.done.deals.insert(id, known);
        self.done.made.last_mut().expect("it was pushed").id = Some(id);
        Some(())
    }

    fn edit(&mut self, id: i64, known: Known) -> Option<()> {
        let amount = known.amount_minor + 1 + i64::try_from(self.dice.below(1_000)).expect("small");
        let path = format!("{OPPORTUNITIES}/{id}");
        self.done.deals.insert(id, Known { maybe_amount: Some(amount), ..known });
        let reply = self.send("PATCH", &path, &if_match(known.version), &json!({"amount_minor": amount}))?;
        assert_eq!((reply.status, &reply.body["amount_minor"]), (200, &json!(amount)), "{path}: {}", reply.body);
        self.done.deals.insert(id, Known { version: version(&reply), amount_minor: amount, ..known });
        Some(())
    }

    fn move_on(&mut self, id: i64, known: Known) -> Option<()> {
        let path = format!("{OPPORTUNITIES}/{id}/move");
        let to = STAGES[known.stage + 1];
        self.done.deals.insert(id, Known { maybe_stage: true, ..known });
        let body = json!({"to": to, "override_reason": "tested"});
        let reply = self.send("POST", &path, &if_match(known.version), &body)?;
        assert_eq!((reply.status, &reply.body["stage"]["key"]), (200, &json!(to)), "{path}: {}", reply.body);
        self.done.deals.insert(id, Known { version: version(&reply), stage: known.stage + 1, ..known });
        Some(())
    }
}

fn key(name: &str) -> String {
    format!("Idempotency-Key: {name}\r\n")
}

fn if_match(version: i64) -> String {
    format!("If-Match: \"{version}\"\r\n")
}

fn new_deal(name: &str) -> Value {
    json!({"name": name, "process": "b2b-seven", "amount_minor": 1})
}

fn version(reply: &Reply) -> i64 {
    reply.body["version"].as_i64().unwrap_or_else(|| panic!("no version: {}", reply.body))
}

/// Rounds of writing and killing; after each, everything that was acknowledged is read back.
pub(crate) fn kill_and_look(data: &Data, rounds: u64, seed: u64) {
    let mut dice = Dice::new(seed);
    let process = root().join("processes/b2b-seven.toml");
    data.ok(&["process", "add", process.to_str().expect("the checkout's path is UTF-8")]);
    let bearer = user(data, &format!("load-{seed}"), "manager");
    let mut deals = BTreeMap::new();
    let mut cut_off = 0;
    let mut server = Server::start(data);
    for round in 0..rounds {
        let enough = 10 + dice.below(40);
        let spin = dice.below(3_000);
        let name = format!("round-{seed}-{round}");
        let done = write_until_killed(server, &bearer, &name, enough, spin);
        server = Server::start(data);
        let made: Vec<Made> = done.iter().flat_map(|done| done.made.clone()).collect();
        deals.extend(done.into_iter().flat_map(|done| done.deals));
        cut_off += deals.values().filter(|known| known.maybe_stage || known.maybe_amount.is_some()).count();
        cut_off += made.iter().filter(|made| made.id.is_none()).count();
        let again: Vec<Reply> = made.iter().map(|made| make(&server, &bearer, &made.name)).collect();
        let rows = listed(&server, &bearer, &format!("round-{seed}-"));
        for (made, again) in made.iter().zip(&again) {
            made_once(made, again, rows.get(&made.name).map_or(&[], Vec::as_slice));
        }
        look(&server, &bearer, &rows, &mut deals);
    }
    assert!(deals.len() > 10 && cut_off > 0, "{} deals, {cut_off} writes cut off: hardly a test", deals.len());
    server.kill();
    data.ok(&["doctor"]);
}

/// Kills the server at some moment after so many writes were acknowledged.
fn write_until_killed(server: Server, bearer: &str, name: &str, enough: u64, spin: u64) -> Vec<Done> {
    let address = server.address.clone();
    let (acknowledged, heard) = mpsc::channel();
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let name = format!("{name}-{number}");
                let dice = Dice::new(number + enough * 31 + spin);
                let client = Client { address: &address, bearer, name, dice, done: Done::default() };
                let acknowledged = acknowledged.clone();
                scope.spawn(move || client.run(&acknowledged))
            })
            .collect();
        drop(acknowledged);
        // Where no client is left, joining them tells why.
        for () in heard.iter().take(usize::try_from(enough).expect("few")) {}
        // Anywhere in the writes that are under way.
        for _ in 0..spin {
            thread::yield_now();
        }
        server.kill();
        clients.into_iter().map(|client| client.join().expect("a client's own assertions hold")).collect()
    })
}

fn make(server: &Server, bearer: &str, name: &str) -> Reply {
    server.send("POST", OPPORTUNITIES, &format!("{bearer}{}", key(name)), &new_deal(name))
}

/// The rows of the list whose names hold this, by name.
fn listed(server: &Server, bearer: &str, part: &str) -> BTreeMap<String, Vec<Value>> {
    let list = server.get(&format!("{OPPORTUNITIES}?process=b2b-seven&q={part}&limit=1000"), bearer);
    assert!(list["next_cursor"].is_null(), "more deals than a page holds");
    let mut rows: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for row in list["rows"].as_array().expect("rows") {
        rows.entry(row["name"].as_str().expect("a name").to_owned()).or_default().push(row.clone());
    }
    rows
}

/// A creation that was sent again after the kill: what was made is told again, and nothing is made twice.
fn made_once(Made { name, id }: &Made, again: &Reply, there: &[Value]) {
    let there: Vec<_> = there.iter().map(|row| row["id"].clone()).collect();
    match (id, again.status) {
        (Some(id), 201) => {
            assert_eq!((again.header("idempotency-replayed"), &again.body["id"]), ("true", &json!(id)), "{name}");
            assert_eq!(there, [json!(id)], "{name}");
        }
        // It was not acknowledged: it is made now, or it was before and its answer was kept.
        (None, 201) => assert_eq!(there, std::slice::from_ref(&again.body["id"]), "{name}"),
        // It was cut off between the deal and its answer, and nobody can say where: then the key stays taken.
        (None, 409) => assert!(there.len() <= 1, "{name}: {there:?}"),
        _ => panic!("{name}, acknowledged: {id:?}: {} {}", again.status, again.body),
    }
}

/// Every deal is as it was acknowledged, on its page and in the list; or the one write further that was cut off.
fn look(server: &Server, bearer: &str, rows: &BTreeMap<String, Vec<Value>>, deals: &mut BTreeMap<i64, Known>) {
    for (id, known) in deals {
        let page = server.get(&format!("{OPPORTUNITIES}/{id}"), bearer);
        let (amount, stage) = (page["amount_minor"].as_i64(), page["stage"]["key"].as_str());
        let moved = known.stage + usize::from(known.maybe_stage);
        let amounts = [Some(known.amount_minor), known.maybe_amount];
        assert!(amount.is_some() && amounts.contains(&amount), "deal {id}: {known:?}, and now {amount:?}");
        let stages = [STAGES[known.stage], STAGES[moved]].map(Some);
        assert!(stages.contains(&stage), "deal {id}: {known:?}, and now in {stage:?}");
        let version = page["version"].as_i64().expect("a version");
        assert!(version >= known.version, "deal {id}: {known:?}, and now of version {version}");
        let row = rows.get(page["name"].as_str().expect("a name")).and_then(|rows| rows.first());
        let row = row.unwrap_or_else(|| panic!("deal {id} is not in the list"));
        assert_eq!((&row["amount_minor"], &row["stage"]), (&page["amount_minor"], &page["stage"]), "deal {id}");
        let stage = STAGES.iter().position(|of| Some(*of) == stage).expect("one of the stages");
        *known = Known { version, amount_minor: amount.expect("an amount"), stage, ..Known::default() };
    }
}
