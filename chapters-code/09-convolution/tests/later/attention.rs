//! Attention, with a cache where samples are tokens of one sequence.
//!
//! Will move to chapter 12.

use backprop::{Backward, Forward, Memory, Needs, Operation, Outline, Place, Real, Result, Shape};

use super::bad;

/// Attention of queries `(T, H · d)` to keys and values `(T, G · d)`; all three in one value, or in three.
///
/// Over sequences it sees the sample. Over rows, in prediction alone, samples are tokens of one sequence, and what they leave
/// is kept for the next call: a cache of up to `longest` tokens.
#[derive(Clone, Copy, Debug)]
pub struct Attention {
    pub heads: usize,
    pub groups: usize,
    pub head: usize,
    pub causal: bool,
    pub longest: usize,
}

impl Attention {
    /// Input, and first channel there, of queries, keys and values.
    fn parts(&self, place: &Place) -> [(usize, usize); 3] {
        let (q, k) = (self.heads * self.head, self.groups * self.head);
        if place.inputs.len() == 1 {
            [(0, 0), (0, q), (0, q + k)]
        } else {
            [(0, 0), (1, 0), (2, 0)]
        }
    }

    fn weights<T: Real>(
        &self,
        q: &[T],
        keys: impl Iterator<Item = usize>,
        k: &[T],
        p: &mut Vec<T>,
    ) {
        let scale = T::of(1.0 / (self.head as f64).sqrt());
        p.clear();
        p.extend(
            keys.map(|at| q.iter().zip(&k[at..]).fold(T::ZERO, |s, (&a, &b)| s + a * b) * scale),
        );
        let largest = p.iter().fold(p[0], |m, &z| m.maximum(z));
        p.iter_mut().for_each(|z| *z = (*z - largest).exp());
        let sum = p.iter().fold(T::ZERO, |s, &z| s + z);
        p.iter_mut().for_each(|z| *z = *z / sum);
    }
}

impl<T: Real> Operation<T> for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }
    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let (q, k) = (self.heads * self.head, self.groups * self.head);
        let channels: Vec<usize> = inputs.iter().map(|s| s.channels).collect();
        if channels != [q + 2 * k] && channels != [q, k, k] {
            return bad("attention", format!("it takes {q} and twice {k} channels"));
        }
        let x = inputs[0];
        let keys = if x.tokens { x.width } else { self.longest };
        let output = if x.tokens { Shape::sequence(x.width, q) } else { Shape::row(q) };
        Ok(Outline { multiply_adds: (2 * x.width * keys * q) as u64, ..output.into() })
    }
    fn needs(&self, place: &Place) -> Needs<T> {
        let t = place.input().shape;
        let memory = if t.tokens {
            Memory {
                sample: if place.training { self.heads * t.width * t.width } else { 0 },
                shard: 0,
            }
        } else {
            Memory { sample: 0, shard: 2 * self.longest * self.groups * self.head }
        };
        Needs { memory, ..Needs::default() }
    }
    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let (d, y) = (self.head, place.output);
        let parts = self.parts(place);
        at.y.fill(T::ZERO);
        let mut p = Vec::new();
        if !y.shape.tokens {
            // A cache: keys, then values.
            let mut own =
                at.shards[at.shard].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let width = self.groups * d;
            let (keys, values) = own.split_at_mut(self.longest * width);
            for n in 0..at.rows {
                let now = at.moment.position + at.moment.first + n;
                let row = |i: usize| {
                    let layout = place.inputs[parts[i].0];
                    &at.x[parts[i].0][n * layout.stride + parts[i].1..]
                };
                keys[now * width..][..width].copy_from_slice(&row(1)[..width]);
                values[now * width..][..width].copy_from_slice(&row(2)[..width]);
                for h in 0..self.heads {
                    let g = h * self.groups / self.heads * d;
                    self.weights(
                        &row(0)[h * d..][..d],
                        (0..=now).map(|t| t * width + g),
                        keys,
                        &mut p,
                    );
                    let to = &mut at.y[n * y.stride + h * d..][..d];
                    for (t, &p) in p.iter().enumerate() {
                        to.iter_mut().zip(&values[t * width + g..]).for_each(|(y, &v)| *y += p * v);
                    }
                }
            }
            return;
        }
        let t = y.shape.width;
        let lay = parts.map(|(input, first)| (at.x[input], place.inputs[input], first));
        for n in 0..at.rows {
            for h in 0..self.heads {
                let g = h * self.groups / self.heads * d;
                let [q, k, v] = lay.map(|(x, l, first)| (&x[n * l.stride..][..l.stride], l, first));
                for i in 0..t {
                    let seen = if self.causal { i + 1 } else { t };
                    let query = &q.0[q.1.at(0, i) + q.2 + h * d..][..d];
                    self.weights(query, (0..seen).map(|j| k.1.at(0, j) + k.2 + g), k.0, &mut p);
                    let to = &mut at.y[n * y.stride + y.at(0, i) + h * d..][..d];
                    for (j, &p) in p.iter().enumerate() {
                        to.iter_mut()
                            .zip(&v.0[v.1.at(0, j) + v.2 + g..])
                            .for_each(|(y, &v)| *y += p * v);
                    }
                    if place.training {
                        let save = &mut at.saved[((n * self.heads + h) * t + i) * t..][..t];
                        save.fill(T::ZERO);
                        save[..seen].copy_from_slice(&p);
                    }
                }
            }
        }
    }
    fn backward(&self, place: &Place, at: Backward<'_, T>) {
        let (d, y) = (self.head, place.output);
        let (parts, t) = (self.parts(place), y.shape.width);
        let scale = T::of(1.0 / (d as f64).sqrt());
        let Backward { x, dy, mut dx, saved, .. } = at;
        dx.iter_mut().for_each(|dx| dx.fill(T::ZERO));
        let place_of = |i: usize, n: usize, token: usize, channel: usize| {
            let (input, first) = parts[i];
            let l = place.inputs[input];
            (input, n * l.stride + l.at(0, token) + first + channel)
        };
        let mut dp = vec![T::ZERO; t];
        for (n, h) in (0..at.rows).flat_map(|n| (0..self.heads).map(move |h| (n, h))) {
            let g = h * self.groups / self.heads * d;
            for i in 0..t {
                let p = &saved[((n * self.heads + h) * t + i) * t..][..t];
                let dy = &dy[n * y.stride + y.at(0, i) + h * d..][..d];
                let mut dot = T::ZERO;
                for j in 0..t {
                    let (input, at_v) = place_of(2, n, j, g);
                    let mut sum = T::ZERO;
                    for c in 0..d {
                        sum += dy[c] * x[input][at_v + c];
                        dx[input][at_v + c] += p[j] * dy[c];
                    }
                    dp[j] = sum;
                    dot += sum * p[j];
                }
                for j in 0..t {
                    let dz = p[j] * (dp[j] - dot) * scale;
                    let ((qi, at_q), (ki, at_k)) = (place_of(0, n, i, h * d), place_of(1, n, j, g));
                    for c in 0..d {
                        dx[qi][at_q + c] += dz * x[ki][at_k + c];
                        dx[ki][at_k + c] += dz * x[qi][at_q + c];
                    }
                }
            }
        }
    }
}
