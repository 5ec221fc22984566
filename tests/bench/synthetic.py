"""Writes a Terraform state (version 4) of N invented AWS resources, about 2 KB each, to standard output.

Usage: synthetic.py N [--changed PERCENT]

The same arguments give the same bytes. `--changed` alters one attribute of that share of the resources, spread evenly.
"""

import json
import sys

ACCOUNT = "123456789012"
REGIONS = ["eu-central-1", "us-east-1", "ap-southeast-2"]
PADDING = "This text stands for the attributes that providers write and no check reads. " * 12


def arn(service, region, rest):
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"


def policy(action, principal):
    return json.dumps({
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Read", "Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*",
             "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}},
            {"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
             "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        ],
    })


def bucket(n, region, good):
    return {
        "arn": f"arn:aws:s3:::data-{n}", "bucket": f"data-{n}", "acl": None, "policy": policy("s3:GetObject", {"AWS": "*"}),
        "versioning": [{"enabled": good, "mfa_delete": False}],
        "server_side_encryption_configuration": [{"rule": [{"apply_server_side_encryption_by_default": [
            {"sse_algorithm": "aws:kms" if good else "AES256", "kms_master_key_id": ""}], "bucket_key_enabled": True}]}],
        "logging": [{"target_bucket": "logs", "target_prefix": f"data-{n}/"}] if good else [],
        "lifecycle_rule": [{"id": "old", "enabled": True, "expiration": [{"days": 365}]}],
    }


def security_group(n, region, good):
    world = "10.0.0.0/8" if good else "0.0.0.0/0"
    rules = [{"from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": [world], "ipv6_cidr_blocks": [],
              "prefix_list_ids": [], "security_groups": [], "self": False, "description": "rule"} for port in (22, 443, 8080)]
    egress = [{"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": [],
               "prefix_list_ids": [], "security_groups": [], "self": False, "description": ""}]
    return {"arn": arn("ec2", region, f"security-group/sg-{n:08x}"), "name": f"group-{n}", "vpc_id": "vpc-1",
            "description": "a group", "ingress": rules, "egress": egress}


def role(n, region, good):
    trust = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
    inline = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"] if good else "*", "Resource": "*"}]})
    return {"arn": f"arn:aws:iam::{ACCOUNT}:role/role-{n}", "name": f"role-{n}", "path": "/", "assume_role_policy": trust,
            "inline_policy": [{"name": "inline", "policy": inline}], "managed_policy_arns": [], "max_session_duration": 3600}


def database(n, region, good):
    return {"arn": arn("rds", region, f"db:db-{n}"), "identifier": f"db-{n}", "engine": "postgres", "engine_version": "16.3",
            "instance_class": "db.t3.medium", "storage_encrypted": good, "publicly_accessible": not good, "multi_az": good,
            "backup_retention_period": 7 if good else 0, "deletion_protection": good, "auto_minor_version_upgrade": True,
            "iam_database_authentication_enabled": good, "monitoring_interval": 60, "copy_tags_to_snapshot": True,
            "enabled_cloudwatch_logs_exports": ["postgresql"], "username": "app", "allocated_storage": 100}


def instance(n, region, good):
    return {"arn": arn("ec2", region, f"instance/i-{n:016x}"), "ami": "ami-0abcdef", "instance_type": "t3.large",
            "metadata_options": [{"http_endpoint": "enabled", "http_tokens": "required" if good else "optional",
                                  "http_put_response_hop_limit": 1, "instance_metadata_tags": "disabled"}],
            "associate_public_ip_address": not good, "public_ip": "" if good else "203.0.113.7", "monitoring": good,
            "iam_instance_profile": "app", "ebs_optimized": True, "user_data": None,
            "root_block_device": [{"encrypted": good, "volume_size": 50, "volume_type": "gp3"}]}


def volume(n, region, good):
    return {"arn": arn("ec2", region, f"volume/vol-{n:016x}"), "encrypted": good, "size": 100, "type": "gp3",
            "kms_key_id": "", "availability_zone": f"{region}a"}


def function(n, region, good):
    return {"arn": arn("lambda", region, f"function:fn-{n}"), "function_name": f"fn-{n}", "handler": "main.handler",
            "runtime": "python3.12" if good else "python3.7", "memory_size": 256, "timeout": 30, "kms_key_arn": "",
            "vpc_config": [{"subnet_ids": ["subnet-1", "subnet-2"], "security_group_ids": ["sg-1"], "vpc_id": "vpc-1"}],
            "environment": [{"variables": {"STAGE": "production", "TABLE": f"table-{n}"}}],
            "tracing_config": [{"mode": "Active"}], "package_type": "Zip"}


def key(n, region, good):
    return {"arn": arn("kms", region, f"key/{n:08x}-0000-4000-8000-000000000000"), "description": "data key",
            "enable_key_rotation": good, "is_enabled": True, "multi_region": False, "key_usage": "ENCRYPT_DECRYPT",
            "customer_master_key_spec": "SYMMETRIC_DEFAULT", "deletion_window_in_days": 30,
            "policy": policy("kms:*", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})}


