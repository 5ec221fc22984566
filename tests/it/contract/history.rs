//! S2: completed scans under `/api/scan/history`.

use super::{Document, Example, Parameter};

const ERROR: &str = r#"{"error": "INVALID_PARAMETER", "message": ""}"#;

pub(super) const DOCUMENT: Document = Document {
    endpoints: &["GET /api/scan/history"],
    examples: &[Example {
        request: "GET /api/scan/history",
        body: "",
        status: 200,
        answer: r#"{"scans": [{"id": "abc12345-def6-7890-ghij-klmnopqrstuv", "policy_id": "550e8400-e29b-41d4-a716-446655440000",
            "score": 87.5, "violation_count": 23, "new_violations": 5, "resolved_violations": 12, "unchanged_count": 18,
            "status": "completed", "created_at": "2024-01-15T10:30:00Z", "completed_at": "2024-01-15T10:30:04Z",
            "audit_name": "Q1 2024 Compliance Audit"}]}"#,
        open: &["audit_name"],
    }],
    parameters: &[
        Parameter {
            path: "/api/scan/history",
            name: "policy_id",
            good: &["{policy}", "1"],
            bad: &["mine", "", "1-2-3"],
        },
        Parameter { path: "/api/scan/history", name: "audit_name", good: &["q1", "Q1%202024", ""], bad: &[LONG] },
        Parameter {
            path: "/api/scan/history",
            name: "from_date",
            good: &["2024-01-15", "2024-01-15T10:30:00Z", "2024-01-15T10:30:00%2B02:00"],
            bad: &["yesterday", "2024-13-01", "15.01.2024", ""],
        },
        Parameter { path: "/api/scan/history", name: "to_date", good: &["2099-01-01"], bad: &["tomorrow", ""] },
        Parameter {
            path: "/api/scan/history",
            name: "min_score",
            good: &["0", "87.5", "100"],
            bad: &["-1", "101", "high", "NaN"],
        },
        Parameter { path: "/api/scan/history", name: "max_score", good: &["0", "100"], bad: &["-0.1", "100.1", "inf"] },
        Parameter {
            path: "/api/scan/history",
            name: "sort",
            good: &["created_at", "score", "violation_count"],
            bad: &["name", ""],
        },
        Parameter { path: "/api/scan/history", name: "order", good: &["asc", "desc"], bad: &["up", "ASC"] },
        Parameter { path: "/api/scan/history", name: "limit", good: &["1", "100", "1000"], bad: &["-1", "all"] },
        Parameter { path: "/api/scan/history", name: "offset", good: &["0", "5000"], bad: &["-1", "x"] },
        Parameter { path: "/api/scan/history", name: "user_id", good: &[], bad: &["1"] },
    ],
    settled: &[
        ("/api/scan/history?offset=5000", "/scans", "[]"),
        ("/api/scan/history?from_date=2099-01-01", "/scans", "[]"),
        ("/api/scan/history?to_date=2020-01-01", "/scans", "[]"),
        ("/api/scan/history?audit_name=nobody", "/scans", "[]"),
        ("/api/scan/history?policy_id=019aa100-1101-7000-8000-000000000001", "/scans", "[]"),
        (
            "/api/scan/history?audit_name=q1%202024&order=asc&limit=1",
            "/scans/0/audit_name",
            r#""Q1 2024 Compliance Audit""#,
        ),
    ],
    filters: &[
        ("/api/scan/history", "/scans", "status", r#""completed""#),
        ("/api/scan/history?audit_name=COMPLIANCE", "/scans", "audit_name", r#""Q1 2024 Compliance Audit""#),
    ],
    refusals: &[
        Example { request: "GET /api/scan/history?sort=name", body: "", status: 400, answer: ERROR, open: &[] },
        Example { request: "POST /api/scan/history", body: "", status: 405, answer: ERROR, open: &[] },
    ],
};

/// Longer than a name can be.
const LONG: &str = concat!(
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
);
