//! EFS: file systems and the ways into them.

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, block, document, flag, number, text};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("elasticfilesystem", Protocol::RestJson);

const FILE_SYSTEM: &[(&str, Given)] = &[("FileSystemId", Given::Of("FileSystemId"))];

pub const SERVICE: Service = Service {
    name: "efs",
    global: false,
    listings: &[
        Listing {
            steps: &[API
                .get("/2015-02-01/file-systems", "DescribeFileSystems")
                .items("FileSystems")
                .paged("Marker", "NextMarker")],
            details: &[&[
                API.get("/2015-02-01/file-systems/{FileSystemId}/policy", "DescribeFileSystemPolicy")
                    .given(FILE_SYSTEM)
                    .absent(&["PolicyNotFound"]),
                API.get("/2015-02-01/file-systems/{FileSystemId}/backup-policy", "DescribeBackupPolicy")
                    .given(FILE_SYSTEM)
                    .absent(&["PolicyNotFound"]),
            ]],
            kinds: &[Kind::new("aws_efs_file_system", "{FileSystemArn}", "FileSystemId", FIELDS).tags("Tags")],
        },
        Listing {
            steps: &[API
                .get("/2015-02-01/access-points", "DescribeAccessPoints")
                .items("AccessPoints")
                .paged("NextToken", "NextToken")],
            details: &[],
            kinds: &[Kind::new("aws_efs_access_point", "{AccessPointArn}", "AccessPointId", ACCESS_POINT).tags("Tags")],
        },
    ],
};

const FIELDS: &[Field] = &[
    text("id", "FileSystemId"),
    flag("encrypted", "Encrypted"),
    text("kms_key_id", "KmsKeyId"),
    text("performance_mode", "PerformanceMode"),
    text("throughput_mode", "ThroughputMode"),
    document("policy", "DescribeFileSystemPolicy.Policy"),
    block("backup_policy", "DescribeBackupPolicy.BackupPolicy", &[text("status", "Status")]),
];

const ACCESS_POINT: &[Field] = &[
    text("id", "AccessPointId"),
    text("file_system_id", "FileSystemId"),
    block("posix_user", "PosixUser", &[number("uid", "Uid"), number("gid", "Gid")]),
    block("root_directory", "RootDirectory", &[text("path", "Path")]),
];
