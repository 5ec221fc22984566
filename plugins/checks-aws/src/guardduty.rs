//! GuardDuty: detectors.

use plumbline::prelude::*;

use crate::inventory;

pub const CHECKS: &[&Check] = &[&ENABLED, &S3, &EKS_AUDIT, &MALWARE];

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
    rule: Rule::Resource(|detector| watches(detector, "datasources.s3_logs.enable", "S3 protection is off")),
};

/// Passes where a source of the detector is on; a suspended detector watches nothing, which is another check's matter.
fn watches(detector: &Resource<'_>, switch: &str, off: &str) -> Outcome {
    let on = detector.flag(switch)?;
    if is_on(detector)? { pass_if(on, off) } else { not_applicable("the detector is suspended") }
}

pub const EKS_AUDIT: Check = Check {
    id: "guardduty_eks_audit_log_enabled",
    title: "GuardDuty reads audit logs of EKS",
    description: "A detector must have the monitoring of EKS audit logs on.",
    risk: "Stolen tokens, escalation of rights and containers that should not be in a cluster go by unnoticed.",
    remediation: Remediation {
        text: "Enable EKS protection of the detector.",
        url: "https://docs.aws.amazon.com/guardduty/latest/ug/kubernetes-protection.html",
        command: "aws guardduty update-detector --detector-id DETECTOR --features \
            Name=EKS_AUDIT_LOGS,Status=ENABLED",
        terraform: r#"resource "aws_guardduty_detector_feature" "eks_audit" {
  detector_id = aws_guardduty_detector.this.id
  name        = "EKS_AUDIT_LOGS"
  status      = "ENABLED"
}"#,
        ..S3.remediation
    },
    rule: Rule::Resource(|detector| {
        watches(detector, "datasources.kubernetes.audit_logs.enable", "the monitoring of EKS audit logs is off")
    }),
    ..S3
};

pub const MALWARE: Check = Check {
    id: "guardduty_ec2_malware_protection_enabled",
    title: "GuardDuty scans volumes of suspicious instances",
    description: "A detector must have malware protection for EC2 on.",
    risk: "Malware on an instance that behaves suspiciously is not looked for.",
    remediation: Remediation {
        text: "Enable malware protection for EC2 of the detector.",
        url: "https://docs.aws.amazon.com/guardduty/latest/ug/malware-protection.html",
        command: "aws guardduty update-detector --detector-id DETECTOR --features \
            Name=EBS_MALWARE_PROTECTION,Status=ENABLED",
        terraform: r#"resource "aws_guardduty_detector_feature" "malware" {
  detector_id = aws_guardduty_detector.this.id
  name        = "EBS_MALWARE_PROTECTION"
  status      = "ENABLED"
}"#,
        ..S3.remediation
    },
    rule: Rule::Resource(|detector| {
        let switch = "datasources.malware_protection.scan_ec2_instance_with_findings.ebs_volumes.enable";
        watches(detector, switch, "malware protection for EC2 is off")
    }),
    ..S3
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

    #[test]
    fn detectors_watch_clusters_and_volumes() {
        let audit = json!({"datasources": [{"kubernetes": [{"audit_logs": [{"enable": true}]}]}]});
        passes(&EKS_AUDIT, DETECTOR, audit);
        fails(&EKS_AUDIT, DETECTOR, json!({}), "EKS audit logs");
        let volumes = json!([{"ebs_volumes": [{"enable": true}]}]);
        let malware = json!({"datasources": [{"malware_protection": [{"scan_ec2_instance_with_findings": volumes}]}]});
        passes(&MALWARE, DETECTOR, malware);
        fails(&MALWARE, DETECTOR, json!({"datasources": [{}]}), "malware protection");
        skips(&MALWARE, DETECTOR, json!({"enable": false}));
    }
}
