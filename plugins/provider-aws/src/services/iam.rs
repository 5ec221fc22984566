//! IAM: users, groups, roles, policies, providers, certificates, and what the account says of itself. One call lists identities with
//! their policies.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};

use crate::api::{Api, Partition, Protocol, Site};
use crate::call::{Call, Given};
use crate::field::{Field, block, blocks, document, flag, number, of, structure, text, texts};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::global(
    "iam",
    Protocol::Query("2010-05-08"),
    &[
        (Partition::Commercial, Site { host: "iam.amazonaws.com", region: "us-east-1" }),
        (Partition::China, Site { host: "iam.cn-north-1.amazonaws.com.cn", region: "cn-north-1" }),
        (Partition::UsGov, Site { host: "iam.us-gov.amazonaws.com", region: "us-gov-west-1" }),
    ],
);

pub const SERVICE: Service = Service {
    name: "iam",
    global: true,
    listings: &[
        Listing {
            steps: &[details(&[("Filter.member", Given::List(&["User"]))], "UserDetailList.member")],
            details: &[&[
                API.call("ListAccessKeys").given(USER).items("AccessKeyMetadata.member").paged("Marker", "Marker"),
                API.call("ListMFADevices").given(USER).items("MFADevices.member").paged("Marker", "Marker"),
                API.call("GetLoginProfile").given(USER).absent(&["NoSuchEntity"]),
            ]],
            kinds: &[Kind::new("aws_iam_user", "{Arn}", "UserName", USER_FIELDS).tags("Tags.member")],
        },
        Listing {
            steps: &[details(&[("Filter.member", Given::List(&["Role"]))], "RoleDetailList.member")],
            details: &[],
            kinds: &[Kind::new("aws_iam_role", "{Arn}", "RoleName", ROLE_FIELDS).tags("Tags.member")],
        },
        Listing {
            steps: &[details(&[("Filter.member", Given::List(&["Group"]))], "GroupDetailList.member")],
            details: &[],
            kinds: &[Kind::new("aws_iam_group", "{Arn}", "GroupName", GROUP_FIELDS)],
        },
        Listing {
            steps: &[details(&[("Filter.member", Given::List(&["LocalManagedPolicy"]))], "Policies.member")],
            details: &[&[API
                .call("ListPolicyTags")
                .given(&[("PolicyArn", Given::Of("Arn"))])
                .items("Tags.member")
                .paged("Marker", "Marker")]],
            kinds: &[Kind::new("aws_iam_policy", "{Arn}", "PolicyName", POLICY_FIELDS).tags("ListPolicyTags")],
        },
        Listing {
            steps: &[API.call("GetAccountPasswordPolicy").items("PasswordPolicy").absent(&["NoSuchEntity"])],
            details: &[],
            kinds: &[Kind::new(
                "aws_iam_account_password_policy",
                "{account}/iam/password-policy",
                "",
                PASSWORD_FIELDS,
            )],
        },
        Listing {
            steps: &[API.call("GetAccountSummary")],
            details: &[&[API
                .call("ListVirtualMFADevices")
                .given(&[("AssignmentStatus", Given::Text("Assigned"))])
                .items("VirtualMFADevices.member")
                .paged("Marker", "Marker")]],
            kinds: &[Kind::new("aws_iam_account_summary", "{account}/iam/account-summary", "", SUMMARY_FIELDS)],
        },
        Listing {
            steps: &[
                API.call("GenerateCredentialReport").until("State", "COMPLETE"),
                API.call("GetCredentialReport").rows(report),
            ],
            details: &[],
            kinds: &[Kind::new(
                "aws_iam_credential_report",
                "{account}/iam/credential-report/{user}",
                "user",
                REPORT_FIELDS,
            )],
        },
        Listing {
            steps: &[API.call("ListSAMLProviders").items("SAMLProviderList.member")],
            details: &[&[API.call("GetSAMLProvider").given(&[("SAMLProviderArn", Given::Of("Arn"))])]],
            kinds: &[
                Kind::new("aws_iam_saml_provider", "{Arn}", "Arn", SAML_FIELDS).tags("GetSAMLProvider.Tags.member")
            ],
        },
        Listing {
            steps: &[API
                .call("ListServerCertificates")
                .items("ServerCertificateMetadataList.member")
                .paged("Marker", "Marker")],
            details: &[&[API
                .call("ListServerCertificateTags")
                .given(&[("ServerCertificateName", Given::Of("ServerCertificateName"))])
                .items("Tags.member")
                .paged("Marker", "Marker")]],
            kinds: &[Kind::new("aws_iam_server_certificate", "{Arn}", "ServerCertificateName", CERTIFICATE_FIELDS)
                .tags("ListServerCertificateTags")],
        },
    ],
};

