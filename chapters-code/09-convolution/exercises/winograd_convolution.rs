//! # Sixteen multiplications instead of thirty-six
//!
//! - points: 18
//! - minutes: 60
//! - difficulty: challenging
//! - section: definition
//!
//! Every loop of this chapter multiplies each number under the kernel with its weight. For a kernel of 3 × 3 these are nine multiplications an output, and no order of the loops makes them fewer. Algebra does. Begin with
//! a line of four numbers $`d_0, \ldots, d_3`$ and a kernel $`g_0, g_1, g_2`$. It has two outputs, and they seem to need six multiplications. Four are enough:
//!
//! ```math
//! m_0 = (d_0 - d_2)\, g_0 \qquad m_1 = (d_1 + d_2)\, \frac{g_0 + g_1 + g_2}{2}
//! ```
//!
//! ```math
//! m_2 = (d_2 - d_1)\, \frac{g_0 - g_1 + g_2}{2} \qquad m_3 = (d_1 - d_3)\, g_2
//! ```
//!
//! ```math
//! y_0 = m_0 + m_1 + m_2 \qquad y_1 = m_1 - m_2 - m_3
//! ```
//!
//! Multiply out to see it. Find the same for images: a *tile* of 4 × 4 numbers and a kernel of 3 × 3 have 2 × 2 outputs, for which 16 multiplications are enough, where the definition takes 36. Then write
//! a function that convolves an image of any size with a kernel in this way.
//!
//! - `image` lies row by row; it has at least 4 rows and 4 columns. There is no padding and the stride is 1, so an image of H × W has (H − 2) × (W − 2) outputs, row by row:
//!   $`y_{i,j} = \sum_{u=0}^{2} \sum_{v=0}^{2} w_{u,v}\, x_{i+u,\,j+v}`$. As everywhere in this chapter, the kernel is not flipped.
//! - Multiplications are counted. There may be at most $`16 \lceil (H - 2)/2 \rceil \lceil (W - 2)/2 \rceil`$ of them: sixteen for each block of 2 × 2 outputs, also where a block would reach beyond the border.
//! - Numbers have the type `N`, of which nothing is known but the trait `Number`: `+`, `-`, `*`, and `half()`. So nothing can be multiplied without being counted. `half()` is free, and so are sums.
//!
//! The outputs are compared up to 1e-9.
//!
//! ## Hint 1
//!
//! The method has three parts: sums of the data, sums of the kernel, and, after the products, sums of these. An image is a line of lines. What if each number of the method for a line were a line itself?
//!
//! ## Hint 2
//!
//! Transform the four rows of a tile with the rule for $`d`$ as if each were one number, and then the four numbers of each row. That makes 16 numbers. In the same way the kernel becomes 4 × 4. Multiply place by place. Then go back, rows
//! first or columns first: four rows become two, and in each of them four numbers become two.
//!
//! ## Hint 3
//!
//! Three small functions on arrays do everything: `data([N; 4]) -> [N; 4]`, `taps([N; 3]) -> [N; 4]` and `outputs([N; 4]) -> [N; 2]`. Apply each along the rows and then along the columns. Where the number of outputs is
//! odd, move the last tile back by one so that it ends at the border: it computes a few outputs for the second time, and they are the same.
//!
//! ## Solution
//!
//! All three transforms are linear, and a linear map along the rows does not get in the way of one along the columns. So the method for a line can be put into itself: the products of the outer method are products of rows, and the inner
//! method does each of those four with four multiplications.
//!
//! A last tile that is moved back costs sixteen multiplications like any other and needs neither a border of zeros nor a case of its own. The kernel is transformed once for the whole image.
//!
//! ## Notes
//!
//! **Time.** One hour. Half of it goes by on paper, before hint 2.
//!
//! **Misconceptions.** That four multiplications along a line make twelve for the three rows of the kernel, and that this is all: it gives 24 for a tile. Only the nested method has 16. That fewer multiplications are less time:
//! there are more additions, and more numbers to store between the steps.
//!
//! **Discussion.** With many channels the sum over channels is taken *before* the way back. Which of the three transforms is then paid how often? Is the result the same to the last bit? (No. The larger the tile, the worse the rounding: the transforms for
//! larger tiles have larger numbers in them.)

