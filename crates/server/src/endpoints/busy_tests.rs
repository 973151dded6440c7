//! While another program writes: requests that read go on, and those that write are told to come again.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use app::import::{ImportRequest, Outcome};
use app::{Place, Step};
use domain::Instant;
use domain::people::Role;
use serde_json::json;

use crate::testing::{Browser, House, Reply};

const DEALS: &str = "商机名称,客户,金额(万元),阶段,预计成交日期,负责人,区域\n\
    一期产线,华东机电,120,初步接洽,2026/12/31,张伟,华东\n";
/// As often as somebody tries again until the other writer is done.
const TRIES: usize = 2_000;

/// An import by another program, in the middle of its one transaction until it is let go.
struct Import {
    go: Sender<()>,
    thread: JoinHandle<()>,
}

impl Import {
    fn begin(place: Place, now: Instant, profile: PathBuf, input: PathBuf) -> Self {
        let (go, wait): (Sender<()>, Receiver<()>) = channel();
        let (began, begun) = channel();
        let wait = Mutex::new(wait);
        let thread = std::thread::spawn(move || {
            let request =
                ImportRequest { profile: profile.display().to_string(), input, dry_run: false, skip_rejected: false };
            let tell = |step: Step| {
                if matches!(step, Step::Writing { .. }) {
                    began.send(()).expect("somebody waits for it");
                    wait.lock().expect("nobody else").recv().expect("it is let go");
                }
            };
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let outcome = runtime.block_on(app::import::run(&place, &request, now, &tell)).expect("it is read");
            assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
        });
        begun.recv().expect("it writes");
        Self { go, thread }
    }

    fn end(self) {
        self.go.send(()).expect("it waits");
        self.thread.join().expect("it goes in");
    }
}

/// The profile that the program proposes for the deals, and the deals, as files.
async fn files(house: &House, ops: &Browser) -> (PathBuf, PathBuf) {
    let send = house.by(ops, "POST", "/api/v1/uploads?name=deals.csv").text("application/octet-stream", DEALS);
    let upload = send.send().await.body["id"].clone();
    let suggest = house.by(ops, "POST", &format!("/api/v1/uploads/{upload}/suggest")).json(&json!({}));
    let mapping = suggest.send().await.body["mapping"].clone();
    let preview = house.by(ops, "POST", &format!("/api/v1/uploads/{upload}/preview"));
    let profile = preview.json(&json!({"mapping": mapping})).send().await.body["profile"].clone();
    let (at, deals) = (house.place.dir.join("profile.toml"), house.place.dir.join("deals.csv"));
    std::fs::write(&at, profile.as_str().expect("a profile")).expect("it is written");
    std::fs::write(&deals, DEALS).expect("it is written");
    (at, deals)
}

#[tokio::test(flavor = "multi_thread")]
async fn while_an_import_is_written_readers_go_on_and_writers_are_told_to_come_again() {
    let mut house = House::new().await;
    let ops = house.browser("ops", &[Role::Operations]).await;
    let root = house.browser("root", &[Role::Administrator]).await;
    let (profile, deals) = files(&house, &ops).await;
    house.restart_with(|settings| settings.write_turn = Duration::from_millis(100)).await;
    let import = Import::begin(house.place.clone(), house.now(), profile, deals);

    let make = async || house.by(&ops, "POST", "/api/v1/customers").json(&json!({"name": "Acme"})).send().await;
    let refused = make().await;
    assert_eq!((refused.status.as_u16(), refused.code()), (503, "busy"), "{}", refused.body);
    assert_eq!((refused.header("retry-after"), refused.body["hint_zh"].is_string()), ("1", true), "{}", refused.body);
    let signed_in = json!({"name": "ops", "password": crate::testing::PASSWORD});
    let signed_in = house.call("POST", "/api/v1/session").json(&signed_in).send().await;
    assert_eq!(signed_in.status.as_u16(), 503, "{}", signed_in.body);
    // What is taken away is told to the log, which waits; the file does not.
    let file = house.get(&ops, "/api/v1/opportunities?format=csv&bom=false").await;
    assert_eq!(file.status.as_u16(), 200, "{}", file.body);
    let log = async || house.get(&root, "/api/v1/access-log").await;
    assert_ne!(log().await.body["rows"][0]["action"], "exported");

    import.end();
    until(log, |reply| reply.body["rows"][0]["subject"] == "deals.csv").await;
    until(make, |reply| reply.status.as_u16() == 201).await;
}

/// Asks until the answer is as expected.
async fn until(ask: impl AsyncFn() -> Reply, is_so: impl Fn(&Reply) -> bool) {
    for _ in 0..TRIES {
        if is_so(&ask().await) {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never came");
}
