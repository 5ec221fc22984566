//! Attributes that are secrets wherever they stand, whether or not the file flags them: states of older versions flag nothing.

/// Secrets of any kind of resource.
const ANYWHERE: &[&str] = &[
    "access_token",
    "admin_password",
    "admin_user_password",
    "administrator_login_password",
    "api_token",
    "auth_token",
    "client_secret",
    "db_password",
    "master_password",
    "master_user_password",
    "oauth_token",
    "password",
    "password_wo",
    "private_key",
    "private_key_openssh",
    "private_key_pem",
    "private_key_pem_pkcs8",
    "secret_access_key",
    "secret_binary",
    "secret_key",
    "secret_string",
    "secret_string_wo",
    "shared_key",
    "shared_secret",
];

/// Secrets of one kind, from the provider's schema where it marks them and from its documentation where it does not.
const BY_KIND: &[(&str, &[&str])] = &[
    ("aws_amplify_app", &["basic_auth_credentials", "auto_branch_creation_config.basic_auth_credentials"]),
    ("aws_amplify_branch", &["basic_auth_credentials"]),
    ("aws_api_gateway_api_key", &["value"]),
    ("aws_api_gateway_domain_name", &["certificate_private_key"]),
    ("aws_appsync_api_key", &["key"]),
    (
        "aws_cloudwatch_event_connection",
        &[
            "auth_parameters.api_key.value",
            "auth_parameters.basic.password",
            "auth_parameters.invocation_http_parameters.body.value",
            "auth_parameters.invocation_http_parameters.header.value",
            "auth_parameters.invocation_http_parameters.query_string.value",
            "auth_parameters.oauth.client_parameters.client_secret",
            "auth_parameters.oauth.oauth_http_parameters.body.value",
            "auth_parameters.oauth.oauth_http_parameters.header.value",
            "auth_parameters.oauth.oauth_http_parameters.query_string.value",
        ],
    ),
    ("aws_codebuild_source_credential", &["token"]),
    ("aws_codebuild_webhook", &["secret"]),
    ("aws_codepipeline", &["stage.action.configuration.OAuthToken"]),
    ("aws_codepipeline_webhook", &["authentication_configuration.secret_token"]),
    ("aws_cognito_identity_provider", &["provider_details.client_secret"]),
    ("aws_cognito_user", &["temporary_password"]),
    ("aws_dms_endpoint", &["kafka_settings.sasl_password", "redis_settings.auth_password"]),
    ("aws_ecr_authorization_token", &["authorization_token"]),
    ("aws_elasticache_user", &["passwords", "authentication_mode.passwords"]),
    ("aws_elasticsearch_domain", &["advanced_security_options.master_user_options.master_user_password"]),
    (
        "aws_emr_cluster",
        &[
            "kerberos_attributes.ad_domain_join_password",
            "kerberos_attributes.cross_realm_trust_principal_password",
            "kerberos_attributes.kdc_admin_password",
        ],
    ),
    ("aws_fsx_ontap_file_system", &["fsx_admin_password"]),
    ("aws_fsx_ontap_storage_virtual_machine", &["svm_admin_password"]),
    ("aws_fsx_windows_file_system", &["self_managed_active_directory.password"]),
    ("aws_glue_connection", &["connection_properties.PASSWORD"]),
    ("aws_iam_access_key", &["secret", "ses_smtp_password_v4", "encrypted_secret", "encrypted_ses_smtp_password_v4"]),
    ("aws_iam_service_specific_credential", &["service_password"]),
    ("aws_iam_user_login_profile", &["encrypted_password"]),
    ("aws_instance", &["password_data"]),
    (
        "aws_kinesis_firehose_delivery_stream",
        &[
            "http_endpoint_configuration.access_key",
            "redshift_configuration.password",
            "snowflake_configuration.key_passphrase",
            "snowflake_configuration.private_key",
        ],
    ),
    ("aws_kms_ciphertext", &["plaintext"]),
    ("aws_kms_external_key", &["key_material_base64"]),
    ("aws_kms_grant", &["grant_token"]),
    ("aws_kms_replica_external_key", &["key_material_base64"]),
    ("aws_lb_listener", &["default_action.authenticate_oidc.client_secret"]),
    ("aws_lb_listener_rule", &["action.authenticate_oidc.client_secret"]),
    ("aws_memorydb_user", &["authentication_mode.passwords"]),
    ("aws_mq_broker", &["user.password", "ldap_server_metadata.service_account_password"]),
    ("aws_opensearch_domain", &["advanced_security_options.master_user_options.master_user_password"]),
    ("aws_opsworks_stack", &["custom_cookbooks_source.password", "custom_cookbooks_source.ssh_key"]),
    ("aws_quicksight_data_source", &["credentials.credential_pair.password"]),
    ("aws_sns_platform_application", &["platform_credential"]),
    ("aws_ssm_parameter", &["value", "value_wo"]),
    ("aws_storagegateway_gateway", &["smb_guest_password", "smb_active_directory_settings.password"]),
    ("aws_transfer_server", &["host_key"]),
    ("aws_vpn_connection", &["customer_gateway_configuration", "tunnel1_preshared_key", "tunnel2_preshared_key"]),
    ("azuread_application_password", &["value"]),
    ("azurerm_key_vault_secret", &["value"]),
    ("azurerm_kubernetes_cluster", &["kube_config", "kube_config_raw", "kube_admin_config", "kube_admin_config_raw"]),
    (
        "azurerm_storage_account",
        &["primary_access_key", "secondary_access_key", "primary_connection_string", "secondary_connection_string"],
    ),
    ("google_container_cluster", &["master_auth.password", "master_auth.client_key"]),
    ("google_secret_manager_secret_version", &["secret_data"]),
    ("google_service_account_key", &["private_key"]),
    ("google_sql_database_instance", &["root_password"]),
    ("kubernetes_secret", &["data", "binary_data"]),
    ("kubernetes_secret_v1", &["data", "binary_data"]),
    ("random_bytes", &["base64", "hex"]),
    ("random_password", &["result", "bcrypt_hash"]),
    ("vault_generic_secret", &["data", "data_json"]),
];

/// Paths that are secret in a kind of resource.
pub fn secrets_of(kind: &str) -> impl Iterator<Item = &'static str> {
    let own = BY_KIND.binary_search_by_key(&kind, |(name, _)| name).ok().and_then(|at| BY_KIND.get(at));
    ANYWHERE.iter().copied().chain(own.into_iter().flat_map(|(_, paths)| paths.iter().copied()))
}

/// Every secret there is: kind, empty for all of them, and path.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    let own = BY_KIND.iter().flat_map(|(kind, paths)| paths.iter().map(|path| (*kind, *path)));
    ANYWHERE.iter().map(|path| ("", *path)).chain(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_because_it_is_searched() {
        assert!(BY_KIND.is_sorted_by_key(|(kind, _)| *kind));
    }

    #[test]
    fn a_kind_has_its_own_secrets_beside_those_of_all() {
        let secrets: Vec<&str> = secrets_of("aws_iam_access_key").collect();
        assert!(secrets.contains(&"secret") && secrets.contains(&"password"));
        assert!(!secrets_of("aws_s3_bucket").any(|path| path == "value"));
    }
}
