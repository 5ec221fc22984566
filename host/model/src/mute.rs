//! Findings that somebody has accepted.

use crate::outcome::Finding;

/// One accepted deviation. A muted finding stays in the record and in the reports, marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mute {
    /// Glob over check ids.
    pub check: String,
    /// Glob over resource ids.
    pub resource: String,
    /// Glob over accounts.
    pub account: String,
    /// Glob over regions.
    pub region: String,
    pub reason: String,
    pub owner: String,
    /// RFC 3339 date (`2026-12-31`): the last day it holds, UTC. None: until it is taken away.
    pub expires: Option<String>,
}

impl Mute {
    /// Whether it holds on a day (`2026-11-21`). ISO dates compare as text.
    pub fn holds_on(&self, day: &str) -> bool {
        self.expires.as_deref().is_none_or(|last| day <= last)
    }

    /// Whether it covers a finding, on whatever day.
    pub fn covers(&self, finding: &Finding) -> bool {
        glob(&self.check, &finding.check_id)
            && glob(&self.resource, &finding.resource.id)
            && glob(&self.account, &finding.resource.account)
            && glob(&self.region, &finding.resource.region)
    }
}

/// `*` is any run of characters, `?` any one; everything else is itself, so that addresses with brackets need no escaping.
pub fn glob(pattern: &str, text: &str) -> bool {
    wildmatch::WildMatch::new(pattern).matches(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_know_stars_and_question_marks_and_nothing_else() {
        for (pattern, text, matches) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("s3_*", "s3_bucket", true),
            ("*_bucket", "s3_bucket", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("module.a[0].*", "module.a[0].aws_s3_bucket.b", true),
            ("*a*b*c*", "xxaxxbxxcxx", true),
            ("*a*b*c*", "xxaxxcxxbxx", false),
        ] {
            assert_eq!(glob(pattern, text), matches, "{pattern} {text}");
        }
    }

    #[test]
    fn a_mute_holds_through_its_last_day() {
        let mute = Mute { expires: Some("2026-11-21".into()), ..Mute::default() };
        assert!(mute.holds_on("2026-11-21"));
        assert!(!mute.holds_on("2026-11-22"));
    }
}
