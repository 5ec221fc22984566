//! SageMaker: notebook instances and models.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&NO_INTERNET, &NO_ROOT, &ENCRYPTION, &IN_VPC, &ISOLATION];

const NOTEBOOK: &[&str] = &["aws_sagemaker_notebook_instance"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/sagemaker-controls.html"];
const NETWORK: &str = "https://docs.aws.amazon.com/sagemaker/latest/dg/appendix-notebook-and-internet-access.html";

pub const NO_INTERNET: Check = Check {
    id: "sagemaker_notebook_instance_without_direct_internet_access_configured",
    title: "Notebook has no internet access of its own",
    description: "Direct internet access of a notebook instance must be off; it is on unless told otherwise.",
    risk: "Data can be carried out, and code fetched, past every network control of the account.",
    severity: Severity::High,
    kinds: NOTEBOOK,
    reads: &["direct_internet_access"],
    categories: &["network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make the notebook anew in a VPC with direct internet access off; the setting cannot be changed later.",
        url: NETWORK,
        command: "aws sagemaker create-notebook-instance --notebook-instance-name NAME --instance-type ml.t3.medium \
            --role-arn ROLE_ARN --subnet-id SUBNET --security-group-ids GROUP --direct-internet-access Disabled",
        terraform: r#"direct_internet_access = "Disabled"
subnet_id              = aws_subnet.private.id
security_groups        = [aws_security_group.notebook.id]"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|notebook| {
        let access = notebook.text("direct_internet_access")?.unwrap_or("Enabled");
        pass_if(access == "Disabled", format!("direct internet access is {access}"))
    }),
};

pub const NO_ROOT: Check = Check {
    id: "sagemaker_notebook_instance_root_access_disabled",
    title: "Notebook's users are not root",
    description: "Root access of a notebook instance must be off; it is on unless told otherwise.",
    risk: "A user, or code they run, can change the instance and take the credentials of others on it.",
    severity: Severity::Medium,
    kinds: NOTEBOOK,
    reads: &["root_access"],
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Stop the notebook, switch root access off, start it again.",
        url: "https://docs.aws.amazon.com/sagemaker/latest/dg/nbi-root-access.html",
        command: "aws sagemaker update-notebook-instance --notebook-instance-name NAME --root-access Disabled",
        terraform: "root_access = \"Disabled\"",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|notebook| {
        let access = notebook.text("root_access")?.unwrap_or("Enabled");
        pass_if(access == "Disabled", format!("root access is {access}"))
    }),
};

pub const ENCRYPTION: Check = Check {
    id: "sagemaker_notebook_instance_encryption_enabled",
    title: "Notebook's disk is encrypted with an own key",
    description: "A notebook instance must name a KMS key.",
    risk: "Data sets copied to the notebook lie under a key nobody here controls.",
    severity: Severity::High,
    kinds: NOTEBOOK,
    reads: &["kms_key_id"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make the notebook anew with a KMS key; the setting cannot be changed later.",
        url: "https://docs.aws.amazon.com/sagemaker/latest/dg/encryption-at-rest-nbi.html",
        command: "aws sagemaker create-notebook-instance --notebook-instance-name NAME --instance-type ml.t3.medium \
            --role-arn ROLE_ARN --kms-key-id KEY_ID",
        terraform: "kms_key_id = aws_kms_key.this.id",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|notebook| pass_if(notebook.has("kms_key_id")?, "no KMS key is set")),
};

pub const IN_VPC: Check = Check {
    id: "sagemaker_notebook_instance_vpc_settings_configured",
    title: "Notebook runs inside a VPC",
    description: "A notebook instance must name a subnet.",
    risk: "Its traffic passes none of the account's network controls and flow logs.",
    severity: Severity::High,
    kinds: NOTEBOOK,
    reads: &["subnet_id"],
    categories: &["network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make the notebook anew in a private subnet.",
        url: NETWORK,
        command: "aws sagemaker create-notebook-instance --notebook-instance-name NAME --instance-type ml.t3.medium \
            --role-arn ROLE_ARN --subnet-id SUBNET --security-group-ids GROUP",
        terraform: r"subnet_id       = aws_subnet.private.id
security_groups = [aws_security_group.notebook.id]",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|notebook| pass_if(notebook.has("subnet_id")?, "no subnet is set")),
};

pub const ISOLATION: Check = Check {
    id: "sagemaker_models_network_isolation_enabled",
    title: "Model's containers have no network",
    description: "Network isolation of a model must be on.",
    risk: "A tampered container sends the data it is given wherever it likes.",
    severity: Severity::High,
    kinds: &["aws_sagemaker_model"],
    reads: &["enable_network_isolation"],
    categories: &["network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make the model anew with network isolation.",
        url: "https://docs.aws.amazon.com/sagemaker/latest/dg/mkt-algo-model-internet-free.html",
        command: "aws sagemaker create-model --model-name NAME --execution-role-arn ROLE_ARN --primary-container \
            Image=IMAGE --enable-network-isolation",
        terraform: "enable_network_isolation = true",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|model| pass_if(model.flag("enable_network_isolation")?, "network isolation is off")),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::*;
    use crate::cases::{fails, passes};

    #[test]
    fn notebooks_and_models_are_shut_in() {
        let kind = "aws_sagemaker_notebook_instance";
        passes(&NO_INTERNET, kind, json!({"direct_internet_access": "Disabled"}));
        fails(&NO_INTERNET, kind, json!({}), "Enabled");
        passes(&NO_ROOT, kind, json!({"root_access": "Disabled"}));
        fails(&NO_ROOT, kind, json!({"root_access": "Enabled"}), "root access is Enabled");
        passes(&ENCRYPTION, kind, json!({"kms_key_id": "key"}));
        fails(&ENCRYPTION, kind, json!({}), "no KMS key");
        passes(&IN_VPC, kind, json!({"subnet_id": "subnet-a"}));
        fails(&IN_VPC, kind, json!({}), "no subnet");
        passes(&ISOLATION, "aws_sagemaker_model", json!({"enable_network_isolation": true}));
        fails(&ISOLATION, "aws_sagemaker_model", json!({}), "isolation is off");
    }
}
