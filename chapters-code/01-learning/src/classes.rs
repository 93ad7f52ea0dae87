//! Classes: how many there are, and who belongs to each.

/// How often each class occurs, by label; as long as the highest label needs.
pub fn counts(labels: &[u8]) -> Vec<usize> {
    let mut counts = vec![0; count(labels)];
    for &label in labels {
        counts[usize::from(label)] += 1;
    }
    counts
}

/// The number of classes: one more than the highest label.
pub fn count(labels: &[u8]) -> usize {
    labels.iter().max().map_or(0, |&highest| usize::from(highest) + 1)
}

/// The rows of each class, in order.
pub fn rows(labels: &[u8]) -> Vec<Vec<usize>> {
    let mut rows = vec![Vec::new(); count(labels)];
    for (row, &label) in labels.iter().enumerate() {
        rows[usize::from(label)].push(row);
    }
    rows
}
