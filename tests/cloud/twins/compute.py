"""Instances, containers, functions and what starts them."""

import io
import json
import zipfile

from . import ACCOUNT, DUBLIN, SINGAPORE, VIRGINIA, client, named, policy, twins


def subnets(region, count):
    ec2 = client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    made = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"{region}{'abc'[number]}")
            for number in range(count)]
    return vpc, [subnet["Subnet"]["SubnetId"] for subnet in made]


def role(name, service):
    trust = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service},
                    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}})
    return client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]


@twins("ec2", DUBLIN, "ec2_instance_imdsv2_enabled", "ec2_instance_detailed_monitoring_enabled", "ec2_instance_profile_attached",
       "ec2_instance_secrets_user_data", "ec2_instance_public_ip")
def instance(ec2, name, good):
    _, (subnet,) = subnets(DUBLIN, 1)
    more = {"UserData": "#!/bin/sh\nexport DB_PASSWORD=Wq8-vR3z-Kp5t\n"}
    if good:
        iam = client("iam")
        iam.create_instance_profile(InstanceProfileName=name)
        more = {"IamInstanceProfile": {"Name": name}, "UserData": "#!/bin/sh\nyum update\n"}
    ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, InstanceType="t3.micro",
                      Monitoring={"Enabled": good}, MetadataOptions={"HttpTokens": "required" if good else "optional"},
                      NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": not good}],
                      TagSpecifications=[{"ResourceType": "instance", "Tags": named(name)}], **more)


@twins("ec2", VIRGINIA, "ec2_launch_template_imdsv2_required", "ec2_launch_template_no_public_ip", "ec2_launch_template_no_secrets")
def launch_template(ec2, name, good):
    secret = "" if good else "ZXhwb3J0IERCX1BBU1NXT1JEPVdxOC12UjN6LUtwNXQK"
    ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={
        "ImageId": "ami-12345678", "MetadataOptions": {"HttpTokens": "required" if good else "optional", "HttpEndpoint": "enabled"},
        "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": not good}], "UserData": secret})


@twins("ec2", DUBLIN, "ec2_ami_public")
def image(ec2, name, good):
    machine = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1,
                                TagSpecifications=[{"ResourceType": "instance", "Tags": named(f"machine-of-{name}")}])
    made = ec2.create_image(InstanceId=machine["Instances"][0]["InstanceId"], Name=name)["ImageId"]
    if not good:
        ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [{"Group": "all"}]})


@twins("autoscaling", SINGAPORE, "autoscaling_group_using_ec2_launch_template", "autoscaling_group_multiple_az",
       "autoscaling_group_capacity_rebalance_enabled")
def scaling_group(autoscaling, name, good):
    _, places = subnets(SINGAPORE, 2 if good else 1)
    if good:
        client("ec2", SINGAPORE).create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": "ami-12345678"})
        how = {"LaunchTemplate": {"LaunchTemplateName": name, "Version": "1"}}
    else:
        autoscaling.create_launch_configuration(LaunchConfigurationName=name, ImageId="ami-12345678", InstanceType="t3.micro")
        how = {"LaunchConfigurationName": name}
    autoscaling.create_auto_scaling_group(AutoScalingGroupName=name, MinSize=0, MaxSize=1, CapacityRebalance=good,
                                          VPCZoneIdentifier=",".join(places), **how)


@twins("autoscaling", DUBLIN, "autoscaling_group_launch_configuration_no_public_ip",
       "autoscaling_group_launch_configuration_requires_imdsv2", "autoscaling_find_secrets_ec2_launch_configuration")
def launch_configuration(autoscaling, name, good):
    data = "#!/bin/sh\nyum update\n" if good else "#!/bin/sh\nexport DB_PASSWORD=Wq8-vR3z-Kp5t\n"
    autoscaling.create_launch_configuration(
        LaunchConfigurationName=name, ImageId="ami-12345678", InstanceType="t3.micro", AssociatePublicIpAddress=not good,
        MetadataOptions={"HttpTokens": "required" if good else "optional", "HttpEndpoint": "enabled"}, UserData=data)


def function_of(aws_lambda, name, **more):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("main.py", "def handler(event, context):\n    return {}\n")
    more = {"Runtime": "python3.13", **more}
    made = aws_lambda.create_function(FunctionName=name, Handler="main.handler", Role=role(name, "lambda.amazonaws.com"),
                                      Code={"ZipFile": content.getvalue()}, **more)
    return made["FunctionArn"]


@twins("lambda", VIRGINIA, "awslambda_function_no_secrets_in_variables", "awslambda_function_not_publicly_accessible",
       "awslambda_function_inside_vpc",
       "awslambda_function_env_vars_not_encrypted_with_cmk")
def function(aws_lambda, name, good):
    if good:
        _, places = subnets(VIRGINIA, 2)
        group = client("ec2", VIRGINIA).describe_security_groups()["SecurityGroups"][0]["GroupId"]
        key = client("kms", VIRGINIA).create_key()["KeyMetadata"]["Arn"]
        more = {"VpcConfig": {"SubnetIds": places, "SecurityGroupIds": [group]}, "KMSKeyArn": key}
    else:
        more = {}
    variables = {"LEVEL": "info"} if good else {"DB_PASSWORD": "Wq8-vR3z-Kp5t"}
    function_of(aws_lambda, name, Runtime="python3.13" if good else "python2.7", Environment={"Variables": variables}, **more)
    who = {"Principal": "s3.amazonaws.com", "SourceAccount": ACCOUNT} if good else {"Principal": "*"}
    aws_lambda.add_permission(FunctionName=name, StatementId="who", Action="lambda:InvokeFunction", **who)


