//! Whether a table's capacity follows its load.

use plumbline::prelude::*;

use super::REFERENCES;
use crate::inventory::{self, Lookup};

const TARGET: &str = "aws_appautoscaling_target";
const DIMENSIONS: [&str; 2] = ["dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits"];

pub const AUTOSCALING: Check = Check {
    id: "dynamodb_table_autoscaling_enabled",
    title: "DynamoDB table's capacity follows its load",
    description: "A table must be on demand, or have scaling targets for both its read and its write capacity.",
    risk: "When load rises above what was provisioned, requests are refused.",
    severity: Severity::Medium,
    kinds: &["aws_dynamodb_table", TARGET],
    reads: &["billing_mode", "name", "resource_id", "scalable_dimension"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Change the table to on demand, or register scaling targets and policies for reads and writes.",
        url: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html",
        command: "aws dynamodb update-table --table-name NAME --billing-mode PAY_PER_REQUEST",
        terraform: "billing_mode = \"PAY_PER_REQUEST\"",
        effort_minutes: 30,
    },
    rule: Rule::each(&["aws_dynamodb_table"], |account, _| {
        let key = |target: &Resource<'_>| {
            let id = inventory::owned(target, "resource_id")?;
            Ok(id.map(|id| (target.region.to_owned(), id)))
        };
        let targets =
            inventory::lookup(account, &[TARGET], key, |target| inventory::owned(target, "scalable_dimension"));
        Ok(Box::new(move |table| scales(account, &targets, table)))
    }),
};

/// `targets` are dimensions by region and resource id.
fn scales(account: &Account<'_>, targets: &Lookup<(String, String), Option<String>>, table: &Resource<'_>) -> Outcome {
    // A table that names no mode is provisioned.
    if table.text("billing_mode")? == Some("PAY_PER_REQUEST") {
        return pass();
    }
    let wanted = format!("table/{}", table.text("name")?.unwrap_or(table.name));
    let targets = inventory::of_key(targets, &(table.region.to_owned(), wanted))?;
    let scaled: Vec<Option<String>> = targets.iter().cloned().collect::<Result<_, Unread>>()?;
    let is_scaled = |dimension: &str| scaled.iter().any(|scaled| scaled.as_deref() == Some(dimension));
    let missing: Vec<&str> = DIMENSIONS.into_iter().filter(|dimension| !is_scaled(dimension)).collect();
    if missing.is_empty() {
        return pass();
    }
    account.complete(TARGET)?;
    fail(format!("its capacity is provisioned, without a scaling target for {}", missing.join(" and ")))
}
