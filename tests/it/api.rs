//! The API families against each other, with the example requests of their documents: what one starts, all show. The shapes are those
//! of the documents' example answers.

use serde_json::{Value, json};

use crate::harness::Plumb;
use crate::service::Service;
use crate::shape::has_shape;

/// A server with one target of the label `environment=production`, and a token that may do everything.
struct Case {
    plumb: Plumb,
    service: Service,
    token: String,
    target: Value,
}

/// Resources of a scan that takes long enough to be met while it runs.
const MANY: u32 = 60_000;

const BUCKET: &str = r#"{"version":4,"terraform_version":"1.9.0","serial":1,"lineage":"l","outputs":{},"resources":[
    {"mode":"managed","type":"aws_s3_bucket","name":"lake","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[
        {"schema_version":0,"attributes":{"id":"lake","bucket":"lake","arn":"arn:aws:s3:::lake","acl":"private","region":"eu-west-1","tags":{"team":"data"}}}]},
    {"mode":"managed","type":"aws_s3_bucket_public_access_block","name":"lake","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[
        {"schema_version":0,"attributes":{"id":"lake","bucket":"lake","block_public_acls":true,"block_public_policy":true,"ignore_public_acls":true,"restrict_public_buckets":true}}]}]}"#;

impl Case {
    fn new() -> Case {
        let plumb = Plumb::new();
        let state = plumb.write("infra/terraform.tfstate", BUCKET);
        let token = plumb.run(&["token", "create", "--role", "admin"]).expect(0).stdout.trim().to_owned();
        let service = Service::start(&plumb, &[]);
        let target = json!({
            "name": "org/terraform-infra",
            "provider": "terraform",
            "settings": {"paths": [state.parent().unwrap()]},
            "credentials": {"environment": "AWS"},
            "labels": {"environment": "production"},
        });
        let (status, target) = service.ask(&token, "POST", "/v1/targets", Some(&target));
        assert_eq!(status, 201, "{target}");
        Case { plumb, service, token, target }
    }

