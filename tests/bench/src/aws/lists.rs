//! What the account has, as its lists tell it. `{id}` is the resource's own, `{region}` its region, `{flag}` true for every second.

/// Resources of one kind and the list that names them.
#[derive(Debug)]
pub(super) struct List {
    /// What is asked: the operation, or method and path of a REST API.
    pub(super) asked: &'static str,
    /// So many of a thousand resources are of this kind.
    pub(super) share: usize,
    /// One list for the account, not one for each region.
    pub(super) is_global: bool,
    /// Entries of one page, as AWS gives them when nobody says how many.
    pub(super) page: usize,
    /// A page: `{items}` and `{next}`.
    pub(super) form: &'static str,
    /// What leads to the next page: `{token}`.
    pub(super) next: &'static str,
    pub(super) item: &'static str,
    pub(super) between: &'static str,
}

const fn xml(asked: &'static str, share: usize, page: usize, form: &'static str, item: &'static str) -> List {
    let next = "<nextToken>{token}</nextToken>";
    List { asked, share, is_global: false, page, form, next, item, between: "" }
}

const fn query(asked: &'static str, share: usize, page: usize, form: &'static str, item: &'static str) -> List {
    let next = "<NextToken>{token}</NextToken>";
    List { asked, share, is_global: false, page, form, next, item, between: "" }
}

