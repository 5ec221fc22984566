//! Signatures against the vectors that AWS publishes (the aws-signing-test-suite, v4): its key, its time, its service.

use plumb_egress::aws::credentials::Credentials;
use plumb_egress::aws::sigv4::{PathEncoding, Scope, Signable, canonical_query, sign};

const TOKEN: &str = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";

struct Vector {
    method: &'static str,
    path: &'static str,
    query: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    token: Option<&'static str>,
    sends_digest: bool,
    signature: &'static str,
}

const PLAIN: Vector = Vector {
    method: "GET",
    path: "/",
    query: "",
    headers: &[],
    body: "",
    token: None,
    sends_digest: false,
    signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
};

const VECTORS: [Vector; 7] = [
    PLAIN,
    Vector {
        query: "Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
        signature: "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
        ..PLAIN
    },
    Vector { query: "ሴ=bar", signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04", ..PLAIN },
    Vector {
        path: "/example%20space/",
        signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
        ..PLAIN
    },
    Vector {
        headers: &[("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
        signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ..PLAIN
    },
    Vector {
        token: Some(TOKEN),
        signature: "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
        ..PLAIN
    },
    Vector {
        method: "POST",
        headers: &[("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", "13")],
        body: "Param1=value1",
        sends_digest: true,
        signature: "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
        ..PLAIN
    },
];

fn authorization(vector: &Vector, path: PathEncoding) -> String {
    let headers: Vec<(String, String)> =
        vector.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let query = canonical_query(vector.query);
    let signable = Signable {
        method: vector.method,
        authority: "example.amazonaws.com",
        path: vector.path,
        query: &query,
        headers: &headers,
        body: vector.body.as_bytes(),
    };
    let scope = Scope {
        service: "service",
        region: "us-east-1",
        time: "2015-08-30T12:36:00Z".parse().unwrap(),
        path,
        sends_digest: vector.sends_digest,
    };
    let key = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", vector.token);
    sign(&signable, &scope, &key).pop().unwrap().1
}

#[test]
fn signatures_are_those_that_aws_publishes() {
    for vector in &VECTORS {
        let authorization = authorization(vector, PathEncoding::Once);
        let signature = authorization.rsplit('=').next().unwrap();
        assert_eq!(signature, vector.signature, "{} {}?{}", vector.method, vector.path, vector.query);
    }
}

#[test]
fn only_s3_signs_a_path_as_it_is_sent() {
    let vector = Vector { path: "/a%20b", ..PLAIN };
    assert_ne!(authorization(&vector, PathEncoding::Once), authorization(&vector, PathEncoding::Twice));
    assert_eq!(authorization(&PLAIN, PathEncoding::Once), authorization(&PLAIN, PathEncoding::Twice));
}
