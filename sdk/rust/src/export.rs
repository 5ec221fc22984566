//! From plain Rust values to the contract's types: what the exporting macros call.
//!
//! The macros export only from WebAssembly. Elsewhere no linker takes the names of the exports
//! (`plumbline:plugin/checks@…`), and `cargo test` would stop there.

/// For [`checks!`](crate::checks!).
pub mod checks {
    use crate::account::{Account, Subject};
    pub use crate::bindings::checks::exports::plumbline::plugin::checks as wire;
    pub use crate::bindings::checks::plumbline::plugin::types::{Document, Error};
    use crate::check::{Check, Context, Outcome, Rule, Verdict};
    use crate::document::{Value, same_key, skip};
    use crate::encode::encode;
    use crate::resource::Resource;

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    impl From<wire::Context> for Context {
        fn from(context: wire::Context) -> Context {
            Context { account: context.account, scan_time: context.scan_time }
        }
    }

    impl From<&Check> for wire::Check {
        fn from(check: &Check) -> wire::Check {
            wire::Check {
                id: check.id.to_owned(),
                title: check.title.to_owned(),
                description: check.description.to_owned(),
                risk: check.risk.to_owned(),
                severity: check.severity,
                scope: if check.is_of_account() { wire::Scope::Account } else { wire::Scope::Resource },
                kinds: owned(check.kinds),
                subjects: owned(check.subjects()),
                reads: owned(check.reads),
                time_dependent: matches!(check.rule, Rule::Timed(_)),
                categories: owned(check.categories),
                references: owned(check.references),
                remediation: wire::Remediation {
                    text: check.remediation.text.to_owned(),
                    url: check.remediation.url.to_owned(),
                    command: check.remediation.command.to_owned(),
                    terraform: check.remediation.terraform.to_owned(),
                    effort_minutes: check.remediation.effort_minutes,
                },
            }
        }
    }

    impl From<Outcome> for wire::Verdict {
        fn from(outcome: Outcome) -> wire::Verdict {
            match outcome {
                Ok(Verdict::Pass) => wire::Verdict::Pass,
                Ok(Verdict::Fail(message)) => wire::Verdict::Fail(message),
                Ok(Verdict::Manual(message)) => wire::Verdict::Manual(message),
                Ok(Verdict::NotApplicable(message)) => wire::Verdict::NotApplicable(message),
                Err(unread) => wire::Verdict::NotEvaluated(unread.to_string()),
            }
        }
    }

    /// The chosen checks in the order the host named them. That is mostly the plugin's own, so the search goes on behind the last
    /// one.
    fn choose<'c>(all: &[&'c Check], ids: &[String]) -> Result<Vec<&'c Check>, Error> {
        let mut next = 0;
        ids.iter()
            .map(|id| {
                let (before, after) = all.split_at_checked(next).unwrap_or((all, &[]));
                let places = (next..).zip(after).chain((0..).zip(before));
                let known = places.into_iter().find(|(_, check)| same_key(check.id.as_bytes(), id.as_bytes()));
                let (place, check) = known.ok_or_else(|| Error::Invalid(format!("this plugin has no check '{id}'")))?;
                next = place + 1;
                Ok(*check)
            })
            .collect()
    }

    /// The checks that look at single resources of a kind, with their positions in the call.
    fn of_kind<'c>(chosen: &[&'c Check], kind: &str) -> Vec<(u32, &'c Check)> {
        let same = |known: &&str| same_key(known.as_bytes(), kind.as_bytes());
        let fits = |check: &Check| check.kinds.iter().any(same) && !check.is_of_account();
        (0u32..).zip(chosen.iter().copied()).filter(|(_, check)| fits(check)).collect()
    }

    /// The interface's `describe`.
    #[must_use]
    pub fn describe(all: &[&Check]) -> Vec<wire::Check> {
        all.iter().map(|check| (*check).into()).collect()
    }

    /// The interface's `evaluate`. Benchmarks call it natively.
    ///
    /// # Errors
    /// Where a check is unknown or the batch is no JSON.
    pub fn evaluate(
        all: &[&Check],
        context: &Context,
        ids: &[String],
        batch: &Document,
    ) -> Result<Vec<wire::Outcome>, Error> {
        let chosen = choose(all, ids)?;
        let encoded;
        let bytes = match batch {
            Document::Msgpack(bytes) => bytes.as_slice(),
            Document::Json(text) => {
                let json = serde_json::from_str(text)
                    .map_err(|error| Error::Invalid(format!("the batch is no JSON: {error}")))?;
                let mut bytes = Vec::new();
                encode(&json, &mut bytes);
                encoded = bytes;
                encoded.as_slice()
            }
        };
        let mut outcomes = Vec::new();
        let mut fitting: Vec<(&str, Vec<(u32, &Check)>)> = Vec::new();
        let mut elements = Value::new(bytes).elements();
        let mut position = 0u32;
        while let Some(element) = elements.open_next() {
            let kind = Value::new(element).get("kind").and_then(Value::as_text).unwrap_or_default();
            // A batch is grouped by kind more often than not, so the kind's checks are most likely the last ones used.
            let known = fitting.iter().rposition(|(known, _)| same_key(known.as_bytes(), kind.as_bytes()));
            let known = known.unwrap_or_else(|| {
                fitting.push((kind, of_kind(&chosen, kind)));
                fitting.len() - 1
            });
            let checks = fitting.get(known).map_or(&[][..], |(_, checks)| checks);
            let rest = if checks.is_empty() {
                skip(element)
            } else {
                let (resource, rest) = Resource::read(Value::new(element));
                for (number, check) in checks {
                    let verdict = check.on(&resource, context).into();
                    outcomes.push(wire::Outcome { check: *number, resource: position, verdict });
                }
                rest
            };
            position += 1;
            let Some(rest) = rest else { break };
            elements.go_on(rest);
        }
        Ok(outcomes)
    }

    /// The interface's `evaluate-account`.
    ///
    /// # Errors
    /// Where a check is unknown.
    pub fn evaluate_account(
        all: &[&Check],
        account: &Account<'_>,
        context: &Context,
        ids: &[String],
    ) -> Result<Vec<wire::AccountOutcome>, Error> {
        let mut outcomes = Vec::new();
        for (number, check) in (0u32..).zip(choose(all, ids)?) {
            for (subject, outcome) in check.on_account(account, context) {
                let resource_id = match subject {
                    Subject::Account => None,
                    Subject::Resource(id) => Some(id),
                };
                outcomes.push(wire::AccountOutcome { check: number, resource_id, verdict: outcome.into() });
            }
        }
        Ok(outcomes)
    }
}