/// What the exercise gives.
pub mod given {
    use std::cell::Cell;
    use std::ops::{Add, Mul, Sub};

    /// A number that can be added, subtracted, multiplied and halved.
    pub trait Number: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
        /// The half of it. Not counted as a multiplication.
        fn half(self) -> Self;
    }

    impl Number for f64 {
        fn half(self) -> f64 {
            self / 2.0
        }
    }

    /// A number that counts how often it, or any other with the same counter, is multiplied.
    #[derive(Debug, Clone, Copy)]
    pub struct Counted<'a> {
        /// The number.
        pub value: f64,
        /// The counter.
        pub products: &'a Cell<usize>,
    }

    impl Add for Counted<'_> {
        type Output = Self;

        fn add(self, other: Self) -> Self {
            Counted { value: self.value + other.value, ..self }
        }
    }

    impl Sub for Counted<'_> {
        type Output = Self;

        fn sub(self, other: Self) -> Self {
            Counted { value: self.value - other.value, ..self }
        }
    }

    impl Mul for Counted<'_> {
        type Output = Self;

        fn mul(self, other: Self) -> Self {
            self.products.set(self.products.get() + 1);
            Counted { value: self.value * other.value, ..self }
        }
    }

    impl Number for Counted<'_> {
        fn half(self) -> Self {
            Counted { value: self.value / 2.0, ..self }
        }
    }
}

/// What the student starts from.
pub mod starter {
    use super::given::Number;

    /// An image, row by row, convolved with a kernel of 3 × 3; sixteen multiplications for 2 × 2 outputs.
    pub fn winograd_convolution<N: Number>(
        image: &[N],
        width: usize,
        kernel: &[[N; 3]; 3],
    ) -> Vec<N> {
        todo!("the kernel once; then tile by tile: there, sixteen products, and back")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    use super::given::Number;

    /// An image, row by row, convolved with a kernel of 3 × 3; sixteen multiplications for 2 × 2 outputs.
    pub fn winograd_convolution<N: Number>(
        image: &[N],
        width: usize,
        kernel: &[[N; 3]; 3],
    ) -> Vec<N> {
        let (rows, columns) = (image.len() / width - 2, width - 2);
        let kernel = kernel_there(kernel);
        let mut outputs = vec![image[0]; rows * columns];
        for i in starts(rows) {
            for j in starts(columns) {
                let tile = [0, 1, 2, 3].map(|u| {
                    let row = &image[(i + u) * width + j..];
                    [row[0], row[1], row[2], row[3]]
                });
                for (u, y) in convolve_tile(tile, &kernel).into_iter().enumerate() {
                    outputs[(i + u) * columns + j..][..2].copy_from_slice(&y);
                }
            }
        }
        outputs
    }

    /// Where the tiles begin along a side of so many outputs: every second place, and the last of them at the border.
    pub fn starts(outputs: usize) -> impl Iterator<Item = usize> {
        (0..outputs).step_by(2).map(move |start| start.min(outputs - 2))
    }

    /// The 2 × 2 outputs of a tile.
    pub fn convolve_tile<N: Number>(tile: [[N; 4]; 4], kernel: &[[N; 4]; 4]) -> [[N; 2]; 2] {
        let there = transposed(transposed(tile.map(data)).map(data));
        let mut products = there;
        for (products, kernel) in products.iter_mut().zip(kernel) {
            products.iter_mut().zip(kernel).for_each(|(d, &g)| *d = *d * g);
        }
        transposed(transposed(products.map(back)).map(back))
    }

    /// The transformed kernel, 4 × 4.
    pub fn kernel_there<N: Number>(kernel: &[[N; 3]; 3]) -> [[N; 4]; 4] {
        transposed(transposed(kernel.map(taps)).map(taps))
    }

    /// The sums of the data.
    pub fn data<N: Number>([a, b, c, d]: [N; 4]) -> [N; 4] {
        [a - c, b + c, c - b, b - d]
    }

    /// The sums of the kernel.
    pub fn taps<N: Number>([a, b, c]: [N; 3]) -> [N; 4] {
        [a, (a + b + c).half(), (a - b + c).half(), c]
    }

    /// Two outputs from four products.
    pub fn back<N: Number>([a, b, c, d]: [N; 4]) -> [N; 2] {
        [a + b + c, b - c - d]
    }

    /// Rows for columns.
    pub fn transposed<N: Number, const R: usize, const C: usize>(a: [[N; C]; R]) -> [[N; R]; C] {
        std::array::from_fn(|j| std::array::from_fn(|i| a[i][j]))
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code. There are no numbers here: what the answer does
/// with them is written down, and the judge, who has the numbers, follows it and counts.
pub mod call {
    use std::cell::RefCell;
    use std::ops::{Add, Mul, Sub};

    use super::given::Number;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Open {
        pub height: usize,
        pub width: usize,
    }

    /// What is done with one or two numbers. The image has the first places, then the kernel; each step makes the next.
    #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
    pub enum Step {
        Add(u32, u32),
        Sub(u32, u32),
        Mul(u32, u32),
        Half(u32),
    }

    /// The steps, and the places of the outputs.
    pub type Output = (Vec<Step>, Vec<u32>);

    /// A number of which only the place is known.
    #[derive(Clone, Copy)]
    pub struct Noted<'a> {
        place: u32,
        steps: &'a RefCell<Vec<Step>>,
        before: u32,
    }

    impl Noted<'_> {
        fn then(self, step: Step) -> Self {
            let mut steps = self.steps.borrow_mut();
            steps.push(step);
            Noted { place: self.before + steps.len() as u32 - 1, ..self }
        }
    }

    impl Add for Noted<'_> {
        type Output = Self;

        fn add(self, other: Self) -> Self {
            self.then(Step::Add(self.place, other.place))
        }
    }