@twins("ecs", SINGAPORE, "ecs_cluster_container_insights_enabled")
def container_cluster(ecs, name, good):
    ecs.create_cluster(clusterName=name, settings=[{"name": "containerInsights", "value": "enabled" if good else "disabled"}])


@twins("ecs", DUBLIN, "ecs_task_definitions_containers_readonly_access", "ecs_task_definitions_host_namespace_not_shared",
       "ecs_task_definitions_logging_enabled", "ecs_task_definitions_no_environment_secrets",
       "ecs_task_definitions_no_privileged_containers")
def task_definition(ecs, name, good):
    container = {"name": "main", "image": "app:1", "memory": 128, "readonlyRootFilesystem": good, "privileged": not good,
                 "environment": [{"name": "LEVEL", "value": "info"} if good else {"name": "DB_PASSWORD", "value": "Wq8-vR3z-Kp5t"}]}
    if good:
        container["logConfiguration"] = {"logDriver": "awslogs", "options": {"awslogs-group": "app", "mode": "non-blocking"}}
    more = {} if good else {"pidMode": "host"}
    ecs.register_task_definition(family=name, networkMode="awsvpc", containerDefinitions=[container], **more)


@twins("ecs", VIRGINIA, "ecs_task_definitions_host_networking_mode_users")
def task_on_host(ecs, name, good):
    container = {"name": "main", "image": "app:1", "memory": 128, "user": "1000" if good else "root"}
    ecs.register_task_definition(family=name, networkMode="host", containerDefinitions=[container])


@twins("eks", DUBLIN, "eks_cluster_not_publicly_accessible", "eks_control_plane_logging_all_types_enabled",
       "eks_cluster_kms_cmk_encryption_in_secrets_enabled", "eks_cluster_private_nodes_enabled")
def kubernetes(eks, name, good):
    _, places = subnets(DUBLIN, 2)
    kinds = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
    more = {"encryptionConfig": [{"resources": ["secrets"], "provider": {
        "keyArn": "arn:aws:kms:eu-west-1:123456789012:key/1"}}]} if good else {}
    eks.create_cluster(name=name, version="1.35" if good else "1.21", roleArn=role(name, "eks.amazonaws.com"),
                       resourcesVpcConfig={"subnetIds": places, "endpointPublicAccess": not good, "endpointPrivateAccess": good},
                       logging={"clusterLogging": [{"types": kinds, "enabled": good}]}, **more)


@twins("codebuild", SINGAPORE, "codebuild_project_no_secrets_in_variables", "codebuild_project_logging_enabled")
def build(codebuild, name, good):
    variable = {"name": "LEVEL", "value": "info"} if good else {"name": "DB_PASSWORD", "value": "Wq8-vR3z-Kp5t"}
    logs = {"logsConfig": {"cloudWatchLogs": {"status": "ENABLED"}}} if good else {
        "logsConfig": {"cloudWatchLogs": {"status": "DISABLED"}, "s3Logs": {"status": "DISABLED"}}}
    codebuild.create_project(name=name, source={"type": "S3", "location": "bucket/code.zip"}, artifacts={"type": "NO_ARTIFACTS"},
                             environment={"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0",
                                          "computeType": "BUILD_GENERAL1_SMALL", "environmentVariables": [variable]},
                             serviceRole=role(name, "codebuild.amazonaws.com"), **logs)


@twins("stepfunctions", VIRGINIA, "stepfunctions_statemachine_logging_enabled", "stepfunctions_statemachine_encrypted_with_cmk")
def state_machine(stepfunctions, name, good):
    group = "arn:aws:logs:us-east-1:123456789012:log-group:machine:*"
    more = {"loggingConfiguration": {"level": "ALL", "includeExecutionData": True,
                                     "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]},
            "encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY",
                                        "kmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1"}} if good else {}
    definition = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}
    stepfunctions.create_state_machine(name=name, definition=json.dumps(definition), roleArn=role(name, "states.amazonaws.com"),
                                       **more)


@twins("sagemaker", VIRGINIA, "sagemaker_notebook_instance_encryption_enabled", "sagemaker_notebook_instance_root_access_disabled",
       "sagemaker_notebook_instance_without_direct_internet_access_configured",
       "sagemaker_notebook_instance_vpc_settings_configured")
def notebook(sagemaker, name, good):
    more = {"KmsKeyId": "alias/notebooks", "SubnetId": "subnet-1", "SecurityGroupIds": ["sg-1"]} if good else {}
    sagemaker.create_notebook_instance(NotebookInstanceName=name, InstanceType="ml.t3.medium",
                                       RoleArn=role(name, "sagemaker.amazonaws.com"),
                                       RootAccess="Disabled" if good else "Enabled",
                                       DirectInternetAccess="Disabled" if good else "Enabled", **more)


@twins("ssm", SINGAPORE, "ssm_documents_set_as_public")
def document(ssm, name, good):
    content = {"schemaVersion": "2.2", "description": "x", "mainSteps": [
        {"action": "aws:runShellScript", "name": "x", "inputs": {"runCommand": ["true"]}}]}
    ssm.create_document(Name=name, Content=json.dumps(content), DocumentType="Command")
    if not good:
        ssm.modify_document_permission(Name=name, PermissionType="Share", AccountIdsToAdd=["all"])
