//! Stands between a scanner and a cloud: hands answers on, keeps them, and spoils those that a test wants spoilt.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a bad server goes on before it looks whether anybody listens.
const STEP: Duration = Duration::from_millis(50);

/// What was asked: the line, the place that it is signed for, the operation's header, and the body.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    /// `GET /path?query`
    line: String,
    /// `eu-west-1/sqs`
    pub(crate) place: String,
    /// The id of the key that it is signed with.
    key: String,
    target: String,
    pub(crate) body: String,
}

impl Asked {
    /// `DescribeVpcs`, `ListTables`; none for REST APIs, whose requests do not say it.
    pub(crate) fn operation(&self) -> Option<&str> {
        let form = self.body.split('&').find_map(|pair| pair.strip_prefix("Action="));
        form.or_else(|| Some(self.target.rsplit_once('.')?.1))
    }

    /// The same for the same question and seed, whatever the program: FNV-1a.
    pub(crate) fn number(&self, seed: u64) -> u64 {
        let parts = [&self.line, &self.place, &self.target, &self.body];
        let bytes = parts.into_iter().flat_map(|part| part.bytes().chain([0]));
        seed.to_le_bytes()
            .into_iter()
            .chain(bytes)
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

/// A whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    kind: String,
    /// Other headers that a scanner looks at.
    more: String,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Answer {
        Answer { status, kind: kind.to_owned(), more: String::new(), body: body.into() }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Answer {
        self.more = format!("{}{name}: {value}\r\n", self.more);
        self
    }

    /// With this type, and what a function makes of its text.
    pub(crate) fn rewritten(&self, kind: &str, body: impl FnOnce(&str) -> String) -> Answer {
        let body = body(&String::from_utf8_lossy(&self.body)).into_bytes();
        let kind = if kind.is_empty() { self.kind.clone() } else { kind.to_owned() };
        Answer { kind, body, ..self.clone() }
    }

    fn head(&self, length: usize) -> String {
        let Answer { status, kind, more, .. } = self;
        format!("HTTP/1.1 {status} Status\r\ncontent-type: {kind}\r\n{more}content-length: {length}\r\n\r\n")
    }
}

/// What is done instead of handing the answer on.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// This answer.
    Instead(Answer),
    /// The true answer, changed.
    Changed(fn(&Answer, usize) -> Answer),
    /// Half of it, then the end.
    Cut,
    /// A byte now and then.
    Drip,
    /// The connection is reset before anything is answered.
    Reset,
    /// A body that does not end.
    Endless,
}

/// What is done with a question that was asked so often before; none to hand the answer on.
pub(crate) type Plan = dyn Fn(&Asked, usize) -> Option<Fault> + Send + Sync;

/// What the cloud answered.
pub(crate) type Known = Arc<Mutex<HashMap<Asked, Answer>>>;

pub(crate) struct Proxy {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

struct Shared {
    /// Host and port of the cloud; none where only what is known is answered.
    cloud: Option<String>,
    known: Known,
    plan: Box<Plan>,
    /// How often each question came.
    counts: Mutex<HashMap<Asked, usize>>,
    spoilt: Mutex<HashMap<Asked, usize>>,
}

impl Proxy {
    /// Hands on everything, and keeps it.
    pub(crate) fn keeping(cloud: &str, known: &Known) -> Proxy {
        Proxy::start(Some(cloud.trim_start_matches("http://").to_owned()), known, |_, _| None)
    }

    /// Hands on what the plan does not spoil.
    pub(crate) fn between(cloud: &str, plan: impl Fn(&Asked, usize) -> Option<Fault> + Send + Sync + 'static) -> Proxy {
        Proxy::start(Some(cloud.trim_start_matches("http://").to_owned()), &Known::default(), plan)
    }

    /// Answers what is known, and spoils what the plan says.
    pub(crate) fn spoiling(
        known: &Known,
        plan: impl Fn(&Asked, usize) -> Option<Fault> + Send + Sync + 'static,
    ) -> Proxy {
        Proxy::start(None, known, plan)
    }

