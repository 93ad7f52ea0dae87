//! # A tape out of order
//!
//! - points: 14
//! - minutes: 50
//! - difficulty: medium
//! - section: tape
//!
//! A tape is written in the order of computation, and so it can be played backwards. A graph that comes from a file has no such order: its nodes are listed as somebody drew them, and a node may come before what it is computed from. It may even be computed from
//! itself, by mistake.
//!
//! Write a function that gets the nodes of a graph and the index of the one that is the output. It gives the output's value and the derivative of the output with respect to *every* node.
//!
//! - A node is an input with its value, a sum, a product or a quotient of two nodes, or the softplus $`\ln(1 + e^u)`$ of one. Nodes are named by their indices in the list. An operand may be the same node twice, as in $`x \cdot x`$.
//! - The derivative with respect to the output itself is 1, and with respect to nodes that the output does not depend on, it is 0.
//! - If the output depends on a node that depends on itself, the answer is `Err` with any text. Cycles among nodes that the output does not depend on do no harm.
//! - Softplus must work for large arguments: at 800 it is 800, with the derivative 1; at −800 both are 0.
//! - Every node that is used may be used many times. The work must be in proportion to the number of nodes, and not to the number of ways from the output to an input, which doubles with every $`y = x + x`$.
//!
//! There are at most 300 nodes, so recursion is not too deep. All operands are indices of the list, and the output is, too. Divisors are never near 0. Numbers are compared up to 1e-9 (relative above 1).
//!
//! ## Hint 1
//!
//! First find an order in which every node comes after its operands, of those nodes that the output needs. The rest is the tape of the chapter: values forward, derivatives backward.
//!
//! ## Hint 2
//!
//! Visit a node: visit its operands first, then write it down. A node that has been written down is not visited again. And what does it mean if you meet a node whose visit has begun and is not over?
//!
//! ## Hint 3
//!
//! Three marks: new, open, done. Meeting an open node is a cycle; meeting a done one is nothing special. On the way back, a node hands its derivative on only when all that use it have added theirs to it. The reversed order sees to that, and each handing on is
//! a `+=`.
//!
//! ## Solution
//!
//! The depth-first visit writes each node after its operands, and tells a node that is shared (done) from one that contains itself (open). Only what the output needs is visited, so other cycles are never met. After that, one loop forward and one loop
//! backward.
//!
//! ## Notes
//!
//! **Time.** Fifty minutes; twenty for the order.
//!
//! **Misconceptions.** That a node met for the second time is a cycle: it is shared, which is what graphs are for. That going back level by level from the output is enough: a node near the output by one way may be far by another, and hands on too
//! early. That a derivative is *set*: it is a sum over all uses.
//!
//! **Discussion.** Why does a program that builds its tape while it runs never meet a cycle? How would you visit a graph of a million nodes in a row, where recursion overflows the stack?

/// What both sides know.
pub mod given {
    use serde::{Deserialize, Serialize};

    /// A node of a graph; operands are indices of nodes.
    #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
    pub enum Node {
        /// A number.
        Input(f64),
        /// The sum of two nodes.
        Add(usize, usize),
        /// The product of two nodes.
        Multiply(usize, usize),
        /// The first node divided by the second.
        Divide(usize, usize),
        /// `ln(1 + e^u)` of a node.
        Softplus(usize),
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::Node;

