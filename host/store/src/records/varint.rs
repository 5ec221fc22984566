//! Small numbers in few bytes: seven bits a byte, least first; the top bit says that more follow.

pub(crate) fn put_varint(bytes: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = value.to_le_bytes()[0] & 0x7f;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

/// Takes a number off the front.
pub(crate) fn take_varint(bytes: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0u128;
    for shift in (0..70).step_by(7) {
        let byte = take(bytes, 1)?.first().copied().unwrap_or_default();
        value |= u128::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return u64::try_from(value).map_err(|error| error.to_string());
        }
    }
    Err("a number does not end".into())
}

/// Takes a 32-bit number off the front.
pub(crate) fn take_varint_32(bytes: &mut &[u8]) -> Result<u32, String> {
    u32::try_from(take_varint(bytes)?).map_err(|error| error.to_string())
}

/// Takes bytes off the front.
pub(crate) fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], String> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or("it ends too early")?;
    *bytes = rest;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_comes_out_as_it_went_in(value: u64) {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, value);
            prop_assert_eq!(take_varint(&mut bytes.as_slice()), Ok(value));
            bytes.pop();
            prop_assert!(take_varint(&mut bytes.as_slice()).is_err());
        }
    }

    #[test]
    fn a_number_that_is_too_large_is_refused() {
        let mut over = vec![0xff; 9];
        over.push(2);
        assert!(take_varint(&mut over.as_slice()).is_err());
        assert!(take_varint(&mut [0xff; 20].as_slice()).is_err());
    }
}
