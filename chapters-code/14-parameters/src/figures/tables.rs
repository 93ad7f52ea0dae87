//! Columns and cells of recorded tables.

use anyhow::Context as _;
use notebook::Table;

/// The rows of two columns, names and numbers.
pub(super) fn pairs(
    table: &Table,
    names: &str,
    numbers: &str,
) -> anyhow::Result<Vec<(String, f64)>> {
    Ok(table.texts(names)?.into_iter().zip(table.numbers(numbers)?).collect())
}

/// A number of a table, by the text in its first column.
pub(super) fn cell(table: &Table, row: &str, column: &str) -> anyhow::Result<f64> {
    let first = table.columns.first().context("a table has a column")?;
    let found = pairs(table, &first.name, column)?.into_iter().find(|(name, _)| name == row);
    Ok(found.with_context(|| format!("the table has no row `{row}`"))?.1)
}
