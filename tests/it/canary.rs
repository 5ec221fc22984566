//! Looks for what must not be anywhere.

use std::io::Read as _;
use std::path::Path;

/// What every compressed record of the ledger begins with.
const FRAME: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Every report there is, to files of this folder: `-o table=reports/table` and so on.
pub(crate) const REPORTS: [&str; 8] = ["table", "json", "csv", "html", "markdown", "sarif", "ocsf", "junit"];

/// Arguments that write every report into a folder `reports`, which must be there.
pub(crate) fn all_reports() -> Vec<String> {
    REPORTS.iter().flat_map(|format| ["-o".to_owned(), format!("{format}=reports/{format}")]).collect()
}

/// Whether a text stands in any file below a folder, also in what is compressed within one.
pub(crate) fn is_in(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() { is_in(&path, text) } else { path.is_file() && holds(&std::fs::read(&path).unwrap(), text) }
    })
}

fn holds(bytes: &[u8], text: &str) -> bool {
    let stands = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let frames = bytes.windows(FRAME.len()).enumerate().filter(|(_, window)| *window == FRAME);
    stands(bytes)
        || frames.map(|(start, _)| start).any(|start| {
            let mut inner = Vec::new();
            // What only looks like a frame ends with an error, and what was read until then is looked at all the same.
            if let Ok(mut decoder) = zstd::stream::Decoder::new(&bytes[start..]) {
                drop(decoder.read_to_end(&mut inner));
            }
            stands(&inner)
        })
}
