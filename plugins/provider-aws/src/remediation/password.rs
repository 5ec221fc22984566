//! The account's password policy: what is not given is reset, so the step holds all that is set now, made stronger where checks want
//! it. Each of the checks gets the same step, so that mending one does not undo another.

use plumbline::http::Client;
use plumbline::provider::Error;
use plumbline::remediation::Step;
use serde_json::{Value as Json, json};

use crate::answer::read;
use crate::api::{Api, Partition, Protocol, Site};
use crate::call::{Call, Given};
use crate::request::{Caller, request};
use crate::value;

static IAM: Api = Api::global(
    "iam",
    Protocol::Query("2010-05-08"),
    &[
        (Partition::Commercial, Site { host: "iam.amazonaws.com", region: "us-east-1" }),
        (Partition::China, Site { host: "iam.cn-north-1.amazonaws.com.cn", region: "cn-north-1" }),
        (Partition::UsGov, Site { host: "iam.us-gov.amazonaws.com", region: "us-gov-west-1" }),
    ],
);

/// The checks that the step mends. That passwords expire is left to people: those that are older than that stop working at once.
pub const MENDED: [&str; 6] = [
    "iam_password_policy_lowercase",
    "iam_password_policy_minimum_length_14",
    "iam_password_policy_number",
    "iam_password_policy_reuse_24",
    "iam_password_policy_symbol",
    "iam_password_policy_uppercase",
];

/// What those checks want.
const LENGTH: i64 = 14;
const REMEMBERED: i64 = 24;

const PRESENT: Call = IAM.call("GetAccountPasswordPolicy").absent(&["NoSuchEntity"]);

const KEPT: &[(&str, Given)] = &[
    ("AllowUsersToChangePassword", Given::Of("AllowUsersToChangePassword")),
    ("HardExpiry", Given::Of("HardExpiry")),
    ("MinimumPasswordLength", Given::Of("MinimumPasswordLength")),
    ("PasswordReusePrevention", Given::Of("PasswordReusePrevention")),
    ("RequireLowercaseCharacters", Given::Flag(true)),
    ("RequireNumbers", Given::Flag(true)),
    ("RequireSymbols", Given::Flag(true)),
    ("RequireUppercaseCharacters", Given::Flag(true)),
];
/// The same where passwords expire.
const KEPT_WITH_AGE: &[(&str, Given)] = &[
    ("AllowUsersToChangePassword", Given::Of("AllowUsersToChangePassword")),
    ("HardExpiry", Given::Of("HardExpiry")),
    ("MaxPasswordAge", Given::Of("MaxPasswordAge")),
    ("MinimumPasswordLength", Given::Of("MinimumPasswordLength")),
    ("PasswordReusePrevention", Given::Of("PasswordReusePrevention")),
    ("RequireLowercaseCharacters", Given::Flag(true)),
    ("RequireNumbers", Given::Flag(true)),
    ("RequireSymbols", Given::Flag(true)),
    ("RequireUppercaseCharacters", Given::Flag(true)),
];

pub const UPDATE: Call = IAM.call("UpdateAccountPasswordPolicy").given(KEPT);

/// The step; none where the policy is as strong already.
///
/// # Errors
/// Where the present policy could not be read: what is not known cannot be kept.
pub(super) fn step(client: &dyn Client, caller: &Caller<'_>) -> Result<Option<Step>, Error> {
    let asked = request(caller, &PRESENT, &Json::Null, None).map_err(Error::Invalid)?;
    let answer = read(&PRESENT, client.send(&asked));
    let answer = answer.map_err(|failure| match failure.permission {
        Some(_) => Error::Denied(failure.reason),
        None => Error::Unavailable(failure.reason),
    })?;
    let present = answer.as_ref().and_then(|answer| value::at(answer, "PasswordPolicy")).cloned().unwrap_or_default();
    let number = |name: &str| value::number(&present, name).and_then(|number| number.as_i64());
    let flag = |name: &str| value::flag(&present, name).unwrap_or(false);
    let age = number("MaxPasswordAge").filter(|age| *age > 0);
    let item = json!({
        "AllowUsersToChangePassword": flag("AllowUsersToChangePassword"),
        "HardExpiry": flag("HardExpiry"),
        "MaxPasswordAge": age,
        "MinimumPasswordLength": number("MinimumPasswordLength").unwrap_or(0).max(LENGTH),
        "PasswordReusePrevention": number("PasswordReusePrevention").unwrap_or(0).max(REMEMBERED),
    });
    let call = if age.is_some() { UPDATE.given(KEPT_WITH_AGE) } else { UPDATE };
    let strong = ["RequireLowercaseCharacters", "RequireNumbers", "RequireSymbols", "RequireUppercaseCharacters"];
    let is_strong = strong.into_iter().all(flag)
        && number("MinimumPasswordLength") >= Some(LENGTH)
        && number("PasswordReusePrevention") >= Some(REMEMBERED);
    if is_strong {
        return Ok(None);
    }
    let change = "passwords that are set from now on have 14 characters or more, of all four sorts, and none of the \
        last 24; the rest of the policy stays";
    super::step(caller, &call, &item, change.to_owned()).map(Some)
}
