//! Database Migration Service: instances and the databases they connect.

use crate::api::{Api, Protocol};
use crate::field::{Field, block, flag, number, text};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("dms", Protocol::Json("1.1", "AmazonDMSv20160101"));

pub const SERVICE: Service = Service {
    name: "dms",
    global: false,
    listings: &[
        Listing {
            steps: &[API.call("DescribeReplicationInstances").items("ReplicationInstances").paged("Marker", "Marker")],
            details: &[],
            kinds: &[Kind::new(
                "aws_dms_replication_instance",
                "{ReplicationInstanceArn}",
                "ReplicationInstanceIdentifier",
                INSTANCE,
            )
            .tagged("dms:rep")],
        },
        Listing {
            steps: &[API.call("DescribeEndpoints").items("Endpoints").paged("Marker", "Marker")],
            details: &[],
            kinds: &[
                Kind::new("aws_dms_endpoint", "{EndpointArn}", "EndpointIdentifier", ENDPOINT).tagged("dms:endpoint")
            ],
        },
    ],
};

const INSTANCE: &[Field] = &[
    text("replication_instance_id", "ReplicationInstanceIdentifier"),
    text("replication_instance_class", "ReplicationInstanceClass"),
    text("engine_version", "EngineVersion"),
    flag("auto_minor_version_upgrade", "AutoMinorVersionUpgrade"),
    flag("multi_az", "MultiAZ"),
    flag("publicly_accessible", "PubliclyAccessible"),
    text("kms_key_arn", "KmsKeyId"),
];

const ENDPOINT: &[Field] = &[
    text("endpoint_id", "EndpointIdentifier"),
    text("endpoint_type", "EndpointType"),
    text("engine_name", "EngineName"),
    text("ssl_mode", "SslMode"),
    text("server_name", "ServerName"),
    number("port", "Port"),
    block("mongodb_settings", "MongoDbSettings", &[text("auth_type", "AuthType")]),
    block(
        "redis_settings",
        "RedisSettings",
        &[text("auth_type", "AuthType"), text("ssl_security_protocol", "SslSecurityProtocol")],
    ),
];
