//! `loudou serve`: the HTTP server, until it is asked to stop.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::access::{Access, Random};
use app::sources::Folders;
use app::{AppError, Loudou, Organisation, Result};
use server::{Settings, State};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::args::ServeArgs;
use crate::context::Context;

/// Upper bounds of the request durations that are counted apart, in seconds.
const BUCKETS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// How long a request that writes waits for another writer before it is told to come again.
const WRITE_TURN: Duration = Duration::from_secs(5);

pub(crate) async fn run(context: &Context, args: ServeArgs) -> Result<()> {
    let loudou = Loudou::open_or_create(&context.place()?, &Organisation::default(), context.now()).await?;
    loudou.ready().await?;
    let listener = TcpListener::bind(args.listen).await.map_err(|error| {
        AppError::input((
            format!("无法监听 {}：{error}", args.listen),
            format!("cannot listen on {}: {error}", args.listen),
        ))
        .hint((
            "请用 --listen 给出别的地址，或停掉占用它的程序",
            "give another address by --listen, or stop what has this one",
        ))
    })?;
    let address = listener.local_addr().map_err(|error| AppError::system(error.to_string()))?;
    let settings = Settings {
        clock: {
            let clock = context.clock;
            Arc::new(move || clock.now())
        },
        body_limit_bytes: 1 << 20,
        timeout: Duration::from_secs(args.timeout_seconds),
        write_turn: WRITE_TURN.min(Duration::from_secs(args.timeout_seconds) / 2),
        secure_cookie: args.behind_proxy || !(args.plain_http || address.ip().is_loopback()),
        behind_proxy: args.behind_proxy,
        metrics: recorder()?,
    };
    let stop = stop_signal()?;
    let access = Access::of(&loudou, Random::seeded(context.random()?))?;
    let folders = match &args.source_dir {
        None => Folders::None,
        Some(dir) if dir.is_dir() => Folders::Inside(dir.clone()),
        Some(dir) => {
            return Err(AppError::input((
                format!("没有文件夹 {}", dir.display()),
                format!("there is no folder {}", dir.display()),
            ))
            .hint(("请为 --source-dir 给出存在的文件夹", "give --source-dir a folder that is there")));
        }
    };
    let sources = context.sources(&loudou, folders)?;
    let code = access.first_run_code(context.now()).await?;
    say_ready(context, address, code.as_deref())?;
    server::serve(listener, State::new(loudou, access, settings).with_sources(sources), stop)
        .await
        .map_err(|error| AppError::system(format!("the server stopped: {error}")))
}

/// The line that whoever started the server waits for. Before anybody has an account, the link that makes the
/// first one is told beside it.
fn say_ready(context: &Context, address: SocketAddr, first_run: Option<&str>) -> Result<()> {
    if let Some(code) = first_run {
        let what = context.pick("建立第一个用户（一次有效，限一天内）：", "Make the first user (once, within a day):");
        eprintln!("{what} http://{address}/first-run#code={code}");
    }
    context.print(&format!("http://{address}\n"))?;
    std::io::stdout().flush().map_err(|error| AppError::system(error.to_string()))
}

fn recorder() -> Result<metrics_exporter_prometheus::PrometheusHandle> {
    metrics_exporter_prometheus::PrometheusBuilder::new()
        .set_buckets(&BUCKETS)
        .and_then(metrics_exporter_prometheus::PrometheusBuilder::install_recorder)
        .map_err(|error| AppError::system(format!("metrics cannot be counted: {error}")))
}

/// Done when the process is asked to end: by a terminal's Ctrl-C, or by whoever supervises it.
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static> {
    let (ask, mut asked) = watch::channel(false);
    ctrlc::set_handler(move || {
        // A second signal finds the server already ending.
        let _ = ask.send(true);
    })
    .map_err(|error| AppError::system(format!("cannot listen for signals: {error}")))?;
    Ok(async move {
        // The sender lives in the handler, as long as the process.
        let _ = asked.wait_for(|asked| *asked).await;
    })
}
