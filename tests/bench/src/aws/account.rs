//! The generated account: pages of its lists, which are made before anybody asks, and the details of each resource, which are made
//! from a few words.

use std::collections::HashMap;

use hyper::body::Bytes;

use super::lists::{LISTS, List};

pub(super) const REGIONS: [&str; 4] = ["eu-central-1", "eu-west-1", "us-east-1", "us-west-2"];

/// Ids begin with it, so that a request tells which resource it is about; tokens with the other.
pub(super) const MARK: &str = "feed";
pub(super) const TOKEN: &str = "page-";
const DIGITS: usize = 12;

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
}

/// What is asked, as far as it matters.
pub(super) struct Asked<'a> {
    pub(super) region: &'a str,
    /// Operation, or method and path.
    pub(super) what: String,
    /// Of an API that is asked with forms and answers in XML.
    pub(super) is_form: bool,
    /// Where ids and tokens stand.
    pub(super) text: &'a str,
}

pub(super) struct Account {
    /// By what is asked, region and first entry.
    pages: HashMap<(&'static str, &'static str, usize), Bytes>,
    pub(super) resources: usize,
}

impl Account {
    /// So many resources of all kinds, or all of the kind that this list names.
    pub(super) fn new(resources: usize, only: Option<&str>) -> Account {
        let mut account = Account { pages: HashMap::new(), resources: 0 };
        for list in LISTS {
            let share = only.map_or(list.share, |only| if list.asked == only { 1000 } else { 0 });
            let regions: &[&str] = if list.is_global { &[""] } else { &REGIONS };
            for region in regions {
                let count = resources * share / 1000 / regions.len();
                account.resources += count;
                account.list(list, region, count);
            }
        }
        account
    }

    fn list(&mut self, list: &List, region: &'static str, count: usize) {
        let mut first = 0;
        loop {
            let end = (first + list.page).min(count);
            let items: Vec<String> = (first..end)
                .map(|number| {
                    // What is listed for all regions is spread over them.
                    let home = if list.is_global { REGIONS.get(number % REGIONS.len()).copied() } else { Some(region) };
                    filled(list.item, number, home.unwrap_or_default())
                })
                .collect();
            let next =
                if end < count { list.next.replace("{token}", &format!("{TOKEN}{end}-")) } else { String::new() };
            let page = list.form.replace("{items}", &items.join(list.between)).replace("{next}", &next);
            self.pages.insert((list.asked, region, first), page.into());
            if end >= count {
                return;
            }
            first = end;
        }
    }

    pub(super) fn answer(&self, asked: &Asked<'_>) -> Answer {
        if let Some(list) = LISTS.iter().find(|list| list.asked == asked.what) {
            let first = number_after(asked.text, TOKEN, 10).unwrap_or_default();
            let region =
                REGIONS.into_iter().find(|region| !list.is_global && *region == asked.region).unwrap_or_default();
            let page = self.pages.get(&(list.asked, region, first));
            return Answer { status: 200, body: page.cloned().unwrap_or_default() };
        }
        let number = number_after(asked.text, MARK, 16).unwrap_or_default();
        let (status, body) = detail(asked, number);
        Answer { status, body: filled(&body, number, asked.region).into() }
    }
}

fn filled(template: &str, number: usize, region: &str) -> String {
    let flag = if number.is_multiple_of(2) { "true" } else { "false" };
    let id = format!("{MARK}{number:0DIGITS$x}");
    template.replace("{id}", &id).replace("{region}", region).replace("{flag}", flag)
}

pub(super) fn number_after(text: &str, mark: &str, radix: u32) -> Option<usize> {
    let (_, rest) = text.split_once(mark)?;
    let digits = rest.split(|c: char| !c.is_digit(radix)).next()?;
    usize::from_str_radix(digits.get(..DIGITS.min(digits.len()))?, radix).ok()
}

