//! Every named model, counted in two ways, beside what was published.

use notebook::{Recorder, Table};

use crate::Architecture as _;
use crate::registry::MODELS;

/// Every named model, counted in two ways, beside what was published.
pub fn counts(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Network",
        "Year | plain",
        "Tensors | int",
        "Parameters | int",
        "Published | int",
        "Operations | si 1",
    ]);
    let (mut agree, mut exact, mut exactly_right) = (0, 0, 0);
    for entry in MODELS {
        let context = entry.model.default_context();
        let by_algebra = entry.model.closed_form(context);
        let by_walk = entry.model.walk(context).count;
        agree += usize::from(by_algebra == by_walk);
        exact += usize::from(entry.published.exact);
        exactly_right +=
            usize::from(entry.published.exact && entry.published.parameters == by_walk.parameters);
        table.row([
            entry.title.into(),
            entry.year.into(),
            by_walk.tensors.into(),
            by_walk.parameters.into(),
            entry.published.parameters.into(),
            by_walk.operations().into(),
        ]);
    }
    recorder.value("models", MODELS.len());
    recorder.value("published-exactly", exact);
    recorder.table("models", table);
    recorder
        .claim(
            "two-derivations",
            "Algebra and the walk of the layers agree on every network of the book.",
        )
        .all(agree, MODELS.len(), "networks agree in parameters, tensors, buffers and operations");
    recorder
        .claim("as-published", "Every count that was published to the last digit is our count.")
        .all(exactly_right, exact, "published counts are ours");
    Ok(())
}
