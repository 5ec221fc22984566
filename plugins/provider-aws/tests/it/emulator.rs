//! Sends requests to an emulator of AWS at 127.0.0.1, unsigned: it tells services and regions by a credential's scope.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::Duration;

use plumbline::http::{Answer, Auth, Client, HttpError, Request, Response, method_name};
use plumbline::serde_json::{Value as Json, from_slice, json};

/// Sent side by side: the emulator is one process.
const AT_ONCE: usize = 4;

/// It may keep the connection open whatever it was asked.
const PATIENCE: Duration = Duration::from_secs(20);

fn end_of_head(answer: &[u8]) -> Option<usize> {
    answer.windows(4).position(|window| window == b"\r\n\r\n")
}

/// Whether the head is there, and as much of the body as it says.
fn is_whole(answer: &[u8]) -> bool {
    let Some(split) = end_of_head(answer) else { return false };
    let head = String::from_utf8_lossy(&answer[..split]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
    length.is_some_and(|length| answer.len() >= split + 4 + length)
}

pub struct Emulator {
    pub port: u16,
    /// What was sent and answered, in the form of `plumbline::http::Exchange`.
    pub log: Mutex<Vec<Json>>,
}

impl Emulator {
    pub fn new(port: u16) -> Emulator {
        Emulator { port, log: Mutex::new(Vec::new()) }
    }

    fn exchange(&self, request: &Request) -> Answer {
        let sent = self.send_one(request).map_err(|error| HttpError::Connect(error.to_string()))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers: Vec<String> = request
            .headers
            .iter()
            .filter(|(name, _)| name != "content-type")
            .map(|(n, v)| format!("{n}: {v}"))
            .collect();
        self.log.lock().unwrap().push(json!({
            "request": format!("{} {}", method_name(request.method), request.url),
            "headers": headers,
            "body": text(request.body.as_deref().unwrap_or_default()),
            "status": sent.status,
            "answer": from_slice::<Json>(&sent.body).unwrap_or_else(|_| text(&sent.body).into()),
            "error_code": sent.error_code,
        }));
        Ok(sent)
    }

    fn send_one(&self, request: &Request) -> std::io::Result<Response> {
        let (host, path) = request.url.trim_start_matches("https://").split_once('/').unwrap();
        let Auth::AwsSigv4(sign) = &request.auth else { panic!("{} is not signed", request.url) };
        let body = request.body.as_deref().unwrap_or_default();
        let mut head = format!(
            "{} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n\
             authorization: AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/{}/{}/aws4_request, SignedHeaders=host, Signature=0\r\n",
            method_name(request.method),
            body.len(),
            sign.region,
            sign.service
        );
        for (name, value) in &request.headers {
            head.push_str(&[name.as_str(), ": ", value, "\r\n"].concat());
        }
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.write_all(head.as_bytes())?;
        stream.write_all(b"\r\n")?;
        stream.write_all(body)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut all = Vec::new();
        let mut buffer = [0; 16 * 1024];
        while !is_whole(&all) {
            match stream.read(&mut buffer)? {
                0 => break,
                count => all.extend_from_slice(&buffer[..count]),
            }
        }
        let split = end_of_head(&all).unwrap();
        let head = String::from_utf8_lossy(&all[..split]).into_owned();
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let body = all[split + 4..].to_vec();
        let error_code = if status < 400 { String::new() } else { error_code(&headers, &body) };
        Ok(Response { status, headers, body, error_code })
    }
}

/// As a host finds it.
fn error_code(headers: &[(String, String)], body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let plain = |code: &str| code.rsplit('#').next().unwrap().split(':').next().unwrap().to_owned();
    if let Some((_, code)) = headers.iter().find(|(name, _)| name == "x-amzn-errortype") {
        return plain(code);
    }
    if let Some((_, rest)) = text.split_once("<Code>") {
        return rest.split('<').next().unwrap().to_owned();
    }
    let json: Json = from_slice(body).unwrap_or_default();
    ["__type", "code", "Code"].iter().find_map(|key| json.get(key)?.as_str()).map(plain).unwrap_or_default()
}

impl Client for Emulator {
    fn send_all(&self, requests: &[Request]) -> Vec<Answer> {
        let mut answers = Vec::new();
        for some in requests.chunks(AT_ONCE) {
            std::thread::scope(|scope| {
                let running: Vec<_> = some.iter().map(|request| scope.spawn(|| self.exchange(request))).collect();
                answers.extend(running.into_iter().map(|answer| answer.join().unwrap()));
            });
        }
        answers
    }
}
