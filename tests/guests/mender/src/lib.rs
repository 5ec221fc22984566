//! A provider whose plans to mend are dressed up in every way: one resource for each. The plan of `honest` alone is what it says.
// Only WebAssembly exports it, so elsewhere nobody calls it.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

use plumbline::http::{Auth, Client, Host, Method, Request, Sigv4};
use plumbline::provider::{Error, Found, Info, Inventory, Provider, Target, Task, write_document};
use plumbline::remediation::{Remediation, Step, Violation};
use plumbline::serde_json::{Map, json};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-west-1";
const VERSIONING: &str = "s3:PutBucketVersioning";
const METADATA: &str = "ec2:ModifyInstanceMetadataOptions";
const EC2: &str = "https://ec2.eu-west-1.amazonaws.com/";
const BUCKET: &str = "https://s3.eu-west-1.amazonaws.com/honest-bucket?versioning";
const FORM: &str = "Action=ModifyInstanceMetadataOptions&Version=2016-11-15&InstanceId=i-1&HttpTokens=required";

/// One resource each.
const PLANS: [&str; 24] = [
    "honest",
    "undeclared",
    "ungranted",
    "read",
    "delete",
    "second-parameter",
    "parameter-value",
    "object",
    "encoded-object",
    "no-parameter",
    "two-actions",
    "encoded-action",
    "query-and-body",
    "other-host",
    "other-service",
    "target-header",
    "override-header",
    "other-account",
    "no-account",
    "other-region",
    "unsigned",
    "charset",
    "long",
    "writes-while-planning",
];

fn signed(service: &str) -> Auth {
    Auth::AwsSigv4(Sigv4 { service: service.to_owned(), region: REGION.to_owned(), account: ACCOUNT.to_owned() })
}

fn s3(method: Method, url: &str) -> Request {
    Request {
        method,
        url: url.to_owned(),
        headers: vec![("content-type".to_owned(), "application/xml".to_owned())],
        body: Some(b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>".to_vec()),
        auth: signed("s3"),
        absent: Vec::new(),
    }
}

fn ec2(url: &str, form: &str) -> Request {
    Request {
        method: Method::Post,
        url: url.to_owned(),
        headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
        body: Some(form.as_bytes().to_vec()),
        auth: signed("ec2"),
        absent: Vec::new(),
    }
}

fn with_header(mut request: Request, name: &str, value: &str) -> Request {
    request.headers.retain(|(known, _)| known != name);
    request.headers.push((name.to_owned(), value.to_owned()));
    request
}

fn with_auth(mut request: Request, auth: Auth) -> Request {
    request.auth = auth;
    request
}

fn step(name: &str) -> (&'static str, Request) {
    let put = |url: &str| s3(Method::Put, url);
    let elsewhere = |account: &str, region: &str| {
        let (service, account, region) = ("s3".to_owned(), account.to_owned(), region.to_owned());
        Auth::AwsSigv4(Sigv4 { service, region, account })
    };
    match name {
        "undeclared" => ("ec2:TerminateInstances", ec2(EC2, "Action=TerminateInstances&Version=2016-11-15")),
        "ungranted" => (METADATA, ec2(EC2, FORM)),
        "read" => ("ec2:DescribeVpcs", ec2(EC2, "Action=DescribeVpcs&Version=2016-11-15")),
        "delete" => (VERSIONING, s3(Method::Delete, BUCKET)),
        "second-parameter" => (VERSIONING, put(&format!("{BUCKET}&policy"))),
        "parameter-value" => (VERSIONING, put(&format!("{BUCKET}=policy"))),
        "object" => (VERSIONING, put("https://s3.eu-west-1.amazonaws.com/honest-bucket/key?versioning")),
        "encoded-object" => (VERSIONING, put("https://s3.eu-west-1.amazonaws.com/honest-bucket%2Fkey?versioning")),
        "no-parameter" => (VERSIONING, put("https://s3.eu-west-1.amazonaws.com/honest-bucket")),
        "two-actions" => (VERSIONING, ec2(EC2, &format!("{FORM}&Action=TerminateInstances"))),
        "encoded-action" => (VERSIONING, ec2(EC2, &format!("{FORM}&%41ction=TerminateInstances"))),
        "query-and-body" => (VERSIONING, ec2(&format!("{EC2}?Action=TerminateInstances&Version=2016-11-15"), FORM)),
        "other-host" => (VERSIONING, put("https://evil.example.com/honest-bucket?versioning")),
        "other-service" => (VERSIONING, with_auth(put(BUCKET), signed("iam"))),
        "target-header" => (VERSIONING, with_header(ec2(EC2, FORM), "x-amz-target", "EC2.TerminateInstances")),
        "override-header" => (VERSIONING, with_header(put(BUCKET), "x-http-method-override", "DELETE")),
        "other-account" => (VERSIONING, with_auth(put(BUCKET), elsewhere("222222222222", REGION))),
        "no-account" => (VERSIONING, with_auth(put(BUCKET), elsewhere("", REGION))),
        "other-region" => {
            let url = "https://s3.us-east-1.amazonaws.com/honest-bucket?versioning";
            (VERSIONING, with_auth(put(url), elsewhere(ACCOUNT, "us-east-1")))
        }
        "unsigned" => (VERSIONING, with_auth(put(BUCKET), Auth::None)),
        "charset" => (VERSIONING, with_header(put(BUCKET), "content-type", "application/xml; charset=utf-16")),
        "long" => (VERSIONING, {
            let mut request = put(BUCKET);
            request.body = Some(vec![b' '; 64 << 10]);
            request
        }),
        _ => (VERSIONING, put(BUCKET)),
    }
}

struct Mender;

impl Provider for Mender {
    fn describe() -> Info {
        Info {
            families: vec!["guest".to_owned()],
            whole_accounts: true,
            attributes: Vec::new(),
            permissions: Vec::new(),
            settings_schema: "{}".to_owned(),
        }
    }

    fn plan(_: &Target) -> Result<Vec<Task>, Error> {
        Ok(vec![Task {
            id: "mend".to_owned(),
            service: "guest".to_owned(),
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            kinds: vec!["guest_thing".to_owned()],
            payload: write_document(&json!({})),
        }])
    }

    fn collect(_: &Target, _: &Task, inventory: &mut dyn Inventory) -> Result<(), Error> {
        PLANS.iter().try_for_each(|name| {
            let mut config = Map::new();
            config.insert("value".to_owned(), "bad".into());
            inventory.emit(&Found {
                id: (*name).to_owned(),
                kind: "guest_thing".to_owned(),
                name: (*name).to_owned(),
                account: ACCOUNT.to_owned(),
                region: REGION.to_owned(),
                config,
                ..Found::default()
            })
        })
    }
}

impl Remediation for Mender {
    fn plan(violation: &Violation) -> Result<Option<Vec<Step>>, Error> {
        if violation.resource_id == "writes-while-planning" {
            // What a plan sends itself only reads, whatever is granted.
            return Err(Error::Denied(format!("told: {:?}", Host.send(&s3(Method::Put, BUCKET)))));
        }
        let (action, request) = step(&violation.resource_id);
        let change = format!("what {} does", violation.resource_id);
        Ok(Some(vec![Step { action: action.to_owned(), change, request }]))
    }
}

plumbline::provider_with_remediation!(Mender);
