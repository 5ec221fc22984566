//! Nothing but reading goes out, however it is dressed.

use plumb_runtime::egress::{Authentication, HttpError, Method, Request};

use crate::harness::{aws, get, json, query, refusal, send, signed};
use crate::server::{Server, answer};

const READ: &str = "Action=DescribeVpcs&Version=2016-11-15";

fn with_header(mut request: Request, name: &str, value: &str) -> Request {
    request.headers.push((name.to_owned(), value.to_owned()));
    request
}

/// With one header replaced.
fn with(mut request: Request, name: &str, value: &str) -> Request {
    request.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    with_header(request, name, value)
}

fn at(url: &str, request: Request) -> Request {
    Request { url: url.to_owned(), ..request }
}

fn by(method: Method, request: Request) -> Request {
    Request { method, ..request }
}

#[tokio::test]
async fn reads_of_every_protocol_go_out() {
    let server = Server::start(|_, _| answer(200, &[], "")).await;
    let aws = aws(&server.url());
    let post = |service: &str, url: &str| Request {
        method: Method::Post,
        body: Some(b"{}".to_vec()),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        ..get(service, url)
    };
    let reads = [
        query("ec2", READ),
        query("ec2", "Version=2016-11-15&Filter.1.Name=tag%3AAction&Filter.1.Value.1=x+y&Action=DescribeInstances"),
        query("iam", "Action=GenerateCredentialReport&Version=2010-05-08"),
        query("sqs", "Action=GetQueueAttributes&Version=2012-11-05"),
        json("sqs", "AmazonSQS.ListQueues", "{}"),
        json("cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DescribeTrails", "{}"),
        json("config", "StarlingDoveService.BatchGetResourceConfig", "{}"),
        json("dynamodb", "DynamoDB_20120810.ListTables", "{}"),
        get("ec2", "https://ec2.eu-west-1.amazonaws.com/?Action=DescribeVpcs&Version=2016-11-15"),
        get("s3", "https://s3.eu-west-1.amazonaws.com/"),
        get("s3", "https://s3.eu-west-1.amazonaws.com/bucket?policyStatus"),
        get("s3", "https://bucket.s3.eu-west-1.amazonaws.com/?list-type=2&prefix=a%2Fb"),
        get("s3", "https://bucket.s3.eu-west-1.amazonaws.com/key?acl"),
        get("s3", "https://111111111111.s3-control.eu-west-1.amazonaws.com/v20180820/configuration/publicAccessBlock"),
        by(Method::Head, get("s3", "https://s3.dualstack.eu-west-1.amazonaws.com/bucket")),
        get("eks", "https://eks.eu-west-1.amazonaws.com/clusters?maxResults=100"),
        get("es", "https://es.eu-west-1.amazonaws.com/2021-01-01/domain"),
        get("iam", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"),
        post("es", "https://es.eu-west-1.amazonaws.com/2021-01-01/opensearch/domain-info"),
        post("guardduty", "https://guardduty.eu-west-1.amazonaws.com/detector/12abc/findings/get"),
    ];
    let count = reads.len();
    for read in reads {
        let words = format!("{} {}", read.method.as_str(), read.url);
        assert_eq!(send(&aws, read).await.unwrap().status, 200, "{words}");
    }
    assert_eq!(server.asked().len(), count);
}

#[tokio::test]
async fn no_write_goes_out_however_it_is_dressed() {
    let server = Server::start(|_, _| answer(200, &[], "")).await;
    let aws = aws(&server.url());
    let ec2 = "https://ec2.eu-west-1.amazonaws.com/";
    let sqs = || json("sqs", "AmazonSQS.ListQueues", "{}");
    let bucket = "https://s3.eu-west-1.amazonaws.com/bucket";
    let eks = "https://eks.eu-west-1.amazonaws.com/clusters";
    let writes = [
        // Plainly.
        query("ec2", "Action=TerminateInstances&Version=2016-11-15"),
        query("iam", "Action=CreateUser&Version=2010-05-08"),
        query("ec2", "Action=Describewipe&Version=2016-11-15"),
        query("ec2", "Action=getaway&Version=2016-11-15"),
        json("dynamodb", "DynamoDB_20120810.DeleteTable", "{}"),
        by(Method::Put, get("s3", bucket)),
        by(Method::Delete, get("s3", bucket)),
        by(Method::Post, get("s3", bucket)),
        by(Method::Post, get("eks", eks)),
        by(Method::Patch, get("eks", eks)),
        // The action twice, elsewhere, or spelled otherwise.
        query("ec2", "Action=DescribeVpcs&Action=TerminateInstances&Version=2016-11-15"),
        query("ec2", "Action=DescribeVpcs&action=TerminateInstances&Version=2016-11-15"),
        query("ec2", "Action=DescribeVpcs&%41ction=TerminateInstances&Version=2016-11-15"),
        query("ec2", "Action=DescribeVpcs&Action%00=TerminateInstances&Version=2016-11-15"),
        query("ec2", "Action=DescribeVpcs&+Action=TerminateInstances&Version=2016-11-15"),
        query("ec2", "Action=DescribeVpcs&Action%5B%5D=TerminateInstances&Version=2016-11-15"),
        query("ec2", "Action=DescribeVpcs;Action=TerminateInstances&Version=2016-11-15"),
        query("ec2", "Action=DescribeVpcs%26Action=TerminateInstances&Version=2016-11-15"),
        query("ec2", "Action=DescribeVpcs&Version=2016-11-15&Version=2010-01-01"),
        query("ec2", "Action=DescribeVpcs"),
        query("ec2", "Version=2016-11-15"),
        query("ec2", "Action=DescribeVpcs\r\n&Version=2016-11-15"),
        query("ec2", ""),
        at(&format!("{ec2}?Action=TerminateInstances"), query("ec2", READ)),
        at(&format!("{ec2}?Action=DescribeVpcs&Version=2016-11-15"), query("ec2", READ)),
        at(&format!("{ec2}TerminateInstances"), query("ec2", READ)),
        at(&format!("{ec2}service/AmazonEC2/operation/TerminateInstances"), query("ec2", READ)),
        Request { body: Some(READ.into()), ..get("ec2", &format!("{ec2}?{READ}")) },
        get("ec2", &format!("{ec2}?{READ}&%61ction=TerminateInstances")),
        by(Method::Put, query("ec2", READ)),
        // Another reading of the same bytes.
        with(query("ec2", READ), "content-type", "application/x-www-form-urlencoded; charset=utf-16"),
        with(query("ec2", READ), "content-type", "application/x-amz-json-1.1"),
        with(query("ec2", READ), "content-type", "multipart/form-data; boundary=x"),
        with(sqs(), "content-type", "application/x-www-form-urlencoded"),
        with(sqs(), "content-type", "application/cbor"),
        // The target twice, elsewhere, or beside an action.
        with_header(sqs(), "x-amz-target", "AmazonSQS.DeleteQueue"),
        with_header(sqs(), "X-AMZ-TARGET", "AmazonSQS.ListQueues"),
        with(sqs(), "x-amz-target", "AmazonSQS.ListQueues,AmazonSQS.DeleteQueue"),
        with(sqs(), "x-amz-target", "AmazonSQS.ListQueues AmazonSQS.DeleteQueue"),
        with(sqs(), "x-amz-target", "ListQueues"),
        with(sqs(), "x-amz-target", "AmazonSQS."),
        at("https://sqs.eu-west-1.amazonaws.com/?Action=DeleteQueue", sqs()),
        at("https://sqs.eu-west-1.amazonaws.com/111111111111/queue", sqs()),
        with_header(query("ec2", READ), "x-amz-target", "AmazonSQS.DeleteQueue"),
        by(Method::Get, sqs()),
        // Overrides of the method.
        with_header(get("eks", eks), "x-http-method-override", "DELETE"),
        with_header(get("eks", eks), "X-HTTP-Method", "DELETE"),
        get("eks", &format!("{eks}?_method=DELETE")),
        get("eks", &format!("{eks}?%5Fmethod=DELETE")),
        get("eks", &format!("{eks}?X-HTTP-Method-Override=DELETE")),
        Request { body: Some(b"_method=DELETE".to_vec()), ..get("eks", eks) },
        get("eks", "https://eks.eu-west-1.amazonaws.com//clusters"),
        get("eks", "https://eks.eu-west-1.amazonaws.com/clusters/..%2f"),
        get("eks", "https://eks.eu-west-1.amazonaws.com/clusters/%2e%2e/x"),
        by(Method::Post, get("guardduty", "https://guardduty.eu-west-1.amazonaws.com/detector/a%2Fb/findings/get")),
        by(Method::Post, get("guardduty", "https://guardduty.eu-west-1.amazonaws.com/detector/a/findings/archive")),
        // Headers that carry credentials or direct the request.
        with_header(query("ec2", READ), "authorization", "AWS4-HMAC-SHA256 x"),
        with_header(query("ec2", READ), "host", "iam.amazonaws.com"),
        with_header(query("ec2", READ), "cookie", "a=b"),
        with_header(query("ec2", READ), "transfer-encoding", "chunked"),
        with_header(query("ec2", READ), "x-amz-security-token", "a"),
        with_header(query("ec2", READ), "x-forwarded-host", "evil"),
        with_header(query("ec2", READ), "accept", "a\r\nx-evil: b"),
    ];
    for write in writes {
        let words = format!("{} {} {:?} {:?}", write.method.as_str(), write.url, write.headers, write.body);
        let sent = send(&aws, write).await;
        assert!(matches!(sent, Err(HttpError::Refused(_))), "{words}: {sent:?}");
    }
    assert!(server.asked().is_empty(), "{:?}", server.asked());
}

#[tokio::test]
async fn secrets_and_contents_are_no_settings() {
    let server = Server::start(|_, _| answer(200, &[], "")).await;
    let aws = aws(&server.url());
    for (request, words) in [
        (json("secretsmanager", "secretsmanager.GetSecretValue", "{}"), "gives out secrets"),
        (json("ssm", "AmazonSSM.GetParametersByPath", "{}"), "gives out secrets"),
        (json("dynamodb", "DynamoDB_20120810.GetItem", "{}"), "gives out secrets"),
        (json("dynamodb", "DynamoDB_20120810.Scan", "{}"), "does not only read"),
        (json("kms", "TrentService.Decrypt", "{}"), "does not only read"),
        (query("ec2", "Action=GetPasswordData&Version=2016-11-15"), "gives out secrets"),
        (query("sts", "Action=GetSessionToken&Version=2011-06-15"), "gives out secrets"),
        (query("sts", "Action=AssumeRole&Version=2011-06-15"), "does not only read"),
        (get("s3", "https://s3.eu-west-1.amazonaws.com/bucket/key"), "gives out contents"),
        (get("s3", "https://bucket.s3.eu-west-1.amazonaws.com/key"), "gives out contents"),
        (get("s3", "https://bucket.s3.eu-west-1.amazonaws.com/key?acl&prefix=x"), "gives out contents"),
        (get("s3", "https://s3.eu-west-1.amazonaws.com/bucket/key?select&select-type=2"), "not known"),
        (get("s3", "https://s3.eu-west-1.amazonaws.com/bucket?torrent"), "not known"),
        (get("s3", "https://s3.eu-west-1.amazonaws.com/bucket?X-Amz-Signature=a"), "could make the request"),
        (
            get("apigateway", "https://apigateway.eu-west-1.amazonaws.com/apikeys?includeValues=true"),
            "gives out secrets",
        ),
    ] {
        let rule = refusal(send(&aws, request).await);
        assert!(rule.contains(words), "{rule}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_request_is_signed_for_its_own_host_only() {
    let server = Server::start(|_, _| answer(200, &[], "")).await;
    let aws = aws(&server.url());
    let unsigned = |method, url: &str| Request { authentication: Authentication::None, method, ..get("", url) };
    for (request, words) in [
        (Request { authentication: signed("iam", "eu-west-1"), ..query("ec2", READ) }, "are signed for ec2"),
        (Request { authentication: signed("ec2", "us-east-1"), ..query("ec2", READ) }, "not signed for the region"),
        (Request { authentication: signed("ec2", "../../x"), ..query("ec2", READ) }, "not signed for the region"),
        (get("execute-api", "https://abc.execute-api.eu-west-1.amazonaws.com/"), "is no host of an AWS service"),
        (get("lambda", "https://abc.lambda-url.eu-west-1.amazonaws.com/"), "is no host of an AWS service"),
        (get("s3", "https://s3.eu-west-1.amazonaws.com.evil.org/"), "none of the hosts"),
        (get("s3", "https://evil.org/"), "none of the hosts"),
        (get("s3", "http://s3.eu-west-1.amazonaws.com/"), "is not https"),
        (get("s3", "https://s3.eu-west-1.amazonaws.com:8443/"), "is not at port 443"),
        (get("s3", "https://169.254.169.254/latest/meta-data/"), "is an address"),
        (get("s3", "https://[::ffff:169.254.169.254]/"), "is an address"),
        (get("s3", &server.url()), "is not https"),
        (unsigned(Method::Post, "https://ec2.eu-west-1.amazonaws.com/"), "only GET and HEAD"),
        (
            Request { authentication: Authentication::Bearer("graph".to_owned()), ..query("ec2", READ) },
            "no bearer token",
        ),
    ] {
        let rule = refusal(send(&aws, request).await);
        assert!(rule.contains(words), "{rule}");
    }
    assert!(server.asked().is_empty());
}

/// All read calls that the services of a first release need; each line is a service's host, its signing name and a call.
#[tokio::test]
async fn known_read_calls_are_let_through() {
    let server = Server::start(|_, _| answer(200, &[], "")).await;
    let aws = aws(&server.url());
    let mut count = 0;
    for line in include_str!("read_calls.txt").lines().filter(|line| !line.starts_with('#')) {
        let [host, signing, protocol, what] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let base = format!("https://{host}.eu-west-1.amazonaws.com");
        let authentication = signed(signing, "eu-west-1");
        let request = match protocol {
            "query" => Request { authentication, url: format!("{base}/"), ..query(host, what) },
            "json" => Request { authentication, url: format!("{base}/"), ..json(host, what, "{}") },
            "GET" => Request { authentication, ..get(signing, &format!("{base}{what}")) },
            "POST" => Request {
                authentication,
                method: Method::Post,
                body: Some(b"{}".to_vec()),
                ..get(signing, &format!("{base}{what}"))
            },
            other => panic!("{other}"),
        };
        send(&aws, request).await.unwrap_or_else(|error| panic!("{line}: {error}"));
        count += 1;
    }
    assert_eq!(server.asked().len(), count);
}
