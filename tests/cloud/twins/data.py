"""Databases, caches, search, streams."""

from . import DUBLIN, SINGAPORE, VIRGINIA, client, named, twins


def vpc_key(region):
    return client("kms", region).create_key()["KeyMetadata"]["Arn"]


@twins("dynamodb", DUBLIN, "dynamodb_tables_kms_cmk_encryption_enabled", "dynamodb_tables_pitr_enabled",
       "dynamodb_table_deletion_protection_enabled", "dynamodb_table_autoscaling_enabled")
def table(dynamodb, name, good):
    encryption = {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": vpc_key(DUBLIN)}} if good else {}
    capacity = {"BillingMode": "PAY_PER_REQUEST"} if good else {
        "BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}
    dynamodb.create_table(TableName=name, AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                          KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], DeletionProtectionEnabled=good,
                          **encryption, **capacity)
    if good:
        dynamodb.update_continuous_backups(TableName=name,
                                           PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})


@twins("rds", DUBLIN, "rds_instance_storage_encrypted", "rds_instance_no_public_access", "rds_instance_multi_az",
       "rds_instance_backup_enabled", "rds_instance_deletion_protection", "rds_instance_minor_version_upgrade_enabled",
       "rds_instance_iam_authentication_enabled", "rds_instance_integration_cloudwatch_logs",
       "rds_instance_copy_tags_to_snapshots", "rds_instance_default_admin", "rds_instance_non_default_port",
       "rds_instance_enhanced_monitoring_enabled")
def database(rds, name, good):
    better = {"MonitoringInterval": 60, "MonitoringRoleArn": "arn:aws:iam::123456789012:role/monitoring",
              "EnableCloudwatchLogsExports": ["postgresql"]} if good else {}
    rds.create_db_instance(DBInstanceIdentifier=name, Engine="postgres", DBInstanceClass="db.t3.medium", AllocatedStorage=20,
                           MasterUsername="keeper" if good else "postgres", MasterUserPassword="not-a-secret-1",
                           StorageEncrypted=good, PubliclyAccessible=not good, MultiAZ=good,
                           BackupRetentionPeriod=14 if good else 0, DeletionProtection=good, AutoMinorVersionUpgrade=good,
                           EnableIAMDatabaseAuthentication=good, CopyTagsToSnapshot=good, Port=6543 if good else 5432, **better)


@twins("rds", SINGAPORE, "rds_cluster_storage_encrypted", "rds_cluster_deletion_protection",
       "rds_cluster_iam_authentication_enabled", "rds_cluster_copy_tags_to_snapshots", "rds_cluster_default_admin",
       "rds_cluster_integration_cloudwatch_logs", "rds_cluster_non_default_port")
def database_cluster(rds, name, good):
    better = {"EnableCloudwatchLogsExports": ["postgresql"]} if good else {}
    rds.create_db_cluster(DBClusterIdentifier=name, Engine="aurora-postgresql", StorageEncrypted=good,
                          MasterUsername="keeper" if good else "postgres", MasterUserPassword="not-a-secret-1",
                          DeletionProtection=good, EnableIAMDatabaseAuthentication=good, CopyTagsToSnapshot=good,
                          Port=6543 if good else 5432, **better)


@twins("rds", VIRGINIA, "rds_snapshots_encrypted", "rds_snapshots_public_access")
def database_snapshot(rds, name, good):
    source = f"source-of-{name}"
    rds.create_db_instance(DBInstanceIdentifier=source, Engine="mysql", DBInstanceClass="db.t3.medium", AllocatedStorage=20,
                           MasterUsername="keeper", MasterUserPassword="not-a-secret-1", StorageEncrypted=good)
    rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=source)
    if not good:
        rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=["all"])


@twins("elasticache", VIRGINIA, "elasticache_redis_cluster_rest_encryption_enabled",
       "elasticache_redis_cluster_in_transit_encryption_enabled", "elasticache_redis_cluster_automatic_failover_enabled",
       "elasticache_redis_cluster_multi_az_enabled", "elasticache_redis_cluster_backup_enabled",
       "elasticache_redis_cluster_auto_minor_version_upgrades")
def cache(elasticache, name, good):
    elasticache.create_replication_group(
        ReplicationGroupId=name, ReplicationGroupDescription=name, AtRestEncryptionEnabled=good,
        TransitEncryptionEnabled=good, AutomaticFailoverEnabled=good, MultiAZEnabled=good, AutoMinorVersionUpgrade=good,
        SnapshotRetentionLimit=14 if good else 0, CacheNodeType="cache.t3.micro", NumCacheClusters=2)


@twins("redshift", SINGAPORE, "redshift_cluster_encrypted_at_rest", "redshift_cluster_public_access",
       "redshift_cluster_automatic_upgrades", "redshift_cluster_enhanced_vpc_routing",
       "redshift_cluster_non_default_username", "redshift_cluster_non_default_database_name")