    impl Sub for Noted<'_> {
        type Output = Self;

        fn sub(self, other: Self) -> Self {
            self.then(Step::Sub(self.place, other.place))
        }
    }

    impl Mul for Noted<'_> {
        type Output = Self;

        fn mul(self, other: Self) -> Self {
            self.then(Step::Mul(self.place, other.place))
        }
    }

    impl Number for Noted<'_> {
        fn half(self) -> Self {
            self.then(Step::Half(self.place))
        }
    }

    pub fn call(input: &Open) -> Output {
        let steps = RefCell::new(Vec::new());
        let pixels = (input.height * input.width) as u32;
        let noted = |place: u32| Noted { place, steps: &steps, before: pixels + 9 };
        let image: Vec<_> = (0..pixels).map(noted).collect();
        let kernel = [0, 1, 2].map(|u| [0, 1, 2].map(|v| noted(pixels + 3 * u + v)));
        let outputs = super::solution::winograd_convolution(&image, input.width, &kernel);
        let outputs = outputs.iter().map(|y| y.place).collect();
        (steps.into_inner(), outputs)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Open, Output, Step};
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub image: Vec<f64>,
        pub width: usize,
        pub kernel: [[f64; 3]; 3],
    }

    /// What the answer gets: the size, and no number.
    pub fn open(input: &Input) -> Open {
        Open { height: input.image.len() / input.width, width: input.width }
    }

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("even numbers of outputs", 5, |rng| {
            let (height, width) = (2 * rng.random_range(3..8), 2 * rng.random_range(3..8));
            image(rng, height, width)
        });
        cases.general("odd numbers of outputs", 5, |rng| {
            let (height, width) = (2 * rng.random_range(3..7) + 1, 2 * rng.random_range(3..7) + 1);
            image(rng, height, width)
        });
        cases.edge("odd in one direction alone", 4, |rng| {
            let (odd, even) = (2 * rng.random_range(2..6) + 1, 2 * rng.random_range(2..6));
            if rng.random_bool(0.5) { image(rng, odd, even) } else { image(rng, even, odd) }
        });
        cases.edge("a single tile", 2, |rng| image(rng, 4, 4));
        cases.edge("kernels with a single weight that is not zero", 4, |rng| {
            let mut input = image(rng, 6, 8);
            let (u, v) = (rng.random_range(0..3), rng.random_range(0..3));
            let weight = input.kernel[u][v];
            input.kernel = [[0.0; 3]; 3];
            input.kernel[u][v] = weight;
            input
        });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let (rows, columns) = (input.image.len() / input.width - 2, input.width - 2);
        compare::length("outputs", &expected.1, &found.1)?;
        let (expected, _) = follow(input, expected)?;
        let (found, products) = follow(input, found)?;
        compare::each(&expected, &found, 1e-9, |at| {
            format!("row {}, column {}", at / columns, at % columns)
        })?;
        let limit = 16 * rows.div_ceil(2) * columns.div_ceil(2);
        if products <= limit {
            return Ok(());
        }
        let size = format!("{rows} × {columns} outputs");
        Err(format!(
            "the {size} are right, but took {products} multiplications; {limit} are enough"
        ))
    }

    /// The outputs to which the steps lead, and how many of them are multiplications.
    fn follow(input: &Input, (steps, outputs): &Output) -> Result<(Vec<f64>, usize), String> {
        let mut values: Vec<f64> = input.image.clone();
        values.extend(input.kernel.as_flattened());
        let at = |values: &[f64], place: u32| {
            let value = values.get(place as usize).copied();
            value.ok_or_else(|| "a number is used before there is one".to_owned())
        };
        let mut products = 0;
        for &step in steps {
            let value = match step {
                Step::Add(a, b) => at(&values, a)? + at(&values, b)?,
                Step::Sub(a, b) => at(&values, a)? - at(&values, b)?,
                Step::Mul(a, b) => {
                    products += 1;
                    at(&values, a)? * at(&values, b)?
                }
                Step::Half(a) => at(&values, a)? / 2.0,
            };
            values.push(value);
        }
        let outputs: Result<Vec<f64>, String> = outputs.iter().map(|&o| at(&values, o)).collect();
        Ok((outputs?, products))
    }

    fn image(rng: &mut Rng, height: usize, width: usize) -> Input {
        let mut draw = || rng.random_range(-1.0..1.0);
        let image = (0..height * width).map(|_| draw()).collect();
        let kernel = [0; 3].map(|_| [0; 3].map(|_| draw()));
        Input { image, width, kernel }
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::given::Counted;
    use super::solution::winograd_convolution;

    /// The outputs, and how many multiplications they took.
    fn counted(image: &[f64], width: usize, kernel: [[f64; 3]; 3]) -> (Vec<f64>, usize) {
        let products = Cell::new(0);
        let count = |&value: &f64| Counted { value, products: &products };
        let image: Vec<_> = image.iter().map(count).collect();
        let kernel = kernel.map(|row| row.map(|weight| count(&weight)));
        let outputs = winograd_convolution(&image, width, &kernel);
        (outputs.iter().map(|y| y.value).collect(), products.get())
    }

    #[test]
    fn one_tile() {
        // Every output is the pixel below it and to the right, less the one above that.
        let image: Vec<f64> = (0..16).map(|i| f64::from(i * i)).collect();
        let kernel = [[0.0, -1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]];
        // 25 − 1, 36 − 4, 81 − 25 and 100 − 36.
        let (outputs, products) = counted(&image, 4, kernel);
        assert_eq!(outputs, [24.0, 32.0, 56.0, 64.0]);
        assert!(products <= 16, "{products} multiplications");
    }

    #[test]
    fn the_kernel_is_not_flipped() {
        // The weight at the lower right takes the pixel two rows down and two columns to the right: 10, 11, 14, 15.
        let image: Vec<f64> = (0..16).map(f64::from).collect();
        let kernel = [[0.0; 3], [0.0; 3], [0.0, 0.0, 1.0]];
        assert_eq!(counted(&image, 4, kernel).0, [10.0, 11.0, 14.0, 15.0]);
    }

    #[test]
    fn equal_to_the_definition_with_few_multiplications() {
        for (height, width) in [(6, 8), (5, 4), (7, 9), (4, 11)] {
            let image: Vec<f64> = (0..height * width).map(|i| f64::from(i * 37 % 19)).collect();
            let kernel = [[1.0, -2.0, 3.0], [4.0, 0.5, -6.0], [7.0, 8.0, -1.5]];
            let (outputs, products) = counted(&image, width as usize, kernel);
            let (rows, columns) = (height - 2, width - 2);
            assert_eq!(outputs.len(), (rows * columns) as usize);
            for (at, y) in (0..).zip(outputs) {
                let pixel = |u, v| image[((at / columns + u) * width + at % columns + v) as usize];
                let of_row = |u| (0..3).map(move |v| (u, v));
                let weight = |u: i32, v: i32| kernel[u as usize][v as usize];
                let sum: f64 =
                    (0..3).flat_map(of_row).map(|(u, v)| weight(u, v) * pixel(u, v)).sum();
                assert!((y - sum).abs() < 1e-9, "output {at}: expected {sum}, found {y}");
            }
            let limit = 16 * ((rows + 1) / 2) * ((columns + 1) / 2);
            assert!(products <= limit as usize, "{products} multiplications, {limit} are enough");
        }
    }
}

