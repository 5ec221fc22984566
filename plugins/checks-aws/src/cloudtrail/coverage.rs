//! Whether anything in the account goes unrecorded.

use plumbline::prelude::*;

use super::events::records_management;
use super::{REFERENCES, TRAIL, is_logging};
use crate::inventory;

pub(super) const CHECKS: &[&Check] = &[&MULTI_REGION, &MANAGEMENT_EVENTS];

const URL: &str = "\
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/receive-cloudtrail-log-files-from-multiple-regions.html";
const TERRAFORM: &str = r#"resource "aws_cloudtrail" "this" {
  name                          = "account"
  s3_bucket_name                = aws_s3_bucket.trail.id
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
}"#;

fn covers_all_regions(trail: &Resource<'_>) -> Result<bool, Unread> {
    Ok(trail.flag("is_multi_region_trail")? && is_logging(trail)?)
}

pub(super) const MULTI_REGION: Check = Check {
    id: "cloudtrail_multi_region_enabled",
    title: "A trail records all regions",
    description: "Some trail of the account must be multi-region and logging.",
    risk: "An intruder works in a region nobody watches, and leaves no trace.",
    severity: Severity::High,
    kinds: &[TRAIL],
    reads: &["is_multi_region_trail", "enable_logging"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make one multi-region trail, for the organization where there is one.",
        url: URL,
        command: "aws cloudtrail create-trail --name account --s3-bucket-name BUCKET --is-multi-region-trail \
            --enable-log-file-validation",
        terraform: TERRAFORM,
        effort_minutes: 30,
    },
    rule: Rule::Account(|account, _| {
        let found = inventory::any(account, TRAIL, covers_all_regions);
        inventory::whole(found.and_then(|found| pass_if(found, "no trail is multi-region and logging")))
    }),
};

pub(super) const MANAGEMENT_EVENTS: Check = Check {
    id: "cloudtrail_multi_region_enabled_logging_management_events",
    title: "A trail records management events of all regions",
    description: "Some trail of the account must be multi-region, be logging, and record management events that read \
        and that write.",
    risk: "Changes to the account itself, such as new users and opened ports, leave no trace.",
    severity: Severity::Low,
    kinds: &[TRAIL],
    reads: &["is_multi_region_trail", "enable_logging", "event_selector", "advanced_event_selector"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Let the multi-region trail include management events, reading and writing.",
        url: "\
            https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html",
        command: "aws cloudtrail put-event-selectors --trail-name TRAIL --event-selectors \
            '[{\"ReadWriteType\":\"All\",\"IncludeManagementEvents\":true}]'",
        terraform: r#"event_selector {
  read_write_type           = "All"
  include_management_events = true
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Account(|account, _| {
        let found =
            inventory::any(account, TRAIL, |trail| Ok(covers_all_regions(trail)? && records_management(trail)?));
        inventory::whole(
            found.and_then(|found| {
                pass_if(found, "no trail is multi-region, logging and recording all management events")
            }),
        )
    }),
};
