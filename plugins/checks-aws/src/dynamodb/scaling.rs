//! Whether a table's capacity follows its load.

use plumbline::prelude::*;

use super::REFERENCES;
use crate::inventory;

const DIMENSIONS: [&str; 2] = ["dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits"];

pub const AUTOSCALING: Check = Check {
    id: "dynamodb_table_autoscaling_enabled",
    title: "DynamoDB table's capacity follows its load",
    description: "A table must be on demand, or have scaling targets for both its read and its write capacity.",
    risk: "When load rises above what was provisioned, requests are refused.",
    severity: Severity::Medium,
    kinds: &["aws_dynamodb_table", "aws_appautoscaling_target"],
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
    rule: Rule::Account(|account, _| inventory::each(account, "aws_dynamodb_table", |table| scales(account, table))),
};

fn scales(account: &Account<'_>, table: &Resource<'_>) -> Outcome {
    // A table that names no mode is provisioned.
    if table.text("billing_mode")? == Some("PAY_PER_REQUEST") {
        return pass();
    }
    let wanted = format!("table/{}", table.text("name")?.unwrap_or(table.name));
    let mut found = Vec::new();
    account.each_listed("aws_appautoscaling_target", |target| {
        if target.region == table.region && target.text("resource_id")? == Some(&wanted) {
            found.extend(target.text("scalable_dimension")?.map(str::to_owned));
        }
        Ok(())
    })?;
    let missing: Vec<&str> = DIMENSIONS.into_iter().filter(|dimension| !found.iter().any(|f| f == dimension)).collect();
    if missing.is_empty() {
        return pass();
    }
    account.complete("aws_appautoscaling_target")?;
    fail(format!("its capacity is provisioned, without a scaling target for {}", missing.join(" and ")))
}