/// Settings of buckets: what is asked, what every second one answers, and the error of the others.
const BUCKET: &[(&str, &str, &str)] = &[
    (
        "acl",
        "<AccessControlPolicy><Owner><ID>75aa</ID></Owner><AccessControlList><Grant><Grantee \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>75aa</ID></Grantee>\
         <Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>",
        "",
    ),
    (
        "policy",
        r#"{"Statement":[{"Action":"s3:*","Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny","Principal":"*","Resource":["arn:aws:s3:::{id}","arn:aws:s3:::{id}/*"]}],"Version":"2012-10-17"}"#,
        "NoSuchBucketPolicy",
    ),
    (
        "encryption",
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>\
         </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>",
        "",
    ),
    ("versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>", ""),
    ("logging", "<BucketLoggingStatus/>", ""),
    (
        "publicAccessBlock",
        "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>\
         <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>\
         </PublicAccessBlockConfiguration>",
        "NoSuchPublicAccessBlockConfiguration",
    ),
    (
        "lifecycle",
        "<LifecycleConfiguration><Rule><Expiration><Days>30</Days></Expiration><ID>x</ID><Filter><Prefix>tmp/</Prefix></Filter>\
         <Status>Enabled</Status></Rule></LifecycleConfiguration>",
        "NoSuchLifecycleConfiguration",
    ),
    ("tagging", "<Tagging><TagSet><Tag><Key>team</Key><Value>a</Value></Tag></TagSet></Tagging>", "NoSuchTagSet"),
    (
        "ownershipControls",
        "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>",
        "OwnershipControlsNotFoundError",
    ),
    ("object-lock", "", "ObjectLockConfigurationNotFoundError"),
    ("replication", "", "ReplicationConfigurationNotFoundError"),
    ("notification", "<NotificationConfiguration/>", ""),
];

