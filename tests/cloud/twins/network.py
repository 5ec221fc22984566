"""Virtual networks, security groups, load balancers."""

from . import DUBLIN, SINGAPORE, VIRGINIA, client, named, twins
from .compute import subnets

EVERYWHERE = [{"CidrIp": "0.0.0.0/0"}]
INSIDE = [{"CidrIp": "10.0.0.0/8"}]


def opening(first, last, ranges, protocol="tcp"):
    return {"IpProtocol": protocol, "FromPort": first, "ToPort": last, "IpRanges": ranges}


@twins("ec2", SINGAPORE, "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22",
       "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389",
       "ec2_securitygroup_allow_ingress_from_internet_to_any_port")
def security_group(ec2, name, good):
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_security_group(GroupName=name, Description="x", VpcId=vpc)["GroupId"]
    ranges = INSIDE if good else EVERYWHERE
    ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[opening(22, 22, ranges), opening(3389, 3389, ranges)])


@twins("ec2", DUBLIN, "ec2_securitygroup_allow_ingress_from_internet_to_all_ports")
def security_group_all(ec2, name, good):
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_security_group(GroupName=name, Description="x", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[
        {"IpProtocol": "-1", "IpRanges": INSIDE if good else EVERYWHERE}])


@twins("ec2", VIRGINIA, "ec2_networkacl_allow_ingress_any_port", "ec2_networkacl_allow_ingress_tcp_port_22",
       "ec2_networkacl_allow_ingress_tcp_port_3389", "ec2_networkacl_unused")
def network_acl(ec2, name, good):
    vpc, places = subnets(VIRGINIA, 1)
    tags = [{"ResourceType": "network-acl", "Tags": named(name)}]
    made = ec2.create_network_acl(VpcId=vpc, TagSpecifications=tags)["NetworkAcl"]["NetworkAclId"]
    ec2.create_network_acl_entry(NetworkAclId=made, RuleNumber=100, Protocol="-1", RuleAction="allow", Egress=False,
                                 CidrBlock="10.0.0.0/8" if good else "0.0.0.0/0")
    if good:
        filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "default", "Values": ["true"]}]
        old = ec2.describe_network_acls(Filters=filters)["NetworkAcls"][0]["Associations"][0]["NetworkAclAssociationId"]
        ec2.replace_network_acl_association(AssociationId=old, NetworkAclId=made)


@twins("ec2", DUBLIN, "vpc_flow_logs_enabled")
def network(ec2, name, good):
    tags = [{"ResourceType": "vpc", "Tags": named(name)}]
    vpc = ec2.create_vpc(CidrBlock="10.2.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    if good:
        client("s3", DUBLIN).create_bucket(Bucket="flow-logs", CreateBucketConfiguration={"LocationConstraint": DUBLIN})
        ec2.create_flow_logs(ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3",
                             LogDestination="arn:aws:s3:::flow-logs")


@twins("ec2", SINGAPORE, "vpc_subnet_no_public_ip_by_default")
def subnet(ec2, name, good):
    vpc = ec2.create_vpc(CidrBlock="10.3.0.0/16")["Vpc"]["VpcId"]
    tags = [{"ResourceType": "subnet", "Tags": named(name)}]
    made = ec2.create_subnet(VpcId=vpc, CidrBlock="10.3.0.0/24", TagSpecifications=tags)["Subnet"]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=made, MapPublicIpOnLaunch={"Value": not good})


@twins("ec2", VIRGINIA, "ec2_elastic_ip_unassigned")
def address(ec2, name, good):
    tags = [{"ResourceType": "elastic-ip", "Tags": named(name)}]
    made = ec2.allocate_address(Domain="vpc", TagSpecifications=tags)
    if good:
        machine = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        ec2.associate_address(AllocationId=made["AllocationId"], InstanceId=machine)
    return made["PublicIp"]


@twins("ec2", DUBLIN, "ec2_transitgateway_auto_accept_vpc_attachments")
def transit_gateway(ec2, name, good):
    ec2.create_transit_gateway(Description=name, Options={"AutoAcceptSharedAttachments": "disable" if good else "enable"},
                               TagSpecifications=[{"ResourceType": "transit-gateway", "Tags": named(name)}])


@twins("elbv2", SINGAPORE, "elbv2_deletion_protection", "elbv2_logging_enabled", "elbv2_internet_facing",
       "elbv2_alb_drop_invalid_header_fields_enabled", "elbv2_desync_mitigation_mode")
def balancer(elbv2, name, good):
    _, places = subnets(SINGAPORE, 2)
    made = elbv2.create_load_balancer(Name=name, Subnets=places, Scheme="internal" if good else "internet-facing", Type="application")
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    switches = {"deletion_protection.enabled": "true", "access_logs.s3.enabled": "true", "access_logs.s3.bucket": "balancer-logs",
                "routing.http.drop_invalid_header_fields.enabled": "true", "routing.http.desync_mitigation_mode": "strictest"}
    if good:
        client("s3", SINGAPORE).create_bucket(Bucket="balancer-logs",
                                              CreateBucketConfiguration={"LocationConstraint": SINGAPORE})
    else:
        switches = {"routing.http.desync_mitigation_mode": "monitor"}
    elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[
        {"Key": key, "Value": value} for key, value in switches.items()])

@twins("elbv2", VIRGINIA, "elbv2_ssl_listeners")
def listener(elbv2, name, good):
    _, places = subnets(VIRGINIA, 2)
    made = elbv2.create_load_balancer(Name=f"of-{name}", Subnets=places, Type="application")
    action = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    if not good:
        action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
    made = elbv2.create_listener(LoadBalancerArn=made["LoadBalancers"][0]["LoadBalancerArn"], Protocol="HTTP", Port=80,
                                 DefaultActions=[action])
    return made["Listeners"][0]["ListenerArn"].rsplit("/", 1)[1]


@twins("elb", DUBLIN, "elb_connection_draining_enabled", "elb_cross_zone_load_balancing_enabled", "elb_logging_enabled",
       "elb_internet_facing", "elb_is_in_multiple_az", "elb_ssl_listeners")
def classic_balancer(elb, name, good):
    _, places = subnets(DUBLIN, 2 if good else 1)
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 80}
    if good:
        certificate = client("acm", DUBLIN).request_certificate(DomainName="a.example.com")["CertificateArn"]
        listener = {"Protocol": "HTTPS", "LoadBalancerPort": 443, "InstanceProtocol": "HTTPS", "InstancePort": 443,
                    "SSLCertificateId": certificate}
    elb.create_load_balancer(LoadBalancerName=name, Listeners=[listener], Subnets=places,
                             **({"Scheme": "internal"} if good else {}))
    attributes = {"ConnectionDraining": {"Enabled": good, "Timeout": 60}, "CrossZoneLoadBalancing": {"Enabled": good},
                  "AccessLog": {"Enabled": good, "S3BucketName": "balancer-logs", "EmitInterval": 5}}
    elb.modify_load_balancer_attributes(LoadBalancerName=name, LoadBalancerAttributes=attributes)
