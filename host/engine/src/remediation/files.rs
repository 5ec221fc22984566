//! A plan as files: a shell script and Terraform, both to be read before they are used. Names and texts of others stand in comments of
//! one line, in quoted words, or not at all.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::plan::{Item, ResourcePlan};
use super::quote;
use crate::drift::matching::plain_address;

/// A shell script of the commands. What needs something put in is a comment that says what.
pub fn script(plans: &[ResourcePlan], about: &str) -> String {
    let mut text = String::from("#!/bin/sh\n");
    line(&mut text, &format!("# Remediation of {}", comment(about)));
    text.push_str("# Nothing of this was run. Read it; commands that need something put in are comments.\nset -eu\n");
    text.push_str(": \"${REVIEWED:?read this script first, then run it with REVIEWED=yes}\"\n");
    for plan in plans {
        let resource = &plan.resource;
        let commands: Vec<&Item> = plan.items.iter().filter(|item| item.command.is_some()).collect();
        if commands.is_empty() {
            continue;
        }
        line(&mut text, &format!("\n# {} ({})", comment(&resource.id), comment(&resource.kind)));
        // Without one the region of the environment counts; one that is not of this form is nobody's region.
        let region = resource.region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if region && !resource.region.is_empty() {
            line(&mut text, &format!("export AWS_REGION={}", quote(&resource.region)));
        }
        let mut written = BTreeSet::new();
        for item in commands {
            let Some(filled) = &item.command else { continue };
            line(&mut text, &format!("# {}: {} ({})", item.severity, comment(&item.title), comment(&item.check_id)));
            if !filled.missing.is_empty() {
                line(&mut text, &format!("# Put in: {}", comment(&filled.missing.join(", "))));
                filled.command.lines().for_each(|command| line(&mut text, &format!("#   {}", comment(command))));
            } else if written.insert(filled.command.clone()) {
                line(&mut text, &filled.command);
            } else {
                text.push_str("# The same command stands above.\n");
            }
        }
    }
    text
}

/// Terraform: whole blocks as they are, what belongs inside a resource's own block as a comment.
pub fn terraform(plans: &[ResourcePlan], about: &str) -> String {
    let mut text = String::new();
    line(&mut text, &format!("# Remediation of {}", comment(about)));
    text.push_str(
        "# Names in blocks are those of the resources as far as they are known; check references before you apply.\n",
    );
    for plan in plans {
        let items: Vec<&Item> = plan.items.iter().filter(|item| !item.terraform.is_empty()).collect();
        if items.is_empty() {
            continue;
        }
        line(&mut text, &format!("\n# {} ({})", comment(&plan.resource.id), comment(&plan.resource.kind)));
        let name = name(&plan.resource.id, &plan.resource.kind);
        let mut written = BTreeSet::new();
        for item in items {
            let snippet = match name {
                Some(name) => item
                    .terraform
                    .replace(&format!("{}.this", plan.resource.kind), &format!("{}.{name}", plan.resource.kind))
                    .replace("\"this\"", &format!("\"{name}\"")),
                None => item.terraform.clone(),
            };
            if !written.insert(snippet.clone()) {
                continue;
            }
            line(&mut text, &format!("\n# {}: {} ({})", item.severity, comment(&item.title), comment(&item.check_id)));
            let block = ["resource ", "data ", "module "].iter().any(|word| snippet.starts_with(word));
            // A block's name says which resource it is for; where that is not known somebody has to say it.
            if block && name.is_some() {
                line(&mut text, &snippet);
            } else {
                text.push_str(if block { "# To be named:\n" } else { "# Inside the resource's own block:\n" });
                snippet.lines().for_each(|part| line(&mut text, &format!("#   {}", comment(part))));
            }
        }
    }
    text
}

fn line(text: &mut String, line: &str) {
    // Writing to a text does not fail.
    writeln!(text, "{line}").unwrap_or_default();
}

/// Text that cannot end its comment: every control character is written out.
fn comment(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] }).collect()
}

/// The name in a resource's address: `logs` of `module.web.aws_s3_bucket.logs[0]`, if Terraform would take it.
fn name<'a>(id: &'a str, kind: &str) -> Option<&'a str> {
    let address = plain_address(id);
    let (_, name) = address.rsplit_once(&format!("{kind}."))?;
    let name = name.split('[').next()?;
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    (first && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remediation::Filled;
    use plumb_model::check::Severity;
    use plumb_model::resource::ResourceRef;

    fn plans(id: &str) -> Vec<ResourcePlan> {
        let resource = ResourceRef {
            id: id.into(),
            kind: "aws_s3_bucket".into(),
            region: "eu-central-1".into(),
            ..ResourceRef::default()
        };
        let item = |command: &str, missing: &[&str], terraform: &str| Item {
            check_id: "s3_bucket_object_versioning".into(),
            title: "Buckets keep versions".into(),
            severity: Severity::Medium,
            text: String::new(),
            command: Some(Filled {
                command: command.into(),
                missing: missing.iter().map(|name| (*name).into()).collect(),
            }),
            terraform: terraform.into(),
            effort_minutes: 5,
        };
        let block = "resource \"aws_s3_bucket_versioning\" \"this\" {\n  bucket = aws_s3_bucket.this.id\n}";
        let items =
            vec![item("aws s3 one", &[], block), item("aws s3 KEY_ARN", &["KEY_ARN"], "mfa_delete = \"Enabled\"")];
        vec![ResourcePlan { resource, items }]
    }

    #[test]
    fn a_script_has_what_can_be_run_and_says_what_cannot() {
        let text = script(&plans("aws_s3_bucket.logs"), "scan 1");
        assert!(text.contains("\nexport AWS_REGION=eu-central-1\n") && text.contains("\naws s3 one\n"), "{text}");
        assert!(text.contains("# Put in: KEY_ARN\n#   aws s3 KEY_ARN\n"), "{text}");
        let run = std::process::Command::new("sh").arg("-c").arg(&text).output().unwrap();
        assert!(!run.status.success() && String::from_utf8_lossy(&run.stderr).contains("REVIEWED"), "it runs unread");
    }

    #[test]
    fn no_name_ends_its_comment() {
        let hostile = "aws_s3_bucket.x\nrm -rf /\r\u{1b}[2J";
        for text in [script(&plans(hostile), hostile), terraform(&plans(hostile), hostile)] {
            assert!(!text.lines().any(|line| line.starts_with("rm")) && !text.contains('\u{1b}'), "{text}");
        }
    }

    #[test]
    fn blocks_bear_the_resources_name_where_it_is_one() {
        let text = terraform(&plans("state.tfstate#module.web.aws_s3_bucket.logs[0]"), "scan 1");
        assert!(
            text.contains("\"aws_s3_bucket_versioning\" \"logs\"") && text.contains("aws_s3_bucket.logs.id"),
            "{text}"
        );
        assert!(text.contains("# Inside the resource's own block:\n#   mfa_delete"), "{text}");
        let text = terraform(&plans("arn:aws:s3:::logs"), "scan 1");
        assert!(text.contains("# To be named:\n#   resource \"aws_s3_bucket_versioning\" \"this\""), "{text}");
    }
}
