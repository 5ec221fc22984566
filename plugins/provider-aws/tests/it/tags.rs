//! Tags that a call of their own tells.

use plumbline::http::Scripted;
use plumbline::provider::Collected;
use plumbline::serde_json::json;

use crate::recorded::{read, recorded, target};

/// The recording of a service with one list that has something, and with these answers.
fn with(service: &str, list: &str, answer: &str, further: &str) -> Scripted {
    let mut recorded = recorded(service);
    let is_list = |text: &str| text.contains(list);
    let one = recorded.exchanges.iter_mut().find(|one| is_list(&one.request) || is_list(&one.body)).unwrap();
    one.answer = json!(answer);
    recorded.exchanges.extend(Scripted::from_json(further).exchanges);
    recorded
}

fn tags(collected: &Collected) -> Vec<(&str, Option<&str>)> {
    assert!(collected.gaps.is_empty(), "{:?}", collected.gaps);
    collected.resources.iter().map(|found| (found.name.as_str(), found.tags.get("team").map(String::as_str))).collect()
}

#[test]
fn policies_have_their_tags() {
    assert_eq!(tags(&read(&recorded("iam"), &target("iam", &["aws_iam_policy"]))), [("p", Some("a"))]);
}

#[test]
fn server_certificates_have_their_tags() {
    let list = "<ListServerCertificatesResponse><ListServerCertificatesResult><ServerCertificateMetadataList><member>\
                <ServerCertificateName>web</ServerCertificateName><Path>/</Path><ServerCertificateId>ASCA1</ServerCertificateId>\
                <Arn>arn:aws:iam::123456789012:server-certificate/web</Arn><UploadDate>2026-01-01T00:00:00Z</UploadDate>\
                <Expiration>2027-01-01T00:00:00Z</Expiration></member></ServerCertificateMetadataList>\
                <IsTruncated>false</IsTruncated></ListServerCertificatesResult></ListServerCertificatesResponse>";
    let further = r#"[{"request": "POST https://iam.amazonaws.com/",
        "body": "Action=ListServerCertificateTags&Version=2010-05-08&ServerCertificateName=web", "status": 200,
        "answer": "<ListServerCertificateTagsResponse><ListServerCertificateTagsResult><IsTruncated>false</IsTruncated><Tags><member><Key>team</Key><Value>b</Value></member></Tags></ListServerCertificateTagsResult></ListServerCertificateTagsResponse>"}]"#;
    let client = with("iam", "Action=ListServerCertificates&", list, further);
    assert_eq!(tags(&read(&client, &target("iam", &["aws_iam_server_certificate"]))), [("web", Some("b"))]);
}

#[test]
fn access_points_have_their_tags() {
    let list = "<ListAccessPointsResult><AccessPointList><AccessPoint><Name>ap</Name><NetworkOrigin>Internet</NetworkOrigin>\
                <Bucket>full</Bucket><AccessPointArn>arn:aws:s3:eu-west-1:123456789012:accesspoint/ap</AccessPointArn>\
                </AccessPoint></AccessPointList></ListAccessPointsResult>";
    let further = r#"[
        {"request": "GET https://123456789012.s3-control.eu-west-1.amazonaws.com/v20180820/accesspoint/ap", "status": 200,
         "answer": "<GetAccessPointResult><Name>ap</Name><Bucket>full</Bucket><NetworkOrigin>Internet</NetworkOrigin></GetAccessPointResult>"},
        {"request": "GET https://123456789012.s3-control.eu-west-1.amazonaws.com/v20180820/tags/arn%3Aaws%3As3%3Aeu-west-1%3A123456789012%3Aaccesspoint%2Fap",
         "headers": ["x-amz-account-id: 123456789012"], "status": 200,
         "answer": "<ListTagsForResourceResult><Tags><Tag><Key>team</Key><Value>c</Value></Tag></Tags></ListTagsForResourceResult>"}]"#;
    let client = with("s3control", "/v20180820/accesspoint", list, further);
    assert_eq!(tags(&read(&client, &target("s3control", &["aws_s3_access_point"]))), [("ap", Some("c"))]);
}
