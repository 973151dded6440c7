//! Writes the table of the built web application's files, which the binary embeds.
//!
//! `LOUDOU_WEB_DIST` names the folder that `npm run build` wrote. A build without it serves the API, and a page that
//! says how to build the rest.

use std::fmt::Write;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const WITHOUT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Loudou</title>\
<body style=\"font-family:sans-serif;margin:4rem auto;max-width:40rem\"><h1>Loudou 漏斗</h1>\
<p>This binary was built without its web pages. Build them with <code>make build</code>. \
The API is here: <a href=\"/api/docs/\">/api/docs</a>.</p>\
<p>这个程序编译时没有包含网页。请用 <code>make build</code> 编译。</p></body></html>";

#[allow(clippy::disallowed_methods, reason = "a build script is told everything by the environment")]
fn main() -> io::Result<()> {
    // Without this line cargo would watch every file of the crate.
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=LOUDOU_WEB_DIST");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    let mut files = Vec::new();
    if let Some(dist) = env::var_os("LOUDOU_WEB_DIST").filter(|dir| !dir.is_empty()).map(PathBuf::from) {
        assert!(dist.join("index.html").is_file(), "LOUDOU_WEB_DIST: there is no index.html in {}", dist.display());
        println!("cargo:rerun-if-changed={}", dist.display());
        find(&dist, "", &mut files)?;
    } else {
        let page = out.join("index.html");
        fs::write(&page, WITHOUT)?;
        files.push(("index.html".to_owned(), page));
    }
    files.sort();
    let mut table = String::from("&[\n");
    for (name, path) in files {
        let mut hasher = DefaultHasher::new();
        hasher.write(&fs::read(&path)?);
        let tag = format!("\"{:016x}\"", hasher.finish());
        let path = fs::canonicalize(path)?;
        writeln!(table, "    File {{ name: {name:?}, tag: {tag:?}, bytes: include_bytes!({path:?}) }},")
            .expect("a text grows");
    }
    table.push(']');
    fs::write(out.join("web.rs"), table)
}

/// Every file below a folder, by its path from there.
fn find(dir: &Path, below: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            find(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push((name, entry.path()));
        }
    }
    Ok(())
}
