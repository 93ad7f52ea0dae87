//! Every function of up to four bits: how many a single unit computes, and whether two layers compute the rest.

use notebook::{Recorder, Table};

use crate::Mlp;
use crate::boolean::{functions, inputs, network, unit, value};

/// The table of "exactly one of two": 1 at the rows 1 and 2.
const XOR: u64 = 0b0110;
/// Inputs up to which every function is tried.
const MOST: usize = 4;

/// Counts, by exhaustion.
pub fn xor(recorder: &mut Recorder) -> anyhow::Result<()> {
    let heads = [
        "Inputs | int",
        "Functions | int",
        "By one unit | int",
        "Share | percent 1",
        "By two layers | int",
    ];
    let mut table = Table::new(heads);
    let mut shares = Vec::new();
    let (mut right, mut all) = (0, 0);
    for n in 1..=MOST {
        let total = functions(n);
        let single = (0..total).filter(|&table| unit(n, table).is_some()).count();
        let double = (0..total).filter(|&table| agrees(&network(n, table), n, table)).count();
        let share = single as f64 / total as f64;
        table.row([n.into(), total.into(), single.into(), share.into(), double.into()]);
        recorder.value(&format!("functions/{n}"), total);
        recorder.value(&format!("unit/{n}"), single);
        recorder.value(&format!("share/{n}"), share);
        shares.push(share);
        (right, all) = (right + double, all + total as usize);
    }
    recorder.table("functions", table);
    let missing: Vec<u64> = (0..functions(2)).filter(|&table| unit(2, table).is_none()).collect();
    recorder
        .claim("only-xor", "Of the functions of two inputs, one unit computes all but “exactly one” and “both or neither”.")
        .record(missing == [XOR, !XOR & 0b1111], format!("not computed: tables {missing:?}"));
    recorder
        .claim(
            "two-layers",
            "A network of two layers computes every function of up to four inputs.",
        )
        .all(right, all, "functions");
    recorder
        .claim(
            "rarer",
            "With each further input, a smaller share of the functions is within one unit's reach.",
        )
        .record(shares.windows(2).all(|two| two[1] < two[0]), format!("shares {shares:.4?}"));
    recorder
        .claim("xor", "Two hidden units compute “exactly one”.")
        .record(agrees(&Mlp::xor(), 2, XOR), "all four rows".into());
    recorder.value("xor/parameters", Mlp::xor().parameters());
    Ok(())
}

/// True if the network gives the table's value at every row.
fn agrees(network: &Mlp, n: usize, table: u64) -> bool {
    let right = |row: usize| (network.forward(inputs(n, row).view())[0] > 0.5) == value(table, row);
    (0..1_usize << n).all(right)
}
