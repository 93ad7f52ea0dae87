//! # How the slope bends
//!
//! - points: 10
//! - minutes: 35
//! - difficulty: medium
//! - section: forward
//!
//! A dual number carries a value and its derivative. How fast the loss falls along a direction is one thing; how long it goes on falling is another, and for that we need
//! the second derivative as well. It can be carried in the same way.
//!
//! Let $`t`$ be the one input. A `Jet` holds $`u(t)`$, $`u'(t)`$ and $`u''(t)`$ of some quantity $`u`$, all three at the same $`t`$. The starter has sums, differences, constants and
//! `along`, which makes the jet of a weight that moves in a straight line, $`w + t v`$ at $`t = 0`$. Write the rest:
//!
//! - the product `a * b` and the quotient `a / b`;
//! - `exp`, `ln` and `tanh`.
//!
//! Each gives a jet whose three fields are value, first derivative and second derivative with respect to $`t`$ (not one half of it, as in a Taylor series).
//!
//! The cases compute formulas with jets; the fields of the result are compared up to 1e-9 (relative above 1). Divisors and what a logarithm is taken of are never near 0. Arguments of
//! `tanh` may be large: at 500 it is 1, and flat.
//!
//! ## Hint 1
//!
//! Differentiate $`u v`$ twice with the product rule, and $`f(u)`$ twice with the chain rule. Every function of one variable then fits the same formula, and only its own two derivatives differ.
//!
//! ## Hint 2
//!
//! $`(uv)'' = u''v + 2u'v' + uv''`$, and $`f(u)'' = f''(u)\,u'^2 + f'(u)\,u''`$. A quotient is a product with a function of the divisor.
//!
//! ## Hint 3
//!
//! Write a helper `chain(self, f, f1, f2)` that takes the value of the function and its two derivatives at `self.value`. For $`\tanh`$ with the result $`a`$ they are
//! $`a`$, $`1 - a^2`$ and $`-2a(1 - a^2)`$. The division is `self * (1 / other)`, where $`1/u`$ has the derivatives $`-1/u^2`$ and $`2/u^3`$.
//!
//! ## Solution
//!
//! Two rules carry everything: one for products, one for chains. In the second derivative of a chain there are two parts, because there are two reasons for a bend: the function bends, or its argument does.
//!
//! If all weights of a network move along $`v`$ at once, the jet of the loss holds $`v^\top \nabla L`$ and $`v^\top H v`$, where $`H`$ is the matrix of second derivatives. $`H`$ itself, with the square of
//! the number of weights, is never made.
//!
//! ## Notes
//!
//! **Time.** Thirty-five minutes; the quotient takes the longest for those who differentiate it by the quotient rule.
//!
//! **Misconceptions.** That derivatives of the second order multiply as those of the first do: $`(uv)''`$ is not $`u''v + uv''`$. That the bend of the argument is all there is, so that a function of a straight line is
//! straight.
//!
//! **Discussion.** Slope $`s`$ and curvature $`c`$ along a direction: how far would you step, if the loss were a parabola? ($`-s/c`$, where $`c > 0`$.) What does ReLU do to a jet, and what does it hide?

/// What the student starts from.
pub mod starter {
    use std::ops::{Add, Div, Mul, Sub};

