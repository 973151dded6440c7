//! A list of JSON objects over HTTP, page after page.
//!
//! Pages are asked for until one is empty or names no next one: a short page proves nothing, since servers give fewer
//! rows than they are asked for. A page that comes twice ends the pull with an error, and so does a next page on another
//! server: the token is for one.

mod call;
mod json;

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use url::Url;

use crate::definition::{HttpDefinition, Incremental, Limits, PagingBy};
use crate::failure::Failure;
use crate::guard::guarded;
use crate::mark::{Mark, fingerprint};
use crate::reach::Reach;
use crate::secret::{Secret, clean};
use crate::table::{Table, check_size, create};
use crate::{Ask, Follow, Patience, Pulled, Source};
use call::{Answer, Caller};
use json::Page;

/// Columns that rows may have together.
const MOST_COLUMNS: usize = 2_000;
/// The file that rows wait in until all columns are known.
const WAITING: &str = ".rows";

pub(crate) struct Http {
    of: HttpDefinition,
    url: Url,
    how: Incremental,
    limits: Limits,
    secret: Option<Secret>,
    reach: Reach,
    patience: Patience,
}

impl Http {
    pub(crate) fn new(
        of: HttpDefinition,
        how: Incremental,
        limits: Limits,
        secret: Option<Secret>,
        reach: Reach,
        patience: Patience,
    ) -> Result<Self, Failure> {
        let url = Url::parse(&of.url).map_err(|error| {
            Failure::definition(format!("http.url 无法读取：{error}"), format!("http.url cannot be read: {error}"))
        })?;
        if url.scheme() == "http" && secret.is_some() && !of.plain {
            return Err(Failure::definition(
                "令牌不经未加密的连接发送",
                "a token is not sent over a connection that is not encrypted",
            )
            .hint(
                "请使用 https:// 地址；仅在本机或内网可写 plain = true",
                "take an https:// address; on the own machine or network alone write plain = true",
            ));
        }
        Ok(Self { of, url, how, limits, secret, reach, patience })
    }

    /// The address of the first page.
    fn first_page(&self, mark: &Mark) -> Result<Url, Failure> {
        let since = mark.since(&self.how)?;
        let mut url = self.url.clone();
        for (name, value) in &self.of.params {
            let told = match value.as_str() {
                ":since" => since.as_deref(),
                ":after" => mark.key.as_deref(),
                fixed => Some(fixed),
            };
            if let Some(told) = told {
                set(&mut url, name, told);
            }
        }
        let paging = &self.of.paging;
        if !paging.size_param.is_empty() {
            set(&mut url, &paging.size_param, &paging.size.to_string());
        }
        match paging.by {
            PagingBy::Page => set(&mut url, &paging.param, &paging.first.to_string()),
            PagingBy::Offset => set(&mut url, &paging.param, "0"),
            _ => {}
        }
        Ok(url)
    }

    /// The address of the page after one, if there is one. `rows` are those of the page, and those of all so far.
    fn next_page(
        &self,
        url: &Url,
        number: u64,
        rows: (u64, u64),
        answer: &Answer,
        page: &Page<'_>,
    ) -> Result<Option<Url>, Failure> {
        let paging = &self.of.paging;
        let (on_page, so_far) = rows;
        let mut next = url.clone();
        match paging.by {
            PagingBy::None => return Ok(None),
            PagingBy::Page | PagingBy::Offset if on_page == 0 => return Ok(None),
            PagingBy::Page => set(&mut next, &paging.param, &paging.first.saturating_add(number).to_string()),
            PagingBy::Offset => set(&mut next, &paging.param, &so_far.to_string()),
            PagingBy::Cursor => match page.text_at(&paging.at)?.filter(|cursor| !cursor.is_empty()) {
                None => return Ok(None),
                Some(cursor) => set(&mut next, &paging.param, &cursor),
            },
            PagingBy::Next => match page.text_at(&paging.at)?.filter(|next| !next.is_empty()) {
                None => return Ok(None),
                Some(told) => next = joined(url, &told)?,
            },
            PagingBy::Link => match answer.next_link() {
                None => return Ok(None),
                Some(told) => next = joined(url, &told)?,
            },
        }
        call::require_same_origin(&self.url, &next)?;
        Ok(Some(next))
    }

    /// Reads page after page. Rows wait in a file, since columns may turn up late.
    async fn read(&self, ask: &Ask, follow: &dyn Follow) -> Result<Waiting, Failure> {
        let mut caller = Caller::new(&self.of, &self.url, self.secret.as_ref(), &self.reach, self.patience)?;
        let mut waiting = Waiting::begin(&ask.into, &self.of.columns)?;
        let mut url = self.first_page(&ask.since)?;
        let mut visited = HashSet::new();
        let mut last = String::new();
        for number in 1..=self.of.paging.most {
            if !visited.insert(fingerprint(&[url.as_str()])) {
                return Err(endless());
            }
            let answer = caller.get(&url).await?;
            let page = Page::read(&answer.body, number)?;
            let print = fingerprint(&[&String::from_utf8_lossy(&answer.body)]);
            if print == last {
                return Err(endless());
            }
            let on_page = page.each_row(&self.of.list, |row| {
                waiting.push(row)?;
                check_size(&self.limits, waiting.rows, waiting.bytes)?;
                Ok(ask.first.is_none_or(|first| waiting.rows < first))
            })?;
            if ask.first.is_some_and(|first| waiting.rows >= first) {
                return Ok(waiting);
            }
            // Empty pages may be alike.
            last = if on_page == 0 { String::new() } else { print };
            follow.told(waiting.rows, waiting.bytes);
            match self.next_page(&url, number, (on_page, waiting.rows), &answer, &page)? {
                None => return Ok(waiting),
                Some(next) => url = next,
            }
        }
        let most = self.of.paging.most;
        Err(Failure::too_much(format!("超过 {most} 页"), format!("there are more than {most} pages"))
            .hint("请增大每页行数，或放宽 paging.most", "ask for larger pages, or raise paging.most"))
    }

