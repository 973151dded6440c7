//! Workbooks are ZIP archives, and an archive may unpack to a thousand times its size. It is unpacked once
//! for its length alone before anything is parsed.

use std::fs::File;
use std::io::{self, BufReader, Read};

use super::Source;
use crate::issue::{Fault, Refusal};
use crate::options::Options;

/// Below this a part may be packed as densely as it likes.
const SMALL: u64 = 16 << 20;

/// Refuses an archive that is none, or that unpacks to too much: by what its directory declares, then by what
/// really comes out.
///
/// # Errors
/// [`Fault::WrongFormat`], [`Fault::ArchiveTooLarge`].
pub(super) fn guard(source: &Source, options: &Options) -> Result<(), Refusal> {
    let file = File::open(&source.path).map_err(|error| source.unreadable(&error))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file))
        .map_err(|error| source.wrong_format("a workbook (XLSX)", error.to_string()))?;
    let mut total = 0;
    for index in 0..archive.len() {
        let mut part =
            archive.by_index(index).map_err(|error| source.wrong_format("a workbook (XLSX)", error.to_string()))?;
        let name = part.name().map_or_else(|_| format!("number {index}"), std::borrow::Cow::into_owned);
        let packed_bytes = part.compressed_size();
        let by_ratio = packed_bytes.saturating_mul(options.max_unpack_ratio).max(SMALL);
        let limit_bytes = by_ratio.min(options.max_unpacked_bytes.saturating_sub(total));
        let too_large = || Fault::ArchiveTooLarge {
            file: source.name.to_string(),
            part: super::shortened(&name),
            packed_bytes,
            limit_bytes,
        };
        if part.size() > limit_bytes {
            return Err(too_large().into());
        }
        let unpacked = io::copy(&mut part.by_ref().take(limit_bytes + 1), &mut io::sink())
            .map_err(|error| source.wrong_format("a workbook (XLSX)", format!("part `{name}`: {error}")))?;
        if unpacked > limit_bytes {
            return Err(too_large().into());
        }
        total += unpacked;
    }
    Ok(())
}
