//! What pages load: a style sheet, a script, the mark. Each has a digest of its content in its name, so that a browser keeps it for good
//! and asks for another when the program has changed.

use std::sync::LazyLock;

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::extract::{NoParameters, PathParams};
use crate::problem::Problem;

/// The name says what the content is.
const KEPT: &str = "public, max-age=31536000, immutable";

/// Hexadecimal digits of a digest in a name: two versions of a file do not meet in 64 bits.
const DIGITS: usize = 16;

struct Asset {
    stem: &'static str,
    extension: &'static str,
    kind: &'static str,
    content: &'static str,
}

const ASSETS: [Asset; 3] = [
    Asset { stem: "dashboard", extension: "css", kind: "text/css; charset=utf-8", content: include_str!("style.css") },
    Asset {
        stem: "dashboard",
        extension: "js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("live.js"),
    },
    Asset { stem: "mark", extension: "svg", kind: "image/svg+xml", content: include_str!("mark.svg") },
];

/// The names under which the assets are served, in their order.
static NAMES: LazyLock<[String; 3]> = LazyLock::new(|| {
    ASSETS.map(|Asset { stem, extension, content, .. }| {
        let digest = blake3::hash(content.as_bytes()).to_hex();
        format!("{stem}.{}.{extension}", digest.get(..DIGITS).unwrap_or_default())
    })
});

/// Paths of style sheet, script and mark.
pub(crate) fn paths() -> [String; 3] {
    NAMES.each_ref().map(|name| format!("/assets/{name}"))
}

pub(crate) async fn serve(PathParams(name): PathParams<String>, _: NoParameters) -> Result<Response, Problem> {
    let found = NAMES.iter().zip(&ASSETS).find(|(known, _)| **known == name);
    let (_, asset) = found.ok_or_else(Problem::not_found)?;
    Ok((StatusCode::OK, [(CONTENT_TYPE, asset.kind), (CACHE_CONTROL, KEPT)], asset.content).into_response())
}
