//! S5: drift findings under `/api/v1/drifts`.

use super::{Document, Example, Parameter};

const HEAD: &str = r#"{"id": 1, "resource_id": 15, "resource_name": "data-lake-bucket", "resource_type": "s3_bucket", "drift_type": "security",
    "severity": "critical", "status": "detected", "summary": "S3 bucket BlockPublicAcls changed from true to false",
    "baseline_value": true, "current_value": true, "detected_at": "2024-01-15T14:30:00Z"}"#;
const WHOLE: &str = r#"{"id": 1, "resource_id": 15, "resource_name": "", "resource_type": "", "drift_type": "", "severity": "", "status": "",
    "summary": "", "baseline_value": true, "current_value": true, "detected_at": "", "diff": [{"op": "replace", "path": ""}]}"#;
const ERROR: &str = r#"{"type": "about:blank", "title": "", "status": 400, "detail": "", "code": ""}"#;

pub(super) const DOCUMENT: Document = Document {
    endpoints: &[
        "POST /api/v1/drifts/detect",
        "GET /api/v1/drifts",
        "GET /api/v1/drifts/{id}",
        "PATCH /api/v1/drifts/{id}",
        "POST /api/v1/drifts/{id}/resolve",
        "GET /api/v1/drifts/summary",
    ],
    examples: &[
        Example {
            request: "GET /api/v1/drifts",
            body: "",
            status: 200,
            answer: r#"{"data": [{"id": 1, "resource_id": 15, "resource_name": "data-lake-bucket", "resource_type": "s3_bucket",
                "drift_type": "security", "severity": "critical", "status": "detected",
                "summary": "S3 bucket BlockPublicAcls changed from true to false", "baseline_value": true, "current_value": true,
                "detected_at": "2024-01-15T14:30:00Z"}], "meta": {"total": 12, "page": 1, "per_page": 20}}"#,
            open: &[],
        },
        Example { request: "GET /api/v1/drifts/{drift}", body: "", status: 200, answer: WHOLE, open: &[] },
        Example {
            request: "GET /api/v1/drifts/summary",
            body: "",
            status: 200,
            answer: r#"{"total": 12, "by_severity": {"critical": 1, "high": 4, "medium": 5, "low": 2},
                "by_status": {"detected": 8, "investigating": 3, "resolved": 1}}"#,
            open: &[],
        },
        Example {
            request: "PATCH /api/v1/drifts/{drift}",
            body: r#"{"status": "investigating"}"#,
            status: 200,
            answer: HEAD,
            open: &[],
        },
        Example {
            request: "POST /api/v1/drifts/{drift}/resolve",
            body: r#"{"capture_baseline": true}"#,
            status: 200,
            answer: HEAD,
            open: &[],
        },
        Example {
            request: "POST /api/v1/drifts/detect",
            body: "",
            status: 202,
            answer: r#"{"job_id": 42, "status": "running", "message": "Drift detection scan started"}"#,
            open: &[],
        },
    ],
    parameters: &[
        Parameter { path: "/api/v1/drifts", name: "provider_id", good: &["1", "{target}", "999"], bad: &["aws", ""] },
        Parameter { path: "/api/v1/drifts", name: "resource_id", good: &["1", "999"], bad: &["bucket", "-1"] },
        Parameter {
            path: "/api/v1/drifts",
            name: "severity",
            good: &["critical", "high", "medium", "low"],
            bad: &["awful", ""],
        },
        Parameter {
            path: "/api/v1/drifts",
            name: "type",
            good: &["configuration", "security", "compliance"],
            bad: &["other"],
        },
        Parameter {
            path: "/api/v1/drifts",
            name: "status",
            good: &["detected", "investigating", "resolved"],
            bad: &["open", "closed"],
        },
        Parameter { path: "/api/v1/drifts", name: "page", good: &["1", "50"], bad: &["x", "-1"] },
        Parameter { path: "/api/v1/drifts", name: "per_page", good: &["1", "100", "500"], bad: &["x", "-1"] },
        Parameter { path: "/api/v1/drifts", name: "limit", good: &[], bad: &["10"] },
        Parameter { path: "/api/v1/drifts/summary", name: "status", good: &[], bad: &["detected"] },
        Parameter { path: "/api/v1/drifts/{drift}", name: "full", good: &[], bad: &["1"] },
    ],
    settled: &[
        ("/api/v1/drifts", "/meta/page", "1"),
        ("/api/v1/drifts", "/meta/per_page", "20"),
        ("/api/v1/drifts?per_page=500", "/meta/per_page", "100"),
        ("/api/v1/drifts?per_page=0", "/meta/per_page", "1"),
        ("/api/v1/drifts?page=50", "/data", "[]"),
        ("/api/v1/drifts?provider_id=999", "/data", "[]"),
        ("/api/v1/drifts?resource_id=999", "/data", "[]"),
        ("/api/v1/drifts?status=resolved", "/meta/total", "0"),
    ],
    filters: &[
        ("/api/v1/drifts?status=detected", "/data", "status", r#""detected""#),
        ("/api/v1/drifts?provider_id={target}", "/data", "provider_id", "1"),
        ("/api/v1/drifts?provider_id=1", "/data", "provider_id", "1"),
    ],
    refusals: &[
        Example { request: "GET /api/v1/drifts?severity=awful", body: "", status: 400, answer: ERROR, open: &[] },
        Example { request: "GET /api/v1/drifts/999", body: "", status: 404, answer: ERROR, open: &[] },
        Example { request: "GET /api/v1/drifts/nothing", body: "", status: 404, answer: ERROR, open: &[] },
        Example { request: "PATCH /api/v1/drifts/{drift}", body: "", status: 400, answer: ERROR, open: &[] },
        Example { request: "PATCH /api/v1/drifts/{drift}", body: "{}", status: 400, answer: ERROR, open: &[] },
        Example {
            request: "PATCH /api/v1/drifts/{drift}",
            body: r#"{"status": "closed"}"#,
            status: 400,
            answer: ERROR,
            open: &[],
        },
        // The one way is detected, investigating, resolved.
        Example {
            request: "PATCH /api/v1/drifts/{drift}",
            body: r#"{"status": "resolved"}"#,
            status: 409,
            answer: ERROR,
            open: &[],
        },
        Example {
            request: "PATCH /api/v1/drifts/{drift}",
            body: r#"{"status": "detected"}"#,
            status: 409,
            answer: ERROR,
            open: &[],
        },
        Example {
            request: "POST /api/v1/drifts/{drift}/resolve",
            body: r#"{"capture_baseline": "yes"}"#,
            status: 400,
            answer: ERROR,
            open: &[],
        },
        Example { request: "POST /api/v1/drifts/999/resolve", body: "", status: 404, answer: ERROR, open: &[] },
    ],
};
