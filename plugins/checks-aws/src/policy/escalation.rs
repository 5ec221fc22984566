//! Sets of permissions by which their holder gains more than they were given.
//!
//! The sets are those published by Rhino Security Labs ("AWS IAM Privilege Escalation – Methods and Mitigation",
//! <https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/>), Bishop Fox ("Privilege
//! Escalation in AWS", <https://bishopfox.com/blog/privilege-escalation-in-aws>) and Datadog
//! (<https://pathfinding.cloud>).
//!
//! A policy has a path where it allows all actions of it, on whatever resource: which role a role may be passed to, or
//! whether a function's role is stronger than its caller, no single policy can tell.

use super::Policy;

/// One way up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// All of them are needed, in lower case.
    pub actions: &'static [&'static str],
    /// Whether it leads nowhere when it can be done to the caller's own user only.
    pub to_others: bool,
    /// What the holder does with them.
    pub means: &'static str,
}

const fn path(actions: &'static [&'static str], means: &'static str) -> Escalation {
    Escalation { actions, to_others: false, means }
}

const fn to_others(actions: &'static [&'static str], means: &'static str) -> Escalation {
    Escalation { actions, to_others: true, means }
}

/// Shortest first, so that the plainest one is named.
pub const PATHS: &[Escalation] = &[
    path(&["iam:createpolicyversion"], "rewrites a managed policy"),
    path(&["iam:setdefaultpolicyversion"], "brings back an older, wider version of a policy"),
    path(&["iam:attachuserpolicy"], "attaches any policy to a user"),
    path(&["iam:attachgrouppolicy"], "attaches any policy to a group"),
    path(&["iam:attachrolepolicy"], "attaches any policy to a role"),
    path(&["iam:putuserpolicy"], "writes an inline policy for a user"),
    path(&["iam:putgrouppolicy"], "writes an inline policy for a group"),
    path(&["iam:putrolepolicy"], "writes an inline policy for a role"),
    path(&["iam:addusertogroup"], "joins a stronger group"),
    path(&["iam:updateassumerolepolicy"], "makes a stronger role trust them"),
    path(&["iam:deleteuserpermissionsboundary"], "takes off a permissions boundary"),
    path(&["iam:deleterolepermissionsboundary", "sts:assumerole"], "takes the boundary off a role they assume"),
    to_others(&["iam:createaccesskey"], "makes an access key for another user"),
    to_others(&["iam:createloginprofile"], "sets a console password for another user"),
    to_others(&["iam:updateloginprofile"], "changes another user's console password"),
    path(&["sso:attachmanagedpolicytopermissionset"], "widens a permission set"),
    path(&["sso:putinlinepolicytopermissionset"], "widens a permission set"),
    path(&["lambda:updatefunctioncode"], "runs own code under a function's role"),
    path(&["lambda:updatefunctionconfiguration"], "adds a layer that runs under a function's role"),
    path(&["glue:updatedevendpoint"], "opens a development endpoint's role with an own SSH key"),
    path(&["cloudformation:updatestack"], "makes a stack's service role create what they want"),
    path(&["cloudformation:createchangeset", "cloudformation:executechangeset"], "the same through a change set"),
    path(&["codebuild:startbuild"], "starts a build with own commands under the project's role"),
    path(&["codebuild:startbuildbatch"], "starts a batch build with own commands under the project's role"),
    path(&["ssm:sendcommand"], "runs commands under an instance's role"),
    path(&["ssm:startsession"], "opens a shell under an instance's role"),
    path(&["apprunner:updateservice"], "runs an own image under a service's role"),
    path(&["batch:submitjob"], "runs own commands under a job's role"),
    path(&["sagemaker:createpresignednotebookinstanceurl"], "opens a notebook under its role"),
    path(
        &[
            "sagemaker:createnotebookinstancelifecycleconfig",
            "sagemaker:stopnotebookinstance",
            "sagemaker:updatenotebookinstance",
            "sagemaker:startnotebookinstance",
        ],
        "runs a start script under a notebook's role",
    ),
    path(&["ecs:executecommand", "ecs:describetasks"], "opens a shell in a task under its role"),
    path(&["ec2-instance-connect:sendsshpublickey", "ec2:describeinstances"], "logs in to an instance with a role"),
    path(
        &["ec2:modifyinstanceattribute", "ec2:stopinstances", "ec2:startinstances"],
        "changes the start script of an instance with a role",
    ),
    path(&["ec2:createlaunchtemplateversion", "ec2:modifylaunchtemplate"], "changes what a launch template starts"),
    path(
        &["codedeploy:createdeployment", "codedeploy:registerapplicationrevision", "codedeploy:getdeploymentconfig"],
        "deploys own code to instances with a role",
    ),
    path(&["states:updatestatemachine", "states:startexecution"], "rewrites a state machine that has a role"),
    path(&["iam:passrole", "ec2:runinstances"], "starts an instance with a stronger role"),
    path(&["iam:passrole", "ec2:requestspotinstances"], "starts a spot instance with a stronger role"),
    path(
        &["iam:passrole", "lambda:createfunction", "lambda:invokefunction"],
        "runs a function of their own with a stronger role",
    ),
    path(
        &["iam:passrole", "lambda:createfunction", "lambda:createeventsourcemapping"],
        "has an event run a function of their own with a stronger role",
    ),
    path(
        &["iam:passrole", "lambda:createfunction", "lambda:addpermission"],
        "lets another account call a function of their own with a stronger role",
    ),
    path(&["iam:passrole", "glue:createdevendpoint"], "opens a development endpoint with a stronger role"),
    path(&["iam:passrole", "glue:createjob", "glue:startjobrun"], "runs a job with a stronger role"),
    path(&["iam:passrole", "glue:createjob", "glue:createtrigger"], "has a trigger run a job with a stronger role"),
    path(&["iam:passrole", "glue:updatejob", "glue:startjobrun"], "gives a job a stronger role and runs it"),
    path(&["iam:passrole", "glue:updatejob", "glue:createtrigger"], "gives a job a stronger role and a trigger"),
    path(&["iam:passrole", "glue:createsession", "glue:runstatement"], "runs statements with a stronger role"),
    path(&["iam:passrole", "cloudformation:createstack"], "creates a stack with a stronger role"),
    path(
        &["iam:passrole", "cloudformation:createstackset", "cloudformation:createstackinstances"],
        "creates a stack set with a stronger role",
    ),
    path(&["iam:passrole", "cloudformation:updatestackset"], "gives a stack set a stronger role"),
    path(
        &[
            "iam:passrole",
            "datapipeline:createpipeline",
            "datapipeline:putpipelinedefinition",
            "datapipeline:activatepipeline",
        ],
        "runs a pipeline with a stronger role",
    ),
    path(&["iam:passrole", "codebuild:createproject", "codebuild:startbuild"], "builds with a stronger role"),
    path(&["iam:passrole", "codebuild:createproject", "codebuild:startbuildbatch"], "builds with a stronger role"),
    path(
        &["iam:passrole", "autoscaling:createautoscalinggroup", "autoscaling:createlaunchconfiguration"],
        "starts instances with a stronger role",
    ),
    path(
        &["iam:passrole", "autoscaling:updateautoscalinggroup", "autoscaling:createlaunchconfiguration"],
        "restarts instances with a stronger role",
    ),
    path(&["iam:passrole", "ecs:registertaskdefinition", "ecs:createservice"], "runs a service with a stronger role"),
    path(&["iam:passrole", "ecs:registertaskdefinition", "ecs:runtask"], "runs a task with a stronger role"),
    path(&["iam:passrole", "ecs:registertaskdefinition", "ecs:starttask"], "starts a task with a stronger role"),
    path(&["iam:passrole", "ecs:runtask"], "runs a known task with own commands and a stronger role"),
    path(&["iam:passrole", "ecs:starttask"], "starts a known task with own commands and a stronger role"),
    path(&["iam:passrole", "sagemaker:createnotebookinstance"], "opens a notebook with a stronger role"),
    path(&["iam:passrole", "sagemaker:createtrainingjob"], "trains with a stronger role"),
    path(&["iam:passrole", "sagemaker:createprocessingjob"], "processes with a stronger role"),
    path(&["iam:passrole", "apprunner:createservice"], "runs an own image with a stronger role"),
    path(&["iam:passrole", "batch:registerjobdefinition", "batch:submitjob"], "runs a job with a stronger role"),
    path(&["iam:passrole", "elasticmapreduce:runjobflow"], "runs a cluster with a stronger role"),
    path(
        &["iam:passrole", "emr-serverless:createapplication", "emr-serverless:startjobrun"],
        "runs a job with a stronger role",
    ),
    path(&["iam:passrole", "scheduler:createschedule"], "has a schedule call an API with a stronger role"),
    path(&["iam:passrole", "states:createstatemachine", "states:startexecution"], "calls APIs with a stronger role"),
    path(&["iam:passrole", "ssm:createdocument", "ssm:startautomationexecution"], "automates with a stronger role"),
    path(&["iam:passrole", "cognito-identity:setidentitypoolroles"], "gives a pool's users a stronger role"),
];

impl Policy {
    /// The first known way in which the holder of this policy gains more than it gives.
    #[must_use]
    pub fn escalation(&self) -> Option<&'static Escalation> {
        PATHS.iter().find(|path| path.actions.iter().all(|action| self.reaches(action, path.to_others)))
    }
}
