use plumbline::testing::{json, resource};

use super::*;

fn policy(document: plumbline::serde_json::Value) -> Result<Option<Policy>, Unread> {
    let owned = resource("aws_iam_policy", json!({ "policy": document })).build();
    Policy::of(&owned.view(), "policy")
}

fn read(document: plumbline::serde_json::Value) -> Policy {
    policy(document).unwrap().unwrap()
}

/// A bucket policy of one statement that allows reading to `principal` under `condition`.
fn sharing(principal: plumbline::serde_json::Value, condition: plumbline::serde_json::Value) -> Policy {
    read(json!({"Statement": {
        "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
        "Condition": condition,
    }}))
}

fn granting(actions: plumbline::serde_json::Value, resources: plumbline::serde_json::Value) -> Policy {
    read(json!({"Statement": [{"Effect": "Allow", "Action": actions, "Resource": resources}]}))
}

#[test]
fn structure_and_text_read_alike() {
    let structure = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Read", "Effect": "Allow", "Principal": {"AWS": ["111122223333", "*"], "Service": "s3.amazonaws.com"},
        "Action": ["S3:GetObject", "s3:List*"], "NotResource": "arn:aws:s3:::b",
        "Condition": {"ForAnyValue:StringLikeIfExists": {"AWS:SourceArn": "a"}, "Bool": {"aws:SecureTransport": false}},
    }]});
    let text = json!(structure.to_string());
    let parsed = read(structure);
    assert_eq!(parsed, read(text));
    let statement = &parsed.statements[0];
    assert_eq!(statement.label(), "statement 1 (Read)");
    assert_eq!(statement.actions, Selection::Only(vec!["s3:getobject".to_owned(), "s3:list*".to_owned()]));
    assert_eq!(statement.resources, Some(Selection::Except(vec!["arn:aws:s3:::b".to_owned()])));
    let found = statement.conditions.iter().find(|condition| condition.operator == "stringlike").unwrap();
    assert_eq!(
        (found.key.as_str(), found.if_exists, found.qualifier),
        ("aws:sourcearn", true, Some(Qualifier::ForAnyValue))
    );
    let tls = statement.conditions.iter().find(|condition| condition.operator == "bool").unwrap();
    assert_eq!(tls.values, ["false"]);
}

#[test]
fn nothing_set_is_no_policy() {
    for document in [json!(null), json!(""), json!({}), json!("null")] {
        assert_eq!(policy(document.clone()), Ok(None), "{document}");
    }
}

#[test]
fn a_policy_that_aws_would_refuse_is_unread() {
    let statement = |extra: plumbline::serde_json::Value| {
        let mut whole = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
        for (key, value) in extra.as_object().unwrap() {
            whole[key] = value.clone();
        }
        json!({"Statement": [whole]})
    };
    for (document, reason) in [
        (json!("{"), "expected a JSON document"),
        (json!("[]"), "no object"),
        (json!({"Version": "2012-10-17"}), "there is no Statement"),
        (json!({"Statement": "all"}), "there is no Statement"),
        (json!({"Statement": ["all"]}), "statement 1: it is no object"),
        (json!({"Statement": [{"Effect": "Allow", "Resource": "*"}]}), "neither Action nor NotAction"),
        (statement(json!({"Effect": "allow"})), "Effect is neither"),
        (statement(json!({"Effect": null})), "Effect is neither"),
        (statement(json!({"NotAction": "iam:*"})), "both Action and NotAction"),
        (statement(json!({"NotResource": "*"})), "both Resource and NotResource"),
        (statement(json!({"Principal": "*", "NotPrincipal": "*"})), "both Principal and NotPrincipal"),
        (statement(json!({"Action": 1})), "Action is neither text nor a list"),
        (statement(json!({"Action": [1]})), "Action holds something other"),
        (statement(json!({"Action": "everything"})), "'everything' is no action"),
        (statement(json!({"Principal": "somebody"})), "Principal is neither"),
        (statement(json!({"Principal": {}})), "names nobody"),
        (statement(json!({"Principal": {"aws": "*"}})), "unknown kind of principal aws"),
        (statement(json!({"Condition": []})), "Condition is no object"),
        (statement(json!({"Condition": {"Bool": "x"}})), "condition Bool is no object"),
        (statement(json!({"Condition": {"Bool": {"a": {}}}})), "a condition value"),
        (statement(json!({"Condition": {"ForSome:Bool": {"a": "b"}}})), "unknown condition qualifier"),
        (statement(json!({"Conditions": {}})), "unknown element Conditions"),
    ] {
        let unread = policy(document.clone()).unwrap_err();
        assert!(unread.reason.contains(reason), "{document}: {}", unread.reason);
    }
}

