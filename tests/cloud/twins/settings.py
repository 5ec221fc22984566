"""Settings that a region has once: good in one region, bad in another."""

from . import ACCOUNT, DUBLIN, VIRGINIA, client, twins
from .compute import subnets


def place(good):
    return DUBLIN if good else VIRGINIA


@twins("ec2", "", "ec2_ebs_default_encryption")
def default_encryption(_, name, good):
    if good:
        client("ec2", DUBLIN).enable_ebs_encryption_by_default()
    return f"{ACCOUNT}/{place(good)}/ebs-encryption-by-default"


@twins("glue", "", "glue_data_catalogs_metadata_encryption_enabled", "glue_data_catalogs_connection_passwords_encryption_enabled")
def catalog(_, name, good):
    if good:
        client("glue", DUBLIN).put_data_catalog_encryption_settings(DataCatalogEncryptionSettings={
            "EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS"},
            "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": True, "AwsKmsKeyId": "alias/catalog"}})
    return f"{ACCOUNT}/{place(good)}/glue-data-catalog-encryption-settings"


@twins("ec2", DUBLIN, "ec2_securitygroup_default_restrict_traffic")
def default_group(ec2, name, good):
    vpc, _ = subnets(DUBLIN, 1)
    groups = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
    made = next(group["GroupId"] for group in groups if group["GroupName"] == "default")
    if good:
        ec2.revoke_security_group_egress(GroupId=made, IpPermissions=groups[0]["IpPermissionsEgress"])
        if groups[0]["IpPermissions"]:
            ec2.revoke_security_group_ingress(GroupId=made, IpPermissions=groups[0]["IpPermissions"])
    return made