def warehouse(redshift, name, good):
    redshift.create_cluster(ClusterIdentifier=name, NodeType="ra3.xlplus", MasterUsername="keeper" if good else "awsuser",
                            MasterUserPassword="Not-a-secret-1", DBName="sales" if good else "dev", Encrypted=good,
                            PubliclyAccessible=not good, AllowVersionUpgrade=good, EnhancedVpcRouting=good)


@twins("opensearch", DUBLIN, "opensearch_service_domains_encryption_at_rest_enabled",
       "opensearch_service_domains_node_to_node_encryption_enabled", "opensearch_service_domains_https_communications_enforced",
       "opensearch_service_domains_audit_logging_enabled", "opensearch_service_domains_cloudwatch_logging_enabled",
       "opensearch_service_domains_fault_tolerant_data_nodes", "opensearch_service_domains_fault_tolerant_master_nodes",
       "opensearch_service_domains_access_control_enabled")
def search(opensearch, name, good):
    group = "arn:aws:logs:eu-west-1:123456789012:log-group:search"
    kinds = ["INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS", "ES_APPLICATION_LOGS", "AUDIT_LOGS"] if good else []
    nodes = {"InstanceType": "m5.large.search", "InstanceCount": 3 if good else 1}
    if good:
        nodes |= {"ZoneAwarenessEnabled": True, "ZoneAwarenessConfig": {"AvailabilityZoneCount": 3},
                  "DedicatedMasterEnabled": True, "DedicatedMasterCount": 3, "DedicatedMasterType": "m5.large.search"}
    opensearch.create_domain(
        DomainName=name, EngineVersion="OpenSearch_2.11", ClusterConfig=nodes,
        EncryptionAtRestOptions={"Enabled": good}, NodeToNodeEncryptionOptions={"Enabled": good},
        DomainEndpointOptions={"EnforceHTTPS": good, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
        AdvancedSecurityOptions={"Enabled": good, "InternalUserDatabaseEnabled": False},
        LogPublishingOptions={kind: {"CloudWatchLogsLogGroupArn": group, "Enabled": True} for kind in kinds})


@twins("kinesis", VIRGINIA, "kinesis_stream_encrypted_at_rest", "kinesis_stream_data_retention_period")
def stream(kinesis, name, good):
    kinesis.create_stream(StreamName=name, ShardCount=1)
    if good:
        kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=200)
        kinesis.start_stream_encryption(StreamName=name, EncryptionType="KMS", KeyId="alias/aws/kinesis")


@twins("kafka", SINGAPORE, "kafka_cluster_in_transit_encryption_enabled", "kafka_cluster_enhanced_monitoring_enabled",
       "kafka_cluster_unrestricted_access_disabled", "kafka_cluster_mutual_tls_authentication_enabled")
def broker_cluster(kafka, name, good):
    nodes = {"InstanceType": "kafka.m5.large", "ClientSubnets": ["subnet-1", "subnet-2"], "SecurityGroups": ["sg-1"]}
    transit = {"ClientBroker": "TLS" if good else "PLAINTEXT", "InCluster": good}
    login = {"Tls": {"Enabled": True, "CertificateAuthorityArnList": ["arn:aws:acm-pca:ap-southeast-1:123456789012:certificate-authority/1"]},
             "Unauthenticated": {"Enabled": False}} if good else {"Unauthenticated": {"Enabled": True}}
    kafka.create_cluster(ClusterName=name, KafkaVersion="3.6.0", NumberOfBrokerNodes=2, BrokerNodeGroupInfo=nodes,
                         EncryptionInfo={"EncryptionInTransit": transit}, ClientAuthentication=login,
                         EnhancedMonitoring="PER_BROKER" if good else "DEFAULT")


@twins("dms", DUBLIN, "dms_endpoint_ssl_enabled")
def endpoint(dms, name, good):
    dms.create_endpoint(EndpointIdentifier=name, EndpointType="source", EngineName="mysql", ServerName="db", Port=3306,
                        SslMode="require" if good else "none")


@twins("dms", VIRGINIA, "dms_instance_no_public_access", "dms_instance_multi_az_enabled",
       "dms_instance_minor_version_upgrade_enabled")
def replication(dms, name, good):
    dms.create_replication_instance(ReplicationInstanceIdentifier=name, ReplicationInstanceClass="dms.t3.micro",
                                    PubliclyAccessible=not good, MultiAZ=good, AutoMinorVersionUpgrade=good)


@twins("athena", DUBLIN, "athena_workgroup_encryption", "athena_workgroup_enforce_configuration",
       "athena_workgroup_logging_enabled")
def workgroup(athena, name, good):
    result = {"OutputLocation": "s3://results/"}
    if good:
        result["EncryptionConfiguration"] = {"EncryptionOption": "SSE_S3"}
    athena.create_work_group(Name=name, Configuration={
        "ResultConfiguration": result, "EnforceWorkGroupConfiguration": good, "PublishCloudWatchMetricsEnabled": good})
