//! `layers`: where are the parameters? The tree of modules, with subtotals.

use std::io::Write;

use clap::Args;

use super::{Selection, Style, align_numbers, write_table};
use crate::error::Result;
use crate::tree::{Folding, Module};
use crate::units::thousands;
use crate::visitor::Role;

/// Where does it sit? The tree of modules, with subtotals
#[derive(Args, Clone, Debug, Default)]
pub struct LayersArgs {
    /// The network.
    #[command(flatten)]
    pub selection: Selection,
    /// Show modules at most this many levels deep [default: all]
    #[arg(long, value_name = "LEVELS")]
    pub depth: Option<usize>,
}

/// One line of the tree.
struct Line {
    label: String,
    shapes: String,
    parameters: u64,
}

/// Writes the tree of one network.
///
/// # Errors
///
/// As [`count`](super::count).
pub fn layers(args: &LayersArgs, style: Style, out: &mut dyn Write) -> Result<()> {
    let selected = args.selection.resolve()?;
    let tree = selected.model.tree(selected.model.default_context(), Folding::Folded);
    let total = tree.totals().count;
    let mut lines =
        vec![Line { label: selected.name, shapes: String::new(), parameters: total.parameters }];
    collect(&tree, "", 1, args.depth.unwrap_or(usize::MAX), &mut lines);
    let mut table = style.table(&["Module", "Shapes", "Parameters", "Share"]);
    for line in lines {
        let share = 100.0 * line.parameters as f64 / total.parameters as f64;
        table.add_row(vec![
            line.label,
            line.shapes,
            thousands(line.parameters),
            format!("{share:.2} %"),
        ]);
    }
    align_numbers(&mut table, 2);
    write_table(&table, out)?;
    writeln!(
        out,
        "\n{} parameter tensors, {} values in buffers.",
        thousands(total.tensors),
        thousands(total.buffers)
    )?;
    Ok(writeln!(out, "Inside a line such as 0–11 × 12, shapes are of one module, numbers of all.")?)
}

/// Adds the lines of what is inside `module`, which stands for `times` modules. Tensors that a
/// module owns beside others inside it get a line of their own.
fn collect(module: &Module, indent: &str, times: u64, depth: usize, lines: &mut Vec<Line>) {
    if depth == 0 {
        return;
    }
    let own = if module.children.is_empty() { &[][..] } else { &module.tensors[..] };
    let count = own.len() + module.children.len();
    let mut branches =
        (1..=count).map(|place| if place == count { ("└─ ", "   ") } else { ("├─ ", "│  ") });
    for (tensor, (branch, _)) in own.iter().zip(&mut branches) {
        let parameters = times * elements(tensor.role, &tensor.shape);
        lines.push(Line {
            label: format!("{indent}{branch}{}", tensor.name),
            shapes: shape(&tensor.shape),
            parameters,
        });
    }
    for (child, (branch, below)) in module.children.iter().zip(branches) {
        let all = times * child.times;
        lines.push(Line {
            label: format!("{indent}{branch}{}", child.label()),
            shapes: shapes(child),
            parameters: all * child.totals().count.parameters,
        });
        collect(child, &format!("{indent}{below}"), all, depth - 1, lines);
    }
}

fn elements(role: Role, shape: &[u64]) -> u64 {
    if role.trained() { shape.iter().product() } else { 0 }
}

/// The shapes of a layer's parameters: `768×2304 + 2304`; a tied tensor's in parentheses.
fn shapes(module: &Module) -> String {
    if !module.children.is_empty() {
        return String::new();
    }
    let shown = module.tensors.iter().filter_map(|tensor| match tensor.role {
        Role::Parameter | Role::Experts { .. } => Some(shape(&tensor.shape)),
        Role::Tied => Some(format!("({}, tied)", shape(&tensor.shape))),
        Role::Buffer => None,
    });
    shown.collect::<Vec<_>>().join(" + ")
}

fn shape(dimensions: &[u64]) -> String {
    dimensions.iter().map(u64::to_string).collect::<Vec<_>>().join("×")
}
