//! Every Unicode encoding that tools write gives the same resources.

use plumbline::provider::Collected;
use plumbline::serde_json::json;
use provider_terraform::collect::collect;
use provider_terraform::planning::Settings;

use crate::files::{Memory, read_all, refusal, state};

fn text() -> String {
    state(&[("aws_sns_topic.t", json!({"name": "größe 𝄞", "tags": {"ключ": "値"}}))])
}

fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let mark = if mark { "\u{feff}" } else { "" };
    let units = format!("{mark}{text}").encode_utf16().collect::<Vec<u16>>();
    units.into_iter().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn utf_8_and_utf_16_with_and_without_a_mark_read_alike() {
    let expected = read_all(text());
    assert_eq!(expected[0].name, "größe 𝄞");
    assert_eq!(read_all(format!("\u{feff}{}", text())), expected);
    for (big, mark) in [(false, true), (true, true), (false, false), (true, false)] {
        assert_eq!(read_all(utf16(&text(), big, mark)), expected, "big {big}, mark {mark}");
    }
}

#[test]
fn characters_cut_between_two_reads_are_put_together() {
    let expected = read_all(text());
    for bytes in [text().into_bytes(), utf16(&text(), false, true), utf16(&text(), true, true)] {
        for piece in [4, 5, 7] {
            let mut source = Memory::of(&[("file", bytes.clone())]);
            source.piece = piece;
            let mut collected = Collected::default();
            collect(&source, "file", &Settings::default(), &[], &mut collected).unwrap();
            assert_eq!(collected.resources, expected);
        }
    }
}

#[test]
fn broken_utf_16_is_refused() {
    let mut cut = utf16(&text(), false, true);
    cut.pop();
    assert!(refusal(&cut).contains("cut short"));
    let mut lone = utf16("{\"version\":4,\"lineage\":\"", false, true);
    lone.extend([0x00, 0xd8, 0x41, 0x00]);
    assert!(refusal(&lone).contains("half a character"));
}
