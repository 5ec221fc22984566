//! The wildcards of actions and ARNs.

/// Whether `pattern` selects everything that `text` stands for. `*` stands for any run of characters, `?` for one.
///
/// `text` may itself be a pattern: its `*` is met by a `*` only, so that an answer of yes is always right.
pub(super) fn covers(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut in_text) = (0, 0);
    // Where to take up again when the run of the last `*` has to grow by one.
    let mut resume = None;
    while let Some(&character) = text.get(in_text) {
        match pattern.get(at) {
            Some(b'*') => {
                at += 1;
                resume = Some((at, in_text));
            }
            Some(&wanted) if wanted == character || (wanted == b'?' && character != b'*') => {
                at += 1;
                in_text += 1;
            }
            _ => {
                let Some((after_star, start)) = resume else {
                    return false;
                };
                at = after_star;
                in_text = start + 1;
                resume = Some((after_star, in_text));
            }
        }
    }
    pattern.iter().skip(at).all(|left| *left == b'*')
}

/// Whether an action pattern selects everything: `*`, also written `*:*`.
pub(super) fn is_everything(pattern: &str) -> bool {
    pattern.contains('*') && pattern.bytes().all(|byte| matches!(byte, b'*' | b':'))
}

/// Whether an action pattern selects anything of a service, named in lower case.
pub(super) fn touches(pattern: &str, service: &str) -> bool {
    pattern.split_once(':').is_none_or(|(prefix, _)| covers(prefix, service))
}

/// Whether a resource pattern selects everything: `*`, or an ARN open from the service on, such as `arn:aws:*`.
pub(super) fn is_every_resource(pattern: &str) -> bool {
    let stars = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte == b'*');
    let Some(arn) = pattern.strip_prefix("arn:") else {
        return stars(pattern);
    };
    match arn.split_once(':') {
        None => stars(arn),
        Some((_, rest)) => rest.split(':').all(stars),
    }
}

/// Whether text holds a wildcard.
pub(super) fn is_open(text: &str) -> bool {
    text.contains(['*', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_select_as_iam_does() {
        for (pattern, text, expected) in [
            ("s3:getobject", "s3:getobject", true),
            ("s3:getobject", "s3:getobjectacl", false),
            ("s3:*", "s3:getobject", true),
            ("*", "s3:getobject", true),
            ("s3:get*", "s3:putobject", false),
            ("s3:*object*", "s3:putobjectacl", true),
            ("s3:?etobject", "s3:getobject", true),
            ("s3:getobjec?", "s3:getobjec", false),
            ("*acl", "s3:putbucketaclacl", true),
            ("a*b*c", "axxbyybzc", true),
            ("a*b*c", "axxbyybz", false),
            ("", "", true),
            ("**", "", true),
        ] {
            assert_eq!(covers(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn every_resource_is_a_star_or_an_arn_of_stars() {
        for pattern in ["*", "**", "arn:*", "arn:aws:*", "arn:aws:*:*:*:*"] {
            assert!(is_every_resource(pattern), "{pattern}");
        }
        for pattern in ["", "arn:aws:s3:*", "arn:aws:*:*:123456789012:*", "arn:aws:s3:::*", "a*"] {
            assert!(!is_every_resource(pattern), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_covers_another_only_where_it_selects_all_of_it() {
        for (pattern, text, expected) in [
            ("s3:*", "s3:get*", true),
            ("s3:get*", "s3:*", false),
            ("*", "*", true),
            ("?", "*", false),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/*", true),
            ("arn:aws:s3:::b/a*", "arn:aws:s3:::b/*", false),
            ("s3:?", "s3:*", false),
        ] {
            assert_eq!(covers(pattern, text), expected, "{pattern} on {text}");
        }
    }
}
