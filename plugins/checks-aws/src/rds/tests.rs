//! RDS.

use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;
use plumbline::testing::{json, resource};

use super::{
    auditing, backups, certificates::EXPIRY, clusters, logs, operation, protection, snapshots, transport::TLS,
    zones::MULTI_AZ,
};
use crate::cases::{account, fails, passes, skips, unread};

const INSTANCE: &str = "aws_db_instance";
const CLUSTER: &str = "aws_rds_cluster";

#[test]
fn switches_of_instances_are_on() {
    for (check, attribute) in [
        (&operation::MULTI_AZ, "multi_az"),
        (&operation::DELETION, "deletion_protection"),
        (&operation::COPY_TAGS, "copy_tags_to_snapshot"),
        (&protection::IAM_LOGIN, "iam_database_authentication_enabled"),
    ] {
        passes(check, INSTANCE, json!({"engine": "postgres", attribute: true}));
        fails(check, INSTANCE, json!({"engine": "postgres", attribute: false}), attribute);
        fails(check, INSTANCE, json!({"engine": "mysql"}), attribute);
        unread(check, INSTANCE, json!({attribute: true}), "engine");
    }
    skips(&operation::MULTI_AZ, INSTANCE, json!({"engine": "aurora-mysql"}));
    skips(&protection::IAM_LOGIN, INSTANCE, json!({"engine": "oracle-ee"}));
}

#[test]
fn instances_are_kept_and_watched() {
    passes(&operation::BACKUP, INSTANCE, json!({"engine": "mysql", "backup_retention_period": 7}));
    fails(&operation::BACKUP, INSTANCE, json!({"engine": "mysql"}), "is 0");
    passes(&operation::MINOR_VERSIONS, INSTANCE, json!({}));
    fails(
        &operation::MINOR_VERSIONS,
        "aws_rds_cluster_instance",
        json!({"auto_minor_version_upgrade": false}),
        "false",
    );
    passes(&operation::ENHANCED_MONITORING, INSTANCE, json!({"monitoring_interval": 60}));
    fails(&operation::ENHANCED_MONITORING, INSTANCE, json!({"monitoring_interval": 0}), "is 0");
    let exports = json!({"engine": "mysql", "enabled_cloudwatch_logs_exports": ["error"]});
    passes(&operation::LOG_EXPORT, INSTANCE, exports);
    fails(
        &operation::LOG_EXPORT,
        INSTANCE,
        json!({"engine": "mysql", "enabled_cloudwatch_logs_exports": []}),
        "no log",
    );
}

#[test]
fn instances_keep_strangers_out() {
    passes(&protection::STORAGE, INSTANCE, json!({"storage_encrypted": true}));
    fails(&protection::STORAGE, INSTANCE, json!({"storage_encrypted": false}), "false");
    fails(&protection::STORAGE, INSTANCE, json!({}), "not set");
    unread(&protection::STORAGE, INSTANCE, json!({"replicate_source_db": "main"}), "source");
    passes(&protection::PUBLIC, INSTANCE, json!({"publicly_accessible": false}));
    fails(&protection::PUBLIC, "aws_rds_cluster_instance", json!({"publicly_accessible": true}), "true");
    passes(&protection::ADMIN, INSTANCE, json!({"engine": "postgres", "username": "ledger"}));
    fails(&protection::ADMIN, INSTANCE, json!({"engine": "postgres", "username": "postgres"}), "postgres");
    unread(&protection::ADMIN, INSTANCE, json!({"engine": "postgres"}), "username");
    passes(&protection::PORT, INSTANCE, json!({"engine": "postgres", "port": 5433}));
    fails(&protection::PORT, INSTANCE, json!({"engine": "sqlserver-ex"}), "1433");
    fails(&protection::PORT, INSTANCE, json!({"engine": "mariadb", "port": 3306}), "3306");
    unread(&protection::PORT, INSTANCE, json!({"engine": "newsql", "port": 1}), "newsql");
}

