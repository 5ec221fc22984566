//! Which addresses are public, and which texts are hosts.

use plumb_egress::guard::address::not_public;
use plumb_egress::guard::{Endpoint, Url};

/// Addresses that nothing but an operator's own endpoint may be at.
const INSIDE: [&str; 62] = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.0.0.53",
    "127.255.255.255",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "0:0:0:0:0:ffff:a9fe:a9fe",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "64:ff9b:1:ffff::a9fe:a9fe",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2001:10::1",
    "2001:20::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd12:3456:789a::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
];

#[test]
fn no_spelling_of_an_inner_address_is_public() {
    for text in INSIDE {
        assert!(not_public(text.parse().unwrap()).is_some(), "{text} would be reached");
    }
}

#[test]
fn public_addresses_are_public() {
    for text in [
        "8.8.8.8",
        "52.94.236.248",
        "100.63.255.255",
        "172.15.0.1",
        "172.32.0.1",
        "169.253.0.1",
        "2600:1f14::1",
        "2a05:d000::1",
    ] {
        assert_eq!(not_public(text.parse().unwrap()), None, "{text}");
    }
}

#[test]
fn an_address_in_another_spelling_is_no_host() {
    for host in [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "127.0.0.1.",
        "169.254.169.0xfe",
        "0300.0250.0.1",
        "[::1",
        "::1",
        "[127.0.0.1]",
        "[fe80::1%25eth0]",
        "example.com.",
        "exa mple.com",
        "①②⑦.⓪.⓪.①",
        "ⓔxample.com",
        "example%2ecom",
        "",
        ".",
        "a..b",
    ] {
        let read = format!("https://{host}/").parse::<Url>();
        assert!(read.is_err(), "{host} was read as {read:?}");
    }
}

#[test]
fn what_two_readers_could_read_differently_is_no_url() {
    for text in [
        "HTTPS://example.com/",
        "ftp://example.com/",
        "//example.com/",
        "https:/example.com",
        "https:example.com",
        " https://example.com/",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://example.com@169.254.169.254/",
        "https://169.254.169.254#@example.com/",
        "https://example.com\\@169.254.169.254/",
        "https://example.com#.amazonaws.com/",
        "https://example.com/a#b",
        "https://example.com:0443/",
        "https://example.com:+443/",
        "https://example.com:99999/",
        "https://example.com:/",
        "https://example.com/a/../b",
        "https://example.com/a/%2e%2E/b",
        "https://example.com/a/.",
        "https://example.com/a b",
        "https://example.com/a\r\nhost: evil",
        "https://example.com/a%",
        "https://example.com/a%0",
        "https://example.com/ä",
    ] {
        let error = text.parse::<Url>().expect_err(text);
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn a_url_keeps_its_spelling() {
    let url: Url = "https://Bucket.S3.amazonaws.com/a%20b/c?list-type=2&prefix=%2F".parse().unwrap();
    assert_eq!(url.to_string(), "https://bucket.s3.amazonaws.com/a%20b/c?list-type=2&prefix=%2F");
    let endpoint: Endpoint = "http://[::1]:5000".parse().unwrap();
    assert_eq!((endpoint.host(), endpoint.to_string()), ("::1".to_owned(), "http://[::1]:5000".to_owned()));
    assert!("http://127.0.0.1:5000/path".parse::<Endpoint>().unwrap_err().contains("more than"));
}
