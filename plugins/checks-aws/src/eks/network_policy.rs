//! Whether Kubernetes network policies are enforced in a cluster.

use plumbline::prelude::*;

use crate::inventory::{self, Lookup};

pub const NETWORK_POLICY: Check = Check {
    id: "eks_cluster_network_policy_enabled",
    title: "EKS cluster enforces network policies",
    description: "The VPC CNI add-on should be configured with `enableNetworkPolicy`. Other software, such as Calico \
        or Cilium, can enforce policies too but cannot be seen from outside the cluster: a person has to look.",
    risk: "Every pod can talk to every other, so whoever takes over one pod goes on to the databases and the rest of \
        the cluster.",
    severity: Severity::High,
    kinds: &["aws_eks_cluster", "aws_eks_addon"],
    reads: &["name", "cluster_name", "addon_name", "configuration_values"],
    categories: &["network"],
    references: &["https://docs.aws.amazon.com/securityhub/latest/userguide/eks-controls.html"],
    remediation: Remediation {
        text: "Switch network policies on in the VPC CNI add-on and write a policy that denies by default for each \
            namespace.",
        url: "https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html",
        command: "aws eks update-addon --cluster-name NAME --addon-name vpc-cni --configuration-values \
            '{\"enableNetworkPolicy\":\"true\"}'",
        terraform: r#"resource "aws_eks_addon" "cni" {
  cluster_name         = aws_eks_cluster.main.name
  addon_name           = "vpc-cni"
  configuration_values = jsonencode({ enableNetworkPolicy = "true" })
}"#,
        effort_minutes: 120,
    },
    rule: Rule::each(&["aws_eks_cluster"], |account, _| {
        let key = |addon: &Resource<'_>| {
            let cluster = inventory::owned(addon, "cluster_name")?;
            Ok(cluster.map(|cluster| (addon.region.to_owned(), cluster)))
        };
        let addons = inventory::lookup(account, &["aws_eks_addon"], key, enforces);
        Ok(Box::new(move |cluster| enforced(account, &addons, cluster)))
    }),
};

/// Whether the VPC CNI add-on is told to enforce network policies; none for other add-ons.
fn enforces(addon: &Resource<'_>) -> Result<Option<bool>, Unread> {
    if addon.text("addon_name")? != Some("vpc-cni") {
        return Ok(None);
    }
    let values = addon.get("configuration_values")?.document()?;
    let value = values.as_ref().and_then(|values| values.get("enableNetworkPolicy"));
    Ok(Some(value.is_some_and(|value| value.as_bool() == Some(true) || value.as_str() == Some("true"))))
}

/// `addons` are by region and name of their cluster.
fn enforced(account: &Account<'_>, addons: &Lookup<(String, String), Option<bool>>, cluster: &Resource<'_>) -> Outcome {
    let name = cluster.text("name")?.unwrap_or(cluster.name);
    let addons = inventory::of_key(addons, &(cluster.region.to_owned(), name.to_owned()))?;
    let mut enabled = None;
    for addon in addons {
        enabled = addon.clone()?.or(enabled);
    }
    match enabled {
        Some(true) => pass(),
        Some(false) => manual("the VPC CNI add-on does not enforce network policies: look whether other software does"),
        None => {
            account.complete("aws_eks_addon")?;
            manual("there is no VPC CNI add-on: look whether network policies are enforced in the cluster")
        }
    }
}
