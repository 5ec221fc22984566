//! Where credentials are found, each case with a home of its own.

use std::path::Path;

use plumb_egress::{Aws, Environment, Options};
use plumb_model::target::CredentialReference;
use serde_json::Map;

use crate::harness::quick;
use crate::server::{Answer, Asked, Server, answer};

/// The key that signed a request.
fn signer(asked: &Asked) -> &str {
    let authorization = asked.header("authorization").unwrap_or_default();
    authorization.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next()).unwrap_or_default()
}

/// An sts that says for each key who it is, and gives keys for roles: `ASIA` and the name of the role.
fn sts(asked: &Asked) -> Answer {
    let field = |name: &str| {
        let found = asked.body.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        found.unwrap_or_default().to_owned()
    };
    if asked.line.contains("/federation/") || asked.line.starts_with("GET") || asked.line.starts_with("PUT") {
        return answer(404, &[], "");
    }
    if field("Action") == "GetCallerIdentity" {
        let arn = format!("arn:aws:iam::111111111111:user/{}", signer(asked));
        return answer(200, &[], &format!("<R><Arn>{arn}</Arn><Account>111111111111</Account></R>"));
    }
    let role = field("RoleArn").rsplit("%2F").next().unwrap_or_default().to_owned();
    let key = format!("<AccessKeyId>ASIA{role}</AccessKeyId><SecretAccessKey>new/secret/of/the/role</SecretAccessKey>");
    let rest = "<SessionToken>the session's token</SessionToken><Expiration>2199-01-01T00:00:00Z</Expiration>";
    answer(200, &[], &format!("<R>{key}{rest}</R>"))
}

struct Case<'a> {
    config: &'a str,
    credentials: &'a str,
    variables: &'a [(&'a str, &'a str)],
    reference: Option<&'a str>,
}

const EMPTY: Case<'static> = Case { config: "", credentials: "", variables: &[], reference: None };

fn open(home: &Path, endpoint: &str, case: &Case<'_>) -> Result<Aws, String> {
    std::fs::create_dir_all(home.join(".aws")).unwrap();
    std::fs::write(home.join(".aws/config"), case.config).unwrap();
    std::fs::write(home.join(".aws/credentials"), case.credentials).unwrap();
    std::fs::write(home.join("token"), "eyJhbGciOiJub25lIn0.a.token\n").unwrap();
    std::fs::write(home.join("keys"), "[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = of/the/file\n")
        .unwrap();
    let home = home.to_str().unwrap();
    let fill = |text: &str| text.replace("HOME", home).replace("SERVER", endpoint);
    let mut variables = vec![("HOME".to_owned(), home.to_owned())];
    if !case.variables.iter().any(|(name, _)| name.starts_with("AWS_ENDPOINT_URL")) {
        variables.push(("AWS_ENDPOINT_URL".to_owned(), endpoint.to_owned()));
    }
    variables.extend(case.variables.iter().map(|(name, value)| ((*name).to_owned(), fill(value))));
    let reference: Option<CredentialReference> = case.reference.map(|text| fill(text).parse().unwrap());
    let environment = Environment::new(variables);
    let settings = Map::new();
    Aws::open(Options { settings, credentials: reference.as_ref(), environment, recording: None, pace: quick() })
}

/// The key with which a case signs, or why it does not.
async fn key_of(case: Case<'_>) -> Result<String, String> {
    let server = Server::start(|_, asked| sts(asked)).await;
    let home = tempfile::tempdir().unwrap();
    let aws = open(home.path(), &server.url(), &case)?;
    let identity = aws.identity().await?;
    assert_eq!(identity.account, "111111111111");
    Ok(identity.arn.rsplit('/').next().unwrap().to_owned())
}

const KEYS: &str = "[default]\naws_access_key_id = AKIADEFAULT # mine\naws_secret_access_key = of/the/default\n\n\
                    [other]\naws_access_key_id=AKIAOTHER\naws_secret_access_key=of/the/other=\naws_session_token=a#b;c\n";
