//! The generated bindings, one module for each world of `wit/v0.1`. The macros of this crate use them; a plugin seldom has to.
//! What the worlds share is generated once: types, log and snapshot in [`checks`], http in [`provider`].

#[allow(missing_docs, missing_debug_implementations, clippy::all, clippy::pedantic, clippy::restriction, unsafe_code)]
pub mod checks {
    wit_bindgen::generate!({
        path: "wit",
        world: "checks-plugin",
        pub_export_macro: true,
        default_bindings_module: "plumbline::bindings::checks",
        generate_all,
    });
}

#[allow(missing_docs, missing_debug_implementations, clippy::all, clippy::pedantic, clippy::restriction, unsafe_code)]
pub mod framework {
    wit_bindgen::generate!({
        path: "wit",
        world: "framework-plugin",
        pub_export_macro: true,
        default_bindings_module: "plumbline::bindings::framework",
        with: {
            "plumbline:plugin/log@0.1.0": super::checks::plumbline::plugin::log,
        },
    });
}

#[allow(missing_docs, missing_debug_implementations, clippy::all, clippy::pedantic, clippy::restriction, unsafe_code)]
pub mod provider {
    wit_bindgen::generate!({
        path: "wit",
        world: "provider-plugin",
        pub_export_macro: true,
        default_bindings_module: "plumbline::bindings::provider",
        generate_all,
        with: {
            "plumbline:plugin/types@0.1.0": super::checks::plumbline::plugin::types,
            "plumbline:plugin/log@0.1.0": super::checks::plumbline::plugin::log,
        },
    });
}

#[allow(missing_docs, missing_debug_implementations, clippy::all, clippy::pedantic, clippy::restriction, unsafe_code)]
pub mod remediation {
    wit_bindgen::generate!({
        path: "wit",
        world: "remediation-plugin",
        pub_export_macro: true,
        default_bindings_module: "plumbline::bindings::remediation",
        generate_all,
        with: {
            "plumbline:plugin/types@0.1.0": super::checks::plumbline::plugin::types,
            "plumbline:plugin/log@0.1.0": super::checks::plumbline::plugin::log,
            "plumbline:plugin/http@0.1.0": super::provider::plumbline::plugin::http,
        },
    });
}
