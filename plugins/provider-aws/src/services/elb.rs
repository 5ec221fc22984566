//! Load balancers: classic ones, and those of the second version with their listeners and firewalls.

use serde_json::{Value as Json, json};

use crate::api::{Api, Protocol};
use crate::call::{Call, Given};
use crate::field::{Field, block, blocks, flag, number, of, text, texts, with};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static CLASSIC: Api = Api::regional("elasticloadbalancing", Protocol::Query("2012-06-01"));
static API: Api = Api::regional("elasticloadbalancing", Protocol::Query("2015-12-01"));
static WAF: Api = Api::regional("wafv2", Protocol::Json("1.1", "AWSWAF_20190729"));

const CLASSIC_NAME: &[(&str, Given)] = &[("LoadBalancerName", Given::Of("LoadBalancerName"))];

pub const CLASSIC_SERVICE: Service = Service {
    name: "elb",
    global: false,
    listings: &[Listing {
        steps: &[CLASSIC
            .call("DescribeLoadBalancers")
            .items("LoadBalancerDescriptions.member")
            .paged("Marker", "NextMarker")],
        details: &[&[
            CLASSIC.call("DescribeLoadBalancerAttributes").given(CLASSIC_NAME),
            CLASSIC.call("DescribeLoadBalancerPolicies").given(CLASSIC_NAME),
            CLASSIC.call("DescribeTags").given(&[("LoadBalancerNames.member", Given::OneOf("LoadBalancerName"))]),
        ]],
        kinds: &[Kind::new(
            "aws_elb",
            "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{LoadBalancerName}",
            "LoadBalancerName",
            CLASSIC_FIELDS,
        )
        .tags("DescribeTags.TagDescriptions.member.Tags.member")],
    }],
};

macro_rules! set {
    ($path:literal) => {
        concat!("DescribeLoadBalancerAttributes.LoadBalancerAttributes.", $path)
    };
}

const CLASSIC_FIELDS: &[Field] = &[
    text("name", "LoadBalancerName"),
    text("dns_name", "DNSName"),
    with("internal", "Scheme", |scheme| json!(scheme == "internal")),
    texts("availability_zones", "AvailabilityZones.member"),
    texts("subnets", "Subnets.member"),
    texts("security_groups", "SecurityGroups.member"),
    flag("connection_draining", set!("ConnectionDraining.Enabled")),
    flag("cross_zone_load_balancing", set!("CrossZoneLoadBalancing.Enabled")),
    block(
        "access_logs",
        set!("AccessLog"),
        &[
            flag("enabled", "Enabled"),
            text("bucket", "S3BucketName"),
            text("bucket_prefix", "S3BucketPrefix"),
            number("interval", "EmitInterval"),
        ],
    ),
    of("desync_mitigation_mode", &["DescribeLoadBalancerAttributes"], |balancer| {
        let attributes = set!("AdditionalAttributes.member");
        value::entry(balancer, attributes, "elb.http.desyncmitigationmode").cloned().unwrap_or_default()
    }),
    of("listener", &["ListenerDescriptions", "DescribeLoadBalancerPolicies"], listeners),
];

/// Each listener names its policies; one made from a predefined one is told by the name of that.
fn listeners(balancer: &Json) -> Json {
    let policies = value::all(balancer, "DescribeLoadBalancerPolicies.PolicyDescriptions.member");
    let predefined = |name: &str| {
        let policy = policies.iter().find(|policy| value::is(policy, "PolicyName", name))?;
        let attributes = value::all(policy, "PolicyAttributeDescriptions.member").into_iter();
        let mut references =
            attributes.filter(|attribute| value::is(attribute, "AttributeName", "Reference-Security-Policy"));
        value::text(references.next()?, "AttributeValue")
    };
    let told = value::all(balancer, "ListenerDescriptions.member").into_iter().map(|listener| {
        let names = value::all(listener, "PolicyNames.member").into_iter().filter_map(Json::as_str);
        let names: Vec<String> = names.map(|name| predefined(name).unwrap_or_else(|| name.to_owned())).collect();
        let lower = |path| value::text(listener, path).map(|text| text.to_lowercase());
        json!({
            "lb_port": value::number(listener, "Listener.LoadBalancerPort"),
            "lb_protocol": lower("Listener.Protocol"),
            "instance_port": value::number(listener, "Listener.InstancePort"),
            "instance_protocol": lower("Listener.InstanceProtocol"),
            "ssl_certificate_id": value::text(listener, "Listener.SSLCertificateId").unwrap_or_default(),
            "policy_names": names,
        })
    });
    told.collect()
}

