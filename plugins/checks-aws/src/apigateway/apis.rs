//! REST APIs and their methods.

use plumbline::prelude::*;

use super::REFERENCES;

pub const CHECKS: &[&Check] = &[&PUBLIC, &AUTHORIZERS];

pub const PUBLIC: Check = Check {
    id: "apigateway_restapi_public",
    title: "REST API is private",
    description: "The endpoint of a REST API should be of type PRIVATE, reached through VPC endpoints. The default \
        is EDGE. One that is meant to serve the public will be reported.",
    risk: "An API that only your own services use can be attacked from anywhere.",
    severity: Severity::Medium,
    kinds: &["aws_api_gateway_rest_api"],
    reads: &["endpoint_configuration"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Change the endpoint's type to private with a resource policy that names the VPC endpoints, or mute \
            the finding.",
        url: "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html",
        command: "aws apigateway update-rest-api --rest-api-id ID --patch-operations \
            op=replace,path=/endpointConfiguration/types/REGIONAL,value=PRIVATE",
        terraform: r#"endpoint_configuration {
  types            = ["PRIVATE"]
  vpc_endpoint_ids = [aws_vpc_endpoint.api.id]
}"#,
        effort_minutes: 90,
    },
    rule: Rule::Resource(|api| {
        let types = api.texts("endpoint_configuration.types")?;
        let private = !types.is_empty() && types.iter().all(|kind| *kind == "PRIVATE");
        let shown = if types.is_empty() { "EDGE".to_owned() } else { types.join(", ") };
        pass_if(private, format!("its endpoint is {shown}"))
    }),
};

pub const AUTHORIZERS: Check = Check {
    id: "apigateway_restapi_authorizers_enabled",
    title: "REST API method asks who is calling",
    description: "A method must have an authorization other than NONE. OPTIONS, which browsers send before they may \
        log in, is left out; an API key alone identifies nobody.",
    risk: "Anyone who finds the address can call the method and what stands behind it.",
    severity: Severity::Medium,
    kinds: &["aws_api_gateway_method"],
    reads: &["authorization", "http_method"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Use IAM, a Cognito user pool or a Lambda authorizer.",
        url: "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html",
        command: "aws apigateway update-method --rest-api-id ID --resource-id RESOURCE --http-method GET \
            --patch-operations op=replace,path=/authorizationType,value=AWS_IAM",
        terraform: "authorization = \"AWS_IAM\"",
        effort_minutes: 90,
    },
    rule: Rule::Resource(|method| {
        let authorization = method.text("authorization")?.unwrap_or("NONE");
        let verb = method.text("http_method")?.unwrap_or("ANY");
        if verb == "OPTIONS" {
            return not_applicable("browsers send OPTIONS before they may log in");
        }
        pass_if(authorization != "NONE", format!("{verb} has the authorization NONE"))
    }),
};
