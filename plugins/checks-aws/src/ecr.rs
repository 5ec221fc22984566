//! ECR: the registry and its repositories.

use plumbline::prelude::*;

use crate::inventory;
use crate::policy::closed_to_anyone;

pub const CHECKS: &[&Check] = &[&SCAN_ON_PUSH, &REGISTRY_SCAN, &NOT_PUBLIC, &LIFECYCLE, &IMMUTABLE];

const REPOSITORY: &[&str] = &["aws_ecr_repository"];
const REGISTRY: &str = "aws_ecr_registry_scanning_configuration";
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/ecr-controls.html"];
const SCANNING: &str = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html";

pub const SCAN_ON_PUSH: Check = Check {
    id: "ecr_repositories_scan_images_on_push_enabled",
    title: "Repository scans images when they are pushed",
    description: "The repository's own setting to scan on push must be on. Rules of the registry have a check of \
        their own.",
    risk: "Images with known holes reach production without anybody having been told.",
    severity: Severity::Medium,
    kinds: REPOSITORY,
    reads: &["image_scanning_configuration"],
    categories: &["vulnerabilities"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch scanning on push on, or set a rule for the whole registry.",
        url: SCANNING,
        command: "aws ecr put-image-scanning-configuration --repository-name REPOSITORY \
            --image-scanning-configuration scanOnPush=true",
        terraform: r"image_scanning_configuration {
  scan_on_push = true
}",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|repository| {
        pass_if(repository.flag("image_scanning_configuration.scan_on_push")?, "scanning on push is off")
    }),
};

