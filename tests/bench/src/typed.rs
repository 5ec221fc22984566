//! The synthetic kinds as structs: how a native program without plugins would hold them.
//!
//! It is spared what costs most: text is borrowed, and policies and padding are passed over, not decoded.

#![allow(clippy::struct_field_names, reason = "the fields have Terraform's names")]

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

type Tags<'a> = Option<BTreeMap<&'a str, &'a str>>;

/// One element of a batch.
#[derive(Debug, Default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Resource<'a> {
    pub(crate) id: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) tags: Tags<'a>,
    pub(crate) config: Config<'a>,
}

#[derive(Debug, Default)]
#[allow(dead_code, reason = "the ten checks look at ten of the kinds; the others are decoded too")]
pub(crate) enum Config<'a> {
    Bucket(Bucket<'a>),
    Group(Group<'a>),
    Role(Role<'a>),
    Database(Database<'a>),
    Instance(Instance<'a>),
    Volume(Volume<'a>),
    Function(Function<'a>),
    Key(Key<'a>),
    Queue(Queue<'a>),
    Topic(Topic<'a>),
    LogGroup(LogGroup<'a>),
    Table(Table<'a>),
    Balancer(Balancer<'a>),
    Repository(Repository<'a>),
    #[default]
    Unknown,
}

/// The kind's struct, for the map that follows.
fn config<'de, A: MapAccess<'de>>(kind: &str, map: &mut A) -> Result<Config<'de>, A::Error> {
    Ok(match kind {
        "aws_s3_bucket" => Config::Bucket(map.next_value()?),
        "aws_security_group" => Config::Group(map.next_value()?),
        "aws_iam_role" => Config::Role(map.next_value()?),
        "aws_db_instance" => Config::Database(map.next_value()?),
        "aws_instance" => Config::Instance(map.next_value()?),
        "aws_ebs_volume" => Config::Volume(map.next_value()?),
        "aws_lambda_function" => Config::Function(map.next_value()?),
        "aws_kms_key" => Config::Key(map.next_value()?),
        "aws_sqs_queue" => Config::Queue(map.next_value()?),
        "aws_sns_topic" => Config::Topic(map.next_value()?),
        "aws_cloudwatch_log_group" => Config::LogGroup(map.next_value()?),
        "aws_dynamodb_table" => Config::Table(map.next_value()?),
        "aws_lb" => Config::Balancer(map.next_value()?),
        "aws_ecr_repository" => Config::Repository(map.next_value()?),
        _ => {
            map.next_value::<IgnoredAny>()?;
            Config::Unknown
        }
    })
}

impl<'de> Deserialize<'de> for Resource<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Resource<'de>, D::Error> {
        deserializer.deserialize_map(ResourceVisitor)
    }
}

/// `kind` says which struct `config` is, so it must stand before it.
struct ResourceVisitor;

impl<'de> Visitor<'de> for ResourceVisitor {
    type Value = Resource<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a resource")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Resource<'de>, A::Error> {
        let mut resource = Resource::default();
        while let Some(key) = map.next_key::<&str>()? {
            match key {
                "id" => resource.id = map.next_value()?,
                "kind" => resource.kind = map.next_value()?,
                "name" => resource.name = map.next_value()?,
                "account" => resource.account = map.next_value()?,
                "region" => resource.region = map.next_value()?,
                "tags" => resource.tags = map.next_value()?,
                "config" if resource.kind.is_empty() => {
                    return Err(serde::de::Error::custom("`config` stands before `kind`"));
                }
                "config" => resource.config = config(resource.kind, &mut map)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(resource)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Bucket<'a> {
    pub(crate) bucket: Option<&'a str>,
    pub(crate) versioning: Option<Vec<Versioning>>,
    #[serde(borrow)]
    pub(crate) logging: Option<Vec<Logging<'a>>>,
    #[serde(borrow)]
    pub(crate) tags: Tags<'a>,
    #[serde(borrow)]
    pub(crate) tags_all: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Logging<'a> {
    pub(crate) target_bucket: Option<&'a str>,
    pub(crate) target_prefix: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Versioning {
    pub(crate) enabled: Option<bool>,
    pub(crate) mfa_delete: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Group<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) vpc_id: Option<&'a str>,
    pub(crate) description: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) ingress: Option<Vec<Rule<'a>>>,
    #[serde(borrow)]
    pub(crate) egress: Option<Vec<Rule<'a>>>,
    #[serde(borrow)]
    pub(crate) tags: Tags<'a>,
    #[serde(borrow)]
    pub(crate) tags_all: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Rule<'a> {
    pub(crate) from_port: Option<i64>,
    pub(crate) to_port: Option<i64>,
    pub(crate) protocol: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) cidr_blocks: Option<Vec<&'a str>>,
    #[serde(borrow)]
    pub(crate) ipv6_cidr_blocks: Option<Vec<&'a str>>,
    pub(crate) description: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Role<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) path: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) managed_policy_arns: Option<Vec<&'a str>>,
    pub(crate) max_session_duration: Option<i64>,
    #[serde(borrow)]
    pub(crate) tags: Tags<'a>,
    #[serde(borrow)]
    pub(crate) tags_all: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Database<'a> {
    pub(crate) identifier: Option<&'a str>,
    pub(crate) engine: Option<&'a str>,
    pub(crate) engine_version: Option<&'a str>,
    pub(crate) instance_class: Option<&'a str>,
    pub(crate) storage_encrypted: Option<bool>,
    pub(crate) publicly_accessible: Option<bool>,
    pub(crate) multi_az: Option<bool>,
    pub(crate) backup_retention_period: Option<i64>,
    pub(crate) deletion_protection: Option<bool>,
    pub(crate) auto_minor_version_upgrade: Option<bool>,
    pub(crate) iam_database_authentication_enabled: Option<bool>,
    pub(crate) monitoring_interval: Option<i64>,
    pub(crate) copy_tags_to_snapshot: Option<bool>,
    #[serde(borrow)]
    pub(crate) enabled_cloudwatch_logs_exports: Option<Vec<&'a str>>,
    pub(crate) replicate_source_db: Option<&'a str>,
    pub(crate) snapshot_identifier: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) tags: Tags<'a>,
    #[serde(borrow)]
    pub(crate) tags_all: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Instance<'a> {
    pub(crate) ami: Option<&'a str>,
    pub(crate) instance_type: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) metadata_options: Option<Vec<MetadataOptions<'a>>>,
    pub(crate) associate_public_ip_address: Option<bool>,
    pub(crate) public_ip: Option<&'a str>,
    pub(crate) monitoring: Option<bool>,
    pub(crate) iam_instance_profile: Option<&'a str>,
    pub(crate) ebs_optimized: Option<bool>,
    #[serde(borrow)]
    pub(crate) root_block_device: Option<Vec<Device<'a>>>,
    #[serde(borrow)]
    pub(crate) tags: Tags<'a>,
    #[serde(borrow)]
    pub(crate) tags_all: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct MetadataOptions<'a> {
    pub(crate) http_endpoint: Option<&'a str>,
    pub(crate) http_tokens: Option<&'a str>,
    pub(crate) http_put_response_hop_limit: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Device<'a> {
    pub(crate) encrypted: Option<bool>,
    pub(crate) volume_size: Option<i64>,
    pub(crate) volume_type: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Volume<'a> {
    pub(crate) encrypted: Option<bool>,
    pub(crate) size: Option<i64>,
    pub(crate) kms_key_id: Option<&'a str>,
    pub(crate) availability_zone: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) tags: Tags<'a>,
    #[serde(borrow)]
    pub(crate) tags_all: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Function<'a> {
    pub(crate) function_name: Option<&'a str>,
    pub(crate) handler: Option<&'a str>,
    pub(crate) runtime: Option<&'a str>,
    pub(crate) memory_size: Option<i64>,
    pub(crate) timeout: Option<i64>,
    pub(crate) kms_key_arn: Option<&'a str>,
    pub(crate) package_type: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) tags: Tags<'a>,
    #[serde(borrow)]
    pub(crate) tags_all: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Key<'a> {
    pub(crate) description: Option<&'a str>,
    pub(crate) enable_key_rotation: Option<bool>,
    pub(crate) is_enabled: Option<bool>,
    pub(crate) multi_region: Option<bool>,
    pub(crate) key_usage: Option<&'a str>,
    pub(crate) customer_master_key_spec: Option<&'a str>,
    pub(crate) custom_key_store_id: Option<&'a str>,
    pub(crate) deletion_window_in_days: Option<i64>,
    #[serde(borrow)]
    pub(crate) tags: Tags<'a>,
    #[serde(borrow)]
    pub(crate) tags_all: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Queue<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) kms_master_key_id: Option<&'a str>,
    pub(crate) sqs_managed_sse_enabled: Option<bool>,
    pub(crate) message_retention_seconds: Option<i64>,
    #[serde(borrow)]
    pub(crate) tags: Tags<'a>,
    #[serde(borrow)]
    pub(crate) tags_all: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Topic<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) kms_master_key_id: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) tags: Tags<'a>,
    #[serde(borrow)]
    pub(crate) tags_all: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct LogGroup<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) retention_in_days: Option<i64>,
    pub(crate) kms_key_id: Option<&'a str>,
    pub(crate) skip_destroy: Option<bool>,
    #[serde(borrow)]
    pub(crate) tags: Tags<'a>,
    #[serde(borrow)]
    pub(crate) tags_all: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Table<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) billing_mode: Option<&'a str>,
    pub(crate) point_in_time_recovery: Option<Vec<Switch>>,
    pub(crate) deletion_protection_enabled: Option<bool>,
    pub(crate) hash_key: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) tags: Tags<'a>,
    #[serde(borrow)]
    pub(crate) tags_all: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Switch {
    pub(crate) enabled: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Balancer<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) internal: Option<bool>,
    pub(crate) load_balancer_type: Option<&'a str>,
    pub(crate) enable_deletion_protection: Option<bool>,
    pub(crate) drop_invalid_header_fields: Option<bool>,
    pub(crate) desync_mitigation_mode: Option<&'a str>,
    #[serde(borrow)]
    pub(crate) subnets: Option<Vec<&'a str>>,
    #[serde(borrow)]
    pub(crate) tags: Tags<'a>,
    #[serde(borrow)]
    pub(crate) tags_all: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Repository<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) image_tag_mutability: Option<&'a str>,
    pub(crate) image_scanning_configuration: Option<Vec<Scanning>>,
    #[serde(borrow)]
    pub(crate) tags: Tags<'a>,
    #[serde(borrow)]
    pub(crate) tags_all: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "a program would hold them; decoding them is what is measured")]
pub(crate) struct Scanning {
    pub(crate) scan_on_push: Option<bool>,
}
