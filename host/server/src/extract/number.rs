//! Whole numbers in queries.

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

/// A number from nought on. Clients keep such numbers in 64 bits with a sign, so none is larger than fits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = i64, minimum = 0)]
pub struct WholeNumber(u64);

impl WholeNumber {
    /// A number; one that is larger than fits is the largest that does.
    pub(crate) fn new(number: u64) -> WholeNumber {
        WholeNumber(number.min(i64::MAX.unsigned_abs()))
    }

    /// The number itself.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for WholeNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<WholeNumber, D::Error> {
        let number = u64::deserialize(deserializer)?;
        match i64::try_from(number) {
            Ok(_) => Ok(WholeNumber(number)),
            Err(_) => Err(D::Error::invalid_value(Unexpected::Unsigned(number), &"a number of at most 63 bits")),
        }
    }
}
