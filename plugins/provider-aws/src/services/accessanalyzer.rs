//! Access Analyzer: what watches who outside has access.

use crate::api::{Api, Protocol};
use crate::field::text;
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("access-analyzer", Protocol::RestJson);

pub const SERVICE: Service = Service {
    name: "accessanalyzer",
    global: false,
    listings: &[Listing {
        steps: &[API.get("/analyzer", "ListAnalyzers").items("analyzers").paged("nextToken", "nextToken")],
        details: &[],
        kinds: &[Kind::new(
            "aws_accessanalyzer_analyzer",
            "{arn}",
            "name",
            &[text("analyzer_name", "name"), text("type", "type"), text("status", "status")],
        )
        .tags("tags")],
    }],
};
