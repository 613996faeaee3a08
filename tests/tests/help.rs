//! What the help says of the programs is what the programs say.

use std::fs;

use hallway_tests::desktop::source;

/// Languages of the help, and the translations of the programs' sentences.
const LANGUAGES: [(&str, Option<&str>); 3] = [
    ("en", None),
    ("de", Some("po/de.po")),
    ("zh_CN", Some("po/zh_CN.po")),
];

/// Where the sentences for failures stand.
const SENTENCES: &str = "common/words/src/errors.rs";

/// Sentences of other parts that people ask about.
const OTHERS: [&str; 4] = [
    "This server is full. Try again later.",
    "There are too many connections from your address. Close one first.",
    "The host keeps your address out.",
    "The server ended the conversation",
];

fn read(file: &str) -> String {
    fs::read_to_string(source().join(file)).expect("it is in the tree")
}

/// What happened, without what to do about it, and without what is different each time.
fn happened(sentence: &str) -> Vec<String> {
    let end = sentence.find(['.', '。']).unwrap_or(sentence.len());
    let mut parts = Vec::new();
    let mut rest = &sentence[..end];
    while let Some((before, after)) = rest.split_once('{') {
        parts.push(before);
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    parts.push(rest);
    // An end such as “: {why}” is no part of a heading.
    let trim = |part: &str| part.trim_matches([':', '：', ' ']).replace('’', "'");
    parts.into_iter().map(trim).collect()
}

/// Whether a text has all of these in it, one after the other.
fn has(text: &str, parts: &[String]) -> bool {
    let text = text.replace('’', "'");
    let mut rest = &*text;
    parts.iter().all(|part| {
        rest.find(part.as_str()).is_some_and(|at| {
            rest = &rest[at + part.len()..];
            true
        })
    })
}

/// The sentences for failures in English.
fn english() -> Vec<String> {
    let code = read(SENTENCES);
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let calls = code.split("gettext").skip(1);
    let texts = calls.filter_map(|call| {
        let (_, text) = call.split_once('(')?;
        let text = text.trim_start().strip_prefix('"')?;
        text.split_once('"').map(|(text, _)| text.to_owned())
    });
    // What stands in a sentence begins with a small letter.
    texts
        .filter(|text| !text.starts_with(char::is_lowercase))
        .chain(OTHERS.map(str::to_owned))
        .collect()
}

/// What a sentence is called in a translation.
fn translated(po: &str, english: &str) -> String {
    let id = format!("\nmsgid \"{english}\"\nmsgstr \"");
    let (_, after) = po
        .split_once(&id)
        .unwrap_or_else(|| panic!("“{english}” is not translated"));
    let (text, _) = after.split_once("\"\n").expect("a string ends");
    text.to_owned()
}

#[test]
fn every_failure_has_its_place_in_the_help() {
    let english = english();
    assert!(english.len() > 20, "{english:#?}");
    for (language, translation) in LANGUAGES {
        let page = read(&format!("docs/help/{language}/troubleshooting.md"));
        let headings: Vec<_> = page
            .lines()
            .filter(|line| line.starts_with("### "))
            .collect();
        let po = translation.map(read);
        for sentence in &english {
            let sentence = po
                .as_ref()
                .map_or_else(|| sentence.clone(), |po| translated(po, sentence));
            let parts = happened(&sentence);
            assert!(
                headings.iter().any(|heading| has(heading, &parts)),
                "{language}: no heading for “{sentence}”"
            );
        }
        assert!(headings.len() >= english.len() - 1, "{language}");
    }
}

/// The words in bold on a page: what windows say, and keys.
fn bold(page: &str) -> Vec<String> {
    let parts = page.split("**").skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

/// What a text of the windows is called in a translation, in every place: without the marks of
/// keys, which Chinese puts at the end.
fn said(po: &str, english: &str) -> Vec<String> {
    let plain = |text: &str| {
        let text = text.replace('\u{a0}', " ");
        let text = match text.find("(_") {
            Some(at) => [&text[..at], &text[at + 4..]].concat(),
            None => text.replace('_', ""),
        };
        text.trim().to_owned()
    };
    let entries = po.split("\n\n").filter_map(|entry| {
        let (_, rest) = entry.split_once("msgid \"")?;
        let (id, rest) = rest.split_once("\"\nmsgstr \"")?;
        (plain(id) == english).then(|| plain(rest.trim_end().trim_end_matches('"')))
    });
    entries.collect()
}

#[test]
fn the_help_calls_things_as_the_windows_do() {
    let folder = source().join("docs/help/en");
    let mut found = 0;
    for entry in fs::read_dir(folder).expect("the help is in the tree") {
        let name = entry.expect("it can be read").file_name();
        let name = name.to_str().expect("our files have plain names");
        let english = bold(&read(&format!("docs/help/en/{name}")));
        for (language, translation) in LANGUAGES {
            let Some(po) = translation.map(read) else {
                continue;
            };
            let words = bold(&read(&format!("docs/help/{language}/{name}")));
            for label in &english {
                let said = said(&po, label);
                found += said.len();
                assert!(
                    said.is_empty() || said.iter().any(|said| words.contains(said)),
                    "{language}/{name}: “{label}” is {said:?} in the windows, not in {words:?}"
                );
            }
        }
    }
    assert!(
        found > 30,
        "only {found} words of the windows are in the help"
    );
}