#[test]
fn switches_of_clusters_are_on() {
    for (check, attribute) in [
        (&clusters::DELETION, "deletion_protection"),
        (&clusters::COPY_TAGS, "copy_tags_to_snapshot"),
        (&clusters::IAM_LOGIN, "iam_database_authentication_enabled"),
        (&clusters::STORAGE, "storage_encrypted"),
    ] {
        passes(check, CLUSTER, json!({"engine": "aurora-mysql", attribute: true}));
        fails(check, CLUSTER, json!({"engine": "aurora-mysql", attribute: false}), attribute);
        skips(check, CLUSTER, json!({"engine": "neptune", attribute: true}));
    }
    passes(&clusters::STORAGE, CLUSTER, json!({"engine": "aurora-mysql", "engine_mode": "serverless"}));
    let exports = json!({"engine": "aurora-mysql", "enabled_cloudwatch_logs_exports": ["audit"]});
    passes(&clusters::LOG_EXPORT, CLUSTER, exports);
    fails(&clusters::LOG_EXPORT, CLUSTER, json!({"engine": "aurora-mysql"}), "no log");
    passes(&clusters::ADMIN, CLUSTER, json!({"engine": "aurora-mysql", "master_username": "ledger"}));
    fails(&clusters::ADMIN, CLUSTER, json!({"engine": "aurora-mysql", "master_username": "admin"}), "admin");
    passes(&clusters::PORT, CLUSTER, json!({"engine": "aurora-postgresql", "port": 5433}));
    fails(&clusters::PORT, CLUSTER, json!({"engine": "aurora-postgresql", "port": 5432}), "5432");
    passes(&clusters::BACKTRACK, CLUSTER, json!({"engine": "aurora-mysql", "backtrack_window": 3600}));
    fails(&clusters::BACKTRACK, CLUSTER, json!({"engine": "aurora-mysql"}), "is 0");
    skips(&clusters::BACKTRACK, CLUSTER, json!({"engine": "aurora-postgresql"}));
}

#[test]
fn backups_are_kept_for_a_week() {
    passes(&backups::INSTANCE, INSTANCE, json!({"engine": "mysql", "backup_retention_period": 7}));
    fails(&backups::INSTANCE, INSTANCE, json!({"engine": "mysql", "backup_retention_period": 6}), "is 6");
    fails(&backups::INSTANCE, INSTANCE, json!({"engine": "mysql"}), "is 0");
    skips(&backups::INSTANCE, INSTANCE, json!({"engine": "aurora-mysql"}));
    passes(&backups::CLUSTER, CLUSTER, json!({"engine": "aurora-mysql", "backup_retention_period": 7}));
    fails(&backups::CLUSTER, CLUSTER, json!({"engine": "mysql"}), "is 1");
    skips(&backups::CLUSTER, CLUSTER, json!({"engine": "docdb", "backup_retention_period": 1}));
}

#[test]
fn each_engine_exports_its_own_logs() {
    let exported = |engine: &str, logs: &[&str]| json!({"engine": engine, "enabled_cloudwatch_logs_exports": logs});
    for (engine, all) in [
        ("postgres", &["postgresql", "upgrade"][..]),
        ("mysql", &["audit", "error", "general", "slowquery"]),
        ("oracle-ee", &["alert", "audit", "listener", "trace"]),
        ("sqlserver-se", &["agent", "error"]),
    ] {
        passes(&logs::ALL_LOGS, INSTANCE, exported(engine, all));
        fails(&logs::ALL_LOGS, INSTANCE, exported(engine, &all[1..]), &format!("not exported: {}", all[0]));
    }
    skips(&logs::ALL_LOGS, INSTANCE, exported("db2-se", &[]));
    for (check, kind, engine, wanted) in [
        (&logs::POSTGRESQL, INSTANCE, "postgres", &["postgresql"][..]),
        (&logs::SQL_SERVER, INSTANCE, "sqlserver-ex", &["agent", "error"]),
        (&logs::MARIADB, INSTANCE, "mariadb", &["audit", "error"]),
        (&logs::AURORA_MYSQL_AUDIT, CLUSTER, "aurora-mysql", &["audit"]),
        (&logs::AURORA_POSTGRESQL, CLUSTER, "aurora-postgresql", &["postgresql"]),
    ] {
        passes(check, kind, exported(engine, wanted));
        fails(check, kind, exported(engine, &["upgrade"]), wanted[0]);
        fails(check, kind, json!({"engine": engine}), wanted[0]);
        skips(check, kind, exported("mysql", &[]));
    }
}

