//! `/api/evidence`: what proves how controls came out.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Multipart, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::stream;
use plumb_model::access::Scope;
use plumb_model::evidence::{Evidence, EvidenceKind};
use plumb_model::scan::ScanId;
use plumb_store::{BlobWriter, EvidenceFilter, NewEvidence, Numbered, StoreError, Upload};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::access::Access;
use crate::audit;
use crate::extract::{NoParameters, Page, PathParams, Query, RecordId, WholeNumber};
use crate::family::Family;
use crate::limits::UPLOAD_BYTES;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;
use crate::time::now;
use crate::v1::Pagination;
use crate::views::{find_scan, framework_id, hex, uuid};

const DEFAULT: u64 = 20;

/// Bytes of a form's field that is no file.
const TEXT_BYTES: usize = 16 << 10;

/// Bytes around the file in a form: boundaries, headers and texts.
const FORM_BYTES: usize = 128 << 10;

/// Pieces of content that wait for a client: enough to keep it busy, and little memory.
const PIECES: usize = 4;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/evidence", Scope::EvidenceRead, Family::S4, list)
        .post("/api/evidence/upload", Scope::EvidenceWrite, Family::S4, upload)
        .creating()
        .streaming(UPLOAD_BYTES + FORM_BYTES)
        .get("/api/evidence/{id}", Scope::EvidenceRead, Family::S4, show)
        .get("/api/evidence/{id}/content", Scope::EvidenceRead, Family::S4, content)
        .delete("/api/evidence/{id}", Scope::EvidenceWrite, Family::S4, delete)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(list, upload, show, content, delete), components(schemas(KindWord)))]
struct Documented;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    control_id: Option<String>,
    /// An id, a name such as `soc2`, or the UUID that `/v1/frameworks` shows
    framework_id: Option<String>,
    /// A scan's UUID or number
    #[param(value_type = Option<String>, pattern = "^([0-9]{1,18}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$")]
    scan_job_id: Option<RecordId>,
    r#type: Option<KindWord>,
    /// 20 by default, 100 at most
    limit: Option<WholeNumber>,
    offset: Option<WholeNumber>,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KindWord {
    /// What a scan proved
    Auto,
    /// What somebody uploaded
    Manual,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EvidenceList {
    evidence: Vec<EvidenceAnswer>,
    pagination: Pagination,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EvidenceAnswer {
    id: String,
    /// The tenant's number of it; 0 where evidence of scans has none.
    number: u64,
    #[schema(example = "auto")]
    r#type: &'static str,
    control_id: Option<String>,
    framework_id: Option<String>,
    scan_job_id: Option<String>,
    /// Names the piece for as long as it exists.
    evidence_key: String,
    file: File,
    description: String,
    created_at: String,
    created_by: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct File {
    name: String,
    media_type: String,
    /// Bytes.
    size: u64,
    sha256: String,
    /// Where the bytes are.
    url: String,
}

/// The form of an upload.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read as it comes")]
pub(crate) struct UploadForm {
    /// PDF, image, text, CSV, JSON, YAML, office document or archive, up to 100 MiB
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    control_id: Option<String>,
    framework_id: Option<String>,
    scan_job_id: Option<String>,
    description: Option<String>,
}

/// Evidence of the tenant, the latest first.
#[utoipa::path(get, path = "/api/evidence", tag = "evidence", params(Parameters), responses(
    (status = 200, description = "A page of evidence", body = EvidenceList),
))]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access,
    Query(parameters): Query<Parameters>,
) -> Result<Json<EvidenceList>, Problem> {
    let page = Page::by_offset(parameters.offset, parameters.limit, DEFAULT);
    let scan = match parameters.scan_job_id {
        None => None,
        Some(id) => Some(find_scan(&state, &access, id).await?.scan.id),
    };
    let filter = EvidenceFilter {
        kind: parameters.r#type.map(|word| match word {
            KindWord::Auto => EvidenceKind::Auto,
            KindWord::Manual => EvidenceKind::Manual,
        }),
        scan,
        framework: parameters.framework_id.map(|id| framework_id(&state, &id)),
        control_id: parameters.control_id,
    };
    let (_, limit) = page.range();
    let (rows, total) =
        state.read(move |ledger| ledger.list_evidence(&access.tenant, &filter, page.offset, limit)).await?;
    Ok(Json(EvidenceList {
        evidence: rows.into_iter().map(EvidenceAnswer::from).collect(),
        pagination: Pagination::new(page, total),
    }))
}

