//! API Gateway: REST APIs with their methods and stages, and HTTP APIs with their routes and stages.

use serde_json::{Value as Json, json};

use crate::api::{Api, Protocol};
use crate::call::{Call, Given};
use crate::field::{Field, block, flag, of, same, text, texts, with};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::regional("apigateway", Protocol::RestJson);

const APIS: Call = API
    .get("/restapis", "GetRestApis")
    .given(&[("limit", Given::Number(500))])
    .items("item")
    .paged("position", "position")
    .action(READ);
const HTTP_APIS: Call = API.get("/v2/apis", "GetApis").items("items").paged("nextToken", "nextToken").action(READ);

/// One action for every read of the service.
const READ: &str = "apigateway:GET";
const OF_API: &[(&str, Given)] = &[("id", Given::Of("id"))];
const OF_HTTP_API: &[(&str, Given)] = &[("apiId", Given::Of("apiId"))];

pub const SERVICE: Service = Service {
    name: "apigateway",
    global: false,
    listings: &[
        Listing {
            steps: &[APIS],
            details: &[],
            kinds: &[Kind::new(
                "aws_api_gateway_rest_api",
                "arn:{partition}:apigateway:{region}::/restapis/{id}",
                "name",
                REST_API,
            )
            .tags("tags")],
        },
        Listing {
            steps: &[APIS, API.get("/restapis/{id}/stages", "GetStages").given(OF_API).items("item").action(READ)],
            details: &[],
            kinds: &[Kind::new(
                "aws_api_gateway_stage",
                "arn:{partition}:apigateway:{region}::/restapis/{Parent.id}/stages/{stageName}",
                "stageName",
                STAGE,
            )
            .tags("tags")],
        },
        Listing {
            steps: &[
                APIS,
                API.get("/restapis/{id}/stages", "GetStages").given(OF_API).rows(method_settings).action(READ),
            ],
            details: &[],
            kinds: &[Kind::new(
                "aws_api_gateway_method_settings",
                "arn:{partition}:apigateway:{region}::/restapis/{Parent.id}/stages/{stage}/methodsettings/{path}",
                "path",
                &[
                    text("rest_api_id", "Parent.id"),
                    text("stage_name", "stage"),
                    text("method_path", "path"),
                    block("settings", "settings", SETTINGS),
                ],
            )],
        },
        Listing {
            steps: &[
                APIS,
                API.get("/restapis/{id}/resources", "GetResources")
                    .given(&[("id", Given::Of("id")), ("embed", Given::Text("methods")), ("limit", Given::Number(500))])
                    .rows(methods)
                    .paged("position", "position")
                    .action(READ),
            ],
            details: &[],
            kinds: &[Kind::new(
                "aws_api_gateway_method",
                "arn:{partition}:apigateway:{region}::/restapis/{Parent.id}/resources/{resource}/methods/{httpMethod}",
                "httpMethod",
                &[
                    text("rest_api_id", "Parent.id"),
                    text("resource_id", "resource"),
                    text("http_method", "httpMethod"),
                    text("authorization", "authorizationType"),
                    text("authorizer_id", "authorizerId"),
                    flag("api_key_required", "apiKeyRequired"),
                ],
            )],
        },
        Listing {
            steps: &[
                HTTP_APIS,
                API.get("/v2/apis/{apiId}/stages", "GetStages")
                    .given(OF_HTTP_API)
                    .items("items")
                    .paged("nextToken", "nextToken")
                    .action(READ),
            ],
            details: &[],
            kinds: &[Kind::new(
                "aws_apigatewayv2_stage",
                "arn:{partition}:apigateway:{region}::/apis/{Parent.apiId}/stages/{stageName}",
                "stageName",
                &[
                    text("api_id", "Parent.apiId"),
                    text("name", "stageName"),
                    flag("auto_deploy", "autoDeploy"),
                    block(
                        "access_log_settings",
                        "accessLogSettings",
                        &[text("destination_arn", "destinationArn"), text("format", "format")],
                    ),
                ],
            )
            .tags("tags")],
        },
        Listing {
            steps: &[
                HTTP_APIS,
                API.get("/v2/apis/{apiId}/routes", "GetRoutes")
                    .given(OF_HTTP_API)
                    .items("items")
                    .paged("nextToken", "nextToken")
                    .action(READ),
            ],
            details: &[],
            kinds: &[Kind::new(
                "aws_apigatewayv2_route",
                "arn:{partition}:apigateway:{region}::/apis/{Parent.apiId}/routes/{routeId}",
                "routeKey",
                &[
                    text("api_id", "Parent.apiId"),
                    text("route_key", "routeKey"),
                    with("authorization_type", "authorizationType", |kind| {
                        if kind.is_null() { "NONE".into() } else { kind.clone() }
                    }),
                    text("authorizer_id", "authorizerId"),
                ],
            )],
        },
    ],
};

const REST_API: &[Field] = &[
    text("id", "id"),
    text("name", "name"),
    text("description", "description"),
    block(
        "endpoint_configuration",
        "endpointConfiguration",
        &[texts("types", "types"), texts("vpc_endpoint_ids", "vpcEndpointIds")],
    ),
];

const SETTINGS: &[Field] = &[
    text("logging_level", "loggingLevel"),
    flag("caching_enabled", "cachingEnabled"),
    flag("cache_data_encrypted", "cacheDataEncrypted"),
    flag("data_trace_enabled", "dataTraceEnabled"),
    flag("metrics_enabled", "metricsEnabled"),
];

const STAGE: &[Field] = &[
    text("rest_api_id", "Parent.id"),
    text("stage_name", "stageName"),
    text("client_certificate_id", "clientCertificateId"),
    text("web_acl_arn", "webAclArn"),
    flag("xray_tracing_enabled", "tracingEnabled"),
    same("variables", "variables"),
    block(
        "access_log_settings",
        "accessLogSettings",
        &[text("destination_arn", "destinationArn"), text("format", "format")],
    ),
    of("method_settings", &["methodSettings"], stage_settings),
];

/// A map by method path; Terraform has a resource for each, and a stage that it folds them into a list with the path in it.
fn stage_settings(stage: &Json) -> Json {
    let told = settings_of(stage).map(|(path, settings)| {
        let mut told = crate::field::config(SETTINGS, settings);
        told.insert("method_path".to_owned(), path.as_str().into());
        Json::from(told)
    });
    told.collect()
}

fn settings_of(stage: &Json) -> impl Iterator<Item = (&String, &Json)> {
    stage.get("methodSettings").and_then(Json::as_object).into_iter().flatten()
}

fn method_settings(answer: &Json) -> Vec<Json> {
    let of_stage = |stage: &Json| -> Vec<Json> {
        let name = value::text(stage, "stageName");
        settings_of(stage).map(|(path, settings)| json!({"stage": name, "path": path, "settings": settings})).collect()
    };
    value::all(answer, "item").into_iter().flat_map(of_stage).collect()
}

fn methods(answer: &Json) -> Vec<Json> {
    let of_resource = |resource: &Json| -> Vec<Json> {
        let id = value::text(resource, "id");
        let methods = resource.get("resourceMethods").and_then(Json::as_object).into_iter().flatten();
        let told = methods.map(|(name, method)| {
            let mut method = method.as_object().cloned().unwrap_or_default();
            method.insert("httpMethod".to_owned(), name.as_str().into());
            method.insert("resource".to_owned(), id.clone().into());
            Json::from(method)
        });
        told.collect()
    };
    value::all(answer, "item").into_iter().flat_map(of_resource).collect()
}