fn spread(engine: &str, members: &[(&str, Option<&str>)], gaps: &[(&str, &str)]) -> Outcome {
    let cluster = json!({"engine": engine, "cluster_identifier": "main"});
    let mut resources = vec![(CLUSTER, "main", cluster)];
    for (name, zone) in members {
        let member = json!({"cluster_identifier": "main", "availability_zone": zone});
        resources.push(("aws_rds_cluster_instance", name, member));
    }
    account(&MULTI_AZ, &resources, gaps).remove(0).1
}

#[test]
fn clusters_are_in_several_zones() {
    let (a, b) = (("a", Some("eu-central-1a")), ("b", Some("eu-central-1b")));
    assert_eq!(spread("aurora-mysql", &[a, b], &[]), pass());
    assert_eq!(spread("mysql", &[], &[]), pass());
    let one = spread("aurora-mysql", &[a, ("c", Some("eu-central-1a"))], &[]);
    assert!(matches!(&one, Ok(Verdict::Fail(why)) if why.contains("1 zone")), "{one:?}");
    assert!(spread("aurora-mysql", &[a, ("b", None)], &[]).is_err());
    assert!(spread("aurora-mysql", &[a], &[("aws_rds_cluster_instance", "denied")]).is_err());
    assert!(matches!(spread("neptune", &[], &[]), Ok(Verdict::NotApplicable(_))));
    let serverless = json!({"engine": "aurora-mysql", "engine_mode": "serverless"});
    let found = account(&MULTI_AZ, &[(CLUSTER, "main", serverless)], &[]);
    assert!(matches!(found[0].1, Ok(Verdict::Manual(_))));
}

#[test]
fn snapshots_are_encrypted_and_private() {
    passes(&snapshots::ENCRYPTED, "aws_db_snapshot", json!({"encrypted": true}));
    passes(&snapshots::ENCRYPTED, "aws_db_cluster_snapshot", json!({"storage_encrypted": true}));
    fails(&snapshots::ENCRYPTED, "aws_db_cluster_snapshot", json!({"storage_encrypted": false}), "storage_encrypted");
    unread(&snapshots::ENCRYPTED, "aws_db_snapshot", json!({}), "does not say");
    passes(&snapshots::PUBLIC, "aws_db_snapshot", json!({"shared_accounts": ["123456789012"]}));
    fails(&snapshots::PUBLIC, "aws_db_snapshot", json!({"shared_accounts": ["all"]}), "all");
}

#[test]
fn certificate_authorities_expire() {
    passes(&EXPIRY, INSTANCE, json!({"ca_cert_identifier": "rds-ca-rsa2048-g1"}));
    fails(&EXPIRY, INSTANCE, json!({"ca_cert_identifier": "rds-ca-2019"}), "2024-08-22");
    unread(&EXPIRY, INSTANCE, json!({"ca_cert_identifier": "our-own"}), "our-own");
    unread(&EXPIRY, INSTANCE, json!({}), "not set");
    let owned = resource(INSTANCE, json!({"ca_cert_identifier": "rds-ca-2019"})).build();
    let at = |time: &str| EXPIRY.on(&owned.view(), &Context { account: String::new(), scan_time: time.to_owned() });
    assert_eq!(at("2024-05-01T00:00:00Z"), pass());
    assert!(matches!(at("2024-06-01T00:00:00Z"), Ok(Verdict::Fail(_))));
    assert!(at("").is_err());
}

