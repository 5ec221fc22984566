//! Cached verdicts, packed: a pass costs two bytes, and there is one for nearly every check and resource ever seen.
//!
//! For each verdict: the distance of its check from the one before ([varint](crate::records::varint)); the verdict's code with the
//! top bit set where a message follows and the next one where a day does; the day (varint); the message's length (varint) and
//! bytes. Schema 1 had no days.

use plumb_model::outcome::Verdict;

use crate::record::Record;
use crate::records::codes::Code;
use crate::records::varint::{put_varint, take, take_varint_32};
use crate::verdicts::{CachedVerdict, CachedVerdicts};

const HAS_MESSAGE: u8 = 0x80;
const HAS_DAY: u8 = 0x40;

impl Record for CachedVerdicts {
    const VERSION: u8 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::with_capacity(self.0.len() * 2);
        let mut previous = 0;
        for verdict in &self.0 {
            // Order is the caller's; a step back is written as a wrapped distance.
            put_varint(&mut bytes, u64::from(verdict.check.wrapping_sub(previous)));
            previous = verdict.check;
            let flag = |set: bool, bit: u8| if set { bit } else { 0 };
            let flags = flag(verdict.message.is_some(), HAS_MESSAGE) | flag(verdict.day.is_some(), HAS_DAY);
            bytes.push(verdict.verdict.code() | flags);
            if let Some(day) = verdict.day {
                put_varint(&mut bytes, u64::from(day));
            }
            if let Some(message) = &verdict.message {
                put_varint(&mut bytes, message.len() as u64);
                bytes.extend_from_slice(message.as_bytes());
            }
        }
        Ok(bytes)
    }

    fn from_bytes(mut bytes: &[u8]) -> Result<CachedVerdicts, String> {
        let mut verdicts = Vec::new();
        let mut check = 0u32;
        while !bytes.is_empty() {
            check = check.wrapping_add(take_varint_32(&mut bytes)?);
            let code = take(&mut bytes, 1)?.first().copied().unwrap_or_default();
            let day = if code & HAS_DAY == 0 { None } else { Some(take_varint_32(&mut bytes)?) };
            let message = if code & HAS_MESSAGE == 0 { None } else { Some(take_message(&mut bytes)?) };
            let verdict = Verdict::from_code(code & !(HAS_MESSAGE | HAS_DAY))?;
            verdicts.push(CachedVerdict { check, verdict, message, day });
        }
        Ok(CachedVerdicts(verdicts))
    }
}

fn take_message(bytes: &mut &[u8]) -> Result<String, String> {
    let length = take_varint_32(bytes)?;
    let message = take(bytes, length as usize)?;
    String::from_utf8(message.to_vec()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(check: u32, verdict: Verdict, message: Option<&str>) -> CachedVerdict {
        CachedVerdict { check, verdict, message: message.map(str::to_owned), day: None }
    }

    #[test]
    fn a_pass_costs_two_bytes() {
        let passes = CachedVerdicts((0..100).map(|check| verdict(check, Verdict::Pass, None)).collect());
        assert_eq!(passes.to_bytes().unwrap().len(), 200);
    }

    #[test]
    fn what_was_packed_comes_out_in_the_same_order() {
        let mixed = CachedVerdicts(vec![
            verdict(7, Verdict::Pass, None),
            verdict(3, Verdict::Fail, Some("öffentlich")),
            verdict(u32::MAX, Verdict::NotApplicable, Some("")),
            verdict(0, Verdict::NotEvaluated, Some("denied")),
            CachedVerdict { day: Some(20_778), ..verdict(1, Verdict::Pass, None) },
            CachedVerdict { day: Some(0), ..verdict(2, Verdict::Fail, Some("expired")) },
        ]);
        let bytes = mixed.to_bytes().unwrap();
        assert_eq!(CachedVerdicts::from_bytes(&bytes).unwrap(), mixed);
    }

    #[test]
    fn bytes_that_are_no_verdicts_are_refused() {
        for bytes in
            [&[0][..], &[0, 9], &[0, 0x81, 5, b'x'], &[0xff; 9], &[0, 0x81, 1, 0xff], &[0, 0x40], &[0, 0x45, 1]]
        {
            assert!(CachedVerdicts::from_bytes(bytes).is_err(), "{bytes:?}");
        }
    }
}