#[test]
fn a_gap_within_a_policy_makes_it_unread() {
    let owned =
        resource("aws_s3_bucket", json!({"policy": {"Statement": []}})).gap("policy.Statement", "unknown").build();
    assert!(Policy::of(&owned.view(), "policy").is_err());
}

#[test]
fn anyone_is_public_however_it_is_written() {
    for principal in [
        json!("*"),
        json!({"AWS": "*"}),
        json!({"AWS": ["111122223333", "*"]}),
        json!({"AWS": "arn:aws:iam::*:root"}),
        json!({"CanonicalUser": "*"}),
        json!({"Federated": "*"}),
        json!({"Service": "*"}),
    ] {
        let found = sharing(principal.clone(), json!({}));
        let statement = found.public_statement().unwrap_or_else(|| panic!("{principal}"));
        assert_eq!(statement.open_to_anyone(), "statement 1 allows s3:GetObject to anyone");
    }
    let all_but = read(json!({"Statement": {
        "Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*",
    }}));
    assert!(all_but.public_statement().is_some());
}

#[test]
fn somebody_known_is_not_public() {
    for principal in [
        json!({"AWS": "111122223333"}),
        json!({"AWS": ["arn:aws:iam::111122223333:root"]}),
        json!({"Service": "cloudtrail.amazonaws.com"}),
        json!({"Federated": "cognito-identity.amazonaws.com"}),
    ] {
        assert_eq!(sharing(principal, json!({})).public_statement(), None);
    }
    let denied = json!({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}});
    assert_eq!(read(denied).public_statement(), None);
}