    fn get(&self, path: &str) -> Value {
        let (status, answer) = self.service.ask(&self.token, "GET", path, None);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    fn post(&self, path: &str, body: Option<Value>) -> (u16, Value) {
        self.service.ask(&self.token, "POST", path, body.as_ref())
    }

    fn target(&self) -> &str {
        self.target["id"].as_str().unwrap()
    }
}

#[test]
fn a_scan_that_one_family_triggers_is_shown_by_all_others() {
    let case = Case::new();
    let body = json!({
        "name": "Emergency Security Audit",
        "scan_type": "policy_specific",
        "environment": "production",
        "cloud_providers": ["aws"],
        "frameworks": ["soc2"],
        "scope": {
            "include_policies": ["pol_encryption", "pol_access_control", "s3_*"],
            "include_resources": ["arn:aws:s3:::*", "*aws_s3_bucket*"],
            "exclude_resources": ["arn:aws:s3:::test-*"],
        },
        "execution": {"immediate": true, "parallel_execution": true, "timeout": "1h"},
        "notifications": {"on_completion": true, "channels": ["email", "slack"]},
    });
    let (status, triggered) = case.post("/v1/scans", Some(body));
    assert_eq!(status, 201, "{triggered}");
    has_shape(
        &triggered,
        &json!({
            "id": "", "name": "", "scan_type": "", "status": "", "environment": "", "created_at": "",
            "estimated_duration": "", "estimated_resources": 3456, "queue_position": 2,
            "monitoring": {"progress_url": "", "websocket_url": ""},
        }),
        &[],
    );
    assert_eq!(triggered["status"], "pending");
    let id = triggered["id"].as_str().unwrap();
    let details = case.service.ended(&case.token, id);
    has_shape(
        &details,
        &json!({
            "id": "", "name": "", "scan_type": "", "status": "", "environment": "", "started_at": "", "completed_at": "",
            "duration": "", "progress": {"total_resources": 1, "scanned_resources": 1, "percentage": 100.0},
            "results": {
                "compliance_score": 94.7, "previous_score": 93.2, "total_violations": 127, "new_violations": 15,
                "resolved_violations": 23, "violation_breakdown": {"critical": 8, "high": 23, "medium": 54, "low": 42},
            },
            "remediation": {"auto_remediated": 45, "manual_required": 82, "estimated_effort": "14.5h"},
        }),
        &["compliance_score", "previous_score"],
    );
    assert_eq!((&details["status"], &details["progress"]["percentage"]), (&json!("completed"), &json!(100.0)));
    let listed = case.get("/v1/scans?limit=20&status=completed&environment=production&scan_type=policy_specific");
    assert_eq!(listed["scans"][0]["id"], id);
    has_shape(
        &listed,
        &json!({
            "scans": [{
                "id": "", "name": "", "scan_type": "", "status": "", "environment": "", "cloud_providers": ["aws"],
                "frameworks": ["soc2"], "started_at": "", "completed_at": "", "duration": "",
                "results_summary": {
                    "compliance_score": 94.7, "total_violations": 127, "critical_violations": 8, "high_violations": 23,
                    "resources_scanned": 15432,
                },
            }],
            "pagination": {"total": 1247, "limit": 20, "offset": 0, "has_more": true},
        }),
        &["compliance_score"],
    );
    let history = case.get("/api/scan/history");
    assert_eq!(history["scans"][0]["id"], id);
    let one = &history["scans"][0];
    let number = |key: &str| one[key].as_u64().unwrap();
    assert_eq!(number("new_violations") + number("unchanged_count"), number("violation_count"));
    assert_eq!(case.get(&format!("/api/scans/{id}"))["data"]["status"], "completed");
    assert_eq!(case.get("/api/scans")["data"][0]["_id"], id);
    case.service.stop();
    case.plumb.run(&["db", "check"]).expect(0);
}

#[test]
fn repositories_are_scanned_and_shown_with_the_keys_of_both_documents() {
    let case = Case::new();
    let (status, started) = case.post(&format!("/api/scans/trigger/{}", case.target()), None);
    assert!(status < 300, "{started}");
    has_shape(
        &started,
        &json!({"success": true, "data": {"_id": "", "repositoryConfig": "", "status": "", "triggeredBy": ""}}),
        &[],
    );
    assert_eq!((&started["data"]["status"], &started["data"]["triggeredBy"]), (&json!("pending"), &json!("manual")));
    let id = started["data"]["_id"].as_str().unwrap().to_owned();
    case.service.ended(&case.token, &id);
    let (status, queued) = case.post("/api/scans/trigger", Some(json!({"integration_types": ["aws"]})));
    assert_eq!((status, &queued["status"]), (202, &json!("queued")), "{queued}");
    let second = queued["scan_job_id"].as_str().unwrap().to_owned();
    case.service.ended(&case.token, &second);
    let entry = json!({
        "_id": "", "repositoryConfig": "", "repositoryName": "", "status": "", "driftCount": 5, "startedAt": "",
        "completedAt": "", "triggeredBy": "", "id": "", "created_at": "", "completed_at": "", "scores": {},
    });
    for path in ["/api/scans", "/api/scans/", "/api/scans/?page=1&limit=20", "/api/scans?limit=20&offset=0"] {
        let list = case.get(path);
        has_shape(
            &list,
            &json!({"success": true, "data": [entry], "pagination": {"page": 1, "limit": 20, "offset": 0, "total": 45, "has_more": true}}),
            &[],
        );
        assert_eq!(list["pagination"]["total"], 2, "{path}");
        assert_eq!(list["data"][0]["_id"], second, "{path}: the newest first");
    }
    assert_eq!(case.service.ask(&case.token, "GET", "/api/scans?page=1&offset=0", None).0, 400);
    let latest = case.get(&format!("/api/scans/repository/{}/latest", case.target()));
    assert_eq!(latest["data"]["_id"], second);
    assert_eq!(case.get(&format!("/api/scans/repository/{}", case.target()))["pagination"]["total"], 2);
    let one = case.get(&format!("/api/scans/{second}"));
    has_shape(
        &one,
        &json!({
            "success": true, "data": {"_id": ""}, "scan_job_id": "", "status": "", "total_controls": 1, "passed_controls": 1,
            "failed_controls": 1, "score": 1.0, "created_at": "", "started_at": "", "completed_at": "",
        }),
        &["score"],
    );
    let results = case.get(&format!("/api/scans/{second}/results?status=fail"));
    has_shape(&results, &json!([{"control_id": "", "status": "", "finding": "", "evidence_key": ""}]), &[]);
    assert!(results.as_array().unwrap().iter().all(|result| result["status"] == "fail"));
    let dashboard = case.get("/api/scans/dashboard");
    has_shape(
        &dashboard["data"],
        &json!({
            "totalScans": 156, "totalDrifts": 423, "resolvedDrifts": 312, "activeRepositories": 8, "recentScans": [{"_id": ""}],
            "driftTrend": [{}],
        }),
        &[],
    );
    assert_eq!(
        (&dashboard["data"]["totalScans"], dashboard["data"]["driftTrend"].as_array().unwrap().len()),
        (&json!(2), 30)
    );
    assert_eq!(case.service.ask(&case.token, "POST", &format!("/api/scans/{id}/cancel"), None).0, 409);
    assert_eq!(case.service.ask(&case.token, "DELETE", &format!("/api/scans/{id}"), None).0, 200);
    assert_eq!(case.service.ask(&case.token, "GET", &format!("/api/scans/{id}"), None).0, 404);
    assert_eq!(case.service.ask(&case.token, "GET", &format!("/v1/scans/{id}"), None).0, 404);
    case.service.stop();
    case.plumb.run(&["db", "check"]).expect(0);
}

#[test]
fn a_changed_bucket_is_a_drift_that_people_move_and_resolve() {
    let case = Case::new();
    let detect = || {
        let (status, job) = case.post("/api/v1/drifts/detect", None);
        assert_eq!(status, 202, "{job}");
        has_shape(&job, &json!({"job_id": 42, "status": "running", "message": ""}), &[]);
        case.service.ended(&case.token, &job["job_id"].to_string())
    };
    detect();
    assert_eq!(case.get("/api/v1/drifts")["meta"]["total"], 0, "the first scan is the baseline");
    let open = BUCKET.replace(r#""block_public_acls":true"#, r#""block_public_acls":false"#);
    case.plumb.write("infra/terraform.tfstate", open);
    let scan = detect();
    let list = case.get("/api/v1/drifts?status=detected&per_page=500");
    has_shape(
        &list,
        &json!({
            "data": [{
                "id": 1, "resource_id": 15, "resource_name": "", "resource_type": "", "drift_type": "", "severity": "",
                "status": "", "summary": "", "baseline_value": true, "current_value": true, "detected_at": "",
            }],
            "meta": {"total": 12, "page": 1, "per_page": 20},
        }),
        &[],
    );
    assert_eq!((&list["meta"]["total"], &list["meta"]["per_page"]), (&json!(1), &json!(100)), "{list}");
    let drift = &list["data"][0];
    assert_eq!((&drift["baseline_value"], &drift["current_value"]), (&json!(true), &json!(false)));
    let details = case.get(&format!("/api/scans/{}/details", scan["id"].as_str().unwrap()));
    assert_eq!(
        (&details["data"]["driftCount"], &details["data"]["drifts"][0]["status"]),
        (&json!(1), &json!("detected"))
    );
    assert_eq!(details["data"]["drifts"][0]["resourceAddress"], "aws_s3_bucket.lake");
    let path = format!("/api/v1/drifts/{}", drift["id"]);
    let change = |to: &str| case.service.ask(&case.token, "PATCH", &path, Some(&json!({"status": to}))).0;
    assert_eq!(change("resolved"), 409, "nobody has looked at it");
    assert_eq!((change("investigating"), change("investigating"), change("detected")), (200, 409, 409));
    assert!(case.get(&path)["diff"].is_array());
    let (status, resolved) = case.post(&format!("{path}/resolve"), Some(json!({"capture_baseline": true})));
    assert_eq!((status, &resolved["status"]), (200, &json!("resolved")));
    assert_eq!(case.post(&format!("{path}/resolve"), None).0, 409);
    let summary = case.get("/api/v1/drifts/summary");
    assert_eq!((&summary["total"], &summary["by_status"]["resolved"]), (&json!(1), &json!(1)));
    detect();
    assert_eq!(case.get("/api/v1/drifts?status=detected")["meta"]["total"], 0, "it is the baseline now");
    case.service.stop();
    case.plumb.run(&["db", "check"]).expect(0);
}

#[test]
fn evidence_of_scans_and_uploads_is_listed_and_comes_back_byte_for_byte() {
    let case = Case::new();
    let (_, started) = case.post("/api/scans/trigger", None);
    let scan = started["scan_job_id"].as_str().unwrap().to_owned();
    case.service.ended(&case.token, &scan);
    let results = case.get(&format!("/api/scans/{scan}/results?status=fail&framework_id=soc2"));
    let control = results[0]["control_id"].as_str().unwrap();
    let list = case.get(&format!("/api/evidence?control_id={control}&scan_job_id={scan}"));
    let piece = list["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .find(|piece| piece["evidence_key"] == results[0]["evidence_key"])
        .unwrap();
    let (status, _, content) =
        case.service.exchange(&case.token, "GET", piece["file"]["url"].as_str().unwrap(), "", b"");
    assert_eq!((status, content.len() as u64), (200, piece["file"]["size"].as_u64().unwrap()));
    assert!(serde_json::from_slice::<Value>(&content).unwrap().is_object());
    let form = "--b\r\nContent-Disposition: form-data; name=\"control_id\"\r\n\r\nCC6.1\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; \
                filename=\"../../../etc/passwd.txt\"\r\nContent-Type: text/plain\r\n\r\nreviewed by hand\n\r\n--b--\r\n";
    let kind = "content-type: multipart/form-data; boundary=b\r\n";
    let (status, kept) = case.service.send(&case.token, "POST", "/api/evidence/upload", kind, form.as_bytes());
    assert_eq!((status, &kept["type"]), (201, &json!("manual")), "{kept}");
    assert!(!kept["file"]["name"].as_str().unwrap().contains('/'));
    let url = kept["file"]["url"].as_str().unwrap();
    assert_eq!(case.service.exchange(&case.token, "GET", url, "", b"").2, b"reviewed by hand\n");
    let (before, after) = form.split_once("reviewed by hand\n").unwrap();
    let program = [before.as_bytes(), b"\x7fELF\x02\x01\x01\0\xff\xfe", after.as_bytes()].concat();
    assert_eq!(case.service.send(&case.token, "POST", "/api/evidence/upload", kind, &program).0, 400);
    assert_eq!(case.service.send(&case.token, "POST", "/api/evidence/upload", kind, &form.as_bytes()[..90]).0, 400);
    case.service.stop();
    case.plumb.run(&["db", "check"]).expect(0);
}

#[test]
fn what_is_wrong_is_said_in_the_form_of_each_family() {
    let case = Case::new();
    let body = json!({"name": "x", "scan_type": "full", "environment": "production", "cloud_providers": []});
    let (status, error) = case.post("/v1/scans", Some(body));
    assert_eq!(
        (status, &error["error"], &error["error_code"]),
        (400, &json!("invalid_scan_config"), &json!("SCAN_001"))
    );
    assert_eq!(
        error["details"][0],
        json!({"field": "cloud_providers", "message": "At least one cloud provider must be specified"})
    );
    assert!(error["timestamp"].is_string());
    let (status, error) = case.service.ask("plumb_nobody", "GET", "/api/scan/history", None);
    assert_eq!((status, &error["error"]), (401, &json!("UNAUTHORIZED")));
    let (status, error) = case.service.ask(&case.token, "GET", "/api/scans/019aa100-1101-7000-8000-000000000001", None);
    assert_eq!((status, &error["success"]), (404, &json!(false)));
    let (status, error) = case.service.ask(&case.token, "GET", "/api/v1/drifts?severity=awful", None);
    assert_eq!((status, &error["status"]), (400, &json!(400)));
    for (method, path, body) in [
        (
            "POST",
            "/v1/scans",
            r#"{"name":"x","name":"y","scan_type":"full","environment":"e","cloud_providers":["aws"]}"#,
        ),
        (
            "POST",
            "/v1/scans",
            r#"{"name":"x","scan_type":"full","environment":"e","cloud_providers":["aws"],"colour":"red"}"#,
        ),
        ("POST", "/v1/scans", r#"{"name":"x","scan_type":"full","environment":"nowhere","cloud_providers":["aws"]}"#),
        ("POST", "/v1/targets", r#"{"name":"x","provider":"oracle","settings":{}}"#),
        ("POST", "/v1/targets", r#"{"name":"x","provider":"terraform","settings":{"paths":["../etc"]}}"#),
        ("PATCH", "/api/v1/drifts/1", r#"{"status":"closed"}"#),
    ] {
        let body: Vec<u8> = body.into();
        let (status, answer) =
            case.service.send(&case.token, method, path, "content-type: application/json\r\n", &body);
        assert_eq!(status, 400, "{path}: {answer}");
    }
    for path in [
        "/v1/scans?colour=red",
        "/v1/scans?limit=many",
        "/api/scan/history?from_date=yesterday",
        "/api/scan/history?min_score=101",
    ] {
        assert_eq!(case.service.ask(&case.token, "GET", path, None).0, 400, "{path}");
    }
    case.service.stop();
}

#[test]
fn nothing_of_one_tenant_is_there_for_another() {
    let case = Case::new();
    case.plumb.run(&["tenant", "create", "acme"]).expect(0);
    let other =
        case.plumb.run(&["token", "create", "--tenant", "acme", "--role", "admin"]).expect(0).stdout.trim().to_owned();
    let (_, started) = case.post(&format!("/api/scans/trigger/{}", case.target()), None);
    let scan = started["data"]["_id"].as_str().unwrap().to_owned();
    case.service.ended(&case.token, &scan);
    for (method, path) in [
        ("GET", format!("/v1/scans/{scan}")),
        ("DELETE", format!("/v1/scans/{scan}")),
        ("GET", format!("/v1/scans/{scan}/stream")),
        ("GET", format!("/api/scans/{scan}")),
        ("GET", format!("/api/scans/{scan}/details")),
        ("GET", format!("/api/scans/{scan}/results")),
        ("POST", format!("/api/scans/{scan}/cancel")),
        ("DELETE", format!("/api/scans/{scan}")),
        ("GET", format!("/v1/targets/{}", case.target())),
        ("DELETE", format!("/v1/targets/{}", case.target())),
        ("POST", format!("/api/scans/trigger/{}", case.target())),
        ("GET", format!("/v1/findings?scan_id={scan}")),
        ("GET", "/v1/targets/1".to_owned()),
        ("GET", "/v1/scans/1".to_owned()),
    ] {
        assert_eq!(case.service.ask(&other, method, &path, None).0, 404, "{method} {path}");
    }
    let list = case.service.ask(&other, "GET", "/api/scans", None).1;
    assert_eq!((&list["pagination"]["total"], &list["data"]), (&json!(0), &json!([])));
    assert_eq!(case.service.ask(&other, "GET", "/v1/targets", None).1["targets"], json!([]));
    case.service.stop();
}

#[test]
fn a_running_scan_that_is_cancelled_keeps_what_it_found_and_a_killed_server_takes_it_up_again() {
    let case = Case::new();
    let bucket = |number: u32| {
        json!({
            "mode": "managed", "type": "aws_s3_bucket", "name": format!("lake{number}"),
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [{"schema_version": 0, "attributes": {"id": format!("lake{number}"), "bucket": format!("lake{number}")}}],
        })
    };
    let large = json!({
        "version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "l", "outputs": {},
        "resources": (0..MANY).map(bucket).collect::<Vec<_>>(),
    });
    let large = large.to_string();
    case.plumb.write("infra/terraform.tfstate", large);
    let begin = || {
        let (status, started) = case.post(&format!("/api/scans/trigger/{}", case.target()), None);
        assert_eq!(status, 201, "{started}");
        let id = started["data"]["_id"].as_str().unwrap().to_owned();
        loop {
            let details = case.get(&format!("/v1/scans/{id}"));
            if details["progress"]["scanned_resources"].as_u64() > Some(0) {
                assert_eq!(details["status"], "running");
                return id;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    };
    let id = begin();
    let (status, cancelled) = case.service.ask(&case.token, "DELETE", &format!("/v1/scans/{id}"), None);
    assert_eq!((status, &cancelled["status"]), (200, &json!("cancelled")), "{cancelled}");
    has_shape(
        &cancelled["partial_results"],
        &json!({"resources_scanned": 1, "total_resources": 1, "completion_percentage": 1.0, "violations_found": 1, "data_available": true}),
        &[],
    );
    assert!(cancelled["partial_results"]["resources_scanned"].as_u64() > Some(0));
    assert_eq!(case.service.ask(&case.token, "DELETE", &format!("/v1/scans/{id}"), None).0, 409);
    let id = begin();
    let Case { plumb, service, token, .. } = case;
    service.kill();
    let service = Service::start(&plumb, &[]);
    let details = service.ended(&token, &id);
    assert_eq!((&details["status"], &details["progress"]["scanned_resources"]), (&json!("completed"), &json!(MANY)));
    service.stop();
    plumb.run(&["db", "check"]).expect(0);
}

#[test]
fn policies_and_baselines_can_be_made_before_anything_needs_them() {
    let case = Case::new();
    let policy = json!({"targets": [case.target()], "frameworks": ["soc2"], "name": "SOC 2 in production"});
    let (status, made) = case.post("/v1/policies", Some(policy));
    assert_eq!(
        (status, &made["name"], &made["frameworks"]),
        (201, &json!("SOC 2 in production"), &json!(["soc2_aws"])),
        "{made}"
    );
    let (status, started) = case.post("/api/scans/trigger", Some(json!({"framework_id": "soc2"})));
    assert_eq!(status, 202, "{started}");
    let details = case.service.ended(&case.token, started["scan_job_id"].as_str().unwrap());
    assert_eq!(details["policy_id"], made["id"], "the scan of the same pair is of the policy");
    assert_eq!(case.post("/v1/policies", Some(json!({"targets": []}))).0, 400);
    assert_eq!(case.post("/v1/policies", Some(json!({"targets": ["7"]}))).0, 400);
    assert_eq!(case.post("/v1/policies", Some(json!({"targets": ["1"], "frameworks": ["soc9"]}))).0, 400);

    let path = format!("/v1/targets/{}/baseline", case.target());
    let (status, captured) = case.post(&path, None);
    assert_eq!((status, &captured["scan_id"], &captured["resources"]), (200, &details["id"], &json!(1)), "{captured}");
    let changed = BUCKET.replace("\"block_public_acls\":true", "\"block_public_acls\":false");
    case.plumb.write("infra/terraform.tfstate", changed);
    let (_, started) = case.post("/api/scans/trigger", None);
    case.service.ended(&case.token, started["scan_job_id"].as_str().unwrap());
    let drifts = case.get("/api/v1/drifts");
    assert_eq!(drifts["meta"]["total"], 1, "{drifts}");
    assert_eq!(case.post(&path, Some(json!({"scan_id": "999"}))).0, 404);
    case.service.stop();
}
