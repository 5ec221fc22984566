//! What a file is, told from its head alone: cheap enough to do to every file of a folder.

use plumbline::provider::Error;
use serde::de::{DeserializeSeed, MapAccess};

use crate::decoding::decode_head;
use crate::format::Header;
use crate::reading::Reading;
use crate::walk::{Keys, Walk};

/// How much of a file its head is.
pub const HEAD_BYTES: u64 = 64 << 10;

/// A zip archive begins with its first file's header; a plan's first file is `tfplan`.
const ZIP: &[u8] = b"PK\x03\x04";
const ZIP_NAME_AT: usize = 30;
const GZIP: &[u8] = &[0x1f, 0x8b];
/// What the wrapper script of the CI action `setup-terraform` writes before the output proper.
const WRAPPER: &str = "[command]";

/// What the head of a file tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guess {
    /// A Terraform document, perhaps a broken one.
    Terraform,
    /// A sound beginning of something else.
    Other,
    /// Nothing that can be told.
    Unclear,
}

pub fn guess(head: &[u8]) -> Guess {
    if head.starts_with(ZIP) {
        return if is_binary_plan(head) { Guess::Terraform } else { Guess::Other };
    }
    let text = decode_head(head);
    if is_wrapped(&text) {
        return Guess::Terraform;
    }
    let (header, sound) = top(&text, head.len() as u64 >= HEAD_BYTES);
    if header.looks_like_terraform() || text.contains("\"root_module\"") {
        Guess::Terraform
    } else if sound {
        Guess::Other
    } else {
        Guess::Unclear
    }
}

/// Why a file cannot be read, where its head tells so.
pub fn refusal(head: &[u8]) -> Option<Error> {
    let text = decode_head(head);
    let reason = if head.starts_with(ZIP) && is_binary_plan(head) {
        "this is a binary plan: run `terraform show -json FILE > plan.json` and scan that"
    } else if head.starts_with(ZIP) {
        "this is a zip archive: unpack it and scan the state or plan inside"
    } else if head.starts_with(GZIP) {
        "this is compressed with gzip: unpack it and scan the state or plan inside"
    } else if text.trim().is_empty() {
        "the file is empty: write the state or plan again"
    } else if is_wrapped(&text) {
        "line 1: this begins with a line of the setup-terraform wrapper, not with JSON: set `terraform_wrapper: false`, or \
         run `terraform-bin show -json`"
    } else if is_log(&text) {
        "line 1: this is the log of `terraform plan -json`, not a plan: run `terraform plan -out=FILE`, then `terraform show \
         -json FILE > plan.json`, and scan that"
    } else if !text.trim_start().starts_with(['{', '[']) {
        "line 1 column 1: this is no JSON document: give a .tfstate file, or what `terraform show -json` writes"
    } else {
        return None;
    };
    Some(Error::Invalid(reason.to_owned()))
}

fn is_binary_plan(head: &[u8]) -> bool {
    head.get(ZIP_NAME_AT..).is_some_and(|name| name.starts_with(b"tfplan"))
}

fn is_wrapped(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    first.starts_with(WRAPPER) && first.contains("terraform")
}

fn is_log(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.contains("\"@level\"") && line.contains("\"@message\""))
}

/// The keys at the top as far as they stand in the head, and whether the text is sound: to its end, or to where the head of a
/// longer file is cut.
fn top(text: &str, is_cut: bool) -> (Header, bool) {
    let reading = Reading::default();
    let mut walked = Top { reading: &reading, header: Header::default() };
    let mut parser = serde_json::Deserializer::from_str(text);
    let sound = match Walk(&mut walked).deserialize(&mut parser) {
        Ok(()) => true,
        Err(error) => (error.is_eof() && is_cut) || error.is_data(),
    };
    (walked.header, sound && !text.trim().is_empty())
}

struct Top<'a> {
    reading: &'a Reading,
    header: Header,
}

impl<'de> Keys<'de> for Top<'_> {
    const WHAT: &'static str = "a map";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        self.header.note_key(key);
        self.reading.skip(map)
    }
}
