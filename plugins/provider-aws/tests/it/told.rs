//! Resources and gaps as JSON, to look at and to compare.

use plumbline::provider::{Collected, Found};
use plumbline::serde_json::{Value as Json, json};

pub fn resource(found: &Found) -> Json {
    let gaps: Vec<Json> = found.gaps.iter().map(|gap| json!([gap.path, gap.reason, gap.permission])).collect();
    json!({
        "id": found.id, "kind": found.kind, "name": found.name, "account": found.account, "region": found.region,
        "tags": found.tags, "config": found.config, "gaps": gaps,
    })
}

pub fn all(collected: &Collected) -> Json {
    let resources: Vec<Json> = collected.resources.iter().map(resource).collect();
    let gaps: Vec<Json> =
        collected.gaps.iter().map(|gap| json!([gap.kind, gap.region, gap.reason, gap.permission])).collect();
    json!({"resources": resources, "gaps": gaps})
}
