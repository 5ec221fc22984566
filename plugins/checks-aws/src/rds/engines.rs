//! What differs between database engines.

use plumbline::prelude::*;

/// The engine of an instance or cluster, such as `postgres` or `aurora-mysql`.
pub fn engine<'a>(database: &Resource<'a>) -> Result<&'a str, Unread> {
    let unset = || Unread { path: "engine".into(), reason: "it is not set".into() };
    database.text("engine")?.ok_or_else(unset)
}

pub fn is_aurora(engine: &str) -> bool {
    engine.starts_with("aurora")
}

/// Whether users can log in with IAM credentials.
pub fn has_iam_login(engine: &str) -> bool {
    is_aurora(engine) || matches!(engine, "mysql" | "mariadb" | "postgres")
}

/// The port an engine listens on unless told otherwise.
pub fn default_port(engine: &str) -> Option<i64> {
    match engine {
        "mysql" | "mariadb" | "aurora" | "aurora-mysql" => Some(3306),
        "postgres" | "aurora-postgresql" => Some(5432),
        _ if engine.starts_with("oracle") || engine.starts_with("custom-oracle") => Some(1521),
        _ if engine.starts_with("sqlserver") || engine.starts_with("custom-sqlserver") => Some(1433),
        _ if engine.starts_with("db2") => Some(50000),
        "neptune" => Some(8182),
        "docdb" => Some(27017),
        _ => None,
    }
}

/// Neptune and DocumentDB are listed beside RDS and have checks of their own.
pub fn is_elsewhere(engine: &str) -> bool {
    matches!(engine, "neptune" | "docdb")
}

/// For attributes that an Aurora instance takes from its cluster.
pub fn unless_aurora(instance: &Resource<'_>, rule: fn(&Resource<'_>) -> Outcome) -> Outcome {
    if is_aurora(engine(instance)?) {
        return not_applicable("an Aurora instance takes this from its cluster");
    }
    rule(instance)
}