const fn json(
    asked: &'static str,
    share: usize,
    page: usize,
    [form, next]: [&'static str; 2],
    item: &'static str,
) -> List {
    List { asked, share, is_global: false, page, form, next, item, between: "," }
}

const fn identities(asked: &'static str, share: usize, form: &'static str, item: &'static str) -> List {
    let next = "<Marker>{token}</Marker>";
    List { asked, share, is_global: true, page: 100, form, next, item, between: "" }
}

pub(super) const LISTS: &[List] = &[
    xml(
        "DescribeInstances",
        150,
        1000,
        "<DescribeInstancesResponse><reservationSet>{items}</reservationSet>{next}</DescribeInstancesResponse>",
        "<item><reservationId>r-{id}</reservationId><ownerId>123456789012</ownerId><groupSet/><instancesSet><item>\
         <blockDeviceMapping><item><deviceName>/dev/sda1</deviceName><ebs><attachTime>2026-01-21T16:22:35.000Z</attachTime>\
         <deleteOnTermination>true</deleteOnTermination><status>attached</status><volumeId>vol-{id}</volumeId></ebs></item>\
         </blockDeviceMapping><ebsOptimized>{flag}</ebsOptimized><hypervisor>xen</hypervisor><networkInterfaceSet><item>\
         <networkInterfaceId>eni-{id}</networkInterfaceId><description>Primary network interface</description>\
         <subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><status>in-use</status><sourceDestCheck>true</sourceDestCheck></item>\
         </networkInterfaceSet><groupSet><item><groupId>sg-{id}</groupId><groupName>web</groupName></item></groupSet>\
         <metadataOptions><state>applied</state><httpTokens>optional</httpTokens>\
         <httpPutResponseHopLimit>1</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint></metadataOptions>\
         <instanceId>i-{id}</instanceId><imageId>ami-1</imageId><instanceState><code>16</code><name>running</name>\
         </instanceState><privateDnsName>ip-10-0-1-4.{region}.compute.internal</privateDnsName>\
         <instanceType>t3.micro</instanceType><launchTime>2026-01-21T16:22:35.000Z</launchTime><placement>\
         <tenancy>default</tenancy><availabilityZone>{region}a</availabilityZone></placement><monitoring>\
         <state>disabled</state></monitoring><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>\
         <privateIpAddress>10.0.1.4</privateIpAddress><tagSet><item><key>Name</key><value>web-{id}</value></item>\
         </tagSet></item></instancesSet></item>",
    ),
    xml(
        "DescribeVolumes",
        150,
        1000,
        "<DescribeVolumesResponse><volumeSet>{items}</volumeSet>{next}</DescribeVolumesResponse>",
        "<item><volumeType>gp3</volumeType><volumeId>vol-{id}</volumeId><size>8</size>\
         <availabilityZone>{region}a</availabilityZone><status>in-use</status><createTime>2026-01-21T16:22:35.000Z</createTime>\
         <attachmentSet><item><volumeId>vol-{id}</volumeId><instanceId>i-{id}</instanceId><device>/dev/sda1</device>\
         <status>attached</status></item></attachmentSet><encrypted>{flag}</encrypted></item>",
    ),
    xml(
        "DescribeSecurityGroups",
        150,
        1000,
        "<DescribeSecurityGroupsResponse><securityGroupInfo>{items}</securityGroupInfo>{next}</DescribeSecurityGroupsResponse>",
        "<item><groupId>sg-{id}</groupId><ipPermissionsEgress><item><ipProtocol>-1</ipProtocol><groups/><ipRanges><item>\
         <cidrIp>0.0.0.0/0</cidrIp></item></ipRanges><ipv6Ranges/><prefixListIds/></item></ipPermissionsEgress>\
         <vpcId>vpc-1</vpcId><ownerId>123456789012</ownerId><groupName>web-{id}</groupName>\
         <groupDescription>machines</groupDescription><ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort>\
         <toPort>443</toPort><groups/><ipRanges><item><cidrIp>10.0.0.0/8</cidrIp></item></ipRanges><ipv6Ranges/></item>\
         </ipPermissions></item>",
    ),
    json(
        "DescribeLogGroups",
        120,
        50,
        [r#"{"logGroups":[{items}]{next}}"#, r#","nextToken":"{token}""#],
        r#"{"arn":"arn:aws:logs:{region}:123456789012:log-group:/app/{id}:*","creationTime":1795278155608,"logGroupName":"/app/{id}","metricFilterCount":0,"retentionInDays":30,"storedBytes":0}"#,
    ),
    query(
        "DescribeAlarms",
        140,
        50,
        "<DescribeAlarmsResponse><DescribeAlarmsResult><MetricAlarms>{items}</MetricAlarms>{next}</DescribeAlarmsResult>\
         </DescribeAlarmsResponse>",
        "<member><AlarmName>alarm-{id}</AlarmName><AlarmArn>arn:aws:cloudwatch:{region}:123456789012:alarm:alarm-{id}</AlarmArn>\
         <ActionsEnabled>{flag}</ActionsEnabled><OKActions/><AlarmActions><member>arn:aws:sns:{region}:123456789012:t</member>\
         </AlarmActions><InsufficientDataActions/><StateValue>OK</StateValue><MetricName>m</MetricName><Namespace>n</Namespace>\
         <Statistic>Sum</Statistic><Period>60</Period><EvaluationPeriods>1</EvaluationPeriods><Threshold>1.0</Threshold>\
         <ComparisonOperator>GreaterThanThreshold</ComparisonOperator></member>",
    ),
    json(
        "ListQueues",
        60,
        1000,
        [r#"{"QueueUrls":[{items}]{next}}"#, r#","NextToken":"{token}""#],
        r#""https://sqs.{region}.amazonaws.com/123456789012/{id}""#,
    ),
    query(
        "ListTopics",
        50,
        100,
        "<ListTopicsResponse><ListTopicsResult><Topics>{items}</Topics>{next}</ListTopicsResult></ListTopicsResponse>",
        "<member><TopicArn>arn:aws:sns:{region}:123456789012:{id}</TopicArn></member>",
    ),
    json(
        "GET /2015-03-31/functions",
        50,
        50,
        [r#"{"Functions":[{items}]{next}}"#, r#","NextMarker":"{token}""#],
        r#"{"Architectures":["x86_64"],"CodeSha256":"T0VNffpnoiDBzedTvg4zEg40VL8w8JhEi2jQZfUgh6I=","CodeSize":107,"Description":"","Environment":{"Variables":{"A":"b"}},"EphemeralStorage":{"Size":512},"FunctionArn":"arn:aws:lambda:{region}:123456789012:function:{id}","FunctionName":"{id}","Handler":"a.h","LastModified":"2026-01-21T16:22:36.275352000Z","Layers":[],"MemorySize":128,"PackageType":"Zip","Role":"arn:aws:iam::123456789012:role/fn","Runtime":"python3.12","State":"Active","Timeout":3,"TracingConfig":{"Mode":"PassThrough"},"Version":"$LATEST"}"#,
    ),
    json(
        "ListTables",
        20,
        100,
        [r#"{"TableNames":[{items}]{next}}"#, r#","LastEvaluatedTableName":"{token}""#],
        r#""{id}""#,
    ),
    json(
        "ListSecrets",
        20,
        100,
        [r#"{"SecretList":[{items}]{next}}"#, r#","NextToken":"{token}""#],
        r#"{"ARN":"arn:aws:secretsmanager:{region}:123456789012:secret:{id}-pBLrUA","CreatedDate":1795278156,"Name":"{id}","RotationEnabled":{flag},"Tags":[{"Key":"team","Value":"a"}]}"#,
    ),
    json(
        "ListKeys",
        20,
        1000,
        [r#"{"Keys":[{items}]{next}}"#, r#","NextMarker":"{token}","Truncated":true"#],
        r#"{"KeyArn":"arn:aws:kms:{region}:123456789012:key/{id}","KeyId":"{id}"}"#,
    ),
    identities(
        "GetAccountAuthorizationDetails User",
        20,
        "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><UserDetailList>{items}</UserDetailList>\
         {next}</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>",
        "<member><Path>/</Path><UserName>{id}</UserName><UserId>AIDA{id}</UserId><Arn>arn:aws:iam::123456789012:user/{id}</Arn>\
         <CreateDate>2026-01-21T16:22:34Z</CreateDate><UserPolicyList/><GroupList><member>g</member></GroupList>\
         <AttachedManagedPolicies/><Tags><member><Key>team</Key><Value>a</Value></member></Tags></member>",
    ),
    identities(
        "GetAccountAuthorizationDetails Role",
        30,
        "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><RoleDetailList>{items}</RoleDetailList>\
         {next}</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>",
        "<member><Path>/</Path><RoleName>{id}</RoleName><RoleId>AROA{id}</RoleId><Arn>arn:aws:iam::123456789012:role/{id}</Arn>\
         <CreateDate>2026-01-21T16:22:34Z</CreateDate><AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement\
         %22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22%7D%2C%22Action\
         %22%3A%22sts%3AAssumeRole%22%7D%5D%7D</AssumeRolePolicyDocument><RolePolicyList/><AttachedManagedPolicies><member>\
         <PolicyName>ReadOnlyAccess</PolicyName><PolicyArn>arn:aws:iam::aws:policy/ReadOnlyAccess</PolicyArn></member>\
         </AttachedManagedPolicies></member>",
    ),
    List {
        asked: "GET /",
        share: 20,
        is_global: true,
        page: 1000,
        form: "<ListAllMyBucketsResult><Buckets>{items}</Buckets>{next}</ListAllMyBucketsResult>",
        next: "<ContinuationToken>{token}</ContinuationToken>",
        item: "<Bucket><Name>{id}</Name><CreationDate>2026-01-21T16:22:30.000Z</CreationDate>\
               <BucketRegion>{region}</BucketRegion></Bucket>",
        between: "",
    },
];
