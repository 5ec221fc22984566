//! GuardDuty: detectors.

use plumbline::prelude::*;

use crate::inventory;

pub const CHECKS: &[&Check] = &[&ENABLED, &S3];

const DETECTOR: &str = "aws_guardduty_detector";
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/guardduty-controls.html"];

/// Detectors are on unless switched off.
fn is_on(detector: &Resource<'_>) -> Result<bool, Unread> {
    Ok(detector.bool("enable")?.unwrap_or(true))
}

pub const ENABLED: Check = Check {
    id: "guardduty_is_enabled",
    title: "GuardDuty watches the account",
    description: "Every detector must be on, and the account must have one. Regions in which there is no detector at \
        all are not told apart.",
    risk: "Stolen credentials, mining and calls to known attackers go by unnoticed.",
    severity: Severity::High,
    kinds: &[DETECTOR],
    reads: &["enable"],
    categories: &["threat-detection"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Enable GuardDuty in every region, from the organization's administrator account where there is one.",
        url: "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_settingup.html",
        command: "aws guardduty create-detector --enable",
        terraform: r#"resource "aws_guardduty_detector" "this" {
  enable = true
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Account(|account, _| {
        inventory::each_of_some(account, DETECTOR, "the account has no detector", |detector| {
            pass_if(is_on(detector)?, "the detector is suspended")
        })
    }),
};

pub const S3: Check = Check {
    id: "guardduty_s3_protection_enabled",
    title: "GuardDuty watches S3",
    description: "A detector must have S3 protection on.",
    risk: "Data that is copied out of buckets, or read from unusual places, goes by unnoticed.",
    severity: Severity::High,
    kinds: &[DETECTOR],
    reads: &["datasources", "enable"],
    categories: &["threat-detection"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Enable S3 protection of the detector.",
        url: "https://docs.aws.amazon.com/guardduty/latest/ug/s3-protection.html",
        command: "aws guardduty update-detector --detector-id DETECTOR --data-sources S3Logs={Enable=true}",
        terraform: r"datasources {
  s3_logs {
    enable = true
  }
}",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|detector| {
        let s3 = detector.flag("datasources.s3_logs.enable")?;
        if !is_on(detector)? {
            return not_applicable("the detector is suspended");
        }
        pass_if(s3, "S3 protection is off")
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::{account, fails, passes, skips};

    #[test]
    fn the_account_has_detectors_that_are_on() {
        assert_eq!(account(&ENABLED, &[(DETECTOR, "d", json!({}))], &[])[0].1, pass());
        let off = account(&ENABLED, &[(DETECTOR, "d", json!({"enable": false}))], &[]);
        assert_eq!(off[0].1, fail("the detector is suspended"));
        assert_eq!(account(&ENABLED, &[], &[])[0].1, fail("the account has no detector"));
        assert!(account(&ENABLED, &[], &[(DETECTOR, "denied")])[0].1.is_err());
    }

    #[test]
    fn detectors_watch_s3() {
        passes(&S3, DETECTOR, json!({"datasources": [{"s3_logs": [{"enable": true}]}]}));
        fails(&S3, DETECTOR, json!({}), "S3 protection is off");
        skips(&S3, DETECTOR, json!({"enable": false}));
    }
}