const BALANCERS: Call = API.call("DescribeLoadBalancers").items("LoadBalancers.member").paged("Marker", "NextMarker");

pub const SERVICE: Service = Service {
    name: "elbv2",
    global: false,
    listings: &[
        Listing {
            steps: &[BALANCERS],
            details: &[&[
                API.call("DescribeLoadBalancerAttributes").given(&[("LoadBalancerArn", Given::Of("LoadBalancerArn"))]),
                API.call("DescribeTags").given(&[("ResourceArns.member", Given::OneOf("LoadBalancerArn"))]),
                // Others cannot have a firewall.
                WAF.call("GetWebACLForResource")
                    .given(&[("ResourceArn", Given::Of("LoadBalancerArn"))])
                    .absent(&["WAFNonexistentItemException"])
                    .when(|balancer| value::is(balancer, "Type", "application")),
            ]],
            kinds: &[
                Kind::new("aws_lb", "{LoadBalancerArn}", "LoadBalancerName", BALANCER)
                    .tags("DescribeTags.TagDescriptions.member.Tags.member"),
                Kind::new(
                    "aws_wafv2_web_acl_association",
                    "{LoadBalancerArn}#web-acl",
                    "LoadBalancerName",
                    &[text("resource_arn", "LoadBalancerArn"), text("web_acl_arn", "GetWebACLForResource.WebACL.ARN")],
                )
                .keep(|balancer| value::at(balancer, "GetWebACLForResource.WebACL.ARN").is_some()),
            ],
        },
        Listing {
            steps: &[
                BALANCERS,
                API.call("DescribeListeners")
                    .given(&[("LoadBalancerArn", Given::Of("LoadBalancerArn"))])
                    .items("Listeners.member")
                    .paged("Marker", "NextMarker"),
            ],
            details: &[],
            kinds: &[Kind::new("aws_lb_listener", "{ListenerArn}", "ListenerArn", LISTENER)
                .tagged("elasticloadbalancing:listener")],
        },
    ],
};

const BALANCER: &[Field] = &[
    text("name", "LoadBalancerName"),
    text("id", "LoadBalancerArn"),
    text("dns_name", "DNSName"),
    text("load_balancer_type", "Type"),
    with("internal", "Scheme", |scheme| json!(scheme == "internal")),
    text("vpc_id", "VpcId"),
    texts("security_groups", "SecurityGroups.member"),
    texts("subnets", "AvailabilityZones.member.SubnetId"),
    blocks("subnet_mapping", "AvailabilityZones.member", &[text("subnet_id", "SubnetId")]),
    of("access_logs", ATTRIBUTES, |balancer| {
        json!([{
            "enabled": is_on(balancer, "access_logs.s3.enabled"),
            "bucket": setting(balancer, "access_logs.s3.bucket"),
            "prefix": setting(balancer, "access_logs.s3.prefix"),
        }])
    }),
    of("desync_mitigation_mode", ATTRIBUTES, |balancer| setting(balancer, "routing.http.desync_mitigation_mode")),
    of("drop_invalid_header_fields", ATTRIBUTES, |balancer| {
        is_on(balancer, "routing.http.drop_invalid_header_fields.enabled")
    }),
    of("enable_cross_zone_load_balancing", ATTRIBUTES, |balancer| is_on(balancer, "load_balancing.cross_zone.enabled")),
    of("enable_deletion_protection", ATTRIBUTES, |balancer| is_on(balancer, "deletion_protection.enabled")),
];
const ATTRIBUTES: &[&str] = &["DescribeLoadBalancerAttributes"];

fn setting(balancer: &Json, key: &str) -> Json {
    value::entry(balancer, "DescribeLoadBalancerAttributes.Attributes.member", key).cloned().unwrap_or_default()
}

/// Null where the kind of balancer has no such setting.
fn is_on(balancer: &Json, key: &str) -> Json {
    let word = setting(balancer, key);
    if word.is_null() { word } else { (word == "true").into() }
}

const LISTENER: &[Field] = &[
    text("load_balancer_arn", "LoadBalancerArn"),
    number("port", "Port"),
    text("protocol", "Protocol"),
    text("ssl_policy", "SslPolicy"),
    text("certificate_arn", "Certificates.member.CertificateArn"),
    blocks(
        "default_action",
        "DefaultActions.member",
        &[
            text("type", "Type"),
            text("target_group_arn", "TargetGroupArn"),
            block(
                "redirect",
                "RedirectConfig",
                &[
                    text("protocol", "Protocol"),
                    text("port", "Port"),
                    text("host", "Host"),
                    text("status_code", "StatusCode"),
                ],
            ),
        ],
    ),
];
