//! SageMaker: notebooks and models.

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, flag, text};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api { prefix: "api.sagemaker", ..Api::regional("sagemaker", Protocol::Json("1.1", "SageMaker")) };

pub const SERVICE: Service = Service {
    name: "sagemaker",
    global: false,
    listings: &[
        Listing {
            steps: &[API
                .call("ListNotebookInstances")
                .given(&[("MaxResults", Given::Number(100))])
                .items("NotebookInstances")
                .paged("NextToken", "NextToken")],
            details: &[&[API
                .call("DescribeNotebookInstance")
                .given(&[("NotebookInstanceName", Given::Of("NotebookInstanceName"))])]],
            kinds: &[Kind::new(
                "aws_sagemaker_notebook_instance",
                "{NotebookInstanceArn}",
                "NotebookInstanceName",
                NOTEBOOK,
            )
            .tagged("sagemaker:notebook-instance")],
        },
        Listing {
            steps: &[API
                .call("ListModels")
                .given(&[("MaxResults", Given::Number(100))])
                .items("Models")
                .paged("NextToken", "NextToken")],
            details: &[&[API.call("DescribeModel").given(&[("ModelName", Given::Of("ModelName"))])]],
            kinds: &[Kind::new(
                "aws_sagemaker_model",
                "{ModelArn}",
                "ModelName",
                &[
                    text("name", "ModelName"),
                    text("execution_role_arn", "DescribeModel.ExecutionRoleArn"),
                    flag("enable_network_isolation", "DescribeModel.EnableNetworkIsolation"),
                ],
            )
            .tagged("sagemaker:model")],
        },
    ],
};

const NOTEBOOK: &[Field] = &[
    text("name", "NotebookInstanceName"),
    text("instance_type", "InstanceType"),
    text("role_arn", "DescribeNotebookInstance.RoleArn"),
    text("direct_internet_access", "DescribeNotebookInstance.DirectInternetAccess"),
    text("kms_key_id", "DescribeNotebookInstance.KmsKeyId"),
    text("root_access", "DescribeNotebookInstance.RootAccess"),
    text("subnet_id", "DescribeNotebookInstance.SubnetId"),
];
