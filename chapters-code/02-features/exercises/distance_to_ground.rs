//! # How deep inside the figure?
//!
//! - points: 10
//! - minutes: 30
//! - difficulty: medium
//! - section: shape
//!
//! A ring and a disc of the same weight may have similar moments, but no pixel of a thin ring is far from the ground, and the middle of a
//! disc is. A *distance transform* gives for every pixel how far it is to the ground. Its ridges are a skeleton of the figure, and its
//! maximum says how thick the thickest part is.
//!
//! An image has been cut into figure (`true`) and ground (`false`), row by row from the top. A step goes from a pixel to the one above, below, to the left
//! or to the right, never diagonally. The distance of a pixel is the least number of steps to a pixel of the ground. Write a function that gives the distances of all
//! pixels in the order of the image.
//!
//! - Pixels of the ground have the distance 0.
//! - What is outside the image is not ground.
//! - An image without any ground has no distances: the answer is `None`.
//! - There is at least one pixel, and all rows have `width` pixels. An image may be a single row or column.
//!
//! One kind of case is an image of 160,000 pixels, half of them ground. An answer that compares every pixel of the figure with every pixel of the ground will not be
//! in time.
//!
//! ## Hint 1
//!
//! If you knew the distances of the four neighbours of a pixel of the figure, what would its own be?
//!
//! ## Hint 2
//!
//! Go through the image from the upper left to the lower right and look back only, to the left and above. What is right afterwards, and what is not yet?
//!
//! ## Hint 3
//!
//! Two sweeps are enough: the second goes from the lower right to the upper left and looks to the right and below. Start with 0 for the ground and a number that is larger
//! than every distance for the figure.
//!
//! ## Solution
//!
//! The order of the steps does not change where they lead, so a shortest way to the ground can be walked with all its steps to the left and up at the
//! end. The first sweep has walked these for every pixel. The second adds the steps to the right and down that come before them. Each pixel is looked at twice, however
//! large the figure is.
//!
//! ## Notes
//!
//! **Time.** Half an hour. A breadth-first search from all pixels of the ground at once is as good an answer, and as fast up to a factor.
//!
//! **Misconceptions.** That the nearest ground lies in the same row or column. That one sweep is enough, since "minima spread". That the border of the
//! image is a border of the figure. That a step to a diagonal neighbour is one step: this gives another distance, with squares for circles where this one has diamonds.
//!
//! **Discussion.** Neither distance is invariant under turns. What would be, and why do two sweeps with the Euclidean distance to the neighbours not give it exactly?

