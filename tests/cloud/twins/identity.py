"""Users, roles, groups, policies, certificates."""

from . import ACCOUNT, policy, twins

ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
FEW = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bucket-good"}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def trust(good):
    condition = {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}} if good else {}
    return policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "sns.amazonaws.com"}, **condition})


@twins("iam", "", "iam_role_cross_service_confused_deputy_prevention")
def service_role(iam, name, good):
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(good))


@twins("iam", "", "iam_role_administratoraccess_policy")
def person_role(iam, name, good):
    who = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(who))
    if not good:
        iam.attach_role_policy(RoleName=name, PolicyArn=ADMINISTRATOR)


@twins("iam", "", "iam_role_cross_account_readonlyaccess_policy")
def visited_role(iam, name, good):
    who = {"Effect": "Allow", "Action": "sts:AssumeRole",
           "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT if good else 999999999999}:root"}}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(who))
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")


@twins("iam", "", "iam_inline_policy_no_administrative_privileges", "iam_inline_policy_allows_privilege_escalation",
       "iam_inline_policy_no_full_access_to_cloudtrail", "iam_inline_policy_no_full_access_to_kms")
def inline_role(iam, name, good):
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(True))
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(FEW if good else ALL))


@twins("iam", "", "iam_customer_attached_policy_no_administrative_privileges", "iam_policy_allows_privilege_escalation",
       "iam_policy_no_full_access_to_cloudtrail", "iam_policy_no_full_access_to_kms")
def attached_policy(iam, name, good):
    arn = iam.create_policy(PolicyName=name, PolicyDocument=policy(FEW if good else ALL))["Policy"]["Arn"]
    iam.create_role(RoleName=f"role-of-{name}", AssumeRolePolicyDocument=trust(True))
    iam.attach_role_policy(RoleName=f"role-of-{name}", PolicyArn=arn)


@twins("iam", "", "iam_customer_unattached_policy_no_administrative_privileges", "iam_no_custom_policy_permissive_role_assumption")
def unattached_policy(iam, name, good):
    iam.create_policy(PolicyName=name, PolicyDocument=policy(FEW if good else ALL))


@twins("iam", "", "iam_group_administrator_access_policy")
def group(iam, name, good):
    iam.create_group(GroupName=name)
    if not good:
        iam.attach_group_policy(GroupName=name, PolicyArn=ADMINISTRATOR)


@twins("iam", "", "iam_policy_attached_only_to_group_or_roles", "iam_user_administrator_access_policy",
       "iam_user_two_active_access_key")
def user(iam, name, good):
    iam.create_user(UserName=name)
    if good:
        iam.add_user_to_group(GroupName="group-good", UserName=name)
    else:
        iam.attach_user_policy(UserName=name, PolicyArn=ADMINISTRATOR)
        iam.create_access_key(UserName=name)
    iam.create_access_key(UserName=name)


@twins("iam", "", "iam_user_mfa_enabled_console_access")
def console_user(iam, name, good):
    iam.create_user(UserName=name)
    iam.create_login_profile(UserName=name, Password="Not-a-secret-1")
    if good:
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(UserName=name, SerialNumber=serial, AuthenticationCode1="234567", AuthenticationCode2="987654")
