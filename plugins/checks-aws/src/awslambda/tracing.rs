//! What becomes of calls, and who can tell.

use plumbline::prelude::*;
use plumbline::resource::OwnedResource;

use super::{FUNCTION, REFERENCES};
use crate::cloudtrail::records_invocations;

pub(super) const CHECKS: &[&Check] = &[&DEAD_LETTERS, &RECORDED];

pub(super) const DEAD_LETTERS: Check = Check {
    id: "awslambda_function_no_dead_letter_queue",
    title: "Function keeps the events it could not handle",
    description: "A function must have a dead-letter queue or topic.",
    risk: "An event that fails twice is dropped, and nobody learns what it was.",
    severity: Severity::Medium,
    kinds: FUNCTION,
    reads: &["dead_letter_config"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set an SQS queue or SNS topic for failed events and watch it.",
        url: "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
        command: "aws lambda update-function-configuration --function-name FUNCTION --dead-letter-config \
            TargetArn=QUEUE_ARN",
        terraform: r"dead_letter_config {
  target_arn = aws_sqs_queue.failed.arn
}",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|function| {
        pass_if(function.has("dead_letter_config.target_arn")?, "no dead-letter target is set")
    }),
};

const TRAIL: &str = "aws_cloudtrail";

fn recorded(account: &Account<'_>, trails: &[OwnedResource], function: &Resource<'_>) -> Outcome {
    let arn = function.text("arn")?.unwrap_or(function.id);
    let records = || trails.iter().map(|trail| records_invocations(&trail.view(), arn));
    if records().any(|records| records == Ok(true)) {
        return pass();
    }
    records().find_map(Result::err).map_or(Ok(()), Err)?;
    account.complete(TRAIL)?;
    fail("no trail records its calls")
}

pub(super) const RECORDED: Check = Check {
    id: "awslambda_function_invoke_api_operations_cloudtrail_logging_enabled",
    title: "Calls of the function are recorded",
    description: "Some trail that is logging must record data events of the function.",
    risk: "Nobody can tell who called the function, when, and from where.",
    severity: Severity::Low,
    kinds: &["aws_lambda_function", TRAIL],
    reads: &["arn", "event_selector", "advanced_event_selector", "enable_logging"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add a data event selector for Lambda functions to a trail; it is charged by events.",
        url: "https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html",
        command: "aws cloudtrail put-event-selectors --trail-name TRAIL --advanced-event-selectors \
            '[{\"FieldSelectors\":[{\"Field\":\"eventCategory\",\"Equals\":[\"Data\"]},\
            {\"Field\":\"resources.type\",\"Equals\":[\"AWS::Lambda::Function\"]}]}]'",
        terraform: r#"advanced_event_selector {
  field_selector {
    field  = "eventCategory"
    equals = ["Data"]
  }
  field_selector {
    field  = "resources.type"
    equals = ["AWS::Lambda::Function"]
  }
}"#,
        effort_minutes: 20,
    },
    rule: Rule::each(FUNCTION, |account, _| {
        let trails = account.listed(TRAIL);
        Ok(Box::new(move |function| recorded(account, &trails, function)))
    }),
};
