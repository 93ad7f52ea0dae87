//! A network as a list of parts. The same list is counted, drawn, given weights and run.
//!
//! Images are `(C, H, W)`; names of tensors are torchvision's.

/// What is applied to every number behind a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Activation {
    /// Nothing.
    #[default]
    None,
    /// `max(z, 0)`.
    Relu,
    /// `z · min(max(z + 3, 0), 6) / 6`: swish without an exponential function.
    HardSwish,
}

impl Activation {
    /// The activation of `z`.
    pub fn of(self, z: f32) -> f32 {
        match self {
            Activation::None => z,
            Activation::Relu => z.max(0.0),
            Activation::HardSwish => z * hard_sigmoid(z),
        }
    }
}

/// `min(max(z + 3, 0), 6) / 6`: nearly the sigmoid of `z`, from one addition, two comparisons and a multiplication.
pub fn hard_sigmoid(z: f32) -> f32 {
    (z + 3.0).clamp(0.0, 6.0) / 6.0
}

/// Batch normalisation behind a convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Norm {
    /// What it is called.
    pub name: String,
    /// What it adds to a variance.
    pub epsilon: f64,
}

/// A convolution with square windows, padded so that stride 1 keeps the size, without a bias; a normalisation behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Convolution {
    /// What it is called.
    pub name: String,
    /// The normalisation behind it.
    pub norm: Norm,
    /// Channels in.
    pub inputs: usize,
    /// Channels out.
    pub outputs: usize,
    /// Side of a window, odd.
    pub window: usize,
    /// Pixels from one window to the next.
    pub stride: usize,
    /// Groups of channels; as many as there are channels make it depthwise.
    pub groups: usize,
    /// What comes behind the normalisation.
    pub activation: Activation,
}

impl Convolution {
    /// The shape of its weight: `(outputs, inputs / groups, K, K)`.
    pub fn shape(&self) -> [usize; 4] {
        [self.outputs, self.inputs / self.groups, self.window, self.window]
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        match (self.window, self.groups) {
            (1, 1) => Kind::Pointwise,
            (_, 1) => Kind::Window,
            _ => Kind::Depthwise,
        }
    }

    fn counted(&self, side: usize, around: bool) -> Counted {
        let weights = self.shape().iter().product::<usize>();
        Counted {
            name: self.name.clone(),
            kind: self.kind(),
            around,
            output: [self.outputs, side],
            parameters: weights + 2 * self.outputs,
            multiply_adds: (weights * side * side) as u64,
        }
    }

    /// Side of the output for an input of `n` pixels, at least one.
    pub fn output(&self, n: usize) -> usize {
        (n + 2 * (self.window / 2) - self.window) / self.stride + 1
    }
}

/// What a layer with weights is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A convolution whose windows see several pixels of all channels.
    Window,
    /// A convolution of 1 × 1.
    Pointwise,
    /// A convolution of each channel by itself.
    Depthwise,
    /// Both layers of a gate.
    Gate,
    /// A layer on a row of numbers.
    Linear,
}

impl Kind {
    /// The kinds by a short key, and by a name for people.
    pub const NAMES: [(&str, &str); 5] = [
        ("window", "wider windows, all channels"),
        ("pointwise", "1 × 1"),
        ("depthwise", "depthwise"),
        ("gate", "gates"),
        ("linear", "linear"),
    ];

    /// Its key.
    pub fn key(self) -> &'static str {
        let place = match self {
            Kind::Window => 0,
            Kind::Pointwise => 1,
            Kind::Depthwise => 2,
            Kind::Gate => 3,
            Kind::Linear => 4,
        };
        Kind::NAMES[place].0
    }
}

/// A layer with weights, and its normalisation, counted. A gate is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Whether it stands on the way around a block.
    pub around: bool,
    /// Its output: channels, and the side of the image.
    pub output: [usize; 2],
    /// Numbers that training changes.
    pub parameters: usize,
    /// Multiply-adds for one image.
    pub multiply_adds: u64,
}

impl Counted {
    /// The part of the network in which it stands: its name up to the first number.
    pub fn stage(&self) -> &str {
        let mut end = 0;
        for part in self.name.split('.') {
            end += part.len();
            if part.bytes().any(|byte| byte.is_ascii_digit()) {
                break;
            }
            end += 1;
        }
        &self.name[..end.min(self.name.len())]
    }
}

/// Squeeze and excitation: the mean of each channel, two layers, and each channel is multiplied by what comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// What it is called; its layers are `fc1` and `fc2`.
    pub name: String,
    /// Channels.
    pub channels: usize,
    /// Numbers between the two layers.
    pub squeezed: usize,
}

