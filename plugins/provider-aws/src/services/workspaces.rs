//! WorkSpaces: desktops.

use crate::api::{Api, Protocol};
use crate::field::{Field, flag, text};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("workspaces", Protocol::Json("1.1", "WorkspacesService"));

pub const SERVICE: Service = Service {
    name: "workspaces",
    global: false,
    listings: &[Listing {
        steps: &[API.call("DescribeWorkspaces").items("Workspaces").paged("NextToken", "NextToken")],
        details: &[],
        kinds: &[Kind::new(
            "aws_workspaces_workspace",
            "arn:{partition}:workspaces:{region}:{account}:workspace/{WorkspaceId}",
            "WorkspaceId",
            FIELDS,
        )
        .tagged("workspaces:workspace")],
    }],
};

const FIELDS: &[Field] = &[
    text("id", "WorkspaceId"),
    text("bundle_id", "BundleId"),
    text("directory_id", "DirectoryId"),
    text("user_name", "UserName"),
    flag("root_volume_encryption_enabled", "RootVolumeEncryptionEnabled"),
    flag("user_volume_encryption_enabled", "UserVolumeEncryptionEnabled"),
    text("volume_encryption_key", "VolumeEncryptionKey"),
];
