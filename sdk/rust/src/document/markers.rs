//! The markers of MessagePack: what a value begins with, and where it ends.

#![allow(
    clippy::inline_always,
    reason = "a call costs a guest more than what these functions do: it looks at the clock and at its stack"
)]

/// The first byte or bytes of a value, decoded.
pub(super) enum Head<'a> {
    Nil,
    Bool(bool),
    Int(i64),
    /// Only what does not fit [`Head::Int`].
    Uint(u64),
    Float(f64),
    Text(&'a [u8]),
    Bytes,
    Array(usize),
    Map(usize),
}

/// Splits a head, and for text and bytes their content, off the front.
pub(super) fn head(bytes: &[u8]) -> Option<(Head<'_>, &[u8])> {
    let (&marker, rest) = bytes.split_first()?;
    let head = match marker {
        0x00..=0x7f => return Some((Head::Int(i64::from(marker)), rest)),
        0x80..=0x8f => return Some((Head::Map(usize::from(marker & 0x0f)), rest)),
        0x90..=0x9f => return Some((Head::Array(usize::from(marker & 0x0f)), rest)),
        0xa0..=0xbf => return text(usize::from(marker & 0x1f), rest),
        0xc0 => Head::Nil,
        0xc2 => Head::Bool(false),
        0xc3 => Head::Bool(true),
        0xc4..=0xc6 => {
            let (length, rest) = length(marker - 0xc4, rest)?;
            let (_, rest) = rest.split_at_checked(length)?;
            return Some((Head::Bytes, rest));
        }
        0xca => {
            let (raw, rest) = rest.split_first_chunk::<4>()?;
            return Some((Head::Float(f64::from(f32::from_be_bytes(*raw))), rest));
        }
        0xcb => {
            let (raw, rest) = rest.split_first_chunk::<8>()?;
            return Some((Head::Float(f64::from_be_bytes(*raw)), rest));
        }
        0xcc..=0xcf => {
            let (number, rest) = unsigned(marker - 0xcc, rest)?;
            return Some((i64::try_from(number).map_or(Head::Uint(number), Head::Int), rest));
        }
        0xd0..=0xd3 => {
            let width = 1usize << (marker - 0xd0);
            let (raw, rest) = rest.split_at_checked(width)?;
            let mut wide = if raw.first()? & 0x80 == 0 { [0u8; 8] } else { [0xff; 8] };
            wide.get_mut(8 - width..)?.copy_from_slice(raw);
            return Some((Head::Int(i64::from_be_bytes(wide)), rest));
        }
        0xd9..=0xdb => {
            let (length, rest) = length(marker - 0xd9, rest)?;
            return text(length, rest);
        }
        0xdc | 0xdd => {
            let (length, rest) = length(marker - 0xdc + 1, rest)?;
            return Some((Head::Array(length), rest));
        }
        0xde | 0xdf => {
            let (length, rest) = length(marker - 0xde + 1, rest)?;
            return Some((Head::Map(length), rest));
        }
        0xe0..=0xff => return Some((Head::Int(i64::from(marker.cast_signed())), rest)),
        // Extension types and the one unassigned marker are no part of the contract.
        _ => return None,
    };
    Some((head, rest))
}

/// Splits a key, or another short text, off the front. Nearly all keys are short enough to have their length in the marker.
#[inline]
pub(super) fn key(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if let [marker @ 0xa0..=0xbf, rest @ ..] = bytes {
        return rest.split_at_checked(usize::from(marker & 0x1f));
    }
    match head(bytes)? {
        (Head::Text(text), rest) => Some((text, rest)),
        _ => None,
    }
}

fn text(length: usize, rest: &[u8]) -> Option<(Head<'_>, &[u8])> {
    let (content, rest) = rest.split_at_checked(length)?;
    Some((Head::Text(content), rest))
}

/// A big-endian number of `2^power` bytes.
fn unsigned(power: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    let width = 1usize << power;
    let (raw, rest) = rest.split_at_checked(width)?;
    let mut wide = [0u8; 8];
    wide.get_mut(8 - width..)?.copy_from_slice(raw);
    Some((u64::from_be_bytes(wide), rest))
}

fn length(power: u8, rest: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = unsigned(power, rest)?;
    Some((usize::try_from(number).ok()?, rest))
}