impl Gate {
    fn counted(&self, around: bool) -> Counted {
        let weights = 2 * self.channels * self.squeezed;
        Counted {
            name: self.name.clone(),
            kind: Kind::Gate,
            around,
            output: [self.channels, 1],
            parameters: weights + self.channels + self.squeezed,
            multiply_adds: weights as u64,
        }
    }
}

/// A layer on a row of numbers, with a bias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linear {
    /// What it is called.
    pub name: String,
    /// Numbers in.
    pub inputs: usize,
    /// Numbers out.
    pub outputs: usize,
    /// What comes behind it.
    pub activation: Activation,
}

impl Linear {
    fn counted(&self, around: bool) -> Counted {
        let weights = self.inputs * self.outputs;
        Counted {
            name: self.name.clone(),
            kind: Kind::Linear,
            around,
            output: [self.outputs, 1],
            parameters: weights + self.outputs,
            multiply_adds: weights as u64,
        }
    }
}

// ANCHOR: ways
/// Two ways from one input, whose outputs are added.
#[derive(Clone, Debug, PartialEq)]
pub struct Residual {
    /// The way with the layers.
    pub branch: Vec<Part>,
    /// The way around: nothing, or what gives the input the output's shape.
    pub shortcut: Vec<Part>,
    /// What comes behind the sum.
    pub activation: Activation,
}
// ANCHOR_END: ways

// ANCHOR: part
/// A part of a network.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A convolution with its normalisation.
    Convolution(Convolution),
    /// The largest of windows of 3 × 3, stride 2, padding 1.
    MaxPool,
    /// Squeeze and excitation.
    Gate(Gate),
    /// Two ways whose outputs are added.
    Residual(Residual),
    /// The mean of each channel.
    Mean,
    /// A layer on a row of numbers.
    Linear(Linear),
}
// ANCHOR_END: part

/// A network.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its parts in order; an image of three channels enters the first.
    pub parts: Vec<Part>,
}

/// What a tensor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A weight of a layer that sums so many terms.
    Weight {
        /// Terms of a sum.
        terms: usize,
    },
    /// A bias, or the shift of a normalisation.
    Bias,
    /// The scale of a normalisation.
    Scale,
    /// A mean that was counted in training.
    Mean,
    /// A variance that was counted in training.
    Variance,
}

impl Role {
    /// Whether training changes it by its gradient.
    pub fn trained(self) -> bool {
        !matches!(self, Role::Mean | Role::Variance)
    }
}

/// A tensor's name, shape and role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// Its name in a file.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// What it is.
    pub role: Role,
}

impl Model {
    /// Every tensor, in the order of the parts.
    pub fn tensors(&self) -> Vec<Tensor> {
        let mut tensors = Vec::new();
        self.parts.iter().for_each(|part| part.add_tensors(&mut tensors));
        tensors
    }

    /// Numbers that training changes.
    pub fn parameters(&self) -> usize {
        let trained = self.tensors().into_iter().filter(|tensor| tensor.role.trained());
        trained.map(|tensor| tensor.shape.iter().product::<usize>()).sum()
    }

    /// Multiply-adds for an image of `side` × `side` pixels, at least one.
    pub fn multiply_adds(&self, side: usize) -> u64 {
        self.layers(side).iter().map(|layer| layer.multiply_adds).sum()
    }

    /// Every layer that has weights, counted for an image of `side` × `side` pixels, at least one. What stands on a way around
    /// follows what it leads around.
    pub fn layers(&self, side: usize) -> Vec<Counted> {
        let (mut layers, mut side) = (Vec::new(), side);
        add_layers(&self.parts, &mut side, false, &mut layers);
        layers
    }

    /// The same with another ε in every normalisation.
    pub fn with_epsilon(mut self, epsilon: f64) -> Model {
        each_mut(&mut self.parts, &mut |convolution| convolution.norm.epsilon = epsilon);
        self
    }

    /// Calls `f` with each convolution, which it may change.
    pub fn each_convolution_mut(&mut self, f: &mut impl FnMut(&mut Convolution)) {
        each_mut(&mut self.parts, f);
    }

    /// Calls `f` with each convolution and the side of the image that enters it.
    pub fn each_convolution(&self, side: usize, f: &mut impl FnMut(&Convolution, usize)) {
        let mut side = side;
        walk(&self.parts, &mut side, f);
    }
}