    fn start(
        cloud: Option<String>,
        known: &Known,
        plan: impl Fn(&Asked, usize) -> Option<Fault> + Send + Sync + 'static,
    ) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (counts, spoilt) = Default::default();
        let shared = Arc::new(Shared { cloud, known: Arc::clone(known), plan: Box::new(plan), counts, spoilt });
        let of_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&of_thread);
                std::thread::spawn(move || shared.serve(stream).unwrap_or_default());
            }
        });
        Proxy { url, shared }
    }

    /// The questions whose answers were spoilt, and how often each.
    pub(crate) fn spoilt(&self) -> HashMap<Asked, usize> {
        self.shared.spoilt.lock().unwrap().clone()
    }

    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.shared.counts.lock().unwrap().values().sum()
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut stream = stream;
        while let Some((asked, head)) = read(&mut reader)? {
            let count = {
                let mut counts = self.counts.lock().unwrap();
                let count = counts.entry(asked.clone()).or_default();
                *count += 1;
                *count - 1
            };
            let fault = (self.plan)(&asked, count);
            if fault.is_some() {
                *self.spoilt.lock().unwrap().entry(asked.clone()).or_default() += 1;
            }
            let answer = match fault {
                None => self.answer(&asked, &head),
                Some(Fault::Instead(answer)) => answer,
                Some(Fault::Changed(change)) => change(&self.answer(&asked, &head), count),
                Some(fault) => return spoil(&fault, stream, &self.answer(&asked, &head)),
            };
            // In one piece: a second one would wait for the first to be acknowledged.
            stream.write_all(&[answer.head(answer.body.len()).as_bytes(), &answer.body].concat())?;
        }
        Ok(())
    }

    fn answer(&self, asked: &Asked, head: &str) -> Answer {
        if let Some(known) = self.known.lock().unwrap().get(asked) {
            return known.clone();
        }
        let Some(cloud) = &self.cloud else {
            // What no clean scan asks may be asked after a fault: nobody knows the answer.
            return Answer::new(500, "text/plain", "");
        };
        let answer = ask(cloud, head, &asked.body).unwrap_or_else(|error| panic!("{}: {error}", asked.line));
        self.known.lock().unwrap().insert(asked.clone(), answer.clone());
        answer
    }
}

fn spoil(fault: &Fault, mut stream: TcpStream, answer: &Answer) -> std::io::Result<()> {
    match fault {
        Fault::Cut => {
            // Never the whole, even where that is empty.
            stream.write_all(answer.head(answer.body.len() + 1).as_bytes())?;
            stream.write_all(&answer.body[..answer.body.len() / 2])
        }
        Fault::Drip => {
            stream.write_all(answer.head(1 << 20).as_bytes())?;
            while stream.write_all(b"<").is_ok() {
                std::thread::sleep(STEP);
            }
            Ok(())
        }
        Fault::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ntransfer-encoding: chunked\r\n\r\n")?;
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            while stream.write_all(chunk.as_bytes()).is_ok() {}
            Ok(())
        }
        // Whoever closes without waiting for what is under way resets.
        Fault::Reset => socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)),
        Fault::Instead(_) | Fault::Changed(_) => Ok(()),
    }
}

/// One request: what was asked, and its head.
fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<(Asked, String)>> {
    let mut head = String::new();
    loop {
        let before = head.len();
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
        if &head[before..] == "\r\n" {
            break;
        }
    }
    let header = |name: &str| {
        let of = |line: &str| {
            line.split_once(": ").filter(|(of, _)| of.eq_ignore_ascii_case(name)).map(|(_, v)| v.to_owned())
        };
        head.lines().find_map(of).unwrap_or_default()
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let line = head.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
    let authorization = header("authorization");
    let scope = authorization.split("Credential=").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or_default();
    let key = scope.split('/').next().unwrap_or_default().to_owned();
    let place = scope.split('/').skip(2).take(2).collect::<Vec<_>>().join("/");
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(Some((Asked { line, place, key, target: header("x-amz-target"), body }, head)))
}

/// Asks the cloud the same.
fn ask(cloud: &str, head: &str, body: &str) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(cloud)?;
    let head = head.strip_suffix("\r\n").unwrap_or(head);
    write!(stream, "{head}connection: close\r\n\r\n{body}")?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let header = |name: &str| {
        let of = |line: &str| {
            line.split_once(": ").filter(|(of, _)| of.eq_ignore_ascii_case(name)).map(|(_, v)| v.to_owned())
        };
        head.lines().find_map(of)
    };
    assert!(header("transfer-encoding").is_none(), "{head}");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(502);
    let answer =
        Answer::new(status, &header("content-type").unwrap_or_default(), bytes.split_off((end + 4).min(bytes.len())));
    let shown = ["x-amzn-errortype", "x-amz-bucket-region"];
    Ok(shown
        .iter()
        .filter_map(|name| Some((name, header(name)?)))
        .fold(answer, |answer, (name, value)| answer.with(name, &value)))
}
