//! Calls the `framework` interface and checks what it answers.

use std::collections::BTreeSet;

use plumb_model::framework::{Control, Framework};

use crate::bindings::framework::exports::plumbline::plugin::framework as wire;
use crate::call;
use crate::error::{CallError, Failure};
use crate::host::Attachments;
use crate::limits::{CONTROLS, FRAMEWORKS};
use crate::manifest::Export;
use crate::output::{is_plain_id, line, text};
use crate::plugin::Plugin;

const FUNCTION: &str = "framework.controls";

impl Plugin {
    /// The plugin's frameworks with their controls, in its own order.
    pub async fn frameworks(&self) -> Result<Vec<Framework>, CallError> {
        let Some(pre) = &self.inner.framework else { return Ok(Vec::new()) };
        let answer = call::run(self, Export::Framework, FUNCTION, Attachments::default(), async |store| {
            let bindings = pre.instantiate_async(&mut *store).await?;
            let guest = bindings.plumbline_plugin_framework();
            let described = guest.call_describe(&mut *store).await?;
            let mut frameworks = Vec::new();
            for info in described.into_iter().take(FRAMEWORKS) {
                let controls = guest.call_controls(&mut *store, &info.id).await?;
                frameworks.push((info, controls));
            }
            Ok(Ok(frameworks))
        })
        .await?;
        let wrong = |reason| CallError {
            plugin: self.manifest().id.clone(),
            version: self.manifest().version.clone(),
            function: FUNCTION,
            failure: Failure::BadOutput(reason),
        };
        let mut seen = BTreeSet::new();
        answer
            .into_iter()
            .map(|(info, controls)| {
                if !is_plain_id(&info.id) || !seen.insert(info.id.clone()) {
                    return Err(format!("'{}' is no framework id, or stands twice", line(&info.id)));
                }
                self.framework(info, controls)
            })
            .collect::<Result<_, _>>()
            .map_err(wrong)
    }

    fn framework(&self, info: wire::Info, controls: Vec<wire::Control>) -> Result<Framework, String> {
        if controls.len() > CONTROLS {
            return Err(format!("'{}' has {} controls; {CONTROLS} is the bound", info.id, controls.len()));
        }
        let mut seen = BTreeSet::new();
        let controls: Result<Vec<Control>, String> = controls
            .into_iter()
            .map(|control| {
                if control.id.is_empty() || control.id.len() > 200 || !seen.insert(control.id.clone()) {
                    return Err(format!("'{}' has a control '{}' twice, or without an id", info.id, line(&control.id)));
                }
                if let Some(bad) = control.checks.iter().find(|check| !is_plain_id(check)) {
                    return Err(format!("control '{}' names '{}', which is no check id", line(&control.id), line(bad)));
                }
                Ok(Control {
                    id: control.id,
                    title: text(&control.title),
                    section: control.section.iter().map(|section| text(section)).collect(),
                    checks: control.checks,
                    guidance: text(&control.guidance),
                })
            })
            .collect();
        Ok(Framework {
            title: text(&info.title),
            version: text(&info.version),
            publisher: text(&info.publisher),
            families: info.families.iter().map(|family| text(family)).collect(),
            url: text(&info.url),
            controls: controls?,
            plugin: self.reference(),
            id: info.id,
        })
    }
}