    /// A quantity with its first and second derivative with respect to the one input.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Jet {
        /// The quantity.
        pub value: f64,
        /// Its first derivative.
        pub slope: f64,
        /// Its second derivative.
        pub curvature: f64,
    }

    impl Jet {
        /// What does not depend on the input.
        pub fn constant(value: f64) -> Self {
            Jet { value, slope: 0.0, curvature: 0.0 }
        }

        /// The weight `w` that moves along `v`: `w + t v` at `t = 0`.
        pub fn along(w: f64, v: f64) -> Self {
            Jet { value: w, slope: v, curvature: 0.0 }
        }

        /// `e` to this power.
        pub fn exp(self) -> Self {
            todo!("the exponential of a jet")
        }

        /// Natural logarithm.
        pub fn ln(self) -> Self {
            todo!("the logarithm of a jet")
        }

        /// Hyperbolic tangent.
        pub fn tanh(self) -> Self {
            todo!("the hyperbolic tangent of a jet")
        }
    }

    impl Add for Jet {
        type Output = Jet;

        fn add(self, other: Jet) -> Jet {
            Jet {
                value: self.value + other.value,
                slope: self.slope + other.slope,
                curvature: self.curvature + other.curvature,
            }
        }
    }

    impl Sub for Jet {
        type Output = Jet;

        fn sub(self, other: Jet) -> Jet {
            Jet {
                value: self.value - other.value,
                slope: self.slope - other.slope,
                curvature: self.curvature - other.curvature,
            }
        }
    }

    impl Mul for Jet {
        type Output = Jet;

        fn mul(self, other: Jet) -> Jet {
            todo!("the product of two jets")
        }
    }

    impl Div for Jet {
        type Output = Jet;

        fn div(self, other: Jet) -> Jet {
            todo!("the quotient of two jets")
        }
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use std::ops::{Add, Div, Mul, Sub};

    /// A quantity with its first and second derivative with respect to the one input.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Jet {
        /// The quantity.
        pub value: f64,
        /// Its first derivative.
        pub slope: f64,
        /// Its second derivative.
        pub curvature: f64,
    }

    impl Jet {
        /// What does not depend on the input.
        pub fn constant(value: f64) -> Self {
            Jet { value, slope: 0.0, curvature: 0.0 }
        }

        /// The weight `w` that moves along `v`: `w + t v` at `t = 0`.
        pub fn along(w: f64, v: f64) -> Self {
            Jet { value: w, slope: v, curvature: 0.0 }
        }

        /// `e` to this power.
        pub fn exp(self) -> Self {
            let e = self.value.exp();
            chain(self, e, e, e)
        }

        /// Natural logarithm.
        pub fn ln(self) -> Self {
            let u = self.value;
            chain(self, u.ln(), 1.0 / u, -1.0 / (u * u))
        }

        /// Hyperbolic tangent.
        pub fn tanh(self) -> Self {
            let a = self.value.tanh();
            chain(self, a, 1.0 - a * a, -2.0 * a * (1.0 - a * a))
        }
    }

    impl Add for Jet {
        type Output = Jet;

        fn add(self, other: Jet) -> Jet {
            Jet {
                value: self.value + other.value,
                slope: self.slope + other.slope,
                curvature: self.curvature + other.curvature,
            }
        }
    }

    impl Sub for Jet {
        type Output = Jet;

        fn sub(self, other: Jet) -> Jet {
            Jet {
                value: self.value - other.value,
                slope: self.slope - other.slope,
                curvature: self.curvature - other.curvature,
            }
        }
    }

    impl Mul for Jet {
        type Output = Jet;

        fn mul(self, other: Jet) -> Jet {
            product(self, other)
        }
    }

    impl Div for Jet {
        type Output = Jet;

        fn div(self, other: Jet) -> Jet {
            let u = other.value;
            self * chain(other, 1.0 / u, -1.0 / (u * u), 2.0 / (u * u * u))
        }
    }

    /// A function of a jet, from its value and its two derivatives at `u.value`.
    pub fn chain(u: Jet, f: f64, f1: f64, f2: f64) -> Jet {
        Jet { value: f, slope: f1 * u.slope, curvature: f2 * u.slope * u.slope + f1 * u.curvature }
    }

    /// The product rule, twice.
    pub fn product(u: Jet, v: Jet) -> Jet {
        Jet {
            value: u.value * v.value,
            slope: u.slope * v.value + u.value * v.slope,
            curvature: u.curvature * v.value + 2.0 * u.slope * v.slope + u.value * v.curvature,
        }
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use super::solution::Jet;
    use serde::{Deserialize, Serialize};

    /// A step of a formula, on a stack.
    #[derive(Debug, Clone, Copy, Serialize, Deserialize)]
    pub enum Step {
        /// A weight and its direction.
        Weight(f64, f64),
        Constant(f64),
        /// Pushes the value again that is so many places below the top.
        Again(usize),
        Add,
        Subtract,
        Multiply,
        Divide,
        Exp,
        Ln,
        Tanh,
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub formula: Vec<Step>,
    }

    /// Value, slope and curvature.
    pub type Output = [f64; 3];

    pub fn call(input: &Input) -> Output {
        let mut stack = vec![Jet::constant(0.0)];
        for step in &input.formula {
            let top = stack[stack.len() - 1];
            match *step {
                Step::Weight(w, v) => stack.push(Jet::along(w, v)),
                Step::Constant(value) => stack.push(Jet::constant(value)),
                Step::Again(below) => stack.push(stack[stack.len() - 1 - below]),
                Step::Add => two(&mut stack, |a, b| a + b),
                Step::Subtract => two(&mut stack, |a, b| a - b),
                Step::Multiply => two(&mut stack, |a, b| a * b),
                Step::Divide => two(&mut stack, |a, b| a / b),
                Step::Exp => one(&mut stack, top.exp()),
                Step::Ln => one(&mut stack, top.ln()),
                Step::Tanh => one(&mut stack, top.tanh()),
            }
        }
        let top = stack[stack.len() - 1];
        [top.value, top.slope, top.curvature]
    }

    fn one(stack: &mut Vec<Jet>, result: Jet) {
        stack.pop();
        stack.push(result);
    }

    fn two(stack: &mut Vec<Jet>, result: impl Fn(Jet, Jet) -> Jet) {
        if let (Some(b), Some(a)) = (stack.pop(), stack.pop()) {
            stack.push(result(a, b));
        }
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::Step::{
        Add, Again, Constant, Divide, Exp, Ln, Multiply, Subtract, Tanh, Weight,
    };
    use super::call::{Input, Output, Step};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("products and sums of moving weights", 5, |rng| {
            let mut formula = vec![weight(rng)];
            for _ in 0..rng.random_range(3..7) {
                formula.extend([weight(rng), Multiply, weight(rng), Add]);
            }
            Input { formula }
        });
        cases.general("quotient of two formulas", 4, |rng| {
            // (a b + c) / (1 + d²)
            let above = [weight(rng), weight(rng), Multiply, weight(rng), Add];
            let below = [weight(rng), Again(0), Multiply, Constant(1.0), Add];
            Input { formula: [&above[..], &below[..], &[Divide]].concat() }
        });
        cases.general("functions of functions", 6, |rng| {
            let mut formula = vec![weight(rng), weight(rng), Multiply];
            for _ in 0..rng.random_range(2..5) {
                match rng.random_range(0..3) {
                    // ln(1 + u²), exp(tanh u), tanh u
                    0 => formula.extend([Again(0), Multiply, Constant(1.0), Add, Ln]),
                    1 => formula.extend([Tanh, Exp]),
                    _ => formula.push(Tanh),
                }
                formula.extend([weight(rng), Multiply]);
            }
            Input { formula }
        });
        cases.general("loss of a small network, all weights moving", 4, network);
        cases.edge("nothing moves", 2, |rng| {
            let formula =
                vec![Weight(rng.random_range(0.5..2.0), 0.0), Tanh, Exp, Again(0), Divide];
            Input { formula }
        });
        cases.edge("function of a constant", 2, |rng| {
            let value = Constant(rng.random_range(0.5..2.0));
            Input { formula: vec![value, Ln, value, Divide, weight(rng), Multiply] }
        });
        cases.edge("hyperbolic tangent of something large", 2, |rng| {
            let large =
                rng.random_range(300.0..800.0) * if rng.random_bool(0.5) { 1.0 } else { -1.0 };
            Input { formula: vec![Weight(large, rng.random_range(-2.0..2.0)), Tanh] }
        });
    }

    pub fn compare(_: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let names = ["value", "first derivative", "second derivative"];
        compare::each(expected, found, 1e-9, |i| format!("the {}", names[i]))
    }

    fn weight(rng: &mut Rng) -> Step {
        Weight(rng.random_range(-1.2..1.2), rng.random_range(-1.5..1.5))
    }

    /// Three inputs, four units with tanh, and a sigmoid's cross-entropy.
    fn network(rng: &mut Rng) -> Input {
        let x = [0; 3].map(|_| rng.random_range(-1.0..1.0));
        let mut formula = vec![weight(rng)];
        for _ in 0..4 {
            formula.push(weight(rng));
            for x in x {
                formula.extend([weight(rng), Constant(x), Multiply, Add]);
            }
            formula.extend([Tanh, weight(rng), Multiply, Add]);
        }
        // ln(1 + e^z) − z
        formula.extend([Again(0), Exp, Constant(1.0), Add, Ln, Again(1), Subtract]);
        Input { formula }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::Jet;

    fn near(found: Jet, expected: [f64; 3]) {
        let distance = |a: f64, b: f64| (a - b).abs();
        let [value, slope, curvature] = expected;
        assert!(distance(found.value, value) < 1e-12, "{found:?}");
        assert!(distance(found.slope, slope) < 1e-12, "{found:?}");
        assert!(distance(found.curvature, curvature) < 1e-12, "{found:?}");
    }

    #[test]
    fn a_cube() {
        // t³ at 2: 8, 3 · 4 = 12 and 6 · 2 = 12.
        let t = Jet::along(2.0, 1.0);
        near(t * t * t, [8.0, 12.0, 12.0]);
    }

    #[test]
    fn a_quotient() {
        // 1 / t at 2: ½, −1/t² = −¼ and 2/t³ = ¼.
        near(Jet::constant(1.0) / Jet::along(2.0, 1.0), [0.5, -0.25, 0.25]);
        // (3 + 2t)/(3 + 2t) is always 1.
        let u = Jet::along(3.0, 2.0);
        near(u / u, [1.0, 0.0, 0.0]);
    }

    #[test]
    fn a_faster_weight_bends_more() {
        // e^(3t) at 0: 1, 3 and 9.
        near(Jet::along(0.0, 3.0).exp(), [1.0, 3.0, 9.0]);
    }

    #[test]
    fn logarithm_and_exponential_undo_each_other() {
        let u = Jet::along(0.7, -1.3) * Jet::along(0.2, 0.4);
        near(u.exp().ln(), [u.value, u.slope, u.curvature]);
    }

    #[test]
    fn the_tangent_at_its_steepest() {
        // tanh is odd: at 0 its slope is 1, and it does not bend. So tanh(t²) bends there as t².
        let t = Jet::along(0.0, 1.0);
        near(t.tanh(), [0.0, 1.0, 0.0]);
        near((t * t).tanh(), [0.0, 0.0, 2.0]);
    }
}

/// Leaves the mixed term out of the product.
///
/// # Feedback
///
/// Values and first derivatives are right. The second derivative of a product has a third part, from both factors changing at the same time. Differentiate $`u'v + uv'`$ once more, part by part.
pub mod mutant_leaves_out_the_mixed_term {
    pub use super::solution::*;

    /// As if second derivatives followed the rule of first ones.
    pub fn product(u: Jet, v: Jet) -> Jet {
        Jet {
            value: u.value * v.value,
            slope: u.slope * v.value + u.value * v.slope,
            curvature: u.curvature * v.value + u.value * v.curvature,
        }
    }
}

/// Counts the mixed term of the product once.
///
/// # Feedback
///
/// The mixed term of a product comes twice: once from the derivative of $`u'v`$, and once from that of $`uv'`$. (If your fields were Taylor coefficients, once would be right. They are derivatives.)
pub mod mutant_counts_the_mixed_term_once {
    pub use super::solution::*;

    /// One of two equal parts.
    pub fn product(u: Jet, v: Jet) -> Jet {
        Jet {
            value: u.value * v.value,
            slope: u.slope * v.value + u.value * v.slope,
            curvature: u.curvature * v.value + u.slope * v.slope + u.value * v.curvature,
        }
    }
}

/// Takes only the bend of the argument for that of a function.
///
/// # Feedback
///
/// In your chains a function of a straight line does not bend. There are two reasons for a bend: the argument bends, and the function does. The second is missing.
pub mod mutant_forgets_that_functions_bend {
    pub use super::solution::*;

    /// Without the function's own second derivative.
    pub fn chain(u: Jet, f: f64, f1: f64, _: f64) -> Jet {
        Jet { value: f, slope: f1 * u.slope, curvature: f1 * u.curvature }
    }
}

/// Multiplies the function's second derivative by the slope of the argument, not by its square.
///
/// # Feedback
///
/// Your chains are right where the argument has a slope of 1, and only there. Both the slope of the argument and the change of the function's slope are in proportion to how fast the argument moves:
/// that makes a square.
pub mod mutant_does_not_square_the_slope {
    pub use super::solution::*;

    /// With the slope once.
    pub fn chain(u: Jet, f: f64, f1: f64, f2: f64) -> Jet {
        Jet { value: f, slope: f1 * u.slope, curvature: f2 * u.slope + f1 * u.curvature }
    }
}

/// Gives the Taylor coefficient in place of the second derivative.
///
/// # Feedback
///
/// Your second derivatives are half as large as they should be. A Taylor series has $`u''/2`$ at the square; the field holds $`u''`$ itself.
pub mod mutant_gives_taylor_coefficients {
    pub use super::solution::*;

    /// The chain rule for coefficients.
    pub fn chain(u: Jet, f: f64, f1: f64, f2: f64) -> Jet {
        Jet {
            value: f,
            slope: f1 * u.slope,
            curvature: 0.5 * f2 * u.slope * u.slope + f1 * u.curvature,
        }
    }

    /// The product rule for coefficients.
    pub fn product(u: Jet, v: Jet) -> Jet {
        Jet {
            value: u.value * v.value,
            slope: u.slope * v.value + u.value * v.slope,
            curvature: u.curvature * v.value + u.slope * v.slope + u.value * v.curvature,
        }
    }
}
