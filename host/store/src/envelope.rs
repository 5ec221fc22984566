//! What stands around every stored value: a version byte and a tag. The database checks its pages when it repairs a file, not
//! when it reads one, so a flipped bit would go unnoticed without the tag. The tag covers table and key as well: a record that
//! turns up under another key is as wrong as one with other bytes.

/// Half of what fits a collision nobody tries to make: the tag finds accidents; whoever can write the file can write the tag.
const TAG_BYTES: usize = 8;

/// Puts version and tag in front of a payload.
pub(crate) fn seal(table: &str, key: &[u8], version: u8, payload: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(1 + TAG_BYTES + payload.len());
    value.push(version);
    value.extend_from_slice(&tag(table, key, version, payload));
    value.extend_from_slice(payload);
    value
}

/// The version and the payload, if the tag is right.
pub(crate) fn unseal<'a>(table: &str, key: &[u8], value: &'a [u8]) -> Result<(u8, &'a [u8]), String> {
    let (version, rest) = value.split_first().ok_or("it is empty")?;
    let (found, payload) = rest.split_at_checked(TAG_BYTES).ok_or("it is too short")?;
    if found != tag(table, key, *version, payload) {
        return Err("its bytes are not those that were written".into());
    }
    Ok((*version, payload))
}

/// The payload, whatever the tag says: for what is proved in another way.
pub(crate) fn payload(value: &[u8]) -> Result<&[u8], String> {
    Ok(value.get(1 + TAG_BYTES..).ok_or("it is too short")?)
}

fn tag(table: &str, key: &[u8], version: u8, payload: &[u8]) -> [u8; TAG_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(table.as_bytes());
    // No table has a zero in its name, and the version and length keep key and payload apart.
    hasher.update(&[0, version]);
    hasher.update(&(key.len() as u64).to_le_bytes());
    hasher.update(key);
    hasher.update(payload);
    hasher.finalize().as_bytes().first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_under_its_own_table_and_key_only() {
        let value = seal("scans", b"key", 3, b"payload");
        assert_eq!(unseal("scans", b"key", &value), Ok((3, b"payload".as_slice())));
        assert!(unseal("tasks", b"key", &value).is_err());
        assert!(unseal("scans", b"kez", &value).is_err());
        for end in 0..value.len() {
            assert!(unseal("scans", b"key", &value[..end]).is_err());
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let value = seal("scans", b"key", 3, b"payload");
        for bit in 0..value.len() * 8 {
            let mut broken = value.clone();
            broken[bit / 8] ^= 1 << (bit % 8);
            assert!(unseal("scans", b"key", &broken).is_err(), "bit {bit}");
        }
    }
}
