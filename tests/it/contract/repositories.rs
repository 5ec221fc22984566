//! S1: drift scans of repositories under `/api/scans`.

use super::{Document, Example, Parameter};

const SCAN: &str = r#"{"success": true, "data": {"_id": "scan123", "repositoryConfig": "abc123", "repositoryName": "org/terraform-infra",
    "status": "completed", "driftCount": 5, "startedAt": "2025-06-15T10:30:00.000Z", "completedAt": "2025-06-15T10:32:45.000Z",
    "triggeredBy": "schedule"}}"#;
const LIST: &str = r#"{"success": true, "data": [{"_id": "scan123", "repositoryConfig": "abc123", "repositoryName": "org/terraform-infra",
    "status": "completed", "driftCount": 5, "startedAt": "2025-06-15T10:30:00.000Z", "completedAt": "2025-06-15T10:32:45.000Z",
    "triggeredBy": "schedule"}], "pagination": {"page": 1, "limit": 20, "total": 45}}"#;
const ERROR: &str = r#"{"success": false, "error": "", "message": ""}"#;

pub(super) const DOCUMENT: Document = Document {
    endpoints: &[
        "GET /api/scans/",
        "GET /api/scans/dashboard",
        "POST /api/scans/trigger/:repositoryConfigId",
        "GET /api/scans/repository/:repositoryConfigId",
        "GET /api/scans/repository/:repositoryConfigId/latest",
        "GET /api/scans/:scanId",
        "GET /api/scans/:scanId/details",
        "POST /api/scans/:scanId/cancel",
        "DELETE /api/scans/:scanId",
    ],
    examples: &[
        Example { request: "GET /api/scans/", body: "", status: 200, answer: LIST, open: &[] },
        Example { request: "GET /api/scans/repository/{target}", body: "", status: 200, answer: LIST, open: &[] },
        Example {
            request: "GET /api/scans/repository/{target}/latest",
            body: "",
            status: 200,
            answer: SCAN,
            open: &[],
        },
        Example { request: "GET /api/scans/{scan}", body: "", status: 200, answer: SCAN, open: &[] },
        Example {
            request: "GET /api/scans/dashboard",
            body: "",
            status: 200,
            answer: r#"{"success": true, "data": {"totalScans": 156, "totalDrifts": 423, "resolvedDrifts": 312,
                "activeRepositories": 8, "recentScans": [{"_id": ""}], "driftTrend": [{}]}}"#,
            open: &[],
        },
        Example {
            request: "GET /api/scans/{scan}/details",
            body: "",
            status: 200,
            answer: r#"{"success": true, "data": {"_id": "scan123", "status": "completed", "driftCount": 3, "drifts": [{"_id": "drift1",
                "resourceType": "aws_security_group", "resourceAddress": "module.vpc.aws_security_group.main", "severity": "high",
                "status": "detected"}]}}"#,
            open: &[],
        },
        Example {
            request: "POST /api/scans/trigger/{target}",
            body: "",
            status: 201,
            answer: r#"{"success": true, "data": {"_id": "scan456", "repositoryConfig": "abc123", "status": "pending", "triggeredBy": "manual"}}"#,
            open: &[],
        },
        Example { request: "POST /api/scans/{running}/cancel", body: "", status: 200, answer: SCAN, open: &[] },
        Example {
            request: "DELETE /api/scans/{completed}",
            body: "",
            status: 200,
            answer: r#"{"success": true}"#,
            open: &[],
        },
    ],
    parameters: &[
        Parameter { path: "/api/scans/", name: "page", good: &["1", "2", "1000"], bad: &["one", "-1", "1.5", ""] },
        Parameter { path: "/api/scans/", name: "limit", good: &["1", "20", "100", "500"], bad: &["many", "-1", ""] },
        Parameter {
            path: "/api/scans/",
            name: "status",
            good: &["pending", "queued", "running", "completed", "failed", "cancelled"],
            bad: &["done", "COMPLETED", ""],
        },
        Parameter { path: "/api/scans/", name: "colour", good: &[], bad: &["red"] },
        Parameter { path: "/api/scans/dashboard", name: "days", good: &[], bad: &["7"] },
        Parameter { path: "/api/scans/repository/{target}", name: "page", good: &["1", "9"], bad: &["x"] },
        Parameter { path: "/api/scans/repository/{target}", name: "limit", good: &["1", "500"], bad: &["x"] },
        Parameter { path: "/api/scans/repository/{target}", name: "status", good: &[], bad: &["completed"] },
        Parameter { path: "/api/scans/{scan}/details", name: "page", good: &[], bad: &["1"] },
    ],
    settled: &[
        ("/api/scans/", "/pagination/page", "1"),
        ("/api/scans/", "/pagination/limit", "20"),
        ("/api/scans/?limit=500", "/pagination/limit", "100"),
        ("/api/scans/?page=2&limit=2", "/pagination/page", "2"),
        ("/api/scans/?page=0", "/pagination/page", "1"),
        ("/api/scans/?limit=0", "/pagination/limit", "1"),
        ("/api/scans/repository/{target}", "/pagination/limit", "20"),
    ],
    filters: &[
        ("/api/scans/?status=completed", "/data", "status", r#""completed""#),
        ("/api/scans/repository/{target}", "/data", "repositoryName", r#""org/terraform-infra""#),
    ],
    refusals: &[
        Example { request: "GET /api/scans/?status=done", body: "", status: 400, answer: ERROR, open: &[] },
        Example { request: "GET /api/scans/?page=1&offset=0", body: "", status: 400, answer: ERROR, open: &[] },
        Example { request: "GET /api/scans/?limit=1&limit=2", body: "", status: 400, answer: ERROR, open: &[] },
        Example { request: "GET /api/scans/nothing", body: "", status: 404, answer: ERROR, open: &[] },
        Example {
            request: "GET /api/scans/019aa100-1101-7000-8000-000000000001/details",
            body: "",
            status: 404,
            answer: ERROR,
            open: &[],
        },
        Example { request: "GET /api/scans/repository/999/latest", body: "", status: 404, answer: ERROR, open: &[] },
        Example {
            request: "GET /api/scans/repository/{large}/latest",
            body: "",
            status: 404,
            answer: ERROR,
            open: &[],
        },
        Example { request: "POST /api/scans/trigger/999", body: "", status: 404, answer: ERROR, open: &[] },
        Example { request: "POST /api/scans/{scan}/cancel", body: "", status: 409, answer: ERROR, open: &[] },
        Example { request: "DELETE /api/scans/{running}", body: "", status: 409, answer: ERROR, open: &[] },
        Example { request: "PUT /api/scans/{scan}", body: "", status: 405, answer: ERROR, open: &[] },
    ],
};