#[test]
fn conditions_that_name_the_caller_restrict() {
    for condition in [
        json!({"StringEquals": {"aws:SourceAccount": "111122223333"}}),
        json!({"StringEquals": {"AWS:PRINCIPALORGID": ["o-a1b2c3d4e5"]}}),
        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}}),
        json!({"StringEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}}),
        json!({"StringEquals": {"kms:CallerAccount": "111122223333",
            "kms:ViaService": "s3.eu-central-1.amazonaws.com"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:my-bucket"}}),
        json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}),
        json!({"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}),
        json!({"IpAddress": {"aws:SourceIp": "203.0.113.7"}}),
        json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}),
        json!({"Bool": {"aws:PrincipalIsAWSService": "true"}}),
    ] {
        assert_eq!(sharing(json!("*"), condition.clone()).public_statement(), None, "{condition}");
    }
}

#[test]
fn conditions_that_leave_the_caller_open_do_not_restrict() {
    for condition in [
        json!({"StringLike": {"aws:SourceAccount": "*"}}),
        json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}),
        json!({"StringEquals": {"aws:SourceVpce": []}}),
        json!({"StringLike": {"aws:SourceVpce": ["vpce-1", "vpce-*"]}}),
        json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/"}}),
        json!({"StringNotEquals": {"aws:SourceAccount": "111122223333"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}),
        json!({"ArnLike": {"aws:SourceArn": "*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}),
        json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        json!({"IpAddress": {"aws:SourceIp": ["203.0.113.7", "::/0"]}}),
        json!({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}),
        json!({"IpAddress": {"aws:SourceIp": "everywhere"}}),
        json!({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}),
        json!({"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}),
        json!({"StringEquals": {"s3:x-amz-acl": "public-read"}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "a"}}),
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        json!({"Null": {"aws:SourceArn": "false"}}),
    ] {
        assert!(sharing(json!("*"), condition.clone()).public_statement().is_some(), "{condition}");
    }
}

/// Public reading beside a denial with these changes.
fn guarded(denial: plumbline::serde_json::Value) -> Policy {
    let mut deny = json!({
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
    });
    for (key, value) in denial.as_object().unwrap() {
        deny[key] = value.clone();
    }
    read(json!({"Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"}, deny,
    ]}))
}

#[test]
fn a_denial_of_outsiders_closes_what_it_covers() {
    for denial in [
        json!({}),
        json!({"Condition": {}}),
        json!({"Action": "s3:G*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}),
        json!({"Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}),
        json!({"Condition": {
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        }}),
    ] {
        assert_eq!(guarded(denial.clone()).public_statement(), None, "{denial}");
    }
}

#[test]
fn a_denial_that_covers_less_closes_nothing() {
    for denial in [
        json!({"Action": "s3:GetObject"}),
        json!({"Resource": "arn:aws:s3:::b/private/*"}),
        json!({"Principal": {"AWS": "111122223333"}}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
        json!({"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"},
            "Bool": {"aws:SecureTransport": "false"}}}),
        json!({"Condition": {"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}),
        json!({"Condition": {"ForAnyValue:StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}),
        json!({"Condition": {"Bool": {"aws:PrincipalIsAWSService": "false"}}}),
    ] {
        assert!(guarded(denial.clone()).public_statement().is_some(), "{denial}");
    }
}

#[test]
fn an_administrator_may_do_everything_everywhere() {
    for (actions, resources) in [
        (json!("*"), json!("*")),
        (json!(["s3:*", "*:*"]), json!(["*"])),
        (json!("**"), json!("*")),
        (json!("*"), json!("arn:aws:*")),
    ] {
        assert!(granting(actions.clone(), resources).administrator_statement().is_some(), "{actions}");
    }
    for (actions, resources) in [
        (json!("iam:*"), json!("*")),
        (json!("*"), json!("arn:aws:s3:::b/*")),
        (json!("*:Get*"), json!("*")),
        (json!([]), json!("*")),
    ] {
        assert_eq!(granting(actions.clone(), resources).administrator_statement(), None, "{actions}");
    }
}

#[test]
fn all_but_some_is_an_administrator_where_iam_is_left_in() {
    let all_but = |left_out: plumbline::serde_json::Value| {
        read(json!({"Statement": [{"Effect": "Allow", "NotAction": left_out, "Resource": "*"}]}))
    };
    assert!(all_but(json!([])).administrator_statement().is_some());
    assert!(all_but(json!(["organizations:*"])).administrator_statement().is_some());
    assert_eq!(all_but(json!(["iam:*", "organizations:*"])).administrator_statement(), None);
    assert_eq!(all_but(json!("*")).administrator_statement(), None);
    let elsewhere = read(json!({"Statement": [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b"}]}));
    assert!(elsewhere.administrator_statement().is_some());
}

#[test]
fn only_a_flat_denial_of_everything_takes_an_administrator_away() {
    let with = |denial: plumbline::serde_json::Value| {
        read(json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, denial]}))
    };
    let all = json!({"Effect": "Deny", "Action": "*", "Resource": "*"});
    assert_eq!(with(all).administrator_statement(), None);
    let some = json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*"});
    assert!(with(some).administrator_statement().is_some());
    let softened = json!({"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}});
    assert!(with(softened).administrator_statement().is_some());
}

#[test]
fn full_access_to_a_service_is_all_of_it_on_all_resources() {
    assert!(granting(json!("kms:*"), json!("*")).full_access_statement("kms").is_some());
    assert!(granting(json!("KMS:*"), json!("*")).full_access_statement("kms").is_some());
    assert!(granting(json!("*"), json!("*")).full_access_statement("kms").is_some());
    assert!(granting(json!("k*:*"), json!("*")).full_access_statement("kms").is_some());
    assert_eq!(granting(json!("kms:Describe*"), json!("*")).full_access_statement("kms"), None);
    assert_eq!(granting(json!("kms:*"), json!("arn:aws:kms:*:1:key/a")).full_access_statement("kms"), None);
    assert_eq!(granting(json!("kmsx:*"), json!("*")).full_access_statement("kms"), None);
    let rest = read(json!({"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}));
    assert!(rest.full_access_statement("kms").is_some());
    assert_eq!(rest.full_access_statement("iam"), None);
}

#[test]
fn allowed_is_what_a_statement_allows_and_none_denies_flatly() {
    let policy = read(json!({"Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"},
        {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*", "Condition": {"Bool": {"a": "b"}}},
    ]}));
    assert!(policy.allows("s3:GetObject", "arn:aws:s3:::b/key"));
    assert!(policy.allows("s3:PutObject", "arn:aws:s3:::b/key"));
    assert!(!policy.allows("s3:DeleteObject", "arn:aws:s3:::b/key"));
    assert!(!policy.allows("s3:GetObject", "arn:aws:s3:::other/key"));
    assert!(!policy.allows("ec2:RunInstances", "*"));
}

#[test]
fn every_known_escalation_is_found_from_its_own_actions() {
    for path in PATHS {
        let found = granting(json!(path.actions), json!("*")).escalation();
        let found = found.unwrap_or_else(|| panic!("{:?}", path.actions));
        assert!(found.actions.iter().all(|action| path.actions.contains(action)), "{:?}", path.actions);
        for action in path.actions {
            assert_eq!(*action, action.to_ascii_lowercase());
            assert!(action.contains(':'));
        }
    }
    assert!(granting(json!("iam:Put*"), json!("*")).escalation().is_some());
}

#[test]
fn no_escalation_where_one_step_is_missing_or_denied() {
    assert_eq!(granting(json!(["iam:PassRole", "ec2:Describe*", "s3:*"]), json!("*")).escalation(), None);
    assert_eq!(granting(json!("ec2:RunInstances"), json!("*")).escalation(), None);
    let denied = read(json!({"Statement": [
        {"Effect": "Allow", "Action": ["iam:PassRole", "ec2:RunInstances"], "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:*", "Resource": "*"},
    ]}));
    assert_eq!(denied.escalation(), None);
    let own = "arn:aws:iam::*:user/${aws:username}";
    assert_eq!(granting(json!("iam:CreateAccessKey"), json!(own)).escalation(), None);
    assert!(granting(json!("iam:PutUserPolicy"), json!(own)).escalation().is_some());
}

/// A bucket policy that denies what comes without TLS, with these changes.
fn tls_only(changes: plumbline::serde_json::Value) -> bool {
    let mut deny = json!({
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    });
    for (key, value) in changes.as_object().unwrap() {
        deny[key] = value.clone();
    }
    read(json!({"Statement": [deny]})).requires_tls_on_bucket("b")
}

#[test]
fn tls_is_required_where_all_that_comes_without_it_is_denied() {
    assert!(tls_only(json!({})));
    assert!(tls_only(json!({"Principal": {"AWS": "*"}, "Action": "*", "Resource": "*"})));
    assert!(tls_only(json!({"Condition": {"Bool": {"AWS:SecureTransport": false}}})));
    assert!(tls_only(json!({"Resource": "arn:aws:s3:::b*"})));
    let split = read(json!({"Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws-cn:s3:::b",
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws-cn:s3:::b/*",
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ]}));
    assert!(split.requires_tls_on_bucket("b"));
}

#[test]
fn tls_is_not_required_where_anything_may_come_without_it() {
    for changes in [
        json!({"Effect": "Allow"}),
        json!({"Principal": {"AWS": "111122223333"}}),
        json!({"Action": "s3:PutObject"}),
        json!({"Resource": "arn:aws:s3:::b/*"}),
        json!({"Resource": "arn:aws:s3:::b"}),
        json!({"Resource": ["arn:aws:s3:::other", "arn:aws:s3:::other/*"]}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}}}),
        json!({"Condition": {}}),
    ] {
        assert!(!tls_only(changes.clone()), "{changes}");
    }
}

#[test]
fn an_account_is_read_from_an_id_or_an_arn() {
    let principal = |name: &str| Principal { kind: PrincipalKind::Aws, name: name.to_owned() };
    assert_eq!(principal("111122223333").account(), Some("111122223333"));
    assert_eq!(principal("arn:aws:iam::111122223333:role/a").account(), Some("111122223333"));
    assert_eq!(principal("AIDAEXAMPLE").account(), None);
    assert_eq!(principal("*").account(), None);
}
