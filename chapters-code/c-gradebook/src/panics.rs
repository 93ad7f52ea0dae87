//! What a report says of a panic: where it happened and of which kind it was, and none of its own words.
//!
//! A panic's message is written by the answer, which knows the hidden input: `panic!("{input:?}")` would print it in the
//! feedback. So a message is only compared with those of the standard library, and the kind is told in our words.

/// How messages of the standard library begin, and what they mean.
// ANCHOR: kinds
const KINDS: [(&str, &str); 19] = [
    ("index out of bounds", "index out of bounds"),
    ("range start index", "range out of bounds"),
    ("range end index", "range out of bounds"),
    ("slice index starts", "range out of bounds"),
    ("attempt to divide by zero", "division by zero"),
    ("attempt to calculate the remainder with a divisor of zero", "division by zero"),
    ("attempt to", "arithmetic overflow"),
    ("capacity overflow", "capacity overflow"),
    ("called `Option::unwrap()` on a `None`", "unwrap of a None"),
    ("called `Result::unwrap()` on an `Err`", "unwrap of an Err"),
    ("assertion", "an assertion failed"),
    ("not yet implemented", "not yet implemented"),
    ("not implemented", "not implemented"),
    ("internal error: entered unreachable code", "unreachable code was reached"),
    ("byte index", "a text cut inside a character or past its end"),
    ("start byte index", "a text cut inside a character or past its end"),
    ("end byte index", "a text cut inside a character or past its end"),
    ("RefCell already", "a RefCell borrowed twice"),
    ("explicit panic", "panic!"),
];
// ANCHOR_END: kinds

/// The kind and place of a panic that said `said`, in the answer `NAME.rs` with so many lines.
pub fn kind_and_place(said: &str, name: &str, lines: usize) -> String {
    let said = said.strip_prefix("panicked at ").unwrap_or(said);
    let (place, message) = said.split_once('\n').unwrap_or((said, ""));
    let of_kind = |(begins, _): &&(&str, &str)| message.starts_with(begins);
    let kind = KINDS.iter().find(of_kind).map_or("with a message of its own", |(_, kind)| kind);
    match line_of(place, lines) {
        Some(line) => format!("{kind} (src/{name}.rs:{line})"),
        None => format!("{kind} (outside of src/{name}.rs)"),
    }
}

/// The line, if the place is in the answer: what comes from a stranger's process may be anything.
fn line_of(place: &str, lines: usize) -> Option<usize> {
    let mut words = place.trim_end_matches(':').rsplitn(3, ':');
    let (_column, line, file) = (words.next()?, words.next()?, words.next()?);
    let line: usize = line.parse().ok()?;
    (file.ends_with("answer/answer.rs") && (1..=lines).contains(&line)).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(said: &str) -> String {
        kind_and_place(said, "lbp", 40)
    }

    #[test]
    fn the_kind_is_told_in_our_words() {
        let said = "panicked at /source/answer/answer.rs:12:9:\nindex out of bounds: the len is 3 but the index is 7";
        assert_eq!(told(said), "index out of bounds (src/lbp.rs:12)");
        let said = "panicked at answer/answer.rs:40:1:\nattempt to subtract with overflow";
        assert_eq!(told(said), "arithmetic overflow (src/lbp.rs:40)");
        let said = "panicked at /rustc/abc/library/core/src/x.rs:1:1:\nbyte index 3 is not…";
        assert!(told(said).ends_with("(outside of src/lbp.rs)"));
    }

    #[test]
    fn nothing_that_the_answer_says_goes_through() {
        for said in [
            "panicked at answer/answer.rs:3:5:\n[7, 7, 7]",
            "panicked at answer/answer.rs:777:5:\nx",
            "panicked at 7 7 7/answer/answer.rs:3:5:\nx",
            "777",
            "",
            "panicked at :::\n777",
        ] {
            assert!(!told(said).contains('7'), "{said:?}: {}", told(said));
        }
    }

    #[test]
    fn the_messages_are_those_of_the_standard_library() {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let empty: Vec<u8> = Vec::new();
        let zero = empty.len();
        let caught: Vec<Option<&str>> = vec![
            kind_of(|| empty[zero]),
            kind_of(|| empty[zero + 1..].to_vec()),
            kind_of(|| 1 / zero),
            kind_of(|| *empty.first().unwrap()),
            kind_of(|| "ä"[1 + zero..].len()),
            kind_of(|| Vec::<u64>::with_capacity(usize::MAX - zero)),
            kind_of(|| assert_eq!(zero, 1)),
            kind_of(|| -> u8 { unreachable!() }),
            kind_of(|| -> u8 { unimplemented!() }),
        ];
        std::panic::set_hook(hook);
        assert_eq!(
            caught,
            [
                "index out of bounds",
                "range out of bounds",
                "division by zero",
                "unwrap of a None",
                "a text cut inside a character or past its end",
                "capacity overflow",
                "an assertion failed",
                "unreachable code was reached",
                "not implemented",
            ]
            .map(Some)
        );
    }

    /// The kind of the panic in `run`.
    fn kind_of<T>(run: impl FnOnce() -> T) -> Option<&'static str> {
        let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            run();
        }))
        .unwrap_err();
        let message = match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => (*payload.downcast::<&str>().unwrap()).to_owned(),
        };
        KINDS.iter().find(|(begins, _)| message.starts_with(begins)).map(|(_, kind)| *kind)
    }
}
