//! Where services are reached: at AWS's own hosts, or where the operator said.

use std::collections::BTreeMap;

use super::credentials::profiles::Profiles;
use super::place::domain;
use super::services::{SERVICES, Service};
use crate::environment::Environment;
use crate::guard::{Endpoint, Url};

/// The endpoints that the operator set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Endpoints {
    all: Option<Endpoint>,
    /// By the service's prefix.
    services: BTreeMap<&'static str, Endpoint>,
}

impl Endpoints {
    /// What the environment says counts before the profile, and what is said of one service before what is said of all.
    pub(crate) fn read(environment: &Environment, profiles: &Profiles, profile: &str) -> Result<Endpoints, String> {
        if environment.is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
            return Ok(Endpoints::default());
        }
        let section = profiles.get(profile);
        let of_services = section.and_then(|section| section.get("services")).and_then(|name| profiles.services(name));
        let parse = |name: &str, text: &str| -> Result<Endpoint, String> {
            text.trim_end_matches('/').parse().map_err(|problem| format!("{name}: {problem}"))
        };
        let mut endpoints = Endpoints::default();
        if let Some(text) = environment.get("AWS_ENDPOINT_URL") {
            endpoints.all = Some(parse("AWS_ENDPOINT_URL", text)?);
        } else if let Some(text) = section.and_then(|section| section.get("endpoint_url")) {
            endpoints.all = Some(parse(&format!("profile {profile}: endpoint_url"), text)?);
        }
        for service in &SERVICES {
            for id in service.ids.iter().rev() {
                let key = format!("{}.endpoint_url", id.to_ascii_lowercase());
                if let Some(text) = of_services.and_then(|section| section.get(&key)) {
                    endpoints.services.insert(service.prefix, parse(&format!("profile {profile}: {key}"), text)?);
                }
            }
            for id in service.ids.iter().rev() {
                let variable = format!("AWS_ENDPOINT_URL_{id}");
                if let Some(text) = environment.get(&variable) {
                    endpoints.services.insert(service.prefix, parse(&variable, text)?);
                }
            }
        }
        Ok(endpoints)
    }

    /// All that the operator named: exempt from the judgement of addresses.
    pub(crate) fn configured(&self) -> impl Iterator<Item = &Endpoint> {
        self.all.iter().chain(self.services.values())
    }

    /// Where requests to a service go instead.
    pub(crate) fn of(&self, service: &Service) -> Option<&Endpoint> {
        self.services.get(service.prefix).or(self.all.as_ref())
    }

    /// The root of a service in a region, for what the host itself asks.
    pub(crate) fn regional(&self, prefix: &str, region: &str) -> Result<Url, String> {
        let set = self.services.get(prefix).or(self.all.as_ref());
        match set {
            Some(endpoint) => format!("{endpoint}/").parse(),
            None => format!("https://{prefix}.{region}.{}/", domain(region)).parse(),
        }
    }
}