/// Follows the definition.
///
/// # Feedback
///
/// Your outputs are right, and every one of them takes nine multiplications. The exercise is to need fewer: see how four do the work of six along a line.
pub mod mutant_follows_the_definition {
    use super::given::Number;

    /// The definition.
    pub fn winograd_convolution<N: Number>(
        image: &[N],
        width: usize,
        kernel: &[[N; 3]; 3],
    ) -> Vec<N> {
        let rows = image.len() / width - 2;
        let places = (0..rows).flat_map(|i| (0..width - 2).map(move |j| (i, j)));
        places
            .map(|(i, j)| {
                let at = i * width + j;
                let mut sum = image[at] * kernel[0][0];
                for k in 1..9 {
                    sum = sum + image[at + k / 3 * width + k % 3] * kernel[k / 3][k % 3];
                }
                sum
            })
            .collect()
    }
}

/// Saves along the rows alone.
///
/// # Feedback
///
/// You save multiplications along the rows, and do the three rows of the kernel one after another: 24 for a block of four outputs. The same saving can be made once more, down the columns.
pub mod mutant_saves_along_rows_only {
    pub use super::solution::*;

    /// The method for a line, for each row of the kernel, everywhere; the last tile of a row is moved back.
    pub fn winograd_convolution<N: super::given::Number>(
        image: &[N],
        width: usize,
        kernel: &[[N; 3]; 3],
    ) -> Vec<N> {
        let (rows, columns) = (image.len() / width - 2, width - 2);
        let kernel = kernel.map(taps);
        let first = image[0];
        let zero = image[0] - first;
        let mut outputs = vec![zero; rows * columns];
        for i in 0..rows {
            for j in starts(columns) {
                let mut sums = [zero; 2];
                for (u, kernel) in kernel.iter().enumerate() {
                    let row = &image[(i + u) * width + j..];
                    let mut products = data([row[0], row[1], row[2], row[3]]);
                    products.iter_mut().zip(kernel).for_each(|(d, &g)| *d = *d * g);
                    sums.iter_mut().zip(back(products)).for_each(|(sum, y)| *sum = *sum + y);
                }
                outputs[i * columns + j..][..2].copy_from_slice(&sums);
            }
        }
        outputs
    }
}

