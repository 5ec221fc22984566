//! AWS Config.

use plumbline::prelude::*;
use plumbline::testing::{json, resource};

use super::{ALL_REGIONS, RECORDER, SERVICE_ROLE};
use crate::cases::{account, fails, passes, run};

#[test]
fn every_region_in_use_is_recorded() {
    let recorder = |recording: bool| resource(RECORDER, json!({"recording": recording})).with("id", "r").build();
    let vpc = |region: &str| resource("aws_vpc", json!({})).with("region", region).build();
    let whole = |outcomes: &[(Subject, Outcome)]| outcomes.last().unwrap().1.clone();

    let good = run(&ALL_REGIONS, &[recorder(true), vpc("eu-central-1")], &[]);
    assert_eq!(good, vec![(Subject::Resource("r".to_owned()), pass()), (Subject::Account, pass())]);
    let stopped = run(&ALL_REGIONS, &[recorder(false), vpc("eu-central-1")], &[]);
    assert!(matches!(&stopped[0].1, Ok(Verdict::Fail(message)) if message.contains("not recording")));
    let missing = run(&ALL_REGIONS, &[recorder(true), vpc("eu-central-1"), vpc("us-east-1")], &[]);
    assert!(matches!(whole(&missing), Ok(Verdict::Fail(message)) if message.contains("us-east-1")));
    assert!(matches!(whole(&run(&ALL_REGIONS, &[], &[])), Ok(Verdict::Fail(_))));
    assert!(matches!(whole(&run(&ALL_REGIONS, &[recorder(true)], &[])), Ok(Verdict::Manual(_))));
    for kind in [RECORDER, "aws_vpc"] {
        assert!(whole(&run(&ALL_REGIONS, &[recorder(true), vpc("eu-central-1")], &[(kind, "denied")])).is_err());
    }
}

#[test]
fn a_failed_delivery_is_no_recording() {
    let config = json!({"recording": true, "last_status": "FAILURE"});
    let outcomes = account(&ALL_REGIONS, &[(RECORDER, "r", config)], &[]);
    assert!(matches!(&outcomes[0].1, Ok(Verdict::Fail(message)) if message.contains("FAILURE")));
}

#[test]
fn the_role_is_the_service_linked_one() {
    let role = "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";
    passes(&SERVICE_ROLE, RECORDER, json!({"role_arn": role}));
    fails(&SERVICE_ROLE, RECORDER, json!({"role_arn": "arn:aws:iam::123456789012:role/config"}), "role/config");
}
