//! A message as a webhook's receiver gets it: a CloudEvent 1.0 in JSON (cloudevents.io), signed as Standard Webhooks has it.

use jiff::Timestamp;
use plumb_model::notification::Delivery;
use serde_json::{Value, json};

use crate::notify::signature::WebhookSecret;

/// What the types of events begin with.
const TYPE_PREFIX: &str = "plumb.";

/// Headers and body of the request.
pub(super) fn request(message: &Delivery, secret: &WebhookSecret, now: Timestamp) -> (Vec<(String, String)>, Vec<u8>) {
    let id = uuid::Uuid::from_bytes(message.id).to_string();
    let body = event(message).to_string().into_bytes();
    let headers = [
        ("content-type", "application/cloudevents+json; charset=utf-8".to_owned()),
        ("webhook-id", id.clone()),
        ("webhook-timestamp", now.as_second().to_string()),
        ("webhook-signature", secret.sign(&id, now.as_second(), &body)),
    ];
    (headers.map(|(name, value)| (name.to_owned(), value)).into(), body)
}

/// The event.
pub fn event(message: &Delivery) -> Value {
    let data: Value = serde_json::from_str(&message.data).unwrap_or_default();
    json!({
        "specversion": "1.0",
        "id": uuid::Uuid::from_bytes(message.id).to_string(),
        "source": format!("urn:uuid:{}", uuid::Uuid::from_bytes(message.tenant)),
        "type": format!("{TYPE_PREFIX}{}", message.event),
        "subject": uuid::Uuid::from_bytes(message.scan).to_string(),
        "time": message.created_at,
        "datacontenttype": "application/json",
        "data": data,
    })
}