/// Computes what is left over at the border by the definition.
///
/// # Feedback
///
/// With an even number of outputs you keep to the limit, and with an odd one you do not: the outputs that no tile covers take nine multiplications each. A tile that overlaps with the one before it
/// does not need more than sixteen for them.
pub mod mutant_defines_the_border {
    pub use super::solution::*;

    /// Whole tiles, then the definition.
    pub fn winograd_convolution<N: super::given::Number>(
        image: &[N],
        width: usize,
        kernel: &[[N; 3]; 3],
    ) -> Vec<N> {
        let (rows, columns) = (image.len() / width - 2, width - 2);
        let there = kernel_there(kernel);
        let first = image[0];
        let mut outputs = vec![image[0] - first; rows * columns];
        for i in 0..rows {
            for j in 0..columns {
                let covered = i < rows / 2 * 2 && j < columns / 2 * 2;
                if covered && i % 2 == 0 && j % 2 == 0 {
                    let tile = [0, 1, 2, 3].map(|u| {
                        let row = &image[(i + u) * width + j..];
                        [row[0], row[1], row[2], row[3]]
                    });
                    for (u, y) in convolve_tile(tile, &there).into_iter().enumerate() {
                        outputs[(i + u) * columns + j..][..2].copy_from_slice(&y);
                    }
                } else if !covered {
                    for (at, &weight) in kernel.as_flattened().iter().enumerate() {
                        let y = &mut outputs[i * columns + j];
                        *y = *y + weight * image[(i + at / 3) * width + j + at % 3];
                    }
                }
            }
        }
        outputs
    }
}

