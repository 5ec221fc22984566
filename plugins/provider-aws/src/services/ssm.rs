//! Systems Manager: the account's own documents and who may run them.

use serde_json::{Value as Json, json};

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, of, text};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::regional("ssm", Protocol::Json("1.1", "AmazonSSM"));

pub const SERVICE: Service = Service {
    name: "ssm",
    global: false,
    listings: &[Listing {
        steps: &[API
            .call("ListDocuments")
            .given(&[("Filters", Given::Json(r#"[{"Key": "Owner", "Values": ["Self"]}]"#))])
            .items("DocumentIdentifiers")
            .paged("NextToken", "NextToken")],
        details: &[&[API
            .call("DescribeDocumentPermission")
            .given(&[("Name", Given::Of("Name")), ("PermissionType", Given::Text("Share"))])
            .items("AccountIds")
            .paged("NextToken", "NextToken")]],
        kinds: &[Kind::new(
            "aws_ssm_document",
            "arn:{partition}:ssm:{region}:{account}:document/{Name}",
            "Name",
            FIELDS,
        )
        .tags("Tags")],
    }],
};

const FIELDS: &[Field] = &[
    text("name", "Name"),
    text("document_type", "DocumentType"),
    text("document_format", "DocumentFormat"),
    text("document_version", "DocumentVersion"),
    text("owner", "Owner"),
    of("permissions", &["DescribeDocumentPermission"], permissions),
];

/// The accounts in one text with commas between, as Terraform has them; `all` is everybody.
fn permissions(document: &Json) -> Json {
    let ids: Vec<&str> =
        value::all(document, "DescribeDocumentPermission.Value").into_iter().filter_map(Json::as_str).collect();
    if ids.is_empty() { json!({}) } else { json!({"type": "Share", "account_ids": ids.join(",")}) }
}
