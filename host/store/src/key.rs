//! Keys as people read them in an error.

use std::fmt::Write as _;

use redb::Key;

/// A key that can be named in an error.
pub(crate) trait KeyName: Key + 'static {
    /// For people.
    fn name(key: &Self::SelfType<'_>) -> String;
}

impl KeyName for &'static [u8; 16] {
    fn name(key: &Self::SelfType<'_>) -> String {
        scan_name(key)
    }
}

impl KeyName for &'static [u8; 32] {
    fn name(key: &Self::SelfType<'_>) -> String {
        hex(*key)
    }
}

impl KeyName for u64 {
    fn name(key: &Self::SelfType<'_>) -> String {
        key.to_string()
    }
}

impl KeyName for (&'static [u8; 16], u32) {
    fn name((scan, number): &Self::SelfType<'_>) -> String {
        format!("{}/{number}", scan_name(scan))
    }
}

impl KeyName for (&'static [u8; 16], u32, u32) {
    fn name((scan, task, sequence): &Self::SelfType<'_>) -> String {
        format!("{}/{task}/{sequence}", scan_name(scan))
    }
}

impl KeyName for (&'static [u8; 16], u8, u32, u32) {
    fn name((scan, rank, task, sequence): &Self::SelfType<'_>) -> String {
        format!("{}/{rank}/{task}/{sequence}", scan_name(scan))
    }
}

impl KeyName for (&'static [u8; 16], u8) {
    fn name((id, kind): &Self::SelfType<'_>) -> String {
        format!("{}/{kind}", scan_name(id))
    }
}

impl KeyName for (&'static [u8; 16], u8, u64) {
    fn name((id, kind, number): &Self::SelfType<'_>) -> String {
        format!("{}/{kind}/{number}", scan_name(id))
    }
}

impl KeyName for (&'static [u8; 16], u64) {
    fn name((id, number): &Self::SelfType<'_>) -> String {
        format!("{}/{number}", scan_name(id))
    }
}

impl KeyName for (&'static [u8; 16], &'static [u8; 32]) {
    fn name((id, digest): &Self::SelfType<'_>) -> String {
        format!("{}/{}", scan_name(id), hex(*digest))
    }
}

impl KeyName for (&'static [u8; 16], &'static [u8; 16]) {
    fn name((outer, inner): &Self::SelfType<'_>) -> String {
        format!("{}/{}", scan_name(outer), scan_name(inner))
    }
}

impl KeyName for (&'static [u8; 16], &'static [u8; 16], &'static [u8; 16]) {
    fn name((tenant, target, resource): &Self::SelfType<'_>) -> String {
        format!("{}/{}/{}", scan_name(tenant), scan_name(target), hex(*resource))
    }
}

impl KeyName for (&'static [u8; 32], &'static [u8; 16]) {
    fn name((scope, scan): &Self::SelfType<'_>) -> String {
        format!("{}/{}", hex(*scope), scan_name(scan))
    }
}

impl KeyName for (&'static [u8; 32], &'static [u8; 32], &'static [u8; 32]) {
    fn name((scope, plugin, call): &Self::SelfType<'_>) -> String {
        format!("{}/{}/{}", hex(*scope), hex(*plugin), hex(*call))
    }
}

impl KeyName for (u32, &'static [u8; 32]) {
    fn name((plugin, digest): &Self::SelfType<'_>) -> String {
        format!("{plugin}/{}", hex(*digest))
    }
}

impl KeyName for (u32, u64, &'static [u8; 32]) {
    fn name((index, run, first): &Self::SelfType<'_>) -> String {
        format!("{index}/{run}/{}", hex(*first))
    }
}

/// Two digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string does not fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}

/// A UUID with its dashes.
pub(crate) fn scan_name(id: &[u8; 16]) -> String {
    id.iter().enumerate().fold(String::with_capacity(36), |mut text, (position, byte)| {
        if matches!(position, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}

/// A UUID as it is written, with its dashes.
pub(crate) fn parse_name(text: &str) -> Option<[u8; 16]> {
    let dashes = [8, 13, 18, 23];
    let fits = text.len() == 36
        && text.bytes().enumerate().all(
            |(place, byte)| {
                if dashes.contains(&place) { byte == b'-' } else { byte.is_ascii_hexdigit() }
            },
        );
    let digits: String = text.chars().filter(|digit| *digit != '-').collect();
    let number = fits.then(|| u128::from_str_radix(&digits, 16).ok()).flatten();
    number.map(u128::to_be_bytes)
}