const USER: &[(&str, Given)] = &[("UserName", Given::Of("UserName"))];

const fn details(given: &'static [(&'static str, Given)], items: &'static str) -> Call {
    API.call("GetAccountAuthorizationDetails").given(given).items(items).paged("Marker", "Marker")
}

const INLINE: &[Field] = &[text("name", "PolicyName"), document("policy", "PolicyDocument")];
const ATTACHED: &str = "AttachedManagedPolicies.member.PolicyArn";
const BOUNDARY: Field = text("permissions_boundary", "PermissionsBoundary.PermissionsBoundaryArn");

const USER_FIELDS: &[Field] = &[
    text("name", "UserName"),
    text("path", "Path"),
    text("unique_id", "UserId"),
    BOUNDARY,
    blocks("inline_policy", "UserPolicyList.member", INLINE),
    texts("attached_policy_arns", ATTACHED),
    texts("groups", "GroupList.member"),
    blocks(
        "access_key",
        "ListAccessKeys",
        &[text("id", "AccessKeyId"), text("status", "Status"), text("create_date", "CreateDate")],
    ),
    blocks("mfa_device", "ListMFADevices", &[text("serial_number", "SerialNumber"), text("enable_date", "EnableDate")]),
    block(
        "login_profile",
        "GetLoginProfile.LoginProfile",
        &[flag("password_reset_required", "PasswordResetRequired"), text("create_date", "CreateDate")],
    ),
];

const ROLE_FIELDS: &[Field] = &[
    text("name", "RoleName"),
    text("path", "Path"),
    text("unique_id", "RoleId"),
    text("create_date", "CreateDate"),
    BOUNDARY,
    document("assume_role_policy", "AssumeRolePolicyDocument"),
    blocks("inline_policy", "RolePolicyList.member", INLINE),
    texts("attached_policy_arns", ATTACHED),
    blocks("role_last_used", "RoleLastUsed", &[text("last_used_date", "LastUsedDate"), text("region", "Region")]),
];

const GROUP_FIELDS: &[Field] = &[
    text("name", "GroupName"),
    text("path", "Path"),
    text("unique_id", "GroupId"),
    blocks("inline_policy", "GroupPolicyList.member", INLINE),
    texts("attached_policy_arns", ATTACHED),
];

const POLICY_FIELDS: &[Field] = &[
    text("name", "PolicyName"),
    text("path", "Path"),
    text("policy_id", "PolicyId"),
    number("attachment_count", "AttachmentCount"),
    of("policy", &["PolicyVersionList"], default_version),
];

const PASSWORD_FIELDS: &[Field] = &[
    flag("allow_users_to_change_password", "AllowUsersToChangePassword"),
    flag("expire_passwords", "ExpirePasswords"),
    flag("hard_expiry", "HardExpiry"),
    number("max_password_age", "MaxPasswordAge"),
    number("minimum_password_length", "MinimumPasswordLength"),
    number("password_reuse_prevention", "PasswordReusePrevention"),
    flag("require_lowercase_characters", "RequireLowercaseCharacters"),
    flag("require_numbers", "RequireNumbers"),
    flag("require_symbols", "RequireSymbols"),
    flag("require_uppercase_characters", "RequireUppercaseCharacters"),
];

/// Named as the summary names them, in the form of attributes.
const SUMMARY_FIELDS: &[Field] = &[
    of("account_access_keys_present", SUMMARY, |item| summary(item, "AccountAccessKeysPresent")),
    of("account_mfa_enabled", SUMMARY, |item| summary(item, "AccountMFAEnabled")),
    of("account_password_present", SUMMARY, |item| summary(item, "AccountPasswordPresent")),
    of("account_signing_certificates_present", SUMMARY, |item| summary(item, "AccountSigningCertificatesPresent")),
    of("users", SUMMARY, |item| summary(item, "Users")),
    of("root_virtual_mfa_device", &["ListVirtualMFADevices"], root_device),
];
const SUMMARY: &[&str] = &["SummaryMap"];