def queue(n, region, good):
    return {"arn": arn("sqs", region, f"queue-{n}"), "name": f"queue-{n}", "policy": policy("sqs:SendMessage", {"AWS": "*"}),
            "kms_master_key_id": "alias/aws/sqs" if good else "", "sqs_managed_sse_enabled": good,
            "message_retention_seconds": 345600, "redrive_policy": ""}


def topic(n, region, good):
    return {"arn": arn("sns", region, f"topic-{n}"), "name": f"topic-{n}", "kms_master_key_id": "alias/aws/sns" if good else "",
            "policy": policy("sns:Publish", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})}


def log_group(n, region, good):
    return {"arn": arn("logs", region, f"log-group:/app/{n}"), "name": f"/app/{n}", "retention_in_days": 365 if good else 0,
            "kms_key_id": arn("kms", region, "key/1") if good else "", "skip_destroy": False}


def table(n, region, good):
    return {"arn": arn("dynamodb", region, f"table/table-{n}"), "name": f"table-{n}", "billing_mode": "PAY_PER_REQUEST",
            "point_in_time_recovery": [{"enabled": good}], "deletion_protection_enabled": good,
            "server_side_encryption": [{"enabled": good, "kms_key_arn": arn("kms", region, "key/1")}] if good else [],
            "attribute": [{"name": "id", "type": "S"}], "hash_key": "id"}


def balancer(n, region, good):
    return {"arn": arn("elasticloadbalancing", region, f"loadbalancer/app/lb-{n}/1"), "name": f"lb-{n}", "internal": good,
            "load_balancer_type": "application", "enable_deletion_protection": good, "drop_invalid_header_fields": good,
            "desync_mitigation_mode": "defensive", "subnets": ["subnet-1", "subnet-2"],
            "access_logs": [{"bucket": "logs", "enabled": good, "prefix": ""}]}


def repository(n, region, good):
    return {"arn": arn("ecr", region, f"repository/app-{n}"), "name": f"app-{n}",
            "image_tag_mutability": "IMMUTABLE" if good else "MUTABLE",
            "image_scanning_configuration": [{"scan_on_push": good}],
            "encryption_configuration": [{"encryption_type": "AES256", "kms_key": ""}]}


KINDS = [
    ("aws_s3_bucket", bucket), ("aws_security_group", security_group), ("aws_iam_role", role), ("aws_db_instance", database),
    ("aws_instance", instance), ("aws_ebs_volume", volume), ("aws_lambda_function", function), ("aws_kms_key", key),
    ("aws_sqs_queue", queue), ("aws_sns_topic", topic), ("aws_cloudwatch_log_group", log_group),
    ("aws_dynamodb_table", table), ("aws_lb", balancer), ("aws_ecr_repository", repository),
]


def resource(n, changed):
    kind, attributes_of = KINDS[n % len(KINDS)]
    region = REGIONS[n % len(REGIONS)]
    attributes = attributes_of(n, region, n % 3 != 0)
    tags = {"team": f"team-{n % 40}", "environment": "production", "cost-center": str(1000 + n % 100)}
    attributes.update({"id": f"id-{n}", "tags": tags, "tags_all": tags, "timeouts": None})
    if changed:
        attributes["tags"] = dict(tags, changed="yes")
    attributes["padding"] = PADDING[: max(0, 1800 - len(json.dumps(attributes)))]
    instance = {"schema_version": 0, "attributes": attributes, "sensitive_attributes": [], "private": "bnVsbA=="}
    return {"mode": "managed", "type": kind, "name": f"r{n}",
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]', "instances": [instance]}


def main():
    count = int(sys.argv[1])
    changed = float(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[2] == "--changed" else 0.0
    every = round(100 / changed) if changed else 0
    head = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "00000000-0000-4000-8000-000000000000",
            "outputs": {}}
    out = sys.stdout
    out.write(json.dumps(head)[:-1] + ', "resources": [')
    for n in range(count):
        out.write((",\n" if n else "\n") + json.dumps(resource(n, bool(every) and n % every == 0)))
    out.write("\n], \"check_results\": null}\n")


if __name__ == "__main__":
    main()