/// Operations of which there is one for each resource or for the account.
const DETAILS: &[(&str, &str)] = &[
    (
        "GetCallerIdentity",
        "<GetCallerIdentityResponse><GetCallerIdentityResult><UserId>AIDA</UserId><Account>123456789012</Account>\
         <Arn>arn:aws:iam::123456789012:user/bench</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>",
    ),
    (
        "DescribeInstanceAttribute",
        "<DescribeInstanceAttributeResponse><instanceId>i-{id}</instanceId><userData><value>ZWNobyBoaQ==</value></userData>\
         </DescribeInstanceAttributeResponse>",
    ),
    ("ListTagsLogGroup", r#"{"tags":{"team":"a"}}"#),
    (
        "GetQueueAttributes",
        r#"{"Attributes":{"DelaySeconds":"0","MaximumMessageSize":"1048576","MessageRetentionPeriod":"345600","QueueArn":"arn:aws:sqs:{region}:123456789012:{id}","SqsManagedSseEnabled":"{flag}","VisibilityTimeout":"30"}}"#,
    ),
    ("ListQueueTags", r#"{"Tags":{"team":"a"}}"#),
    (
        "GetTopicAttributes",
        "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes><entry><key>Owner</key><value>123456789012</value>\
         </entry><entry><key>Policy</key><value>{\"Version\":\"2008-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\
         {\"AWS\":\"*\"},\"Action\":[\"SNS:Publish\"],\"Resource\":\"arn:aws:sns:{region}:123456789012:{id}\",\"Condition\":\
         {\"StringEquals\":{\"AWS:SourceOwner\":\"123456789012\"}}}]}</value></entry></Attributes></GetTopicAttributesResult>\
         </GetTopicAttributesResponse>",
    ),
    (
        "ListTagsForResource",
        "<ListTagsForResourceResponse><ListTagsForResourceResult><Tags><member><Key>team</Key><Value>a</Value></member></Tags>\
         </ListTagsForResourceResult></ListTagsForResourceResponse>",
    ),
    (
        "DescribeTable",
        r#"{"Table":{"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},"DeletionProtectionEnabled":{flag},"KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],"TableArn":"arn:aws:dynamodb:{region}:123456789012:table/{id}","TableName":"{id}","TableStatus":"ACTIVE"}}"#,
    ),
    (
        "DescribeContinuousBackups",
        r#"{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"ENABLED"}}}"#,
    ),
    ("ListTagsOfResource", r#"{"Tags":[{"Key":"team","Value":"a"}]}"#),
    ("GetResourcePolicy", r#"{"ARN":"arn:aws:secretsmanager:{region}:123456789012:secret:{id}-pBLrUA","Name":"{id}"}"#),
    (
        "DescribeKey",
        r#"{"KeyMetadata":{"AWSAccountId":"123456789012","Arn":"arn:aws:kms:{region}:123456789012:key/{id}","CustomerMasterKeySpec":"SYMMETRIC_DEFAULT","Description":"","Enabled":true,"KeyId":"{id}","KeyManager":"CUSTOMER","KeyState":"Enabled","Origin":"AWS_KMS"}}"#,
    ),
    ("GetKeyRotationStatus", r#"{"KeyRotationEnabled":{flag}}"#),
    (
        "GetKeyPolicy",
        r#"{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::123456789012:root\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}"}"#,
    ),
    ("ListResourceTags", r#"{"Tags":[{"TagKey":"team","TagValue":"a"}]}"#),
    (
        "ListAccessKeys",
        "<ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata><member><UserName>{id}</UserName>\
         <AccessKeyId>AKIA{id}</AccessKeyId><Status>Active</Status><CreateDate>2026-01-21T16:22:34Z</CreateDate></member>\
         </AccessKeyMetadata></ListAccessKeysResult></ListAccessKeysResponse>",
    ),
    (
        "GenerateCredentialReport",
        "<GenerateCredentialReportResponse><GenerateCredentialReportResult><State>COMPLETE</State>\
         </GenerateCredentialReportResult></GenerateCredentialReportResponse>",
    ),
    (
        "GetCredentialReport",
        "<GetCredentialReportResponse><GetCredentialReportResult>\
         <Content>dXNlcixhcm4sbWZhX2FjdGl2ZQo8cm9vdF9hY2NvdW50Pixhcm46YXdzOmlhbTo6MTIzNDU2Nzg5MDEyOnJvb3QsdHJ1ZQo=</Content>\
         </GetCredentialReportResult></GetCredentialReportResponse>",
    ),
];

/// Status and body, yet to be filled.
fn detail(asked: &Asked<'_>, number: usize) -> (u16, String) {
    let what = asked.what.as_str();
    if what == "DescribeRegions" {
        let item = |name| format!("<item><regionName>{name}</regionName></item>");
        let items: String = REGIONS.into_iter().map(item).collect();
        return (200, format!("<DescribeRegionsResponse><regionInfo>{items}</regionInfo></DescribeRegionsResponse>"));
    }
    if let Some((_, body)) = DETAILS.iter().find(|(operation, _)| *operation == what) {
        return (200, (*body).to_owned());
    }
    let setting =
        asked.text.split_once('?').map_or("", |(_, query)| query.split(['=', '&']).next().unwrap_or_default());
    if let Some((_, body, error)) = BUCKET.iter().find(|(name, ..)| what.starts_with("GET /feed") && *name == setting) {
        let is_set = error.is_empty() || (!body.is_empty() && number.is_multiple_of(2));
        return if is_set { (200, (*body).to_owned()) } else { (404, format!("<Error><Code>{error}</Code></Error>")) };
    }
    if what.ends_with("/policy") {
        let policy = r#"{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"}"#;
        return (200, policy.to_owned());
    }
    (200, nothing(asked))
}

/// What an operation answers that finds nothing.
fn nothing(asked: &Asked<'_>) -> String {
    let what = asked.what.as_str();
    // Of REST APIs these speak XML.
    let is_xml = ["/2013-04-01/", "/2020-05-31/", "/v20180820/"].iter().any(|path| what.contains(path));
    if asked.is_form {
        let what = what.split(' ').next().unwrap_or_default();
        format!("<{what}Response><{what}Result/></{what}Response>")
    } else if is_xml {
        "<Nothing/>".to_owned()
    } else {
        "{}".to_owned()
    }
}