/// For [`frameworks!`](crate::frameworks!).
pub mod framework {
    pub use crate::bindings::framework::exports::plumbline::plugin::framework as wire;
    use crate::framework::{Control, Framework};

    impl From<&Framework> for wire::Info {
        fn from(framework: &Framework) -> wire::Info {
            wire::Info {
                id: framework.id.clone(),
                title: framework.title.clone(),
                version: framework.version.clone(),
                publisher: framework.publisher.clone(),
                families: framework.families.clone(),
                url: framework.url.clone(),
            }
        }
    }

    impl From<Control> for wire::Control {
        fn from(control: Control) -> wire::Control {
            wire::Control {
                id: control.id,
                title: control.title,
                section: control.section,
                checks: control.checks,
                guidance: control.guidance,
            }
        }
    }

    /// The interface's `describe`.
    #[must_use]
    pub fn describe(texts: &[&str]) -> Vec<wire::Info> {
        texts.iter().map(|text| (&Framework::parse(text)).into()).collect()
    }

    /// The interface's `controls`.
    #[must_use]
    pub fn controls(texts: &[&str], id: &str) -> Vec<wire::Control> {
        let mut parsed = texts.iter().map(|text| Framework::parse(text));
        let chosen = parsed.find(|framework| framework.id == id);
        chosen.map(|framework| framework.controls.into_iter().map(Into::into).collect()).unwrap_or_default()
    }
}

/// Makes the crate a checks plugin. Takes an expression of type `&[&Check]`.
///
/// ```ignore
/// plumbline::checks!(&[&BUCKET_VERSIONING, &BUCKET_ENCRYPTION]);
/// ```
#[macro_export]
macro_rules! checks {
    ($checks:expr) => {
        #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
        struct PlumblinePlugin;
        $crate::implement_checks!(PlumblinePlugin, $checks);
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::checks::export!(PlumblinePlugin with_types_in $crate::bindings::checks);
    };
}

/// Makes the crate a framework plugin. Takes the texts of one TOML file for each framework (see [`framework`](crate::framework)).
///
/// ```ignore
/// plumbline::frameworks!(include_str!("../framework.toml"));
/// ```
#[macro_export]
macro_rules! frameworks {
    ($($toml:expr),+ $(,)?) => {
        #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
        struct PlumblinePlugin;
        $crate::implement_framework!(PlumblinePlugin, &[$($toml),+]);
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::framework::export!(PlumblinePlugin with_types_in $crate::bindings::framework);
    };
}

/// Makes the crate a plugin that holds frameworks and the checks they need.
///
/// ```ignore
/// plumbline::frameworks_with_checks!([include_str!("../framework.toml")], &[&OUR_OWN_CHECK]);
/// ```
#[macro_export]
macro_rules! frameworks_with_checks {
    ([$($toml:expr),+ $(,)?], $checks:expr) => {
        #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
        struct PlumblinePlugin;
        $crate::implement_checks!(PlumblinePlugin, $checks);
        $crate::implement_framework!(PlumblinePlugin, &[$($toml),+]);
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::checks::export!(PlumblinePlugin with_types_in $crate::bindings::checks);
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::framework::export!(PlumblinePlugin with_types_in $crate::bindings::framework);
    };
}

/// The `checks` interface for a type; used by the exporting macros.
#[doc(hidden)]
#[macro_export]
macro_rules! implement_checks {
    ($plugin:ident, $checks:expr) => {
        impl $crate::export::checks::wire::Guest for $plugin {
            fn describe() -> Vec<$crate::export::checks::wire::Check> {
                $crate::export::checks::describe($checks)
            }

            fn evaluate(
                context: $crate::export::checks::wire::Context,
                checks: Vec<String>,
                resources: $crate::export::checks::Document,
            ) -> Result<Vec<$crate::export::checks::wire::Outcome>, $crate::export::checks::Error> {
                $crate::export::checks::evaluate($checks, &context.into(), &checks, &resources)
            }

            fn evaluate_account(
                context: $crate::export::checks::wire::Context,
                checks: Vec<String>,
            ) -> Result<Vec<$crate::export::checks::wire::AccountOutcome>, $crate::export::checks::Error> {
                let account = $crate::account::Account::of_the_scan();
                $crate::export::checks::evaluate_account($checks, &account, &context.into(), &checks)
            }
        }
    };
}

/// The `framework` interface for a type; used by the exporting macros.
#[doc(hidden)]
#[macro_export]
macro_rules! implement_framework {
    ($plugin:ident, $texts:expr) => {
        impl $crate::export::framework::wire::Guest for $plugin {
            fn describe() -> Vec<$crate::export::framework::wire::Info> {
                $crate::export::framework::describe($texts)
            }

            fn controls(framework: String) -> Vec<$crate::export::framework::wire::Control> {
                $crate::export::framework::controls($texts, &framework)
            }
        }
    };
}