fn walk(parts: &[Part], side: &mut usize, f: &mut impl FnMut(&Convolution, usize)) {
    for part in parts {
        if let Part::Convolution(convolution) = part {
            f(convolution, *side);
        }
        if let Part::Residual(residual) = part {
            let mut around = *side;
            walk(&residual.branch, side, f);
            walk(&residual.shortcut, &mut around, f);
        } else {
            *side = part.output(*side);
        }
    }
}

fn each_mut(parts: &mut [Part], f: &mut impl FnMut(&mut Convolution)) {
    for part in parts {
        match part {
            Part::Convolution(convolution) => f(convolution),
            Part::Residual(residual) => {
                each_mut(&mut residual.branch, f);
                each_mut(&mut residual.shortcut, f);
            }
            _ => {}
        }
    }
}

// ANCHOR: count
/// Counts each layer, from the side of the image that enters it.
fn add_layers(parts: &[Part], side: &mut usize, around: bool, layers: &mut Vec<Counted>) {
    for part in parts {
        let output = part.output(*side);
        match part {
            Part::Convolution(convolution) => layers.push(convolution.counted(output, around)),
            Part::Gate(gate) => layers.push(gate.counted(around)),
            Part::Linear(linear) => layers.push(linear.counted(around)),
            Part::Residual(residual) => {
                let (mut along, mut beside) = (*side, *side);
                add_layers(&residual.branch, &mut along, around, layers);
                add_layers(&residual.shortcut, &mut beside, true, layers);
            }
            Part::MaxPool | Part::Mean => {}
        }
        *side = output;
    }
}
// ANCHOR_END: count

impl Part {
    /// Side of its output for an input of `n` pixels.
    pub fn output(&self, n: usize) -> usize {
        match self {
            Part::Convolution(convolution) => convolution.output(n),
            Part::MaxPool => (n - 1) / 2 + 1,
            Part::Mean | Part::Linear(_) => 1,
            Part::Gate(_) => n,
            Part::Residual(residual) => residual.branch.iter().fold(n, |n, part| part.output(n)),
        }
    }

    fn add_tensors(&self, tensors: &mut Vec<Tensor>) {
        let mut add = |name: String, shape: &[usize], role| {
            tensors.push(Tensor { name, shape: shape.to_vec(), role });
        };
        match self {
            Part::Convolution(c) => {
                let terms = c.shape()[1..].iter().product();
                add(format!("{}.weight", c.name), &c.shape(), Role::Weight { terms });
                let norm = |part: &str| format!("{}.{part}", c.norm.name);
                add(norm("weight"), &[c.outputs], Role::Scale);
                add(norm("bias"), &[c.outputs], Role::Bias);
                add(norm("running_mean"), &[c.outputs], Role::Mean);
                add(norm("running_var"), &[c.outputs], Role::Variance);
            }
            Part::Gate(gate) => {
                let sizes = [(gate.channels, gate.squeezed), (gate.squeezed, gate.channels)];
                for (layer, (inputs, outputs)) in ["fc1", "fc2"].into_iter().zip(sizes) {
                    let name = format!("{}.{layer}", gate.name);
                    let weight = Role::Weight { terms: inputs };
                    add(format!("{name}.weight"), &[outputs, inputs, 1, 1], weight);
                    add(format!("{name}.bias"), &[outputs], Role::Bias);
                }
            }
            Part::Linear(linear) => {
                let &Linear { ref name, inputs, outputs, .. } = linear;
                let weight = Role::Weight { terms: inputs };
                add(format!("{name}.weight"), &[outputs, inputs], weight);
                add(format!("{name}.bias"), &[outputs], Role::Bias);
            }
            Part::Residual(residual) => {
                let both = residual.branch.iter().chain(&residual.shortcut);
                both.for_each(|part| part.add_tensors(tensors));
            }
            Part::MaxPool | Part::Mean => {}
        }
    }
}

impl Model {
    /// For each tensor the ε of the normalisation that it belongs to; 0 where it belongs to none.
    pub(crate) fn epsilons(&self) -> Vec<f64> {
        fn add(parts: &[Part], epsilons: &mut Vec<f64>) {
            for part in parts {
                match part {
                    Part::Convolution(c) => epsilons.extend([c.norm.epsilon; 5]),
                    Part::Gate(_) => epsilons.extend([0.0; 4]),
                    Part::Linear(_) => epsilons.extend([0.0; 2]),
                    Part::Residual(residual) => {
                        add(&residual.branch, epsilons);
                        add(&residual.shortcut, epsilons);
                    }
                    Part::MaxPool | Part::Mean => {}
                }
            }
        }
        let mut epsilons = Vec::new();
        add(&self.parts, &mut epsilons);
        epsilons
    }
}
