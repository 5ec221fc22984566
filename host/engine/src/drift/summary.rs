//! What differs, in one line.

use plumb_model::drift::{Difference, DriftKind};
use plumb_model::resource::ResourceRef;

use crate::drift::compare::beginning;

/// Bytes of a value in a summary, so that the line fits a table, a subject, a chat.
const VALUE_BYTES: usize = 60;
/// Words of a kind up to this long are abbreviations where they come first: S3, IAM, KMS.
const ABBREVIATION: usize = 3;

/// The attribute that matters most: the worst for security, the first among equals.
pub(crate) fn main_difference(differences: &[Difference]) -> Option<&Difference> {
    let mut main: Option<&Difference> = None;
    for difference in differences {
        if main.is_none_or(|main| difference.security > main.security) {
            main = Some(difference);
        }
    }
    main
}

/// `S3 bucket public_access_block.block_public_acls changed from true to false, and 2 more`.
pub(crate) fn summarize(resource: &ResourceRef, kind: DriftKind, differences: &[Difference]) -> String {
    let what = in_words(&resource.kind);
    let name = if resource.name.is_empty() { &resource.id } else { &resource.name };
    match (kind, main_difference(differences)) {
        (DriftKind::Missing, _) => format!("{what} {name} is missing"),
        (DriftKind::Unmanaged, _) => format!("{what} {name} is not in the baseline"),
        (DriftKind::Changed, None) => format!("{what} {name} changed"),
        (DriftKind::Changed, Some(main)) => {
            let (before, now) = (value(&main.baseline), value(&main.current));
            let more = match differences.len() - 1 {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            format!("{what} {} changed from {before} to {now}{more}", main.path)
        }
    }
}

fn value(json: &str) -> String {
    match json {
        "null" | "\"\"" => "not set".to_owned(),
        json if json.len() <= VALUE_BYTES => json.to_owned(),
        json => format!("{}…", beginning(json, VALUE_BYTES)),
    }
}

/// `aws_s3_bucket` → `S3 bucket`.
pub(crate) fn in_words(kind: &str) -> String {
    let own = kind.split_once('_').map_or(kind, |(_, own)| own);
    let words = own.replace('_', " ");
    let (first, rest) = words.split_once(' ').map_or((words.as_str(), None), |(first, rest)| (first, Some(rest)));
    let mut text = if first.len() <= ABBREVIATION {
        first.to_uppercase()
    } else {
        let mut letters = first.chars();
        letters.next().map(|letter| letter.to_uppercase().chain(letters).collect()).unwrap_or_default()
    };
    if let Some(rest) = rest {
        text.push(' ');
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_model::check::Severity;

    fn difference(path: &str, values: (&str, &str), security: Option<Severity>) -> Difference {
        Difference { path: path.into(), baseline: values.0.into(), current: values.1.into(), security }
    }

    #[test]
    fn the_line_names_kind_attribute_and_both_values() {
        let bucket = ResourceRef { kind: "aws_s3_bucket".into(), name: "logs".into(), ..ResourceRef::default() };
        let line = |kind, differences: &[Difference]| summarize(&bucket, kind, differences);
        let blocked = difference("block_public_acls", ("true", "false"), Some(Severity::High));
        assert_eq!(
            line(DriftKind::Changed, std::slice::from_ref(&blocked)),
            "S3 bucket block_public_acls changed from true to false"
        );
        let tag = difference("tags.a", ("null", "\"b\""), None);
        let both = line(DriftKind::Changed, &[tag.clone(), blocked]);
        assert_eq!(both, "S3 bucket block_public_acls changed from true to false, and 1 more");
        assert_eq!(line(DriftKind::Changed, &[tag]), "S3 bucket tags.a changed from not set to \"b\"");
        assert_eq!(line(DriftKind::Missing, &[]), "S3 bucket logs is missing");
        let long = difference("policy", ("null", &"é".repeat(100)), None);
        assert!(line(DriftKind::Changed, &[long]).ends_with("…"));
    }

    #[test]
    fn kinds_become_words() {
        for (kind, words) in [
            ("aws_iam_role", "IAM role"),
            ("aws_security_group", "Security group"),
            ("random_id", "ID"),
            ("terraform", "Terraform"),
            ("", ""),
        ] {
            assert_eq!(in_words(kind), words);
        }
    }
}
