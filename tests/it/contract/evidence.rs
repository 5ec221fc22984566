//! S4: control results and evidence under `/api/scans` and `/api/evidence`.

use super::{Document, Example, Parameter};

const JOB: &str = r#"{"scan_job_id": "uuid", "status": "queued", "created_at": "..."}"#;
const PIECE: &str = r#"{"id": "", "type": "auto", "created_at": "", "control_id": "CC6.1",
    "file": {"name": "", "media_type": "", "size": 1, "sha256": "", "url": ""}, "evidence_key": ""}"#;
const UPLOAD: &str = "--b\r\nContent-Disposition: form-data; name=\"control_id\"\r\n\r\nCC6.1\r\n\
    --b\r\nContent-Disposition: form-data; name=\"framework_id\"\r\n\r\nsoc2\r\n\
    --b\r\nContent-Disposition: form-data; name=\"description\"\r\n\r\nreviewed by hand\r\n\
    --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"review.txt\"\r\nContent-Type: text/plain\r\n\r\nall is well\n\r\n--b--\r\n";
const ERROR: &str = r#"{"type": "about:blank", "title": "", "status": 400, "detail": "", "code": ""}"#;

pub(super) const DOCUMENT: Document = Document {
    endpoints: &[
        "POST /api/scans/trigger",
        "GET /api/scans/{scan_job_id}",
        "GET /api/scans/{scan_job_id}/results",
        "GET /api/evidence — list",
        "GET /api/evidence/{id} — one",
        "POST /api/evidence/upload — multipart",
        "GET /api/scans — list",
    ],
    examples: &[
        Example {
            request: "GET /api/scans?limit=20&offset=0",
            body: "",
            status: 200,
            answer: r#"{"success": true, "data": [{"id": "", "status": "completed", "created_at": "", "completed_at": "", "scores": {}}],
                "pagination": {"limit": 20, "offset": 0, "total": 3, "has_more": false}}"#,
            open: &["completed_at"],
        },
        Example {
            request: "GET /api/scans/{scan}",
            body: "",
            status: 200,
            answer: r#"{"scan_job_id": "uuid", "status": "completed", "created_at": "", "started_at": "", "completed_at": "",
                "total_controls": 1, "passed_controls": 1, "failed_controls": 1, "score": 50.5}"#,
            open: &[],
        },
        Example {
            request: "GET /api/scans/{scan}/results?status=fail",
            body: "",
            status: 200,
            answer: r#"[{"control_id": "...", "control_title": "...", "status": "pass", "finding": "...", "evidence_key": "..."}]"#,
            open: &[],
        },
        Example {
            request: "GET /api/scans/{scan}/results?framework_id=soc2",
            body: "",
            status: 200,
            answer: r#"[{"control_id": "...", "control_title": "...", "status": "pass", "finding": "...", "evidence_key": "..."}]"#,
            open: &[],
        },
        Example {
            request: "GET /api/evidence?control_id={control}",
            body: "",
            status: 200,
            answer: r#"{"evidence": [{"id": "", "type": "auto", "created_at": "", "control_id": "", "file": {"name": "", "url": ""}}],
                "pagination": {"total": 1, "limit": 20, "offset": 0, "has_more": false}}"#,
            open: &[],
        },
        Example { request: "GET /api/evidence/{evidence}", body: "", status: 200, answer: PIECE, open: &[] },
        Example { request: "POST /api/evidence/upload", body: UPLOAD, status: 201, answer: PIECE, open: &[] },
        Example {
            request: "POST /api/scans/trigger",
            body: r#"{"integration_types": ["aws"], "framework_id": "soc2"}"#,
            status: 202,
            answer: JOB,
            open: &[],
        },
        Example { request: "POST /api/scans/trigger", body: "", status: 202, answer: JOB, open: &[] },
    ],
    parameters: &[
        Parameter { path: "/api/scans", name: "limit", good: &["1", "20", "1000"], bad: &["x", "-1"] },
        Parameter { path: "/api/scans", name: "offset", good: &["0", "20"], bad: &["x", "-1"] },
        Parameter {
            path: "/api/scans/{scan}/results",
            name: "status",
            good: &["pass", "fail", "not-applicable", "manual", "not-evaluated"],
            bad: &["failed", "not_applicable", ""],
        },
        Parameter { path: "/api/scans/{scan}/results", name: "framework_id", good: &["soc2", "nothing"], bad: &[] },
        Parameter { path: "/api/scans/{scan}/results", name: "control_id", good: &["{control}"], bad: &[] },
        Parameter { path: "/api/scans/{scan}/results", name: "severity", good: &[], bad: &["high"] },
        Parameter { path: "/api/evidence", name: "control_id", good: &["{control}", "nothing"], bad: &[] },
        Parameter { path: "/api/evidence", name: "framework_id", good: &["soc2"], bad: &[] },
        Parameter { path: "/api/evidence", name: "scan_job_id", good: &["{scan}"], bad: &["mine"] },
        Parameter { path: "/api/evidence", name: "type", good: &["auto", "manual"], bad: &["automatic"] },
        Parameter { path: "/api/evidence", name: "limit", good: &["1", "1000"], bad: &["x"] },
        Parameter { path: "/api/evidence", name: "offset", good: &["0"], bad: &["x"] },
        Parameter { path: "/api/evidence", name: "tenant", good: &[], bad: &["other"] },
        Parameter { path: "/api/evidence/{evidence}", name: "download", good: &[], bad: &["1"] },
    ],
    settled: &[
        ("/api/scans?limit=2&offset=1", "/pagination/offset", "1"),
        ("/api/scans?limit=1000", "/pagination/limit", "100"),
        ("/api/evidence", "/pagination/limit", "20"),
        ("/api/evidence?limit=1000", "/pagination/limit", "100"),
        ("/api/evidence?control_id=nothing", "/evidence", "[]"),
        ("/api/evidence?type=manual", "/evidence", "[]"),
        ("/api/scans/{scan}/results?framework_id=nothing", "", "[]"),
    ],
    filters: &[
        ("/api/scans/{scan}/results?status=fail", "", "status", r#""fail""#),
        ("/api/scans/{scan}/results?framework_id=soc2", "", "framework_id", r#""soc2_aws""#),
        ("/api/evidence?type=auto", "/evidence", "type", r#""auto""#),
    ],
    refusals: &[
        Example {
            request: "POST /api/scans/trigger",
            body: r#"{"integration_types": "aws"}"#,
            status: 400,
            answer: ERROR,
            open: &[],
        },
        Example {
            request: "POST /api/scans/trigger",
            body: r#"{"integration_types": ["moon"]}"#,
            status: 400,
            answer: ERROR,
            open: &[],
        },
        Example {
            request: "POST /api/scans/trigger",
            body: r#"{"framework_id": "nothing"}"#,
            status: 400,
            answer: ERROR,
            open: &[],
        },
        Example { request: "GET /api/scans/{running}/results", body: "", status: 409, answer: ERROR, open: &[] },
        Example { request: "GET /api/evidence/nothing", body: "", status: 404, answer: ERROR, open: &[] },
        Example { request: "GET /api/evidence/nothing/content", body: "", status: 404, answer: ERROR, open: &[] },
        Example { request: "DELETE /api/evidence/{evidence}", body: "", status: 409, answer: ERROR, open: &[] },
        Example { request: "POST /api/evidence/upload", body: "{}", status: 415, answer: ERROR, open: &[] },
        Example { request: "POST /api/evidence/upload", body: "", status: 415, answer: ERROR, open: &[] },
        Example {
            request: "POST /api/evidence/upload",
            body: "--b\r\nContent-Disposition: form-data; name=\"control_id\"\r\n\r\nCC6.1\r\n--b--\r\n",
            status: 400,
            answer: ERROR,
            open: &[],
        },
        Example {
            request: "POST /api/evidence/upload",
            body: "--b\r\nContent-Disposition: form-data; name=\"colour\"\r\n\r\nred\r\n--b--\r\n",
            status: 400,
            answer: ERROR,
            open: &[],
        },
        Example {
            request: "POST /api/evidence/upload",
            body: "--b\r\nContent-Disposition: form-data; name=\"control_id\"\r\n\r\nCC6.1\r\n--b\r\n\
                Content-Disposition: form-data; name=\"control_id\"\r\n\r\nCC6.2\r\n--b--\r\n",
            status: 400,
            answer: ERROR,
            open: &[],
        },
        // Cut off, without its last boundary, and with a boundary that is not the declared one.
        Example {
            request: "POST /api/evidence/upload",
            body: "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhalf",
            status: 400,
            answer: ERROR,
            open: &[],
        },
        Example {
            request: "POST /api/evidence/upload",
            body: "--other\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nx\r\n--other--\r\n",
            status: 400,
            answer: ERROR,
            open: &[],
        },
    ],
};