fn forced(instance: Json, parameter: Option<(&str, &str)>, gaps: &[(&str, &str)]) -> Outcome {
    let mut resources = vec![(INSTANCE, "db", instance)];
    if let Some((name, value)) = parameter {
        let group = json!({"name": "own", "parameter": [{"name": name, "value": value}]});
        resources.push(("aws_db_parameter_group", "own", group));
    }
    account(&TLS, &resources, gaps).remove(0).1
}

#[test]
fn connections_are_encrypted_by_force() {
    let instance = |engine: &str, version: &str, group: &str| {
        let mut config = json!({"engine": engine, "engine_version": version});
        config["parameter_group_name"] = json!(group);
        config
    };
    let failed = |outcome: &Outcome| matches!(outcome, Ok(Verdict::Fail(_)));
    assert_eq!(forced(instance("postgres", "14.1", "own"), Some(("rds.force_ssl", "1")), &[]), pass());
    assert_eq!(forced(instance("mysql", "8.0", "own"), Some(("require_secure_transport", "ON")), &[]), pass());
    assert!(failed(&forced(instance("postgres", "16.1", "own"), Some(("rds.force_ssl", "0")), &[])));
    assert_eq!(forced(instance("postgres", "16.1", "default.postgres16"), None, &[]), pass());
    assert!(failed(&forced(instance("postgres", "14.1", "default.postgres14"), None, &[])));
    assert!(failed(&forced(instance("mysql", "8.0", "own"), Some(("max_connections", "1")), &[])));
    assert!(forced(instance("postgres", "16.1", "gone"), None, &[]).is_err());
    assert!(forced(instance("postgres", "16.1", "own"), None, &[("aws_db_parameter_group", "denied")]).is_err());
    assert!(matches!(forced(instance("db2-se", "11.5", "own"), None, &[]), Ok(Verdict::NotApplicable(_))));
    let cluster = json!({"engine": "aurora-mysql", "db_cluster_parameter_group_name": "own"});
    let group = json!({"name": "own", "parameter": [{"name": "require_secure_transport", "value": "1"}]});
    let found = account(&TLS, &[(CLUSTER, "c", cluster), ("aws_rds_cluster_parameter_group", "own", group)], &[]);
    assert_eq!(found, vec![(Subject::Resource("c".to_owned()), pass())]);
}

#[test]
fn aurora_mysql_writes_an_audit_log() {
    let judged = |engine: &str, group: &str, parameters: &[(&str, &str)], gaps: &[(&str, &str)]| {
        let cluster = json!({"engine": engine, "db_cluster_parameter_group_name": group});
        let parameters: Vec<Json> =
            parameters.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        let own = json!({"name": "own", "parameter": parameters});
        let resources = [(CLUSTER, "c", cluster), ("aws_rds_cluster_parameter_group", "own", own)];
        account(&auditing::AURORA_MYSQL, &resources, gaps).remove(0).1
    };
    let (logging, events) = (("server_audit_logging", "1"), ("server_audit_events", "CONNECT"));
    let failed = |outcome: Outcome| matches!(outcome, Ok(Verdict::Fail(_)));
    assert_eq!(judged("aurora-mysql", "own", &[logging, events], &[]), pass());
    assert!(failed(judged("aurora-mysql", "own", &[logging], &[])));
    assert!(failed(judged("aurora-mysql", "own", &[events, ("server_audit_logging", "0")], &[])));
    assert!(failed(judged("aurora-mysql", "default.aurora-mysql8.0", &[], &[])));
    assert!(judged("aurora-mysql", "gone", &[], &[]).is_err());
    assert!(judged("aurora-mysql", "own", &[logging, events], &[(CLUSTER, "denied")]).is_ok());
    assert!(matches!(judged("postgres", "own", &[], &[]), Ok(Verdict::NotApplicable(_))));
}