const ENVIRONMENT: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "AKIAENV"), ("AWS_SECRET_ACCESS_KEY", "of/the/environment")];

#[tokio::test]
async fn the_environment_comes_before_the_shared_files() {
    let case = Case { credentials: KEYS, variables: &ENVIRONMENT, ..EMPTY };
    assert_eq!(key_of(case).await.unwrap(), "AKIAENV");
    assert_eq!(key_of(Case { credentials: KEYS, ..EMPTY }).await.unwrap(), "AKIADEFAULT");
}

#[tokio::test]
async fn a_profile_is_named_by_the_target_or_by_the_environment() {
    let by_environment = Case { credentials: KEYS, variables: &[("AWS_PROFILE", "other")], ..EMPTY };
    assert_eq!(key_of(by_environment).await.unwrap(), "AKIAOTHER");
    let by_target = Case { credentials: KEYS, variables: &ENVIRONMENT, reference: Some("profile:other"), ..EMPTY };
    assert_eq!(key_of(by_target).await.unwrap(), "AKIAOTHER");
    let missing = key_of(Case { credentials: KEYS, reference: Some("profile:missing"), ..EMPTY }).await.unwrap_err();
    assert!(missing.contains("no profile missing") && missing.contains("default, other"), "{missing}");
}

#[tokio::test]
async fn files_elsewhere_and_references_of_every_kind_are_read() {
    let elsewhere = Case { variables: &[("AWS_SHARED_CREDENTIALS_FILE", "~/keys")], ..EMPTY };
    assert_eq!(key_of(elsewhere).await.unwrap(), "AKIAFILE");
    assert_eq!(key_of(Case { reference: Some("file:HOME/keys"), ..EMPTY }).await.unwrap(), "AKIAFILE");
    let prefixed = [("AUDIT_ACCESS_KEY_ID", "AKIAAUDIT"), ("AUDIT_SECRET_ACCESS_KEY", "of/the/audit")];
    let case = Case { variables: &prefixed, reference: Some("environment:AUDIT"), ..EMPTY };
    assert_eq!(key_of(case).await.unwrap(), "AKIAAUDIT");
    let role = [("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/Pod")];
    let case = Case { variables: &role, reference: Some("web-identity:HOME/token"), ..EMPTY };
    assert_eq!(key_of(case).await.unwrap(), "ASIAPod");
}

#[tokio::test]
async fn roles_rest_on_profiles_the_environment_and_tokens() {
    let config = "[profile audit]\nrole_arn = arn:aws:iam::111111111111:role/Audit\nsource_profile = step\nexternal_id = x\n\
                  [profile step]\nrole_arn = arn:aws:iam::111111111111:role/Step\nsource_profile = other\n\
                  [profile env]\nrole_arn = arn:aws:iam::111111111111:role/Env\ncredential_source = Environment\n\
                  [profile self]\nrole_arn = arn:aws:iam::111111111111:role/Self\nsource_profile = self\n\
                  aws_access_key_id = AKIASELF\naws_secret_access_key = of/the/self\n\
                  [profile pod]\nrole_arn = arn:aws:iam::111111111111:role/Pod\nweb_identity_token_file = HOME/token\n\
                  [profile ring]\nrole_arn = arn:aws:iam::111111111111:role/A\nsource_profile = ring2\n\
                  [profile ring2]\nrole_arn = arn:aws:iam::111111111111:role/B\nsource_profile = ring\n\
                  [profile code]\nrole_arn = arn:aws:iam::1:role/C\nsource_profile = other\nmfa_serial = arn:aws:iam::1:mfa/me\n\
                  [profile none]\nrole_arn = arn:aws:iam::1:role/C\n\
                  [profile empty]\nregion = eu-west-1\n";
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("token"), "eyJ").unwrap();
    let config = config.replace("HOME", home.path().to_str().unwrap());
    let profile =
        |reference| Case { config: &config, credentials: KEYS, variables: &ENVIRONMENT, reference: Some(reference) };
    for (reference, key) in [
        ("profile:audit", "ASIAAudit"),
        ("profile:step", "ASIAStep"),
        ("profile:env", "ASIAEnv"),
        ("profile:self", "ASIASelf"),
        ("profile:pod", "ASIAPod"),
    ] {
        assert_eq!(key_of(profile(reference)).await.as_deref(), Ok(key), "{reference}");
    }
    for (reference, words) in [
        ("profile:ring", "round in a circle"),
        ("profile:code", "asks for a code of arn:aws:iam::1:mfa/me"),
        ("profile:none", "without source_profile"),
        ("profile:empty", "has no credentials"),
    ] {
        let problem = key_of(profile(reference)).await.unwrap_err();
        assert!(problem.contains(words), "{problem}");
    }
}

