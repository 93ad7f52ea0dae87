// The process beside the answer: it maps inputs to outputs and knows nothing else.
//
// One line in: the number of the case and the input, MessagePack in hexadecimal. One line out: a mark, the number, and
// the output or what the panic said. Lines without the mark are the answer's own and do not count.

use std::io::{BufRead as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

static SAID: Mutex<String> = Mutex::new(String::new());

fn serve<Input, Output>(call: fn(&Input) -> Output)
where
    Input: serde::de::DeserializeOwned,
    Output: serde::Serialize,
{
    std::panic::set_hook(Box::new(|information| {
        if let Ok(mut said) = SAID.lock() {
            *said = information.to_string();
        }
    }));
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { return };
        let Some((number, input)) = line.split_once(' ') else { continue };
        let Ok(input) = rmp_serde::from_slice::<Input>(&unhex(input)) else { return };
        let outcome = catch_unwind(AssertUnwindSafe(|| rmp_serde::to_vec(&call(&input))));
        let (word, bytes) = match outcome {
            Ok(Ok(bytes)) => ("answer", bytes),
            Ok(Err(_)) => return,
            Err(_) => {
                let said = SAID.lock().map(|said| said.clone()).unwrap_or_default();
                ("panic", said.into_bytes())
            }
        };
        let mut out = std::io::stdout().lock();
        let written = write!(out, "\n\u{2}{number} {word} {}\n", hex(&bytes)).and_then(|()| out.flush());
        if written.is_err() {
            return;
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let digit = |b: u8| char::from(DIGITS[usize::from(b & 15)]);
    bytes.iter().flat_map(|&b| [digit(b >> 4), digit(b)]).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let value = |c: u8| char::from(c).to_digit(16).unwrap_or(0) as u8;
    text.as_bytes().chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])).collect()
}