/// Whether the registry scans what is pushed to any repository.
fn scans_everything(registry: &Resource<'_>) -> Result<bool, Unread> {
    let rules = registry.get("rule")?;
    rules.complete()?;
    for rule in rules.as_list()? {
        let scans = matches!(rule.text("scan_frequency")?, Some("SCAN_ON_PUSH" | "CONTINUOUS_SCAN"));
        for filter in rule.list("repository_filter")? {
            if scans && filter.text("filter")? == Some("*") {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

pub const REGISTRY_SCAN: Check = Check {
    id: "ecr_registry_scan_images_on_push_enabled",
    title: "Registry scans images of all repositories",
    description: "The registry must have a scanning rule, on push or continuous, whose filter takes in every \
        repository. A registry without repositories is left out.",
    risk: "A repository made tomorrow is not scanned, and its images reach production unseen.",
    severity: Severity::Medium,
    kinds: &[REGISTRY, "aws_ecr_repository"],
    reads: &["rule"],
    categories: &["vulnerabilities"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set a scanning rule with the filter `*`.",
        url: SCANNING,
        command: "aws ecr put-registry-scanning-configuration --scan-type BASIC --rules \
            '[{\"scanFrequency\":\"SCAN_ON_PUSH\",\"repositoryFilters\":[{\"filter\":\"*\",\
            \"filterType\":\"WILDCARD\"}]}]'",
        terraform: r#"resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "BASIC"
  rule {
    scan_frequency = "SCAN_ON_PUSH"
    repository_filter {
      filter      = "*"
      filter_type = "WILDCARD"
    }
  }
}"#,
        effort_minutes: 10,
    },
    rule: Rule::Account(|account, _| {
        let scans = inventory::any(account, REGISTRY, scans_everything);
        let used = inventory::any(account, "aws_ecr_repository", |_| Ok(true));
        inventory::whole(match (scans, used) {
            (Ok(true), _) => pass(),
            (Err(unread), _) | (_, Err(unread)) => Err(unread),
            (Ok(false), Ok(true)) => fail("no scanning rule takes in every repository"),
            (Ok(false), Ok(false)) => not_applicable("the registry has no repositories"),
        })
    }),
};

pub const NOT_PUBLIC: Check = Check {
    id: "ecr_repositories_not_publicly_accessible",
    title: "Repository policy lets in nobody unknown",
    description: "No statement of the repository policy may allow anything to anyone, unless a condition names the \
        callers.",
    risk: "Strangers can read the code in the images, or push images that are then run.",
    severity: Severity::Critical,
    kinds: &["aws_ecr_repository", "aws_ecr_repository_policy"],
    reads: &["policy"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Name the accounts or the organization that pull; publish through ECR Public what is meant for all.",
        url: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html",
        command: "aws ecr set-repository-policy --repository-name REPOSITORY --policy-text file://policy.json",
        terraform: r#"condition {
  test     = "StringEquals"
  variable = "aws:PrincipalOrgID"
  values   = [data.aws_organizations_organization.this.id]
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|repository| closed_to_anyone(repository, "policy")),
};

pub const LIFECYCLE: Check = Check {
    id: "ecr_repositories_lifecycle_policy_enabled",
    title: "Repository removes old images",
    description: "The repository must have a lifecycle policy.",
    risk: "Old images with known holes stay at hand to be run again, and storage costs grow.",
    severity: Severity::Low,
    kinds: REPOSITORY,
    reads: &["lifecycle_policy"],
    categories: &["vulnerabilities"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add a lifecycle policy that expires untagged and old images.",
        url: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html",
        command: "aws ecr put-lifecycle-policy --repository-name REPOSITORY --lifecycle-policy-text file://policy.json",
        terraform: r#"resource "aws_ecr_lifecycle_policy" "this" {
  repository = aws_ecr_repository.this.name
  policy     = file("lifecycle.json")
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|repository| pass_if(repository.has("lifecycle_policy")?, "there is no lifecycle policy")),
};

pub const IMMUTABLE: Check = Check {
    id: "ecr_repositories_tag_immutability",
    title: "Repository's tags cannot be moved",
    description: "Tag mutability of the repository must not be MUTABLE.",
    risk: "Whoever may push can put other code under a tag that is already deployed.",
    severity: Severity::Medium,
    kinds: REPOSITORY,
    reads: &["image_tag_mutability"],
    categories: &["supply-chain"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make tags immutable and give every build a tag of its own.",
        url: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
        command: "aws ecr put-image-tag-mutability --repository-name REPOSITORY --image-tag-mutability IMMUTABLE",
        terraform: "image_tag_mutability = \"IMMUTABLE\"",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|repository| match repository.text("image_tag_mutability")? {
        Some(immutable) if immutable.starts_with("IMMUTABLE") => pass(),
        other => fail(format!("tag mutability is {}", other.unwrap_or("MUTABLE"))),
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::{json, resource};

    use super::*;
    use crate::cases::{account, fails, passes, run, unread};

    const KIND: &str = "aws_ecr_repository";

    #[test]
    fn repositories_are_judged_by_their_settings() {
        passes(&SCAN_ON_PUSH, KIND, json!({"image_scanning_configuration": [{"scan_on_push": true}]}));
        fails(&SCAN_ON_PUSH, KIND, json!({}), "scanning on push is off");
        passes(&LIFECYCLE, KIND, json!({"lifecycle_policy": {"rules": [{"rulePriority": 1}]}}));
        fails(&LIFECYCLE, KIND, json!({"lifecycle_policy": ""}), "no lifecycle policy");
        passes(&IMMUTABLE, KIND, json!({"image_tag_mutability": "IMMUTABLE"}));
        passes(&IMMUTABLE, KIND, json!({"image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION"}));
        fails(&IMMUTABLE, KIND, json!({}), "MUTABLE");
    }

    #[test]
    fn repositories_are_closed() {
        let policy = |condition: plumbline::serde_json::Value| {
            json!({"policy": {"Statement": [{
                "Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage"], "Condition": condition,
            }]}})
        };
        passes(&NOT_PUBLIC, KIND, json!({}));
        passes(&NOT_PUBLIC, KIND, policy(json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})));
        fails(&NOT_PUBLIC, KIND, policy(json!({})), "allows ecr:BatchGetImage to anyone");
        unread(&NOT_PUBLIC, KIND, json!({"policy": "x"}), "policy");
    }

    #[test]
    fn the_registry_scans_all_or_fails_where_it_is_used() {
        let rule = |filter: &str| {
            let filters = json!([{"filter": filter, "filter_type": "WILDCARD"}]);
            (REGISTRY, "", json!({"rule": [{"scan_frequency": "SCAN_ON_PUSH", "repository_filter": filters}]}))
        };
        let repository = (KIND, "a", json!({}));
        let verdict = |resources: &[_], gaps: &[_]| account(&REGISTRY_SCAN, resources, gaps).remove(0).1;
        assert_eq!(verdict(&[rule("*"), repository.clone()], &[]), pass());
        let some = verdict(&[rule("prod*"), repository.clone()], &[]);
        assert_eq!(some, fail("no scanning rule takes in every repository"));
        assert!(matches!(verdict(&[], &[]), Ok(Verdict::NotApplicable(_))));
        assert!(verdict(&[repository], &[(REGISTRY, "denied")]).is_err());
        let hidden = resource(REGISTRY, json!({})).gap("rule", "denied").build();
        assert!(run(&REGISTRY_SCAN, &[hidden], &[])[0].1.is_err());
    }
}