#[tokio::test]
async fn an_external_id_and_the_key_of_the_source_go_to_sts() {
    let config =
        "[profile audit]\nrole_arn = arn:aws:iam::111111111111:role/Audit\nsource_profile = other\nexternal_id = a/b\n";
    let server = Server::start(|_, asked| sts(asked)).await;
    let home = tempfile::tempdir().unwrap();
    let case = Case { config, credentials: KEYS, reference: Some("profile:audit"), ..EMPTY };
    let aws = open(home.path(), &server.url(), &case).unwrap();
    aws.identity().await.unwrap();
    aws.identity().await.unwrap();
    let asked = server.asked();
    assert_eq!(asked.len(), 2, "credentials and identity are kept");
    assert!(asked[0].body.contains("ExternalId=a%2Fb") && asked[0].body.contains("RoleSessionName=plumb"));
    assert_eq!(signer(&asked[0]), "AKIAOTHER");
    assert_eq!(asked[0].header("x-amz-security-token"), Some("a#b;c"));
    assert_eq!(signer(&asked[1]), "ASIAAudit");
}

#[tokio::test]
async fn web_identity_of_a_pod_is_found_without_a_profile() {
    let variables =
        [("AWS_WEB_IDENTITY_TOKEN_FILE", "HOME/token"), ("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/Pod")];
    assert_eq!(key_of(Case { variables: &variables, ..EMPTY }).await.unwrap(), "ASIAPod");
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_prints_credentials() {
    let printed = r#"{"Version": 1, "AccessKeyId": "AKIAPROGRAM", "SecretAccessKey": "of/the/program"}"#;
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("keys of mine.json"), printed).unwrap();
    let path = home.path().display();
    let config = format!(
        "[profile program]\ncredential_process = cat '{path}/keys of mine.json'\n\
                          [profile broken]\ncredential_process = false\n\
                          [profile nonsense]\ncredential_process = echo canary/secret\n"
    );
    let case = |reference| Case { config: &config, reference: Some(reference), ..EMPTY };
    assert_eq!(key_of(case("profile:program")).await.unwrap(), "AKIAPROGRAM");
    assert!(key_of(case("profile:broken")).await.unwrap_err().contains("exit status"));
    let problem = key_of(case("profile:nonsense")).await.unwrap_err();
    assert!(problem.contains("no JSON document") && !problem.contains("canary"), "{problem}");
}

