//! What keeps a cluster's data from strangers.

use plumbline::prelude::*;

use super::{KINDS, REFERENCES};

pub const CHECKS: &[&Check] = &[&PUBLIC, &AT_REST, &VPC_ROUTING, &ADMIN, &DATABASE];

/// A boolean whose default has changed with the versions of API and provider.
fn told(cluster: &Resource<'_>, attribute: &str) -> Result<bool, Unread> {
    let reason = "it is not set, and its default depends on when and how the cluster was made".to_owned();
    cluster.bool(attribute)?.ok_or_else(|| Unread { path: attribute.to_owned(), reason })
}

pub const PUBLIC: Check = Check {
    id: "redshift_cluster_public_access",
    title: "Redshift cluster is not publicly accessible",
    description: "A cluster must not have a public address.",
    risk: "The warehouse can be attacked from anywhere: passwords guessed, flaws used, and all data taken.",
    severity: Severity::Critical,
    kinds: KINDS,
    reads: &["publicly_accessible"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch public access off and reach the cluster by VPN, peering or an endpoint.",
        url: "https://docs.aws.amazon.com/redshift/latest/mgmt/managing-clusters-vpc.html",
        command: "aws redshift modify-cluster --cluster-identifier ID --no-publicly-accessible",
        terraform: "publicly_accessible = false",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|cluster| pass_if(!told(cluster, "publicly_accessible")?, "publicly_accessible is true")),
};

pub const AT_REST: Check = Check {
    id: "redshift_cluster_encrypted_at_rest",
    title: "Redshift cluster is encrypted at rest",
    description: "A cluster, and with it its snapshots, must be encrypted.",
    risk: "A snapshot that is shared by mistake gives away the whole warehouse.",
    severity: Severity::Critical,
    kinds: KINDS,
    reads: &["encrypted"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch encryption on with a KMS key; the cluster copies its data and stays readable meanwhile.",
        url: "https://docs.aws.amazon.com/redshift/latest/mgmt/changing-cluster-encryption.html",
        command: "aws redshift modify-cluster --cluster-identifier ID --encrypted --kms-key-id KEY",
        terraform: r"encrypted  = true
kms_key_id = aws_kms_key.warehouse.arn",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|cluster| pass_if(told(cluster, "encrypted")?, "encrypted is false")),
};

pub const VPC_ROUTING: Check = Check {
    id: "redshift_cluster_enhanced_vpc_routing",
    title: "Redshift cluster moves data through its VPC",
    description: "Enhanced VPC routing must be on, so that COPY and UNLOAD go through the VPC and its rules.",
    risk: "Data can be unloaded to any bucket on the internet, past endpoint policies and flow logs.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["enhanced_vpc_routing"],
    categories: &["network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make a gateway endpoint for S3 in the VPC, then switch enhanced VPC routing on.",
        url: "https://docs.aws.amazon.com/redshift/latest/mgmt/enhanced-vpc-routing.html",
        command: "aws redshift modify-cluster --cluster-identifier ID --enhanced-vpc-routing",
        terraform: "enhanced_vpc_routing = true",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|cluster| pass_if(cluster.flag("enhanced_vpc_routing")?, "enhanced_vpc_routing is not true")),
};

/// An attribute that AWS would have proposed otherwise.
fn own_name(cluster: &Resource<'_>, attribute: &str, proposed: &str) -> Outcome {
    match cluster.text(attribute)? {
        Some(name) => pass_if(name != proposed, format!("{attribute} is {name}")),
        None => Err(Unread { path: attribute.to_owned(), reason: "it is not set".to_owned() }),
    }
}

pub const ADMIN: Check = Check {
    id: "redshift_cluster_non_default_username",
    title: "Redshift cluster has an admin user of its own name",
    description: "The admin user must not be called `awsuser`, as the console proposes.",
    risk: "Half of the login is known to anyone who guesses passwords.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["master_username"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "The name cannot be changed: make a cluster with another one and restore the data into it.",
        url: "https://docs.aws.amazon.com/redshift/latest/dg/r_superusers.html",
        command: "aws redshift create-cluster --cluster-identifier ID --node-type ra3.large --master-username NAME \
            --manage-master-password",
        terraform: "master_username = \"warehouse_owner\"",
        effort_minutes: 180,
    },
    rule: Rule::Resource(|cluster| own_name(cluster, "master_username", "awsuser")),
};

pub const DATABASE: Check = Check {
    id: "redshift_cluster_non_default_database_name",
    title: "Redshift cluster has a database of its own name",
    description: "The first database must not be called `dev`, which is the default.",
    risk: "One more thing that anyone who tries to get in need not guess.",
    severity: Severity::Low,
    kinds: KINDS,
    reads: &["database_name"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "The name cannot be changed: make a cluster with another one and restore the data into it.",
        url: "https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-clusters.html",
        command: "aws redshift create-cluster --cluster-identifier ID --node-type ra3.large --db-name NAME \
            --master-username USER --manage-master-password",
        terraform: "database_name = \"warehouse\"",
        effort_minutes: 180,
    },
    rule: Rule::Resource(|cluster| own_name(cluster, "database_name", "dev")),
};
