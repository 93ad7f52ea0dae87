//! The second half of a decoder's block: one gated network (Shazeer, 2020), or many of which a router
//! chooses a few for each token, a mixture of experts (Shazeer et al., 2017).

use crate::count::Count;
use crate::layers::{Linear, elementwise, linear};
use crate::visitor::{Role, Visitor, Work};

/// What each token passes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedForward {
    /// One gated network for all tokens.
    Gated(Gated),
    /// Experts, of which a token meets a few.
    Experts(Experts),
}

/// A gated network: two matrices that widen, of which one is the gate, and one that narrows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gated {
    /// Its inner width, `F`.
    pub inner: u64,
    /// Whether its three layers have a bias.
    pub bias: bool,
    /// Whether one tensor holds the two matrices that widen.
    pub fused: bool,
}

/// A mixture of experts: equal gated networks, and a router that chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Experts {
    /// How many there are, `E`.
    pub experts: u64,
    /// How many of them a token meets, `k`.
    pub chosen: u64,
    /// The inner width of each, `F`.
    pub inner: u64,
    /// The inner width of the expert that every token meets; zero where there is none.
    pub shared: u64,
    /// Whether the router and the experts have biases.
    pub bias: bool,
    /// Whether the router keeps a correction for each expert, which is no parameter but a buffer.
    pub correction: bool,
    /// The names under which transformers files its parts.
    pub names: ExpertNames,
}

/// How transformers names the parts of a mixture, and which way its tensors lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpertNames {
    /// The router.
    pub router: &'static str,
    /// The shared expert.
    pub shared: &'static str,
    /// Whether the experts' weights are `(experts, inputs, outputs)` and not `(experts, outputs, inputs)`.
    pub transposed: bool,
}

impl FeedForward {
    /// By algebra, in a model of width `c`.
    pub(super) fn count(&self, c: u64) -> Count {
        match self {
            FeedForward::Gated(g) => g.count(c),
            FeedForward::Experts(e) => e.count(c),
        }
    }

    /// By walking, as the module `name`.
    pub(super) fn describe<V: Visitor>(&self, v: &mut V, name: &'static str, c: u64) {
        match self {
            FeedForward::Gated(g) => g.describe(v, name, c),
            FeedForward::Experts(e) => {
                v.module(name, "mixture of experts", |v| e.describe(v, c));
            }
        }
    }
}

impl Gated {
    /// `3CF` weights, and `2F + C` biases where it has them.
    fn count(&self, c: u64) -> Count {
        let bias = u64::from(self.bias);
        let weights = 3 * c * self.inner;
        Count {
            parameters: weights + bias * (2 * self.inner + c),
            tensors: if self.fused { 2 } else { 3 } * (1 + bias),
            multiply_adds: weights,
            ..Count::default()
        }
    }

    fn describe<V: Visitor>(&self, v: &mut V, name: &'static str, c: u64) {
        let f = self.inner;
        let dense = |inputs, outputs| Linear { inputs, outputs, bias: self.bias, positions: 1 };
        v.module(name, "gated network", |v| {
            if self.fused {
                linear(v, "gate_up_proj", dense(c, 2 * f));
            } else {
                linear(v, "gate_proj", dense(c, f));
                linear(v, "up_proj", dense(c, f));
            }
            elementwise(v, f); // SiLU of the gate ...
            elementwise(v, f); // ... and its product with the other branch
            linear(v, "down_proj", dense(f, c));
        });
    }
}

impl Experts {
    // ANCHOR: experts_count
    /// An expert has `3CF` weights, and `2F + C` biases where it has them. There
    /// are `E` of them and a router with `EC` weights, perhaps `E` biases; `E - k`
    /// experts rest. A shared expert adds three matrices of its own width.
    fn count(&self, c: u64) -> Count {
        let (e, k, bias) = (self.experts, self.chosen, u64::from(self.bias));
        let expert = 3 * c * self.inner + bias * (2 * self.inner + c);
        let shared = 3 * c * self.shared;
        Count {
            parameters: e * c + bias * e + e * expert + shared,
            resting: (e - k) * expert,
            tensors: 3 * (1 + bias) + if self.shared > 0 { 3 } else { 0 },
            buffers: if self.correction { e } else { 0 },
            multiply_adds: e * c + k * 3 * c * self.inner + shared,
        }
    }
    // ANCHOR_END: experts_count

    // ANCHOR: experts_walk
    fn describe<V: Visitor>(&self, v: &mut V, c: u64) {
        let (e, f) = (self.experts, self.inner);
        v.module(self.names.router, "router", |v| {
            v.tensor(Role::Parameter, "weight", &[e, c]);
            if self.bias {
                v.tensor(Role::Parameter, "bias", &[e]);
            }
            if self.correction {
                v.tensor(Role::Buffer, "e_score_correction_bias", &[e]);
            }
            v.work(Linear { inputs: c, outputs: e, bias: self.bias, positions: 1 }.work());
        });
        v.module("experts", "experts", |v| {
            self.matrices(v, "gate_up_proj", "gate_up_proj_bias", [c, 2 * f]);
            elementwise(v, self.chosen * f);
            elementwise(v, self.chosen * f);
            self.matrices(v, "down_proj", "down_proj_bias", [f, c]);
        });
        if self.shared > 0 {
            let shared = Gated { inner: self.shared, bias: false, fused: false };
            shared.describe(v, self.names.shared, c);
        }
    }
    // ANCHOR_END: experts_walk

    /// A matrix for each expert, all in one tensor; a token meets those that were chosen for it.
    fn matrices<V: Visitor>(
        &self,
        v: &mut V,
        name: &'static str,
        bias: &'static str,
        [inputs, outputs]: [u64; 2],
    ) {
        let role = Role::Experts { chosen: self.chosen };
        let (e, k) = (self.experts, self.chosen);
        match self.names.transposed {
            true => v.tensor(role, name, &[e, inputs, outputs]),
            false => v.tensor(role, name, &[e, outputs, inputs]),
        }
        if self.bias {
            v.tensor(role, bias, &[e, outputs]);
        }
        let multiply_adds = k * inputs * outputs;
        v.work(Work { multiply_adds, input: k * inputs, output: k * outputs });
    }
}