    async fn pull_all(&self, ask: &Ask, follow: &dyn Follow) -> Result<Pulled, Failure> {
        let waiting = self.read(ask, follow).await?;
        if waiting.columns.is_empty() {
            // No row has told which columns there are.
            return Ok(Pulled { mark: ask.since.clone(), rows: Some(0), ..waiting.drop_file()? });
        }
        waiting.into_table(ask, &self.of.table, &self.how, &self.limits, follow)
    }
}

#[async_trait]
impl Source for Http {
    async fn pull(&self, ask: &Ask, follow: &dyn Follow) -> Result<Pulled, Failure> {
        let pulled = guarded(&self.limits, follow, self.pull_all(ask, follow)).await;
        pulled.map_err(|failure| failure.map(|text| clean(text, self.secret.as_ref())))
    }
}

/// Rows until all columns are known.
struct Waiting {
    path: PathBuf,
    file: BufWriter<File>,
    columns: Vec<String>,
    places: std::collections::HashMap<String, usize>,
    is_fixed: bool,
    rows: u64,
    bytes: u64,
}

impl Waiting {
    fn begin(folder: &Path, columns: &[String]) -> Result<Self, Failure> {
        let path = folder.join(WAITING);
        let file = BufWriter::new(create(folder, WAITING)?);
        let places = columns.iter().cloned().enumerate().map(|(at, name)| (name, at)).collect();
        Ok(Self { path, file, columns: columns.to_vec(), places, is_fixed: !columns.is_empty(), rows: 0, bytes: 0 })
    }

    fn push(&mut self, row: &[(String, Option<String>)]) -> Result<(), Failure> {
        let mut cells: Vec<(usize, &str)> = Vec::with_capacity(row.len());
        for (name, value) in row {
            let at = match self.places.get(name) {
                Some(at) => *at,
                // The definition names the columns there are: others are nobody's.
                None if self.is_fixed => continue,
                None => {
                    if self.columns.len() >= MOST_COLUMNS {
                        return Err(Failure::too_much(
                            format!("超过 {MOST_COLUMNS} 列"),
                            format!("there are more than {MOST_COLUMNS} columns"),
                        )
                        .hint("请在 http.columns 中写明需要的列", "name the columns that are needed in http.columns"));
                    }
                    self.places.insert(name.clone(), self.columns.len());
                    self.columns.push(name.clone());
                    self.columns.len() - 1
                }
            };
            cells.extend(value.as_deref().map(|value| (at, value)));
        }
        let line = serde_json::to_string(&cells).map_err(|error| Failure::system(&std::io::Error::other(error)))?;
        self.bytes += line.len() as u64 + 1;
        self.rows += 1;
        writeln!(self.file, "{line}").map_err(|error| Failure::system(&error))
    }

    fn drop_file(self) -> Result<Pulled, Failure> {
        std::fs::remove_file(&self.path).map_err(|error| Failure::system(&error))?;
        Ok(Pulled::default())
    }

    fn into_table(
        mut self,
        ask: &Ask,
        name: &str,
        how: &Incremental,
        limits: &Limits,
        follow: &dyn Follow,
    ) -> Result<Pulled, Failure> {
        self.file.flush().map_err(|error| Failure::system(&error))?;
        let mut table = Table::begin(ask, name, self.columns.clone(), how, limits, follow)?;
        let file = File::open(&self.path).map_err(|error| Failure::system(&error))?;
        for line in BufReader::new(file).lines() {
            let line = line.map_err(|error| Failure::system(&error))?;
            let cells: Vec<(usize, String)> =
                serde_json::from_str(&line).map_err(|error| Failure::system(&std::io::Error::other(error)))?;
            let mut row = vec![None; self.columns.len()];
            for (at, value) in cells {
                row[at] = Some(value);
            }
            if !table.row(&row)? {
                break;
            }
        }
        self.drop_file()?;
        table.finish()
    }
}

/// Sets a parameter of an address.
fn set(url: &mut Url, name: &str, value: &str) {
    let others: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(known, _)| known != name)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair(name, value);
}

fn joined(url: &Url, told: &str) -> Result<Url, Failure> {
    url.join(told).map_err(|error| {
        Failure::source(
            format!("下一页的地址无法读取：{error}"),
            format!("the address of the next page cannot be read: {error}"),
        )
    })
}

fn endless() -> Failure {
    Failure::source("接口重复返回同一页，没有尽头", "the API gives the same page again and again").hint(
        "请核对 paging：参数名、游标的位置；接口不分页时请写 by = \"none\"",
        "look at `paging`: the parameter's name, where the cursor is; write by = \"none\" where there are no pages",
    )
}