#[tokio::test]
async fn a_containers_agent_and_a_machine_give_credentials() {
    let keys = r#"{"AccessKeyId": "ASIAAGENT", "SecretAccessKey": "of/the/agent", "Token": "a token of it",
                   "Expiration": "2199-01-01T00:00:00Z"}"#;
    let agent = Server::start(move |_, asked| match asked.line.as_str() {
        "GET /agent" if asked.header("authorization") == Some("from the file") => answer(200, &[], keys),
        "PUT /latest/api/token" if asked.header("x-aws-ec2-metadata-token-ttl-seconds").is_some() => {
            answer(200, &[], "session")
        }
        "GET /latest/meta-data/iam/security-credentials/" if asked.header("x-aws-ec2-metadata-token").is_some() => {
            answer(200, &[], "machine-role")
        }
        "GET /latest/meta-data/iam/security-credentials/machine-role" => answer(200, &[], keys),
        _ => answer(403, &[], ""),
    })
    .await;
    let url = format!("{}/agent", agent.url());
    let home = tempfile::tempdir().unwrap();
    let token = home.path().join("agent-token");
    std::fs::write(&token, "from the file\n").unwrap();
    let container = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token.to_str().unwrap()),
    ];
    assert_eq!(key_of(Case { variables: &container, ..EMPTY }).await.unwrap(), "ASIAAGENT");
    let elsewhere = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://10.0.0.1/agent")];
    let problem = key_of(Case { variables: &elsewhere, ..EMPTY }).await.unwrap_err();
    assert!(problem.contains("neither https nor a container's agent"), "{problem}");
    let base = agent.url();
    let machine = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", base.as_str())];
    assert_eq!(key_of(Case { variables: &machine, ..EMPTY }).await.unwrap(), "ASIAAGENT");
}

#[tokio::test]
async fn what_was_tried_is_said() {
    let variables = [("AWS_EC2_METADATA_DISABLED", "true")];
    let problem = key_of(Case { variables: &variables, ..EMPTY }).await.unwrap_err();
    for tried in ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "has no profile", "AWS_CONTAINER_CREDENTIALS_", "--profile"] {
        assert!(problem.contains(tried), "{problem}");
    }
    let half = [("AWS_ACCESS_KEY_ID", "AKIA")];
    let problem = key_of(Case { variables: &half, ..EMPTY }).await.unwrap_err();
    assert!(problem.contains("AWS_SECRET_ACCESS_KEY is not"), "{problem}");
    let broken = key_of(Case { config: "[default\nregion = x", ..EMPTY }).await.unwrap_err();
    assert!(broken.contains("config, line 1"), "{broken}");
}

#[tokio::test]
async fn a_login_that_is_over_says_how_to_log_in() {
    let config = "[profile sso]\nsso_session = work\nsso_account_id = 111111111111\nsso_role_name = Audit\n\
                  [sso-session work]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n";
    let case = |reference| Case { config, reference: Some(reference), ..EMPTY };
    let problem = key_of(case("profile:sso")).await.unwrap_err();
    assert!(problem.contains("aws sso login --profile sso"), "{problem}");
}

#[tokio::test]
async fn endpoints_come_from_the_environment_a_service_and_a_profile() {
    let keys = "aws_access_key_id = AKIAHERE\naws_secret_access_key = of/this/one\n";
    let by_profile = format!("[default]\nendpoint_url = SERVER\n{keys}");
    let by_service =
        format!("[default]\nservices = mine\n{keys}[services mine]\nsts =\n  endpoint_url = SERVER\n  other = 1\n");
    let none = [("AWS_ENDPOINT_URL", "")];
    let server = Server::start(|_, asked| sts(asked)).await;
    for config in [by_profile, by_service] {
        let config = config.replace("SERVER", &server.url());
        let home = tempfile::tempdir().unwrap();
        let aws = open(home.path(), &server.url(), &Case { config: &config, variables: &none, ..EMPTY }).unwrap();
        assert!(aws.identity().await.unwrap().arn.ends_with("AKIAHERE"));
    }
    let only_sts = [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_ENDPOINT_URL_STS", "SERVER"),
        ("AWS_ACCESS_KEY_ID", "AKIAENV"),
        ("AWS_SECRET_ACCESS_KEY", "of/the/environment"),
    ];
    assert_eq!(key_of(Case { variables: &only_sts, ..EMPTY }).await.unwrap(), "AKIAENV");
    let with_path = [("AWS_ENDPOINT_URL", "http://127.0.0.1:1/path"), ENVIRONMENT[0], ENVIRONMENT[1]];
    let problem = key_of(Case { variables: &with_path, ..EMPTY }).await.unwrap_err();
    assert!(problem.contains("AWS_ENDPOINT_URL: ") && problem.contains("more than scheme"), "{problem}");
}
