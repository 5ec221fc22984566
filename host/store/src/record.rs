//! How a record becomes bytes: named-field MessagePack, so that a field can be added and an old record still be read; large ones
//! compressed.

use std::cell::RefCell;
use std::io;
use std::thread::LocalKey;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zstd::bulk::{Compressor, Decompressor};

/// The most one compressed record may hold when it is opened: a block closes far below this, unless a single row is huge. It
/// bounds what a broken length can make the program allocate.
pub(crate) const MAX_RAW_BYTES: usize = 64 << 20;

/// Fast, and within a tenth of what the default level saves on rows.
const LEVEL: i32 = 1;

thread_local! {
    /// Making one costs as much as a block.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// A stored value's own form.
pub(crate) trait Record: Sized {
    /// Written in front of the bytes.
    const VERSION: u8;

    fn to_bytes(&self) -> Result<Vec<u8>, String>;

    fn from_bytes(bytes: &[u8]) -> Result<Self, String>;
}

/// A record that is written as MessagePack.
pub(crate) trait NamedRecord: Serialize + DeserializeOwned {
    const VERSION: u8;

    /// Whether it is large enough for compression to pay.
    const COMPRESSED: bool = false;
}

impl<T: NamedRecord> Record for T {
    const VERSION: u8 = <T as NamedRecord>::VERSION;

    fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let raw = encode_named(self)?;
        if T::COMPRESSED { compress(&raw) } else { Ok(raw) }
    }

    fn from_bytes(bytes: &[u8]) -> Result<T, String> {
        let raw = if T::COMPRESSED { &decompress(bytes)? } else { bytes };
        rmp_serde::from_slice(raw).map_err(|error| error.to_string())
    }
}

/// MessagePack with field names.
pub(crate) fn encode_named(record: &impl Serialize) -> Result<Vec<u8>, String> {
    rmp_serde::to_vec_named(record).map_err(|error| error.to_string())
}

/// Four bytes of length, then a zstd frame.
pub(crate) fn compress(raw: &[u8]) -> Result<Vec<u8>, String> {
    let length = u32::try_from(raw.len()).ok().filter(|length| *length as usize <= MAX_RAW_BYTES);
    let length = length.ok_or_else(|| format!("it has {} bytes, more than {MAX_RAW_BYTES}", raw.len()))?;
    let frame = with_kept(&COMPRESSOR, || Compressor::new(LEVEL), |compressor| compressor.compress(raw))?;
    let mut bytes = Vec::with_capacity(4 + frame.len());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&frame);
    Ok(bytes)
}

/// Uses the thread's own instance, made on first use.
fn with_kept<T, R>(
    kept: &'static LocalKey<RefCell<Option<T>>>,
    make: impl FnOnce() -> io::Result<T>,
    with: impl FnOnce(&mut T) -> io::Result<R>,
) -> Result<R, String> {
    // Taken out while it is used, so that nothing can come upon it half-way.
    let taken = kept.take().map_or_else(make, Ok);
    let done = taken.and_then(|mut instance| {
        let done = with(&mut instance)?;
        kept.set(Some(instance));
        Ok(done)
    });
    done.map_err(|error| error.to_string())
}

/// Undoes [`compress`], allocating no more than the bound.
pub(crate) fn decompress(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let (length, frame) = bytes.split_first_chunk::<4>().ok_or("it is too short for a compressed record")?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > MAX_RAW_BYTES {
        return Err(format!("it claims {length} bytes, more than {MAX_RAW_BYTES}"));
    }
    let raw = with_kept(&DECOMPRESSOR, Decompressor::new, |decompressor| decompressor.decompress(frame, length))?;
    if raw.len() == length { Ok(raw) } else { Err(format!("it holds {} bytes instead of {length}", raw.len())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_false_length_is_refused_before_anything_is_allocated_for_it() {
        let mut bytes = compress(b"some row or other").unwrap();
        assert_eq!(decompress(&bytes).unwrap(), b"some row or other");
        bytes[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(decompress(&bytes).unwrap_err().contains("claims"));
        bytes[..4].copy_from_slice(&3u32.to_le_bytes());
        assert!(decompress(&bytes).is_err());
        bytes[..4].copy_from_slice(&300u32.to_le_bytes());
        assert!(decompress(&bytes).unwrap_err().contains("instead of"));
    }
}