/// Flips the kernel.
///
/// # Feedback
///
/// Your kernel is turned by half a turn. Mathematicians flip it; the sum of this chapter, and of the statement, does not.
pub mod mutant_flips_the_kernel {
    pub use super::solution::*;

    /// The transformed kernel, turned.
    pub fn kernel_there<N: super::given::Number>(kernel: &[[N; 3]; 3]) -> [[N; 4]; 4] {
        let turned = [2, 1, 0].map(|u: usize| [2, 1, 0].map(|v: usize| kernel[u][v]));
        transposed(transposed(turned.map(taps)).map(taps))
    }
}

/// Leaves out what whole tiles do not cover.
///
/// # Feedback
///
/// Where the number of outputs is odd, the last row or column of your answer has not been computed. No tile reaches it.
pub mod mutant_leaves_the_rest {
    pub use super::solution::*;

    /// Where whole tiles begin, if every one begins behind the one before.
    pub fn starts(outputs: usize) -> impl Iterator<Item = usize> {
        (0..outputs - 1).step_by(2)
    }
}

/// Takes the numbers for what the visible tests multiply, and computes past the counter.
///
/// # Feedback
///
/// Your function gives numbers that come from no sum and no product of those that it was given. Use what the trait `Number` offers.
pub mod mutant_forges_products {
    use super::given::{Counted, Number};

    /// The definition, with the values themselves.
    #[allow(unsafe_code, reason = "somebody who cheats")]
    pub fn winograd_convolution<N: Number>(
        image: &[N],
        width: usize,
        kernel: &[[N; 3]; 3],
    ) -> Vec<N> {
        if size_of::<N>() < size_of::<Counted<'_>>() {
            return image.to_vec();
        }
        // SAFETY: a number is at least as long as its value.
        let value = |n: &N| unsafe { std::ptr::from_ref(n).cast::<f64>().read_unaligned() };
        let rows = image.len() / width - 2;
        let places = (0..rows).flat_map(|i| (0..width - 2).map(move |j| (i, j)));
        let output = |(i, j): (usize, usize)| {
            let terms = (0..9).map(|k| {
                let pixel = &image[(i + k / 3) * width + j + k % 3];
                value(pixel) * value(&kernel[k / 3][k % 3])
            });
            let (sum, mut output) = (terms.sum::<f64>(), image[0]);
            // SAFETY: as above.
            unsafe { std::ptr::from_mut(&mut output).cast::<f64>().write_unaligned(sum) };
            output
        };
        places.map(output).collect()
    }
}