/// One piece of evidence, without its content.
#[utoipa::path(get, path = "/api/evidence/{id}", tag = "evidence", params(("id" = String, Path, description = "UUID or number")),
    responses((status = 200, description = "The piece", body = EvidenceAnswer)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Json<EvidenceAnswer>, Problem> {
    find(&state, &access, id).await.map(|evidence| Json(evidence.into()))
}

/// The bytes. They are compared with the digest while they are sent; where they differ, the answer breaks off before its end.
#[utoipa::path(get, path = "/api/evidence/{id}/content", tag = "evidence", params(("id" = String, Path, description = "UUID or number")),
    responses((status = 200, description = "The bytes", content_type = "*/*", body = Vec<u8>)))]
pub(crate) async fn content(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let evidence = find(&state, &access, id).await?;
    let headers = headers(&evidence);
    let (sender, receiver) = mpsc::channel::<Result<Bytes, StoreError>>(PIECES);
    // Its own thread: a slow client must not hold up other reads.
    tokio::task::spawn_blocking(move || {
        let sent = state.service().ledger().evidence_content(&evidence, |piece| {
            // A client that has gone wants no more; the error is not read by anybody.
            let gone = || StoreError::NotAccepted("the client has gone".to_owned());
            sender.blocking_send(Ok(Bytes::copy_from_slice(piece))).map_err(|_| gone())
        });
        if let Err(error) = sent {
            tracing::error!(%error, "evidence was not sent whole");
            if sender.blocking_send(Err(error)).is_err() {
                tracing::debug!("its client had gone");
            }
        }
    });
    let pieces = stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) });
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// Keeps an upload as evidence.
#[utoipa::path(post, path = "/api/evidence/upload", tag = "evidence",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "The piece", body = EvidenceAnswer)))]
pub(crate) async fn upload(
    State(state): State<AppState>,
    access: Access,
    _: NoParameters,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<(StatusCode, Json<EvidenceAnswer>), Problem> {
    let form = form.map_err(|_| Problem::unsupported_media_type("multipart/form-data; boundary=…"))?;
    let form = Form::read(&state, form).await?;
    let scan = match form.scan_job_id {
        None => None,
        Some(text) => Some(scan_id(&state, &access, &text).await?),
    };
    let id = *uuid::Uuid::now_v7().as_bytes();
    audit::makes("/api/evidence", id);
    let new = NewEvidence {
        id,
        tenant: access.tenant,
        scan,
        framework: form.framework_id.map(|id| framework_id(&state, &id)),
        control_id: form.control_id,
        description: form.description.unwrap_or_default(),
        created_at: now(),
        created_by: format!("token {}", uuid(access.token)),
        upload: form.file.ok_or_else(|| Problem::invalid_body("file", "there is no file in the form"))?,
    };
    let kept = state.write(move |ledger| ledger.put_evidence(new)).await?;
    Ok((StatusCode::CREATED, Json(kept.into())))
}

/// Deletes an upload. What a scan proved goes with its scan.
#[utoipa::path(delete, path = "/api/evidence/{id}", tag = "evidence", params(("id" = String, Path, description = "UUID or number")),
    responses(
        (status = 204, description = "The piece is gone"),
        (status = 409, description = "It is part of a scan's record", body = crate::errors::ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(crate) async fn delete(
    State(state): State<AppState>,
    access: Access,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<StatusCode, Problem> {
    let evidence = find(&state, &access, id).await?;
    state.write(move |ledger| ledger.delete_evidence(&evidence.tenant, &evidence.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(state: &AppState, access: &Access, id: RecordId) -> Result<Evidence, Problem> {
    let (tenant, id) = (access.tenant, id.uuid(state, access, Numbered::Evidence).await?);
    state.read(move |ledger| ledger.evidence(&tenant, &id)).await?.ok_or_else(Problem::not_found)
}

async fn scan_id(state: &AppState, access: &Access, text: &str) -> Result<ScanId, Problem> {
    let unknown = || Problem::invalid_body("scan_job_id", "there is no such scan");
    let id = uuid::Uuid::try_parse(text).map_err(|_| unknown())?;
    find_scan(state, access, RecordId::Uuid(*id.as_bytes())).await.map(|head| head.scan.id).map_err(|_| unknown())
}

fn headers(evidence: &Evidence) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    };
    put(CONTENT_TYPE, &evidence.media_type);
    put(CONTENT_LENGTH, &evidence.size.to_string());
    // Never shown by a browser as a page of this server. A name may have any letters, so it is percent-encoded (RFC 6266).
    let name: String = form_urlencoded::byte_serialize(evidence.file_name.as_bytes()).collect();
    put(CONTENT_DISPOSITION, &format!("attachment; filename*=UTF-8''{}", name.replace('+', "%20")));
    headers
}

/// A form, with its file on the disk.
#[derive(Default)]
struct Form {
    file: Option<Upload>,
    control_id: Option<String>,
    framework_id: Option<String>,
    scan_job_id: Option<String>,
    description: Option<String>,
}

impl Form {
    async fn read(state: &AppState, mut fields: Multipart) -> Result<Form, Problem> {
        let mut form = Form::default();
        while let Some(field) = fields.next_field().await.map_err(|error| broken(&error))? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == "file" {
                if form.file.is_some() {
                    return Err(Problem::invalid_body("file", "it comes more than once; upload one file"));
                }
                form.file = Some(take_file(state, field).await?);
                continue;
            }
            let place = match name.as_str() {
                "control_id" => &mut form.control_id,
                "framework_id" => &mut form.framework_id,
                "scan_job_id" => &mut form.scan_job_id,
                "description" => &mut form.description,
                _ => return Err(Problem::invalid_body(name, "there is no such field in the form")),
            };
            if place.is_some() {
                return Err(Problem::invalid_body(name, "it comes more than once"));
            }
            *place = Some(take_text(&name, field).await?);
        }
        Ok(form)
    }
}

async fn take_text(name: &str, mut field: Field<'_>) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + piece.len() > TEXT_BYTES {
            return Err(Problem::invalid_body(name, format!("it has more than {TEXT_BYTES} bytes")));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| Problem::invalid_body(name, "it is no UTF-8"))
}

/// Streams the file to the disk; never more of it than a piece is in memory.
async fn take_file(state: &AppState, mut field: Field<'_>) -> Result<Upload, Problem> {
    let declared = field.content_type().map(str::to_owned);
    let file_name = field.file_name().unwrap_or("evidence").to_owned();
    let mut writer: BlobWriter = state.write(|ledger| ledger.begin_upload(UPLOAD_BYTES as u64)).await?;
    while let Some(piece) = field.chunk().await.map_err(|error| broken(&error))? {
        writer = state.write(move |_| writer.write(&piece).map(|()| writer)).await?;
    }
    Ok(state.write(move |_| writer.finish(declared.as_deref(), &file_name)).await?)
}

fn broken(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::too_large();
    }
    Problem::invalid_body("", "the form is broken or ended before it was complete")
}

impl From<Evidence> for EvidenceAnswer {
    fn from(evidence: Evidence) -> EvidenceAnswer {
        let id = uuid(evidence.id);
        let sha256 = hex(evidence.digest);
        EvidenceAnswer {
            number: evidence.number,
            r#type: evidence.kind.as_str(),
            control_id: evidence.control_id,
            framework_id: evidence.framework,
            scan_job_id: evidence.scan.map(uuid),
            evidence_key: evidence.key,
            file: File {
                name: evidence.file_name,
                media_type: evidence.media_type,
                size: evidence.size,
                sha256,
                url: format!("/api/evidence/{id}/content"),
            },
            description: evidence.description,
            created_at: evidence.created_at,
            created_by: evidence.created_by,
            id,
        }
    }
}
