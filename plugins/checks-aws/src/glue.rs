//! Glue: the data catalog.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&METADATA, &PASSWORDS];

const CATALOG: &[&str] = &["aws_glue_data_catalog_encryption_settings"];
const URL: &str = "https://docs.aws.amazon.com/glue/latest/dg/encrypt-glue-data-catalog.html";
const REFERENCES: &[&str] = &[URL];
const TERRAFORM: &str = r#"resource "aws_glue_data_catalog_encryption_settings" "this" {
  data_catalog_encryption_settings {
    encryption_at_rest {
      catalog_encryption_mode = "SSE-KMS"
      sse_aws_kms_key_id      = aws_kms_key.this.arn
    }
    connection_password_encryption {
      aws_kms_key_id                       = aws_kms_key.this.arn
      return_connection_password_encrypted = true
    }
  }
}"#;
const COMMAND: &str = "aws glue put-data-catalog-encryption-settings --data-catalog-encryption-settings \
    file://settings.json";

pub const METADATA: Check = Check {
    id: "glue_data_catalogs_metadata_encryption_enabled",
    title: "Data catalog is encrypted",
    description: "The metadata of the data catalog must be encrypted with KMS.",
    risk: "Names of tables, columns and places tell what data there is and where.",
    severity: Severity::Medium,
    kinds: CATALOG,
    reads: &["data_catalog_encryption_settings"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch encryption at rest on for the catalog.",
        url: URL,
        command: COMMAND,
        terraform: TERRAFORM,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|catalog| {
        let mode = catalog.text("data_catalog_encryption_settings.encryption_at_rest.catalog_encryption_mode")?;
        match mode {
            Some(mode) if mode.starts_with("SSE-KMS") => pass(),
            other => fail(format!("the catalog's encryption mode is {}", other.unwrap_or("DISABLED"))),
        }
    }),
};

pub const PASSWORDS: Check = Check {
    id: "glue_data_catalogs_connection_passwords_encryption_enabled",
    title: "Data catalog encrypts connection passwords",
    description: "Passwords of connections must be returned encrypted.",
    risk: "Whoever may read a connection reads the database's password.",
    severity: Severity::High,
    kinds: CATALOG,
    reads: &["data_catalog_encryption_settings"],
    categories: &["encryption", "secrets"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch encryption of connection passwords on, or keep them in Secrets Manager.",
        url: "https://docs.aws.amazon.com/glue/latest/dg/encrypt-connection-passwords.html",
        command: COMMAND,
        terraform: TERRAFORM,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|catalog| {
        let path =
            "data_catalog_encryption_settings.connection_password_encryption.return_connection_password_encrypted";
        pass_if(catalog.flag(path)?, "connection passwords are not encrypted")
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::{fails, passes};

    #[test]
    fn catalogs_are_encrypted() {
        let kind = "aws_glue_data_catalog_encryption_settings";
        let settings = |mode: &str, passwords: bool| {
            json!({"data_catalog_encryption_settings": [{
                "encryption_at_rest": [{"catalog_encryption_mode": mode}],
                "connection_password_encryption": [{"return_connection_password_encrypted": passwords}],
            }]})
        };
        passes(&METADATA, kind, settings("SSE-KMS", true));
        fails(&METADATA, kind, settings("DISABLED", true), "DISABLED");
        passes(&PASSWORDS, kind, settings("SSE-KMS", true));
        fails(&PASSWORDS, kind, settings("SSE-KMS", false), "not encrypted");
    }
}
