//! Puts the built web application where the binary embeds it from.
//!
//! `LOUDOU_WEB_DIST` names the folder that `npm run build` wrote; without it, `web/dist` of the checkout is taken
//! where there is one. A build without either serves the API, and a page that says how to build the rest.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

const WITHOUT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Loudou</title>\
<body style=\"font-family:sans-serif;margin:4rem auto;max-width:40rem\"><h1>Loudou 漏斗</h1>\
<p>This binary was built without its web pages. Build them with <code>make build</code>. \
The API is here: <a href=\"/api/docs/\">/api/docs</a>.</p>\
<p>这个程序编译时没有包含网页。请用 <code>make build</code> 编译。</p></body></html>";

#[allow(clippy::disallowed_methods, reason = "a build script is told everything by the environment")]
fn main() -> io::Result<()> {
    println!("cargo:rerun-if-env-changed=LOUDOU_WEB_DIST");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../..");
    let given = env::var_os("LOUDOU_WEB_DIST").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let dist = given.unwrap_or_else(|| root.join("web/dist"));
    let to = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("web");
    if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    fs::create_dir_all(&to)?;
    println!("cargo:rerun-if-changed={}", dist.display());
    if dist.join("index.html").is_file() { copy(&dist, &to) } else { fs::write(to.join("index.html"), WITHOUT) }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
