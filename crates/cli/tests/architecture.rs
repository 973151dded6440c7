//! The rules of the workspace that the compiler does not hold: which crate may know which, what each must not
//! know, under which licences others' code comes in, and that ARCHITECTURE.md names every crate.
//!
//! The facts are those of `cargo metadata`, so a rule cannot be passed by writing a manifest differently.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Our crates, lowest first, and the crates of ours that each is built on. Tests may use `testkit` besides, and
/// whatever lies below the crate.
const EDGES: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("methods", &[]),
    ("matching", &[]),
    ("journey", &["domain"]),
    ("ingest", &["domain"]),
    ("engine", &[]),
    ("steps", &["domain", "engine", "ingest", "matching"]),
    ("connect", &[]),
    ("store", &["domain"]),
    ("warehouse", &["domain", "engine", "journey", "store"]),
    ("app", &["connect", "domain", "ingest", "journey", "matching", "methods", "steps", "store", "warehouse"]),
    ("report", &["app", "domain"]),
    ("server", &["app", "domain", "report"]),
    ("cli", &["app", "domain", "report", "server"]),
];

/// For tests only: nothing that ships may be built on it, and it may be built on anything.
const TESTKIT: &str = "testkit";

/// Others' crates that a crate of ours must not name, by what they stand for. A name ending in `*` covers all
/// that begin so.
const ASYNC: &[&str] = &["tokio", "async-*", "futures*"];
const DATABASES: &[&str] = &["sea-orm*", "sea-query*", "sqlx*", "rusqlite", "postgres*", "tokio-postgres"];
const HTTP: &[&str] = &["axum*", "hyper*", "tower*", "reqwest", "utoipa*"];
const TABLES: &[&str] = &["arrow*", "parquet"];
const ENGINES: &[&str] = &["datafusion*", "ballista*"];
const TERMINAL: &[&str] = &["clap*", "comfy-table", "indicatif", "crossterm"];
const RANDOM: &[&str] = &["rand", "getrandom", "uuid"];

