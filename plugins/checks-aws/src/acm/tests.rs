//! ACM.

use plumbline::testing::json;

use super::{EXPIRY, KEY_ALGORITHM, RENEWAL, TRANSPARENCY};
use crate::cases::{fails, passes, skips, unread};

const KIND: &str = "aws_acm_certificate";

#[test]
fn certificates_stay_valid() {
    passes(&EXPIRY, KIND, json!({"not_after": "2026-01-09T12:00:00Z"}));
    fails(&EXPIRY, KIND, json!({"not_after": "2026-01-08T12:00:00Z"}), "7 day(s)");
    fails(&EXPIRY, KIND, json!({"not_after": "2025-12-01T00:00:00Z"}), "-31 day(s)");
    passes(&RENEWAL, KIND, json!({"not_after": "2026-02-01T12:00:00Z"}));
    fails(&RENEWAL, KIND, json!({"not_after": "2026-01-31T12:00:00Z"}), "30 day(s)");
    unread(&EXPIRY, KIND, json!({}), "not issued");
    unread(&EXPIRY, KIND, json!({"not_after": "soon"}), "soon");
}

#[test]
fn certificates_are_logged_and_strong() {
    passes(&TRANSPARENCY, KIND, json!({"type": "AMAZON_ISSUED"}));
    let disabled = json!({"options": [{"certificate_transparency_logging_preference": "DISABLED"}]});
    fails(&TRANSPARENCY, KIND, disabled, "DISABLED");
    skips(&TRANSPARENCY, KIND, json!({"type": "IMPORTED"}));
    passes(&KEY_ALGORITHM, KIND, json!({"key_algorithm": "EC_prime256v1"}));
    passes(&KEY_ALGORITHM, KIND, json!({"key_algorithm": "RSA-2048"}));
    fails(&KEY_ALGORITHM, KIND, json!({"key_algorithm": "RSA_1024"}), "RSA_1024");
}