    /// The value of the output, and its derivative with respect to every node.
    ///
    /// # Errors
    /// Where the output depends on a node that depends on itself.
    pub fn gradient_of_graph(nodes: &[Node], output: usize) -> Result<(f64, Vec<f64>), String> {
        let mut values = vec![0.0; nodes.len()];
        let mut derivatives = vec![0.0; nodes.len()];
        todo!("an order, the values forward, the derivatives backward")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::Node;

    /// The value of the output, and its derivative with respect to every node.
    ///
    /// # Errors
    /// Where the output depends on a node that depends on itself.
    pub fn gradient_of_graph(nodes: &[Node], output: usize) -> Result<(f64, Vec<f64>), String> {
        let mut marks = vec![Mark::New; nodes.len()];
        let mut order = Vec::new();
        visit(nodes, output, &mut marks, &mut order)?;
        let mut values = vec![0.0; nodes.len()];
        for &i in &order {
            values[i] = value(nodes[i], &values);
        }
        Ok((values[output], backward(nodes, output, &order, &values)))
    }

    /// How far the visit of a node is.
    #[derive(Clone, Copy, PartialEq)]
    pub enum Mark {
        New,
        Open,
        Done,
    }

    /// Writes a node to the order after its operands.
    pub fn visit(
        nodes: &[Node],
        i: usize,
        marks: &mut [Mark],
        order: &mut Vec<usize>,
    ) -> Result<(), String> {
        match marks[i] {
            Mark::Done => return Ok(()),
            Mark::Open => return Err(format!("node {i} depends on itself")),
            Mark::New => marks[i] = Mark::Open,
        }
        for operand in operands(nodes[i]) {
            visit(nodes, operand, marks, order)?;
        }
        marks[i] = Mark::Done;
        order.push(i);
        Ok(())
    }

    /// Plays the order backwards: each node hands its derivative on to its operands.
    pub fn backward(nodes: &[Node], output: usize, order: &[usize], values: &[f64]) -> Vec<f64> {
        let mut derivatives = vec![0.0; nodes.len()];
        derivatives[output] = 1.0;
        for &i in order.iter().rev() {
            for (operand, local) in operands(nodes[i]).into_iter().zip(locals(nodes[i], values)) {
                derivatives[operand] += derivatives[i] * local;
            }
        }
        derivatives
    }

    /// The operands of a node.
    pub fn operands(node: Node) -> Vec<usize> {
        match node {
            Node::Input(_) => Vec::new(),
            Node::Softplus(a) => vec![a],
            Node::Add(a, b) | Node::Multiply(a, b) | Node::Divide(a, b) => vec![a, b],
        }
    }

    /// The value of a node, from those of its operands.
    pub fn value(node: Node, values: &[f64]) -> f64 {
        match node {
            Node::Input(value) => value,
            Node::Add(a, b) => values[a] + values[b],
            Node::Multiply(a, b) => values[a] * values[b],
            Node::Divide(a, b) => values[a] / values[b],
            Node::Softplus(a) => softplus(values[a]),
        }
    }

    /// The derivatives of a node with respect to its operands.
    pub fn locals(node: Node, values: &[f64]) -> Vec<f64> {
        match node {
            Node::Input(_) => Vec::new(),
            Node::Add(..) => vec![1.0, 1.0],
            Node::Multiply(a, b) => vec![values[b], values[a]],
            Node::Divide(a, b) => vec![1.0 / values[b], -values[a] / (values[b] * values[b])],
            Node::Softplus(a) => vec![1.0 / (1.0 + (-values[a]).exp())],
        }
    }

    /// `ln(1 + e^u)` without overflow.
    pub fn softplus(u: f64) -> f64 {
        u.max(0.0) + (-u.abs()).exp().ln_1p()
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use super::given::Node;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub nodes: Vec<Node>,
        pub output: usize,
    }

    pub type Output = Result<(f64, Vec<f64>), String>;

    pub fn call(input: &Input) -> Output {
        super::solution::gradient_of_graph(&input.nodes, input.output)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _, SliceRandom};
    use gradebook::compare;

    use super::call::{Input, Output};
    use super::given::Node;

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("graph with nodes in any order", 6, |rng| {
            let nodes = graph(rng, 4, 14);
            shuffled(rng, nodes)
        });
        cases.general("graph with nodes that are shared, of different depth", 5, |rng| {
            // Node 2 acts on the output at once, and through a chain of others that it begins.
            let mut nodes = vec![number(rng), number(rng), Node::Multiply(0, 1), Node::Softplus(2)];
            for _ in 0..rng.random_range(2..5) {
                let last = nodes.len() - 1;
                nodes.push(Node::Multiply(last, 1));
                nodes.push(Node::Add(last + 1, 0));
            }
            let last = nodes.len() - 1;
            nodes.push(Node::Add(2, last));
            nodes.push(Node::Multiply(last + 1, 2));
            shuffled(rng, nodes)
        });
        cases.edge("output that is an input", 1, |rng| {
            let nodes = vec![number(rng), Node::Add(0, 0), number(rng)];
            Input { nodes, output: 2 }
        });
        cases.edge("cycle that the output depends on", 4, |rng| {
            let mut nodes = graph(rng, 3, 6);
            // The output depends on the node before it, which now depends on the output.
            let last = nodes.len() - 1;
            let back = rng.random_range(last - 1..=last);
            nodes[last - 1] = Node::Add(back, 0);
            nodes[last] = Node::Multiply(last - 1, 1);
            shuffled(rng, nodes)
        });
        cases.edge("cycle that the output does not depend on", 3, |rng| {
            let mut nodes = graph(rng, 3, 6);
            let n = nodes.len();
            let cycle = [Node::Add(n + 1, 0), Node::Softplus(n)];
            nodes.splice(n..n, cycle);
            let order = shuffle(rng, &nodes);
            Input { output: order[n - 1], nodes: renamed(&nodes, &order) }
        });
        cases.edge("long chain of sums of a node with itself", 2, |rng| {
            let mut nodes = vec![Node::Input(rng.random_range(0.5..2.0))];
            nodes.extend((0..rng.random_range(80..120)).map(|i| Node::Add(i, i)));
            shuffled(rng, nodes)
        });
        cases.edge("softplus of large arguments", 4, |rng| {
            let sign = if rng.random_bool(0.5) { 1.0 } else { -1.0 };
            let large = Node::Input(sign * rng.random_range(750.0..2000.0));
            let nodes = vec![large, Node::Softplus(0), number(rng), Node::Multiply(1, 2)];
            shuffled(rng, nodes)
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        match (expected, found) {
            (Err(_), Err(_)) => Ok(()),
            (Err(_), Ok(_)) => Err(
                "the output depends on a node that depends on itself, and the answer is no error"
                    .into(),
            ),
            (Ok(_), Err(_)) => {
                Err("the output does not depend on any cycle, and the answer is an error".into())
            }
            (Ok(expected), Ok(found)) => {
                compare::number("the value of the output", expected.0, found.0, 1e-9)?;
                compare::length("derivatives", &expected.1, &found.1)?;
                let name = |i: usize| format!("the derivative with respect to node {i}");
                compare::each(&expected.1, &found.1, 1e-9, name)
            }
        }
    }

    fn number(rng: &mut Rng) -> Node {
        Node::Input(rng.random_range(-1.5..1.5))
    }

    /// Some numbers, and after them nodes that are computed from earlier ones. The output is the
    /// last, and depends on the one before.
    fn graph(rng: &mut Rng, inputs: usize, operations: usize) -> Vec<Node> {
        let mut nodes: Vec<Node> = (0..inputs).map(|_| number(rng)).collect();
        for _ in 0..operations {
            let last = nodes.len() - 1;
            let (a, b) = (rng.random_range(0..=last), rng.random_range(0..=last));
            match rng.random_range(0..5) {
                0 => nodes.push(Node::Add(last, b)),
                1 => nodes.push(Node::Multiply(a, rng.random_range(0..inputs))),
                2 => nodes.push(Node::Softplus(last)),
                3 => nodes.push(Node::Add(a, b)),
                _ => {
                    // a / (softplus(b) + 1): the divisor is above 1.
                    let one = Node::Input(1.0);
                    nodes.extend([Node::Softplus(b), one, Node::Add(last + 1, last + 2)]);
                    nodes.push(Node::Divide(a, last + 3));
                }
            }
        }
        let last = nodes.len() - 1;
        nodes.push(Node::Add(last, last / 2));
        nodes
    }

    /// The nodes in another order; the last of them is the output.
    fn shuffled(rng: &mut Rng, nodes: Vec<Node>) -> Input {
        let order = shuffle(rng, &nodes);
        Input { output: order[nodes.len() - 1], nodes: renamed(&nodes, &order) }
    }

    /// A new place for each node, such that at least one comes before its operand.
    fn shuffle(rng: &mut Rng, nodes: &[Node]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..nodes.len()).collect();
        order.shuffle(rng);
        // The last node leads its operands.
        if let Some(first) = order.iter().position(|&place| place == 0) {
            order.swap(first, nodes.len() - 1);
        }
        order
    }

    fn renamed(nodes: &[Node], order: &[usize]) -> Vec<Node> {
        let mut renamed = vec![Node::Input(0.0); nodes.len()];
        for (i, &node) in nodes.iter().enumerate() {
            renamed[order[i]] = match node {
                Node::Input(value) => Node::Input(value),
                Node::Add(a, b) => Node::Add(order[a], order[b]),
                Node::Multiply(a, b) => Node::Multiply(order[a], order[b]),
                Node::Divide(a, b) => Node::Divide(order[a], order[b]),
                Node::Softplus(a) => Node::Softplus(order[a]),
            };
        }
        renamed
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::given::Node::{Add, Divide, Input, Multiply, Softplus};
    use super::solution::gradient_of_graph;

    #[test]
    fn the_product_comes_before_its_operands() {
        // 3 · 5: the derivative with respect to each is the other.
        let nodes = [Multiply(1, 2), Input(3.0), Input(5.0)];
        assert_eq!(gradient_of_graph(&nodes, 0), Ok((15.0, vec![1.0, 5.0, 3.0])));
    }

    #[test]
    fn a_shared_node_is_no_cycle() {
        // x² + x at 3: 12, and 2 · 3 + 1 = 7.
        let nodes = [Add(1, 2), Multiply(2, 2), Input(3.0)];
        assert_eq!(gradient_of_graph(&nodes, 0), Ok((12.0, vec![1.0, 1.0, 7.0])));
    }

    #[test]
    fn a_quotient() {
        // 3 / 2: 1/2 and −3/4.
        let nodes = [Input(2.0), Divide(2, 0), Input(3.0)];
        assert_eq!(gradient_of_graph(&nodes, 1), Ok((1.5, vec![-0.75, 1.0, 0.5])));
    }

    #[test]
    fn softplus_where_it_is_easy_and_where_it_is_not() {
        let at = |u: f64| gradient_of_graph(&[Input(u), Softplus(0)], 1);
        // ln 2 and ½ at 0.
        let at_zero = at(0.0).unwrap();
        assert!((at_zero.0 - 2_f64.ln()).abs() < 1e-12 && (at_zero.1[0] - 0.5).abs() < 1e-12);
        assert_eq!(at(800.0), Ok((800.0, vec![1.0, 1.0])));
    }

    #[test]
    fn cycles() {
        // Node 1 is computed from itself. Node 0 does not need it, and node 2 does.
        let nodes = [Input(1.0), Softplus(1), Add(0, 1)];
        assert_eq!(gradient_of_graph(&nodes, 0), Ok((1.0, vec![1.0, 0.0, 0.0])));
        assert!(gradient_of_graph(&nodes, 2).is_err());
    }
}

/// Sets the derivative of an operand, and does not add to it.
///
/// # Feedback
///
/// Where a node is used once your derivatives are right. Where it is used several times, only one of the uses counts: the last that was met. The chain rule adds up over all uses.
pub mod mutant_sets_derivatives {
    use super::given::Node;

    pub use super::solution::*;

    /// Each use writes over what was there.
    pub fn backward(nodes: &[Node], output: usize, order: &[usize], values: &[f64]) -> Vec<f64> {
        let mut derivatives = vec![0.0; nodes.len()];
        derivatives[output] = 1.0;
        for &i in order.iter().rev() {
            for (operand, local) in operands(nodes[i]).into_iter().zip(locals(nodes[i], values)) {
                derivatives[operand] = derivatives[i] * local;
            }
        }
        derivatives
    }
}

/// Goes back level by level, and lets a node hand on before all its uses have been seen.
///
/// # Feedback
///
/// Your values are right. Your derivatives are too, as long as all ways to a node are equally long. A node that is reached by a short way and a long one hands its derivative on after the short one, before the rest has arrived. It has to wait for all that use it.
pub mod mutant_goes_back_level_by_level {
    use super::given::Node;

    pub use super::solution::*;

    /// From the output outwards, each node when it is first met.
    pub fn backward(nodes: &[Node], output: usize, _: &[usize], values: &[f64]) -> Vec<f64> {
        let mut derivatives = vec![0.0; nodes.len()];
        derivatives[output] = 1.0;
        let mut queue = std::collections::VecDeque::from([output]);
        let mut met = vec![false; nodes.len()];
        met[output] = true;
        while let Some(i) = queue.pop_front() {
            for (operand, local) in operands(nodes[i]).into_iter().zip(locals(nodes[i], values)) {
                derivatives[operand] += derivatives[i] * local;
                if !met[operand] {
                    met[operand] = true;
                    queue.push_back(operand);
                }
            }
        }
        derivatives
    }
}

/// Trusts the order of the list.
///
/// # Feedback
///
/// You compute the nodes in the order of the list. A node that comes before its operands is then computed from numbers that are not there yet. An order has to be found first: each node after what it is computed from.
pub mod mutant_trusts_the_list {
    use super::given::Node;

    pub use super::solution::*;

    /// From the first to the last, and back.
    pub fn gradient_of_graph(nodes: &[Node], output: usize) -> Result<(f64, Vec<f64>), String> {
        visit(nodes, output, &mut vec![Mark::New; nodes.len()], &mut Vec::new())?;
        let mut values = vec![0.0; nodes.len()];
        for (i, &node) in nodes.iter().enumerate() {
            values[i] = value(node, &values);
        }
        let order: Vec<usize> = (0..nodes.len()).collect();
        Ok((values[output], backward(nodes, output, &order, &values)))
    }
}

/// Takes a node that is met again for a cycle.
///
/// # Feedback
///
/// You report cycles where there are none. A node that is met for the second time may be shared by two others, and its visit may be long over. Only a node whose visit is *still going on* contains itself.
pub mod mutant_takes_sharing_for_a_cycle {
    use super::given::Node;

    pub use super::solution::*;

    /// With two marks: new and not new.
    pub fn visit(
        nodes: &[Node],
        i: usize,
        marks: &mut [Mark],
        order: &mut Vec<usize>,
    ) -> Result<(), String> {
        if marks[i] != Mark::New {
            return Err(format!("node {i} is met again"));
        }
        marks[i] = Mark::Open;
        for operand in operands(nodes[i]) {
            visit(nodes, operand, marks, order)?;
        }
        order.push(i);
        Ok(())
    }
}

/// Looks for cycles in the whole graph.
///
/// # Feedback
///
/// You report a cycle that the output does not depend on. Begin the visit at the output, and visit nothing else.
pub mod mutant_visits_everything {
    use super::given::Node;

    pub use super::solution::*;

    /// Orders all nodes.
    pub fn gradient_of_graph(nodes: &[Node], output: usize) -> Result<(f64, Vec<f64>), String> {
        let mut marks = vec![Mark::New; nodes.len()];
        let mut order = Vec::new();
        for i in 0..nodes.len() {
            visit(nodes, i, &mut marks, &mut order)?;
        }
        let mut values = vec![0.0; nodes.len()];
        for &i in &order {
            values[i] = value(nodes[i], &values);
        }
        Ok((values[output], backward(nodes, output, &order, &values)))
    }
}

/// Computes softplus as it is written.
///
/// # Feedback
///
/// The exponential of a large argument overflows, and its logarithm is infinite. $`\ln(1 + e^u) = \max(u, 0) + \ln(1 + e^{-|u|})`$.
pub mod mutant_overflows {
    pub use super::solution::*;

    /// Infinite from 710 on.
    pub fn softplus(u: f64) -> f64 {
        (1.0 + u.exp()).ln()
    }
}
