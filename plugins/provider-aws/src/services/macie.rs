//! Macie: whether it looks into buckets.

use crate::api::{Api, Protocol};
use crate::field::text;
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("macie2", Protocol::RestJson);

pub const SERVICE: Service = Service {
    name: "macie",
    global: false,
    listings: &[Listing {
        // Where it is off the answer is a refusal, as if a right were missing: that cannot be told apart.
        steps: &[API.get("/macie", "GetMacieSession")],
        details: &[],
        kinds: &[Kind::new(
            "aws_macie2_account",
            "{account}/{region}/macie",
            "",
            &[text("status", "status"), text("finding_publishing_frequency", "findingPublishingFrequency")],
        )],
    }],
};
