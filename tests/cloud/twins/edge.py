"""What stands towards the internet, and what watches the account."""

from . import DUBLIN, VIRGINIA, client, twins


@twins("cloudfront", "", "cloudfront_distributions_https_enabled", "cloudfront_distributions_logging_enabled",
       "cloudfront_distributions_default_root_object", "cloudfront_distributions_geo_restrictions_enabled",
       "cloudfront_distributions_using_waf", "cloudfront_distributions_origin_traffic_encrypted",
       "cloudfront_distributions_using_deprecated_ssl_protocols")
def distribution(cloudfront, name, good):
    origin = {"Id": "o", "DomainName": "app.example.com", "CustomOriginConfig": {
        "HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only" if good else "http-only",
        "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2" if good else "SSLv3"]}}}
    config = {"CallerReference": name, "Comment": name, "Enabled": True, "Origins": {"Quantity": 1, "Items": [origin]},
              "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only" if good else "allow-all",
                                       "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}, "MinTTL": 0},
              "DefaultRootObject": "index.html" if good else "",
              "Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", "Quantity": 1, "Items": ["DE"]} if good else {
                  "RestrictionType": "none", "Quantity": 0}},
              "WebACLId": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/1" if good else "",
              "Logging": {"Enabled": good, "IncludeCookies": False, "Bucket": "logs.s3.amazonaws.com" if good else "", "Prefix": ""}}
    return cloudfront.create_distribution(DistributionConfig=config)["Distribution"]["Id"]


@twins("apigateway", DUBLIN, "apigateway_restapi_tracing_enabled")
def interface(apigateway, name, good):
    api = apigateway.create_rest_api(name=name)["id"]
    root = apigateway.get_resources(restApiId=api)["items"][0]["id"]
    apigateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="AWS_IAM" if good else "NONE")
    apigateway.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK", integrationHttpMethod="GET")
    apigateway.put_integration_response(restApiId=api, resourceId=root, httpMethod="GET", statusCode="200", responseTemplates={})
    deployment = apigateway.create_deployment(restApiId=api)["id"]
    apigateway.create_stage(restApiId=api, stageName=name, deploymentId=deployment, tracingEnabled=good)


@twins("apigatewayv2", VIRGINIA, "apigatewayv2_api_access_logging_enabled")
def interface_v2(apigatewayv2, name, good):
    api = apigatewayv2.create_api(Name=name, ProtocolType="HTTP")["ApiId"]
    logs = {"AccessLogSettings": {"DestinationArn": "arn:aws:logs:us-east-1:123456789012:log-group:api", "Format": "$context"}}
    apigatewayv2.create_stage(ApiId=api, StageName=name, **(logs if good else {}))


@twins("cloudtrail", DUBLIN, "cloudtrail_log_file_validation_enabled", "cloudtrail_kms_encryption_enabled",
       "cloudtrail_cloudwatch_logging_enabled", "cloudtrail_insights_exist")
def trail(cloudtrail, name, good):
    logs, s3, role = client("logs", DUBLIN), client("s3", DUBLIN), "arn:aws:iam::123456789012:role/trail"
    s3.create_bucket(Bucket=f"logs-of-{name}", CreateBucketConfiguration={"LocationConstraint": DUBLIN})
    more = {}
    if good:
        logs.create_log_group(logGroupName="trail")
        group = logs.describe_log_groups(logGroupNamePrefix="trail")["logGroups"][0]["arn"]
        more = {"KmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/1", "CloudWatchLogsLogGroupArn": group,
                "CloudWatchLogsRoleArn": role}
    cloudtrail.create_trail(Name=name, S3BucketName=f"logs-of-{name}", IsMultiRegionTrail=good, EnableLogFileValidation=good, **more)
    if good:
        cloudtrail.put_insight_selectors(TrailName=name, InsightSelectors=[{"InsightType": "ApiCallRateInsight"}])
    cloudtrail.start_logging(Name=name)
