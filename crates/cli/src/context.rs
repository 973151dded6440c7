//! What the commands are run with: options, clock, language and output.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use app::access::Random;
use app::answer::Answer;
use app::sources::{Authorities, Folders, Setup, Sources};
use app::{AppError, Ask, Loudou, Place, Result};
use domain::{Day, Instant};
use serde_json::Value;

use crate::args::{Common, Lang};
use crate::clock::Clock;
use crate::render;

/// One run's options, with the clock and the terminal.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) common: Common,
    pub(crate) lang: Lang,
    pub(crate) clock: Clock,
}

impl Context {
    pub(crate) fn new(common: Common) -> Self {
        let lang = common.lang.unwrap_or_else(locale_language);
        let clock = Clock::starting(common.clock);
        Self { common, lang, clock }
    }

    /// One of two texts, by language.
    pub(crate) const fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        render::pick(self.lang, zh, en)
    }

    /// Whether people read Chinese.
    pub(crate) fn lang_is_zh(&self) -> bool {
        self.lang == Lang::Zh
    }

    /// The time.
    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Numbers that nobody can guess.
    #[allow(clippy::disallowed_methods, reason = "the composition root is where randomness is drawn")]
    pub(crate) fn random<const N: usize>(&self) -> Result<[u8; N]> {
        let mut fresh = [0; N];
        getrandom::fill(&mut fresh)
            .map_err(|error| AppError::system(format!("the system gives no random numbers: {error}")))?;
        Ok(fresh)
    }

    /// Where the data lies.
    pub(crate) fn place(&self) -> Result<Place> {
        let (dir, database_url) = (self.common.data.clone(), self.common.database_url.clone());
        Ok(Place { dir, database_url, fresh_id: u128::from_le_bytes(self.random()?) })
    }

    /// The door to sources; the key of their secrets is in the environment or in the data directory, and never an
    /// argument, which others on the machine would see.
    #[allow(clippy::disallowed_methods, reason = "the composition root is where the environment is read")]
    pub(crate) fn sources(&self, loudou: &Loudou, folders: Folders) -> Result<Sources> {
        let variable = |name| std::env::var(name).ok();
        let (key, key_before) = (variable("LOUDOU_SECRET_KEY"), variable("LOUDOU_SECRET_KEY_BEFORE"));
        let authorities = variable("LOUDOU_SOURCE_CA").filter(|path| !path.is_empty()).map_or_else(
            || Ok(Authorities::default()),
            |path| {
                let told = |why: String| {
                    AppError::input((
                        format!("LOUDOU_SOURCE_CA 指向 {path}：{why}"),
                        format!("LOUDOU_SOURCE_CA names {path}: {why}"),
                    ))
                    .hint((
                        "请指向一个本程序可读的 PEM 证书文件",
                        "name a file of certificates in PEM that this program may read",
                    ))
                };
                let pem = std::fs::read(&path).map_err(|error| told(error.to_string()))?;
                Authorities::read(&pem).map_err(|failure| told(failure.en))
            },
        )?;
        Sources::of(loudou, Setup { folders, authorities, key, key_before, random: Random::seeded(self.random()?) })
    }

    /// The question's common part.
    pub(crate) fn ask(&self) -> Result<Ask> {
        let common = &self.common;
        Ok(Ask {
            chips: Vec::new(),
            process: common.process.clone(),
            as_of: self.day("--as-of", common.as_of.as_deref())?,
            known_at: self.day("--known-at", common.known_at.as_deref())?,
            from: self.day("--from", common.from.as_deref())?,
            to: self.day("--to", common.to.as_deref())?,
            by: common
                .by
                .iter()
                .map(|dimension| dimension.trim().to_owned())
                .filter(|dimension| !dimension.is_empty())
                .collect(),
            filter: common.filter.clone(),
            scope: common.scope.clone(),
            currency: common.currency.clone(),
        })
    }

    /// A date given to an option.
    pub(crate) fn day(&self, option: &str, text: Option<&str>) -> Result<Option<Day>> {
        let Some(text) = text else { return Ok(None) };
        Day::parse(text).map(Some).ok_or_else(|| {
            AppError::input((
                format!("{option} `{text}` 不是存在的日期"),
                format!("{option} `{text}` is not a date that exists"),
            ))
            .hint(("请写成 2026-11-23", "write it as 2026-11-23"))
        })
    }

    /// Prints an answer as a table or as JSON.
    pub(crate) fn show(&self, answer: &Answer) -> Result<()> {
        if self.common.json {
            return self.show_json(&answer.to_json());
        }
        let width = std::io::stdout().is_terminal().then(terminal_width).flatten();
        self.print(&render::table(answer, self.lang, width))
    }

    /// Prints JSON on one line.
    pub(crate) fn show_json(&self, value: &Value) -> Result<()> {
        self.print(&format!("{value}\n"))
    }

    /// Prints text. A reader that hung up (`| head`) is no failure.
    pub(crate) fn print(&self, text: &str) -> Result<()> {
        match std::io::stdout().lock().write_all(text.as_bytes()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(AppError::system(format!("the output could not be written: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// A path as the user gave it, for messages.
    pub(crate) fn data_dir(&self) -> &PathBuf {
        &self.common.data
    }
}

fn terminal_width() -> Option<u16> {
    comfy_table::Table::new().width()
}

/// Chinese where the locale says so, English elsewhere.
#[allow(clippy::disallowed_methods, reason = "the composition root is where the environment is read")]
fn locale_language() -> Lang {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    if locale.is_some_and(|locale| locale.starts_with("zh")) { Lang::Zh } else { Lang::En }
}
