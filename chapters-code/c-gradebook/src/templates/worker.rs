// The process beside the answer: it maps inputs to outputs and knows nothing else.
//
// One line in: the number of the case and the input, MessagePack in hexadecimal. One line out: a mark, the number, and
// the output, a question or what the panic said. Lines without the mark are the answer's own and do not count.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

static SAID: Mutex<String> = Mutex::new(String::new());

/// Answers every case with `call`.
fn serve<Input, Output>(call: fn(&Input) -> Output)
where
    Input: serde::de::DeserializeOwned,
    Output: serde::Serialize,
{
    each_case(|_, input: &Input| call(input));
}

/// The same where `call` may ask: a question goes out with the word "ask", and the next line in is the reply.
fn serve_asking<Input, Question, Reply, Output>(
    call: fn(&Input, &dyn Fn(&Question) -> Reply) -> Output,
) where
    Input: serde::de::DeserializeOwned,
    Question: serde::Serialize,
    Reply: serde::de::DeserializeOwned,
    Output: serde::Serialize,
{
    each_case(|number, input: &Input| {
        let ask = |question: &Question| {
            let question = rmp_serde::to_vec(question).expect("a question that can be sent");
            say(number, "ask", &question).expect("somebody listens");
            let reply = next_line().expect("a reply");
            rmp_serde::from_slice(&unhex(&reply)).expect("a reply that can be read")
        };
        call(input, &ask)
    });
}

fn each_case<Input, Output>(call: impl Fn(&str, &Input) -> Output)
where
    Input: serde::de::DeserializeOwned,
    Output: serde::Serialize,
{
    std::panic::set_hook(Box::new(|information| {
        if let Ok(mut said) = SAID.lock() {
            *said = information.to_string();
        }
    }));
    while let Some(line) = next_line() {
        let Some((number, input)) = line.split_once(' ') else { continue };
        let Ok(input) = rmp_serde::from_slice::<Input>(&unhex(input)) else { return };
        let outcome = catch_unwind(AssertUnwindSafe(|| rmp_serde::to_vec(&call(number, &input))));
        let written = match outcome {
            Ok(Ok(bytes)) => say(number, "answer", &bytes),
            Ok(Err(_)) => return,
            Err(_) => {
                let said = SAID.lock().map(|said| said.clone()).unwrap_or_default();
                say(number, "panic", said.as_bytes())
            }
        };
        if written.is_err() {
            return;
        }
    }
}

fn next_line() -> Option<String> {
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim_end_matches('\n').to_owned())
}

fn say(number: &str, word: &str, bytes: &[u8]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    write!(out, "\n\u{2}{number} {word} {}\n", hex(bytes))?;
    out.flush()
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