/// What the student starts from.
pub mod starter {
    /// The least number of steps from each pixel to the ground; nothing where there is no ground.
    pub fn distance_to_ground(width: usize, figure: &[bool]) -> Option<Vec<u32>> {
        todo!("the distances, row by row")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The least number of steps from each pixel to the ground; nothing where there is no ground.
    pub fn distance_to_ground(width: usize, figure: &[bool]) -> Option<Vec<u32>> {
        let far = figure.len() as u32;
        let mut distances: Vec<u32> = figure.iter().map(|&f| if f { far } else { 0 }).collect();
        forward(&mut distances, width);
        backward(&mut distances, width);
        figure.contains(&false).then_some(distances)
    }

    /// Carries distances to the right and down.
    pub fn forward(distances: &mut [u32], width: usize) {
        for i in 0..distances.len() {
            if i % width > 0 {
                distances[i] = distances[i].min(distances[i - 1] + 1);
            }
            if i >= width {
                distances[i] = distances[i].min(distances[i - width] + 1);
            }
        }
    }

    /// Carries distances to the left and up.
    pub fn backward(distances: &mut [u32], width: usize) {
        distances.reverse();
        forward(distances, width);
        distances.reverse();
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Input {
        pub width: usize,
        pub figure: Vec<bool>,
    }

    pub type Output = Option<Vec<u32>>;

    pub fn call(input: &Input) -> Output {
        super::solution::distance_to_ground(input.width, &input.figure)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("figures with a few holes", 6, |rng| {
            let (width, height) = (rng.random_range(12..25), rng.random_range(12..25));
            let holes = rng.random_range(3..7);
            speckled(rng, width, height, holes)
        });
        cases.general("disc on a ground", 4, |rng| {
            let (y, x) = (rng.random_range(10..14), rng.random_range(9..17));
            let radius: i32 = rng.random_range(5..8);
            image(26, 24, |row, column| (row - y).pow(2) + (column - x).pow(2) <= radius.pow(2))
        });
        cases.edge("figure that touches the border of the image", 3, |rng| {
            let (y, x) = (rng.random_range(3..9), rng.random_range(3..9));
            image(12, 11, |row, column| row < y || column < x)
        });
        cases.edge("one pixel of ground", 3, |rng| speckled(rng, 14, 9, 1));
        cases.edge("no ground at all", 2, |rng| {
            let (width, height) = (rng.random_range(1..6), rng.random_range(1..6));
            image(width, height, |_, _| true)
        });
        cases.edge("nothing but ground", 1, |_| image(5, 4, |_, _| false));
        cases.edge("single row or column", 4, |rng| {
            let side = rng.random_range(8..20);
            if rng.random_bool(0.5) { speckled(rng, side, 1, 2) } else { speckled(rng, 1, side, 2) }
        });
        cases.edge("large image, half of it ground", 1, |rng| {
            let (period, off): (i32, i32) = (rng.random_range(90..120), rng.random_range(0..50));
            image(400, 400, |row, column| (row + column + off) / period % 2 == 0)
        });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        match (expected, found) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err("there is no ground: expected None, found distances".into()),
            (Some(_), None) => Err("expected distances, found None".into()),
            (Some(expected), Some(found)) => {
                compare::length("distances", expected, found)?;
                for (i, (expected, found)) in expected.iter().zip(found).enumerate() {
                    let (row, column) = (i / input.width, i % input.width);
                    let what = format!("the distance at row {row}, column {column}");
                    compare::equal(&what, expected, found)?;
                }
                Ok(())
            }
        }
    }

    fn image(width: i32, height: i32, figure: impl Fn(i32, i32) -> bool) -> Input {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
        Input { width: width as usize, figure: places.map(|(y, x)| figure(y, x)).collect() }
    }

    /// All figure, but for some pixels.
    fn speckled(rng: &mut Rng, width: i32, height: i32, holes: usize) -> Input {
        let mut input = image(width, height, |_, _| true);
        for _ in 0..holes {
            let place = rng.random_range(0..input.figure.len());
            input.figure[place] = false;
        }
        input
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::distance_to_ground;

    #[test]
    fn a_diamond_round_one_pixel() {
        // From the ground in the middle of 3 × 3, a corner is two steps away.
        let mut figure = [true; 9];
        figure[4] = false;
        assert_eq!(distance_to_ground(3, &figure), Some(vec![2, 1, 2, 1, 0, 1, 2, 1, 2]));
    }

    #[test]
    fn ground_to_the_lower_right() {
        // Two rows of three; only the last pixel is ground.
        let figure = [true, true, true, true, true, false];
        assert_eq!(distance_to_ground(3, &figure), Some(vec![3, 2, 1, 2, 1, 0]));
    }

    #[test]
    fn outside_is_not_ground() {
        // A row: the way to the ground is along the row only.
        assert_eq!(distance_to_ground(4, &[true, true, true, false]), Some(vec![3, 2, 1, 0]));
    }

    #[test]
    fn without_ground() {
        assert_eq!(distance_to_ground(2, &[true; 4]), None);
    }
}

/// Goes through the image once, from the upper left to the lower right.
///
/// # Feedback
///
/// Your distances are right where the nearest ground is above or to the left, and too large elsewhere. What lies below and to the right has not been seen yet when
/// a pixel's turn comes. It takes another sweep.
pub mod mutant_sweeps_once {
    pub use super::solution::*;

    /// Nothing is carried back.
    pub fn backward(_: &mut [u32], _: usize) {}
}

/// Takes a diagonal step for one step.
///
/// # Feedback
///
/// Your distances are too small where the way goes askew: you go from corner to corner in one step. Steps lead up, down, left and right; a diagonal takes two.
pub mod mutant_steps_diagonally {
    pub use super::solution::*;

    /// Carries distances from the left and from the three neighbours above.
    pub fn forward(distances: &mut [u32], width: usize) {
        for i in 0..distances.len() {
            let column = i % width;
            let above = |shift: usize| (i + shift).checked_sub(width + 1);
            let from = [
                (column > 0).then(|| i - 1),
                (i >= width && column > 0).then(|| above(0)).flatten(),
                (i >= width).then(|| above(1)).flatten(),
                (i >= width && column + 1 < width).then(|| above(2)).flatten(),
            ];
            for other in from.into_iter().flatten() {
                distances[i] = distances[i].min(distances[other] + 1);
            }
        }
    }
}

/// Takes what is outside the image for ground.
///
/// # Feedback
///
/// Along the border of the image your distances are too small: you take the outside for ground. The figure may go on there; nobody has seen it.
pub mod mutant_takes_outside_for_ground {
    pub use super::solution::*;

    /// The distances with a frame of ground round the image.
    pub fn distance_to_ground(width: usize, figure: &[bool]) -> Option<Vec<u32>> {
        let height = figure.len() / width;
        let mut framed = vec![0; (width + 2) * (height + 2)];
        for (i, _) in figure.iter().enumerate().filter(|&(_, &f)| f) {
            framed[(i / width + 1) * (width + 2) + i % width + 1] = figure.len() as u32;
        }
        forward(&mut framed, width + 2);
        backward(&mut framed, width + 2);
        let rows = framed.chunks(width + 2).skip(1).take(height);
        let distances = rows.flat_map(|row| row[1..=width].to_vec()).collect();
        figure.contains(&false).then_some(distances)
    }
}

/// Looks along the row and the column of the pixel only.
///
/// # Feedback
///
/// You look for ground in the row and in the column of a pixel. The nearest ground may lie askew, some steps down and some to the side.
pub mod mutant_looks_along_the_cross {
    pub use super::solution::*;

    /// Carries distances within each row and within each column, each from the ground alone.
    pub fn distance_to_ground(width: usize, figure: &[bool]) -> Option<Vec<u32>> {
        let start = |f: &bool| if *f { figure.len() as u32 } else { 0 };
        let mut along: Vec<u32> = figure.iter().map(start).collect();
        let mut across = along.clone();
        for row in along.chunks_mut(width) {
            forward(row, width);
            backward(row, width);
        }
        for column in 0..width {
            let mut line: Vec<u32> = across.iter().skip(column).step_by(width).copied().collect();
            forward(&mut line, 1);
            backward(&mut line, 1);
            across.iter_mut().skip(column).step_by(width).zip(line).for_each(|(a, d)| *a = d);
        }
        let distances = along.into_iter().zip(across).map(|(a, b)| a.min(b)).collect();
        figure.contains(&false).then_some(distances)
    }
}

/// Gives a large number to every pixel of an image that has no ground.
///
/// # Feedback
///
/// Where there is no ground you give the number that you started from. That is no distance: say with `None` that there is nothing to measure to.
pub mod mutant_gives_far_for_none {
    pub use super::solution::*;

    /// The distances, whatever they are.
    pub fn distance_to_ground(width: usize, figure: &[bool]) -> Option<Vec<u32>> {
        let far = figure.len() as u32;
        let mut distances: Vec<u32> = figure.iter().map(|&f| if f { far } else { 0 }).collect();
        forward(&mut distances, width);
        backward(&mut distances, width);
        Some(distances)
    }
}
