//! Lambda: functions with who may call them.

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, block, blocks, document, flag, number, same, text, texts};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("lambda", Protocol::RestJson);

const FUNCTION: &[(&str, Given)] = &[("FunctionName", Given::Of("FunctionName"))];

pub const SERVICE: Service = Service {
    name: "lambda",
    global: false,
    listings: &[
        Listing {
            steps: &[API
                .get("/2015-03-31/functions", "ListFunctions")
                .items("Functions")
                .paged("Marker", "NextMarker")],
            details: &[&[
                API.get("/2015-03-31/functions/{FunctionName}/policy", "GetPolicy")
                    .given(FUNCTION)
                    .absent(&["ResourceNotFoundException"]),
                API.get("/2021-10-31/functions/{FunctionName}/urls", "ListFunctionUrlConfigs")
                    .given(FUNCTION)
                    .items("FunctionUrlConfigs")
                    .paged("Marker", "NextMarker"),
                API.get("/2017-03-31/tags/{Resource}", "ListTags").given(&[("Resource", Given::Of("FunctionArn"))]),
            ]],
            kinds: &[Kind::new("aws_lambda_function", "{FunctionArn}", "FunctionName", FIELDS).tags("ListTags.Tags")],
        },
        Listing {
            steps: &[
                API.get("/2015-03-31/functions", "ListFunctions").items("Functions").paged("Marker", "NextMarker"),
                API.get("/2021-10-31/functions/{FunctionName}/urls", "ListFunctionUrlConfigs")
                    .given(FUNCTION)
                    .items("FunctionUrlConfigs")
                    .paged("Marker", "NextMarker"),
            ],
            details: &[],
            kinds: &[Kind::new("aws_lambda_function_url", "{FunctionUrl}", "Parent.FunctionName", URL)],
        },
    ],
};

const FIELDS: &[Field] = &[
    text("function_name", "FunctionName"),
    text("description", "Description"),
    text("role", "Role"),
    text("runtime", "Runtime"),
    text("handler", "Handler"),
    // Archives are what functions were before there were images.
    crate::field::of("package_type", &["PackageType"], |function| {
        crate::value::text(function, "PackageType").unwrap_or_else(|| "Zip".to_owned()).into()
    }),
    text("kms_key_arn", "KMSKeyArn"),
    number("memory_size", "MemorySize"),
    number("timeout", "Timeout"),
    texts("architectures", "Architectures"),
    texts("layers", "Layers.Arn"),
    block("environment", "Environment", &[same("variables", "Variables")]),
    block("dead_letter_config", "DeadLetterConfig", &[text("target_arn", "TargetArn")]),
    block("tracing_config", "TracingConfig", &[text("mode", "Mode")]),
    block(
        "vpc_config",
        "VpcConfig",
        &[texts("subnet_ids", "SubnetIds"), texts("security_group_ids", "SecurityGroupIds"), text("vpc_id", "VpcId")],
    ),
    document("policy", "GetPolicy.Policy"),
    blocks("function_url", "ListFunctionUrlConfigs", URL),
];

const URL: &[Field] = &[
    text("function_url", "FunctionUrl"),
    text("function_arn", "FunctionArn"),
    text("authorization_type", "AuthType"),
    text("invoke_mode", "InvokeMode"),
    block(
        "cors",
        "Cors",
        &[
            flag("allow_credentials", "AllowCredentials"),
            texts("allow_headers", "AllowHeaders"),
            texts("allow_methods", "AllowMethods"),
            texts("allow_origins", "AllowOrigins"),
            texts("expose_headers", "ExposeHeaders"),
            number("max_age", "MaxAge"),
        ],
    ),
];