/// What each crate must not know (ARCHITECTURE.md says why).
const IGNORANT_OF: &[(&str, &[&[&str]])] = &[
    ("domain", &[ASYNC, DATABASES, HTTP, TABLES, ENGINES, TERMINAL, RANDOM]),
    ("methods", &[ASYNC, DATABASES, HTTP, TABLES, ENGINES, TERMINAL, RANDOM, &["chrono*"]]),
    ("matching", &[ASYNC, DATABASES, HTTP, TABLES, ENGINES, TERMINAL, RANDOM, &["chrono*"]]),
    ("journey", &[ASYNC, DATABASES, HTTP, ENGINES, TERMINAL, RANDOM, &["parquet"]]),
    ("ingest", &[ASYNC, DATABASES, HTTP, ENGINES, TERMINAL, RANDOM]),
    ("engine", &[ASYNC, DATABASES, HTTP, TERMINAL, RANDOM]),
    ("steps", &[DATABASES, HTTP, TERMINAL, RANDOM]),
    ("connect", &[TABLES, ENGINES, TERMINAL, RANDOM, &["axum*", "sea-orm*"]]),
    ("store", &[HTTP, TABLES, ENGINES, TERMINAL]),
    ("warehouse", &[DATABASES, HTTP, TERMINAL]),
    ("app", &[DATABASES, HTTP, ENGINES, TERMINAL]),
    ("report", &[ASYNC, DATABASES, HTTP, ENGINES, TERMINAL, RANDOM]),
    ("server", &[DATABASES, TABLES, ENGINES, TERMINAL, RANDOM]),
    ("cli", &[DATABASES, HTTP, TABLES, ENGINES]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Our crates as cargo sees them.
fn workspace() -> Metadata {
    let manifest = root().join("Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo metadata of the workspace")
}

/// The names of `package`'s dependencies of one kind; ours only, or others' only.
fn named(package: &Package, kind: DependencyKind, ours: bool) -> BTreeSet<&str> {
    let of_kind = package.dependencies.iter().filter(|dependency| dependency.kind == kind);
    of_kind.filter(|dependency| dependency.path.is_some() == ours).map(|dependency| dependency.name.as_str()).collect()
}

/// Everything that `krate` is built on, directly or not.
fn below(krate: &str) -> BTreeSet<&'static str> {
    let direct = EDGES.iter().find(|(name, _)| *name == krate).map_or(&[][..], |(_, to)| to);
    direct.iter().copied().chain(direct.iter().flat_map(|next| below(next))).collect()
}

#[test]
fn our_crates_are_built_on_each_other_as_listed_and_no_otherwise() {
    let metadata = workspace();
    let expected: BTreeMap<&str, BTreeSet<&str>> =
        EDGES.iter().map(|(name, to)| (*name, to.iter().copied().collect())).collect();
    let packages = metadata.packages.iter().filter(|package| package.name.as_str() != TESTKIT);
    let found: BTreeMap<&str, BTreeSet<&str>> = packages
        .map(|package| {
            let mut edges = named(package, DependencyKind::Normal, true);
            edges.extend(named(package, DependencyKind::Build, true));
            (package.name.as_str(), edges)
        })
        .collect();
    assert_eq!(found, expected, "the edges between the crates (left) are not those of the list (right)");
}

#[test]
fn the_list_of_crates_has_no_way_up() {
    let names: Vec<_> = EDGES.iter().map(|(name, _)| *name).collect();
    for (at, (name, to)) in EDGES.iter().enumerate() {
        let above: Vec<_> = to.iter().filter(|next| !names[..at].contains(next)).collect();
        assert!(above.is_empty(), "`{name}` is listed below {above:?}, which it is built on");
    }
}

#[test]
fn tests_reach_down_or_to_the_testkit() {
    for package in &workspace().packages {
        let name = package.name.as_str();
        if name == TESTKIT {
            continue;
        }
        let mut allowed = below(name);
        allowed.insert(TESTKIT);
        let used = named(package, DependencyKind::Development, true);
        let beside: Vec<_> = used.difference(&allowed).collect();
        assert!(beside.is_empty(), "tests of `{name}` use {beside:?}, which are not below it");
    }
}

#[test]
fn no_crate_names_what_it_must_not_know() {
    let metadata = workspace();
    let mut broken = Vec::new();
    for (name, groups) in IGNORANT_OF {
        let package = metadata.packages.iter().find(|package| package.name.as_str() == *name);
        let package = package.unwrap_or_else(|| panic!("there is no crate `{name}`"));
        let others = named(package, DependencyKind::Normal, false);
        for pattern in groups.iter().copied().flatten() {
            let hits = |other: &&&str| match pattern.strip_suffix('*') {
                Some(start) => other.starts_with(start),
                None => *other == pattern,
            };
            broken.extend(others.iter().filter(hits).map(|other| format!("`{name}` names `{other}`")));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let listed: BTreeSet<_> = IGNORANT_OF.iter().map(|(name, _)| *name).collect();
    assert_eq!(listed, EDGES.iter().map(|(name, _)| *name).collect(), "every crate must be ignorant of something");
}

#[test]
fn versions_and_lints_live_in_the_root_manifest() {
    for package in &workspace().packages {
        let name = package.name.as_str();
        let manifest: toml::Table = read(&format!("crates/{name}/Cargo.toml")).parse().expect("a manifest is TOML");
        let inherits = |table: Option<&toml::Value>| {
            table.and_then(|table| table.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
        };
        assert!(inherits(manifest.get("lints")), "`{name}` has no `[lints] workspace = true`");
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(table) = manifest.get(section).and_then(toml::Value::as_table) else { continue };
            for (dependency, how) in table {
                assert!(inherits(Some(how)), "`{name}` sets the version of `{dependency}` itself ({section})");
            }
        }
    }
}

#[test]
fn the_architecture_document_names_every_crate() {
    let document = read("ARCHITECTURE.md");
    for entry in std::fs::read_dir(root().join("crates")).expect("the crates' folder") {
        let entry = entry.expect("an entry of the crates' folder");
        if !entry.path().join("Cargo.toml").exists() {
            continue;
        }
        let name = entry.file_name().into_string().expect("a crate's name is ASCII");
        let row = format!("| `{name}` |");
        assert!(document.contains(&row), "ARCHITECTURE.md has no row for the crate `{name}` in its table");
    }
}

/// The rules of deny.toml.
fn rules() -> toml::Table {
    read("deny.toml").parse().expect("deny.toml is TOML")
}

/// Everything that is built for this machine, ours and others'. What other systems need is not fetched here.
fn everything() -> Metadata {
    let version = Command::new("rustc").arg("-vV").output().expect("rustc tells its version").stdout;
    let version = String::from_utf8(version).expect("rustc writes UTF-8");
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc tells its host");
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(["--locked", "--filter-platform", host].map(str::to_owned))
        .exec()
        .expect("cargo metadata of everything")
}

#[test]
fn others_code_comes_under_the_licences_of_deny_toml() {
    let rules = rules();
    let list = rules["licenses"]["allow"].as_array().expect("licenses.allow is a list");
    let allowed: BTreeSet<&str> = list.iter().map(|licence| licence.as_str().expect("a licence is text")).collect();
    let mut refused = Vec::new();
    for package in &everything().packages {
        let (name, licence) = (&package.name, package.license.as_deref().unwrap_or(""));
        match licence_holds(licence, &allowed) {
            Ok(true) => {}
            Ok(false) => refused.push(format!("{name} {}: {licence}", package.version)),
            Err(why) => refused.push(format!("{name} {}: `{licence}` {why}", package.version)),
        }
    }
    assert!(refused.is_empty(), "not permitted by deny.toml:\n{}", refused.join("\n"));
}

#[test]
fn others_code_comes_from_the_registry_and_is_not_banned() {
    let rules = rules();
    let list = rules["bans"]["deny"].as_array().expect("bans.deny is a list");
    let banned: BTreeMap<&str, &str> = list
        .iter()
        .map(|ban| (ban["crate"].as_str().expect("a crate's name"), ban["reason"].as_str().expect("a reason")))
        .collect();
    for package in &everything().packages {
        let name = package.name.as_str();
        assert_eq!(banned.get(name), None, "`{name}` is banned");
        if let Some(source) = &package.source {
            assert!(source.is_crates_io(), "`{name}` comes from {source}");
        }
    }
}

/// Whether an SPDX licence expression can be met with the licences in `allowed`. An exception (`WITH`) is part of
/// the licence's name; the old `/` reads as `OR`; `AND` binds closer than `OR`.
fn licence_holds(expression: &str, allowed: &BTreeSet<&str>) -> Result<bool, String> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let holds = any_of(&mut words, allowed)?;
    words.next().map_or(Ok(holds), |word| Err(format!("has a stray `{word}`")))
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: &mut Words<'_>, allowed: &BTreeSet<&str>) -> Result<bool, String> {
    let mut holds = all_of(words, allowed)?;
    while words.next_if_eq(&"OR").is_some() {
        holds |= all_of(words, allowed)?;
    }
    Ok(holds)
}

fn all_of(words: &mut Words<'_>, allowed: &BTreeSet<&str>) -> Result<bool, String> {
    let mut holds = one(words, allowed)?;
    while words.next_if_eq(&"AND").is_some() {
        holds &= one(words, allowed)?;
    }
    Ok(holds)
}

fn one(words: &mut Words<'_>, allowed: &BTreeSet<&str>) -> Result<bool, String> {
    match words.next() {
        Some("(") => {
            let holds = any_of(words, allowed)?;
            words.next_if_eq(&")").map(|_| holds).ok_or_else(|| "lacks a closing bracket".to_owned())
        }
        None | Some("OR" | "AND" | "WITH" | ")") => Err("lacks a licence".to_owned()),
        Some(licence) if words.next_if_eq(&"WITH").is_some() => {
            let exception = words.next().ok_or("lacks the exception's name")?;
            Ok(allowed.contains(format!("{licence} WITH {exception}").as_str()))
        }
        Some(licence) => Ok(allowed.contains(licence)),
    }
}

#[test]
fn licence_expressions_are_read_as_spdx_means_them() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0", "Zlib", "ISC WITH X"]);
    let cases = [
        ("MIT", Ok(true)),
        ("GPL-3.0", Ok(false)),
        ("GPL-3.0 OR MIT", Ok(true)),
        ("GPL-3.0/MIT", Ok(true)),
        ("GPL-3.0 AND MIT", Ok(false)),
        ("MIT AND Zlib", Ok(true)),
        ("MIT OR GPL-3.0 AND LGPL-3.0", Ok(true)),
        ("(MIT OR GPL-3.0) AND LGPL-3.0", Ok(false)),
        ("(MIT OR GPL-3.0) AND Zlib", Ok(true)),
        ("Apache-2.0 WITH LLVM-exception", Ok(false)),
        ("ISC WITH X", Ok(true)),
        ("ISC WITH Y OR GPL-3.0", Ok(false)),
        ("", Err("lacks a licence")),
        ("MIT OR", Err("lacks a licence")),
        ("(MIT", Err("lacks a closing bracket")),
        ("MIT Zlib", Err("has a stray `Zlib`")),
    ];
    for (expression, expected) in cases {
        assert_eq!(licence_holds(expression, &allowed), expected.map_err(str::to_owned), "`{expression}`");
    }
}