/// The report's columns.
const REPORT_FIELDS: &[Field] = &[
    text("user", "user"),
    text("user_creation_time", "user_creation_time"),
    flag("password_enabled", "password_enabled"),
    text("password_last_used", "password_last_used"),
    text("password_last_changed", "password_last_changed"),
    flag("mfa_active", "mfa_active"),
    flag("access_key_1_active", "access_key_1_active"),
    text("access_key_1_last_rotated", "access_key_1_last_rotated"),
    text("access_key_1_last_used_date", "access_key_1_last_used_date"),
    flag("access_key_2_active", "access_key_2_active"),
    text("access_key_2_last_rotated", "access_key_2_last_rotated"),
    text("access_key_2_last_used_date", "access_key_2_last_used_date"),
    flag("cert_1_active", "cert_1_active"),
    flag("cert_2_active", "cert_2_active"),
];

const SAML_FIELDS: &[Field] = &[
    text("saml_metadata_document", "GetSAMLProvider.SAMLMetadataDocument"),
    text("valid_until", "GetSAMLProvider.ValidUntil"),
];

const CERTIFICATE_FIELDS: &[Field] = &[
    text("name", "ServerCertificateName"),
    text("path", "Path"),
    text("expiration", "Expiration"),
    text("upload_date", "UploadDate"),
];

fn default_version(policy: &Json) -> Json {
    let versions = value::all(policy, "PolicyVersionList.member");
    let default = versions.into_iter().find(|version| value::flag(version, "IsDefaultVersion") == Some(true));
    default.and_then(|version| version.get("Document")).map(structure).unwrap_or_default()
}

fn summary(item: &Json, key: &str) -> Json {
    let entries = value::all(item, "SummaryMap.entry");
    let entry = entries.into_iter().find(|entry| value::is(entry, "key", key));
    entry.and_then(|entry| value::number(entry, "value")).unwrap_or_default()
}

/// The root user's virtual device; its name is the same in every account. Null where there is none.
fn root_device(item: &Json) -> Json {
    let serials = value::all(item, "ListVirtualMFADevices.SerialNumber");
    let root = serials
        .into_iter()
        .find(|serial| serial.as_str().is_some_and(|serial| serial.ends_with(":mfa/root-account-mfa-device")));
    root.cloned().unwrap_or_default()
}

/// The credential report: CSV in base64, with `N/A`, `no_information` and `not_supported` where there is nothing to say. Where it
/// cannot be read there is one row that says nothing.
fn report(answer: &Json) -> Vec<Json> {
    let content = value::text(answer, "Content").unwrap_or_default();
    let csv = STANDARD.decode(content.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let mut lines = csv.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let rows: Vec<Json> = lines.map(|line| row(&header, line)).collect();
    if rows.is_empty() { vec![json!({})] } else { rows }
}

/// The name and the ARN of a user come first, and only they may hold commas, so the others are counted from the end.
fn row(header: &[&str], line: &str) -> Json {
    let mut row = Map::new();
    let mut rest = line;
    for name in header.iter().skip(2).rev() {
        let Some((before, cell)) = rest.rsplit_once(',') else { return json!({}) };
        rest = before;
        if !matches!(cell, "" | "N/A" | "no_information" | "not_supported") {
            row.insert((*name).to_owned(), cell.into());
        }
    }
    let user = rest.split_once(",arn:").map(|(user, _)| user.trim_matches('"'));
    row.insert("user".to_owned(), user.into());
    row.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(csv: &str) -> Vec<Json> {
        report(&json!({"Content": STANDARD.encode(csv)}))
    }

    #[test]
    fn a_user_with_a_comma_keeps_his_columns() {
        let rows = told("user,arn,mfa_active,password_last_used\na,b,arn:aws:iam::1:user/a,b,true,N/A\n");
        assert_eq!(rows, [json!({"user": "a,b", "mfa_active": "true"})]);
    }

    #[test]
    fn a_report_that_cannot_be_read_names_nobody() {
        assert_eq!(told(""), [json!({})]);
        assert_eq!(report(&json!({"Content": "?"})), [json!({})]);
        assert_eq!(told("user,arn,mfa_active\nbroken\n"), [json!({})]);
    }
}