/// Bytes of a value by its marker, the marker among them; 0 where more than the marker decides.
#[allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "the index runs over the table's own length"
)]
const SIZES: [u8; 256] = {
    let mut sizes = [0; 256];
    let mut marker = 0;
    while marker < 256 {
        sizes[marker] = match marker {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => 1,
            0xa0..=0xbf => 1 + (marker & 0x1f) as u8,
            0xcc | 0xd0 => 2,
            0xcd | 0xd1 => 3,
            0xca | 0xce | 0xd2 => 5,
            0xcb | 0xcf | 0xd3 => 9,
            _ => 0,
        };
        marker += 1;
    }
    sizes
};

/// What follows the first value in `bytes`. Looks at markers and lengths alone: most of a document is passed over, and this
/// is where a check spends its time. Most values are short texts and numbers, for which one look into a table is enough.
#[inline]
pub(crate) fn skip(bytes: &[u8]) -> Option<&[u8]> {
    match size(bytes)? {
        0 => skip_nested(bytes),
        size => bytes.get(size..),
    }
}

/// Bytes of the first value by its marker, as in [`SIZES`].
#[inline(always)]
fn size(bytes: &[u8]) -> Option<usize> {
    SIZES.get(usize::from(*bytes.first()?)).copied().map(usize::from)
}

/// [`skip`] for values of any form. Two values a turn: the sandbox looks at the clock once in each turn of a loop.
fn skip_nested(bytes: &[u8]) -> Option<&[u8]> {
    let (mut rest, mut pending) = step(bytes, 1)?;
    while pending > 1 {
        (rest, pending) = step(rest, pending)?;
        (rest, pending) = step(rest, pending)?;
    }
    while pending > 0 {
        (rest, pending) = step(rest, pending)?;
    }
    Some(rest)
}

/// Passes over the first of so many values. Gives what follows it, where that begins with the values that lie in it, and how many
/// values that leaves.
#[inline(always)]
fn step(bytes: &[u8], pending: usize) -> Option<(&[u8], usize)> {
    let others = pending.checked_sub(1)?;
    match size(bytes)? {
        0 => {
            let (rest, inner) = skip_long(*bytes.first()?, bytes)?;
            Some((rest, others.checked_add(inner)?))
        }
        size => Some((bytes.get(size..)?, others)),
    }
}

/// Passes over a value's marker and length, and over the content of texts and bytes. Gives how many values lie in it.
fn skip_long(marker: u8, bytes: &[u8]) -> Option<(&[u8], usize)> {
    let after = bytes.get(1..)?;
    let (content, inner) = match marker {
        0x80..=0x8f => (0, 2 * usize::from(marker & 0x0f)),
        0x90..=0x9f => (0, usize::from(marker & 0x0f)),
        0xc4 | 0xd9 => (1 + usize::from(*after.first()?), 0),
        0xc5 | 0xda => (2 + length(1, after)?.0, 0),
        0xc6 | 0xdb => (4usize.checked_add(length(2, after)?.0)?, 0),
        0xdc | 0xdd => {
            let power = marker - 0xdc + 1;
            (1 << power, length(power, after)?.0)
        }
        0xde | 0xdf => {
            let power = marker - 0xde + 1;
            (1 << power, length(power, after)?.0.checked_mul(2)?)
        }
        _ => return None,
    };
    Some((after.get(content..)?, inner))
}

/// Whether two keys are the same. Most differ in length; those that do not are compared in whole words that may overlap, because
/// a guest's own comparison goes byte by byte.
#[inline(always)]
pub(crate) fn same_key(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match one.len() {
        0..=3 => {
            let middle = one.len() / 2;
            one.first() == other.first() && one.get(middle) == other.get(middle) && one.last() == other.last()
        }
        4..=7 => one.first_chunk::<4>() == other.first_chunk() && one.last_chunk::<4>() == other.last_chunk(),
        8..=16 => one.first_chunk::<8>() == other.first_chunk() && one.last_chunk::<8>() == other.last_chunk(),
        17..=32 => one.first_chunk::<16>() == other.first_chunk() && one.last_chunk::<16>() == other.last_chunk(),
        _ => {
            one.first_chunk::<8>() == other.first_chunk() && one.last_chunk::<8>() == other.last_chunk() && one == other
        }
    }
}
