//! What the chapter does on the command line: `fit`, `evaluate`, `predict` and `explain`.

mod explain;
mod fit;
mod inputs;
mod judge;

pub use explain::ExplainArgs;
pub use fit::FitArgs;
pub use judge::{EvaluateArgs, PredictArgs};

use notebook::Chapter;

/// Adds the chapter's commands.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .command::<FitArgs>("fit", fit::fit)
        .command::<EvaluateArgs>("evaluate", judge::evaluate)
        .command::<PredictArgs>("predict", judge::predict)
        .command::<ExplainArgs>("explain", explain::explain)
}
