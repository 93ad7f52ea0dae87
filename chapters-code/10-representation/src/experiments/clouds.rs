//! Principal components and t-SNE, and what they make of noise.

use learning::random::normal;
use learning::{Bootstrap, FashionMnist};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, array, concatenate, s};
use notebook::{Chapter, Estimate, Experiment, Format, Recorder, Rng, Table};
use rand::{RngExt as _, SeedableRng as _};

use crate::features::{self, Tap};
use crate::lite0::Weights;
use crate::pca::{self, Pca};
use crate::trustworthiness::{neighbours, shared, trustworthiness, vote};
use crate::tsne::{
    Affinities, Map, Schedule, conditional, squared_distances, start_at_random,
    start_from_components,
};

/// Garments in a picture.
const GARMENTS: usize = 2000;
/// Of them, those that are drawn.
pub const DRAWN: usize = 700;
/// Neighbours that are asked.
const NEIGHBOURS: usize = 10;
/// Components of which the variance is recorded.
const COMPONENTS: usize = 50;
/// Perplexities at which garments are shown.
pub const PERPLEXITIES: [u32; 3] = [5, 30, 100];
/// The one at which the two clouds are compared.
pub const USUAL: u32 = 30;
/// Where the network is tapped, and on how large a garment.
const TAP: Tap = Tap { after: 10, grid: 2 };
/// The side of an enlarged garment.
const SIDE: usize = 96;

/// Points of noise.
const NOISE: usize = 500;
/// Numbers of each.
const DIMENSIONS: usize = 50;
/// Perplexities at which noise is shown.
pub const NOISY: [u32; 4] = [2, 5, 30, 100];
/// Groups that are looked for in a picture of noise.
const GROUPS: usize = 20;
/// Shaken copies that a picture is compared with.
const COPIES: usize = 100;
/// Distances of two clusters, in deviations of a coordinate.
const APART: [u32; 4] = [10, 20, 40, 80];
/// How much wider the wide cluster is.
const WIDER: f64 = 10.0;
/// How far it is away.
const FAR: f64 = 300.0;
/// Draws of the clusters.
const DRAWS: usize = 3;

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let garments = |experiment: Experiment| {
        experiment.reads(FashionMnist::paths()).reads([crate::lite0::weights::FILE])
    };
    chapter
        .experiment(garments(
            Experiment::new("plane", "A plane through the cloud", plane).seed(110),
        ))
        .experiment(garments(Experiment::new("tsne", "Neighbours kept", tsne).seed(111)))
        .experiment(
            Experiment::new("noise", "Structure in noise", noise)
                .seed(112)
                .reads(FashionMnist::paths()),
        )
}

/// Garments as rows of numbers.
struct Cloud {
    key: &'static str,
    name: &'static str,
    x: Array2<f32>,
}

/// The first test garments, as pixels and as the network sees them, with their labels.
fn clouds(recorder: &Recorder) -> anyhow::Result<([Cloud; 2], Vec<u8>)> {
    let data = FashionMnist::of(recorder)?;
    let first: Vec<usize> = (0..GARMENTS).collect();
    let test = data.test.select(&first);
    let weights = Weights::of(recorder)?;
    let mut seen = Vec::with_capacity(GARMENTS);
    // A few at a time, because an enlarged garment has thirty-five times the pixels.
    let images: Vec<_> = test.images.outer_iter().collect();
    for some in images.chunks(200) {
        let pictures: Vec<_> = some.iter().map(|image| features::garment(*image, SIDE)).collect();
        seen.extend(features::of(&weights, &pictures, &[TAP]));
    }
    let views: Vec<_> = seen.iter().map(|part| part.view()).collect();
    let network = concatenate(Axis(0), &views)?;
    let pixels = Cloud { key: "pixels", name: "pixels", x: test.x() };
    let features = Cloud { key: "features", name: "features of block 10", x: network };
    Ok(([pixels, features], test.y().to_vec()))
}

/// Records the places of the drawn garments, rounded to what a drawing can show.
fn record_places(recorder: &mut Recorder, key: &str, places: ArrayView2<'_, f32>) {
    let widest = places.iter().fold(f32::MIN_POSITIVE, |far, x| far.max(x.abs()));
    let round = |x: &f32| f64::from((x / widest * 1000.0).round()) / 1000.0;
    let shown = places.slice(s![..places.nrows().min(DRAWN), ..]);
    let x: Vec<f64> = shown.column(0).iter().map(round).collect();
    let y: Vec<f64> = shown.column(1).iter().map(round).collect();
    recorder.series(key, "across", x).curve("up", y);
}

/// Records the labels of the drawn garments.
fn record_labels(recorder: &mut Recorder, labels: &[u8]) {
    let drawn = || labels.iter().take(DRAWN).map(|&label| f64::from(label));
    recorder.series("labels", "garment", (0..DRAWN).map(|i| i as f64)).curve("label", drawn());
}

/// Principal components: by hand, and of garments.
fn plane(recorder: &mut Recorder) -> anyhow::Result<()> {
    four_points(recorder);
    let (clouds, labels) = clouds(recorder)?;
    let mut rng = recorder.rng();
    record_labels(recorder, &labels);
    recorder.value("garments", GARMENTS);
    recorder.value("neighbours", NEIGHBOURS);
    recorder.value("components", COMPONENTS);
    let mut explained = Vec::new();
    for cloud in &clouds {
        let pca = Pca::fit(cloud.x.view(), COMPONENTS);
        let key = cloud.key;
        recorder.value(&format!("{key}/numbers"), cloud.x.ncols());
        for k in [1, 2, 10, COMPONENTS] {
            recorder.value(&format!("{key}/explained/{k}"), pca.share(k));
        }
        explained.push((cloud.name, (1..=COMPONENTS).map(|k| pca.share(k)).collect::<Vec<_>>()));
        let places = pca.apply(cloud.x.view()).mapv(|x| x as f32);
        let shown = places.slice(s![.., ..2]);
        record_places(recorder, &format!("{key}/places"), shown);
        record_votes(recorder, cloud, &labels, places.view(), &mut rng);
    }
    let series = recorder.series("explained", "components", (1..=COMPONENTS).map(|k| k as f64));
    for (name, shares) in explained {
        series.curve(name, shares);
    }
    Ok(())
}

/// What neighbours tell of a garment's kind: in all numbers, in fifty components, and in the plane of two.
fn record_votes(
    recorder: &mut Recorder,
    cloud: &Cloud,
    labels: &[u8],
    places: ArrayView2<'_, f32>,
    rng: &mut Rng,
) {
    let key = cloud.key;
    let bootstrap = Bootstrap::default();
    let shown = places.slice(s![.., ..2]);
    let [all, some, two] =
        [cloud.x.view(), places, shown].map(|x| vote(neighbours(x, NEIGHBOURS).view(), labels));
    for (what, right) in [("all", &all), ("fifty", &some), ("plane", &two)] {
        recorder.estimate(&format!("{key}/vote/{what}"), bootstrap.mean(right, rng));
    }
    let loss = bootstrap.paired(&all, &two, rng);
    recorder.estimate(&format!("{key}/plane-loses"), loss);
    recorder
        .claim(
            &format!("{key}-plane-loses"),
            &format!(
                "Of garments as {}, neighbours in the plane of two components tell the kind less often than neighbours in truth.",
                cloud.name
            ),
        )
        .above(loss, 0.0);
    let gain = bootstrap.paired(&some, &all, rng);
    recorder.estimate(&format!("{key}/fifty-gains"), gain);
    if key == "pixels" {
        recorder
            .claim(
                "pixels-fifty-better",
                "Neighbours among fifty components tell the kind more often than neighbours among all pixels.",
            )
            .above(gain, 0.0);
    } else {
        recorder
            .claim(
                "features-fifty-suffice",
                "Neighbours among fifty components of the features lose less than two points.",
            )
            .above(gain, -0.02);
    }
    let trust = trustworthiness(cloud.x.view(), shown, NEIGHBOURS);
    recorder.value(&format!("{key}/trustworthiness"), trust);
}

/// The example of the page: four points, whose components can be found by hand.
fn four_points(recorder: &mut Recorder) {
    let points = array![[0.0, 1.0], [1.0, 0.0], [3.0, 4.0], [4.0, 3.0]];
    let (variances, components) = pca::plain(points.view());
    let middle = points.mean_axis(Axis(0)).unwrap_or_default();
    let along = (&points - &middle).dot(&components.t());
    recorder
        .series("hand/points", "x", points.column(0).to_vec())
        .curve("y", points.column(1).to_vec());
    for (i, direction) in components.rows().into_iter().enumerate() {
        recorder.value(&format!("hand/variance/{}", i + 1), variances[i]);
        recorder.value(&format!("hand/share/{}", i + 1), variances[i] / variances.sum());
        for (axis, number) in ["x", "y"].iter().zip(direction) {
            recorder.value(&format!("hand/direction/{}/{axis}", i + 1), *number);
        }
        recorder.value(&format!("hand/along/{}", i + 1), along[[0, i]]);
    }
    let away = (variances[0] - 6.0).abs().max((variances[1] - 2.0 / 3.0).abs());
    recorder
        .claim("by-hand", "The code finds the variances 6 and 2/3 that the page finds by hand.")
        .less(away, 1e-12);
}

/// A picture, and what is asked of it.
struct Shown {
    near: Array2<usize>,
    right: Vec<f64>,
}

/// t-SNE: by hand, and of garments at three perplexities from three starts.
fn tsne(recorder: &mut Recorder) -> anyhow::Result<()> {
    five_points(recorder);
    let (clouds, labels) = clouds(recorder)?;
    let mut rng = recorder.rng();
    record_labels(recorder, &labels);
    recorder.value("garments", GARMENTS);
    let progress = recorder.progress(12, "pictures");
    let mut table = Table::new([
        "Cloud",
        "Perplexity | int",
        "Start",
        "Divergence | fixed 2",
        "Trustworthiness | fixed 3",
        "Neighbours tell the kind | percent 1",
        "Order of the kinds | fixed 2",
    ]);
    let mut rights = Vec::new();
    for cloud in &clouds {
        let distances = squared_distances(cloud.x.view());
        let starts = [
            ("components", start_from_components(cloud.x.view())),
            ("seed-1", start_at_random(GARMENTS, &mut Rng::seed_from_u64(1))),
            ("seed-2", start_at_random(GARMENTS, &mut Rng::seed_from_u64(2))),
        ];
        let asked = if cloud.key == "pixels" { &PERPLEXITIES[..] } else { &[USUAL] };
        for &perplexity in asked {
            let affinities = Affinities::of(distances.view(), perplexity.into());
            let key = format!("{}/{perplexity}", cloud.key);
            let mut found = Vec::new();
            for (name, start) in &starts {
                let map = affinities.embed(start.view(), &Schedule::default());
                let shown = ask(recorder, &format!("{key}/{name}"), cloud, &labels, map);
                let start = name.replace("seed-", "random, seed ");
                let row = [cloud.name.into(), perplexity.into(), start.into()];
                table.row(row.into_iter().chain(shown.1.map(Into::into)));
                found.push(shown.0);
                progress.advance(1);
            }
            let both = shared(found[1].near.view(), found[2].near.view());
            let agreement = Bootstrap::default().mean(&both, &mut rng);
            recorder.estimate(&format!("{key}/agreement"), agreement);
            rights.push((key, found.swap_remove(0).right));
        }
    }
    recorder.table("pictures", table);
    compare(recorder, &clouds, &labels, &rights, &mut rng);
    Ok(())
}

/// What is asked of a picture: its divergence, trustworthiness, votes, and the order of the distances between kinds.
fn ask(
    recorder: &mut Recorder,
    key: &str,
    cloud: &Cloud,
    labels: &[u8],
    map: Map,
) -> (Shown, [f64; 4]) {
    let near = neighbours(map.places.view(), NEIGHBOURS);
    let right = vote(near.view(), labels);
    let trust = trustworthiness(cloud.x.view(), map.places.view(), NEIGHBOURS);
    let order = correlation(
        &between_kinds(cloud.x.view(), labels),
        &between_kinds(map.places.view(), labels),
    );
    let share = right.iter().sum::<f64>() / right.len() as f64;
    let found = [map.divergence, trust, share, order];
    for (what, value) in ["divergence", "trustworthiness", "vote", "order"].iter().zip(found) {
        recorder.value(&format!("{key}/{what}"), value);
    }
    record_places(recorder, &format!("{key}/places"), map.places.view());
    (Shown { near, right }, found)
}

/// The distances between the middles of each two kinds.
fn between_kinds(x: ArrayView2<'_, f32>, labels: &[u8]) -> Vec<f64> {
    let middle = |kind: u8| {
        let rows: Vec<usize> = (0..labels.len()).filter(|&i| labels[i] == kind).collect();
        x.select(Axis(0), &rows).mean_axis(Axis(0)).unwrap_or_default()
    };
    let middles: Vec<Array1<f32>> = (0..10).map(middle).collect();
    let pairs = (0..10).flat_map(|a| (0..a).map(move |b| (a, b)));
    pairs.map(|(a, b)| length((&middles[a] - &middles[b]).view())).collect()
}

fn length(x: ArrayView1<'_, f32>) -> f64 {
    x.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

/// Pearson's correlation.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().max(1) as f64;
    let (ma, mb) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| f(a - ma, b - mb)).sum()
    };
    sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
}

/// The picture against the plane of two components, one cloud against the other, and one start against another.
fn compare(
    recorder: &mut Recorder,
    clouds: &[Cloud; 2],
    labels: &[u8],
    rights: &[(String, Vec<f64>)],
    rng: &mut Rng,
) {
    let bootstrap = Bootstrap::default();
    let of = |wanted: &str| rights.iter().find(|(key, _)| key == wanted).map(|(_, right)| right);
    let usual = clouds.each_ref().map(|cloud| of(&format!("{}/{USUAL}", cloud.key)));
    for (cloud, right) in clouds.iter().zip(usual) {
        let Some(right) = right else { continue };
        let plane = Pca::fit(cloud.x.view(), 2).apply(cloud.x.view()).mapv(|x| x as f32);
        let plane = vote(neighbours(plane.view(), NEIGHBOURS).view(), labels);
        let all = vote(neighbours(cloud.x.view(), NEIGHBOURS).view(), labels);
        recorder.estimate(&format!("{}/vote", cloud.key), bootstrap.mean(right, rng));
        let gain = bootstrap.paired(right, &plane, rng);
        recorder.estimate(&format!("{}/gain", cloud.key), gain);
        recorder
            .claim(
                &format!("{}-beats-plane", cloud.key),
                &format!("Of garments as {}, neighbours in the picture of t-SNE tell the kind more often than in the plane of two components.", cloud.name),
            )
            .above(gain, 0.0);
        let loss = bootstrap.paired(&all, right, rng);
        recorder.estimate(&format!("{}/loss", cloud.key), loss);
    }
    if let [Some(pixels), Some(features)] = usual {
        let gain = bootstrap.paired(features, pixels, rng);
        recorder.estimate("features-gain", gain);
        recorder
            .claim(
                "features-beat-pixels",
                "Neighbours in the picture of the features tell the kind more often than in the picture of the pixels.",
            )
            .above(gain, 0.0);
    }
}

/// The example of the page: a point at 0, and four others on a line, at two perplexities.
fn five_points(recorder: &mut Recorder) {
    let places = [1.0_f64, 2.0, 3.0, 6.0];
    let squared = places.map(|x| x * x);
    recorder.series("hand/places", "place", places).curve("squared", squared);
    for perplexity in [2_u32, 3] {
        let (p, beta) = conditional(&squared, perplexity.into());
        let sigma = (0.5 / beta).sqrt();
        recorder.value(&format!("hand/{perplexity}/sigma"), sigma);
        for (place, p) in places.iter().zip(&p) {
            recorder.value(&format!("hand/{perplexity}/p/{place}"), *p);
        }
        let bits: f64 = p.iter().map(|p| -p * p.log2()).sum();
        recorder.value(&format!("hand/{perplexity}/bits"), bits);
        recorder
            .claim(
                &format!("hand-{perplexity}"),
                &format!("Two to the power of the entropy is {perplexity}, to four digits."),
            )
            .close(bits.exp2(), perplexity, 1e-4);
    }
}

/// What the pictures make of noise, of distances and of sizes.
fn noise(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut rng = recorder.rng();
    blob(recorder, &mut rng);
    split_numbers(recorder, &mut rng)?;
    distances(recorder, &mut rng);
    sizes(recorder, &mut rng);
    Ok(())
}

/// `n` points around `middle` along the first axis, with a deviation of `spread` in each coordinate.
fn cluster(n: usize, d: usize, middle: f64, spread: f64, rng: &mut Rng) -> Array2<f32> {
    let at = |(_, j): (usize, usize)| {
        let around = if j == 0 { middle } else { 0.0 };
        (around + spread * normal(rng)) as f32
    };
    Array2::from_shape_fn((n, d), at)
}

/// One cloud without structure, at four perplexities and from two starts.
fn blob(recorder: &mut Recorder, rng: &mut Rng) {
    let x = cluster(NOISE, DIMENSIONS, 0.0, 1.0, rng);
    recorder.value("points", NOISE);
    recorder.value("dimensions", DIMENSIONS);
    recorder.value("groups", GROUPS);
    recorder.value("copies", COPIES);
    recorder.value("neighbours", NEIGHBOURS);
    let plane = cluster(NOISE, 2, 0.0, 1.0, rng);
    record_places(recorder, "plane/places", plane.view());
    let calm = shake(plane.view(), rng);
    recorder.estimate("plane/nearest", calm);
    recorder
        .claim(
            "plane-passes",
            "The test finds no clumps in a cloud of noise that was drawn in the plane.",
        )
        .record(calm.low <= 1.0 && 1.0 <= calm.high, calm.in_words(Format::Fixed(2)));
    let distances = squared_distances(x.view());
    let mut found = Vec::new();
    for perplexity in NOISY {
        let affinities = Affinities::of(distances.view(), perplexity.into());
        let key = format!("blob/{perplexity}");
        let pictures = [1, 2].map(|seed| {
            let start = start_at_random(NOISE, &mut Rng::seed_from_u64(seed));
            affinities.embed(start.view(), &Schedule::default()).places
        });
        let near = pictures.each_ref().map(|places| neighbours(places.view(), NEIGHBOURS));
        let both = shared(near[0].view(), near[1].view());
        let trust = trustworthiness(x.view(), pictures[0].view(), NEIGHBOURS);
        recorder.value(&format!("{key}/trustworthiness"), trust);
        recorder.estimate(&format!("{key}/agreement"), Bootstrap::default().mean(&both, rng));
        let nearest = shake(pictures[0].view(), rng);
        recorder.estimate(&format!("{key}/nearest"), nearest);
        record_places(recorder, &format!("{key}/places"), pictures[0].view());
        found.push((nearest, both));
    }
    judge(recorder, &found, rng);
}

/// What is claimed of the pictures of noise.
fn judge(recorder: &mut Recorder, found: &[(Estimate, Vec<f64>)], rng: &mut Rng) {
    let nearest = found[0].0;
    recorder
        .claim(
            "clumps-of-noise",
            "At perplexity 2 the nearest points are nearer than in each of a hundred shaken copies of the picture.",
        )
        .record(nearest.high < 1.0, nearest.in_words(Format::Fixed(2)));
    let more = Bootstrap::default().paired(&found[0].1, &found[2].1, rng);
    recorder.estimate("agreement/more", more);
    recorder
        .claim(
            "clumps-come-back",
            "Two starts share more neighbours at perplexity 2 than at perplexity 30.",
        )
        .above(more, 0.0);
}

/// The mean distance to the nearest point, relative to copies of the picture of which every point was moved at random, about as far as
/// its tenth neighbour is: about 1 where nothing is clumped, less where there are clumps. The ends are the largest and the smallest copy.
fn shake(places: ArrayView2<'_, f32>, rng: &mut Rng) -> Estimate {
    let [nearest, step] = [1, NEIGHBOURS].map(|k| mean_distance(places, k));
    let copy = |_| {
        let moved = places.mapv(|x| x + (step * normal(rng)) as f32);
        mean_distance(moved.view(), 1)
    };
    let mut copies: Vec<f64> = (0..COPIES).map(copy).collect();
    copies.sort_by(f64::total_cmp);
    let mean = copies.iter().sum::<f64>() / COPIES as f64;
    Estimate { low: nearest / copies[COPIES - 1], value: nearest / mean, high: nearest / copies[0] }
}

/// The mean distance of a point to its `k`-th neighbour.
fn mean_distance(places: ArrayView2<'_, f32>, k: usize) -> f64 {
    let near = neighbours(places, k);
    let last = near.column(k - 1);
    let pairs = last.iter().enumerate();
    let sum: f64 = pairs.map(|(i, &j)| squared_apart(places.row(i), places.row(j)).sqrt()).sum();
    sum / places.nrows() as f64
}

/// Do groups found in one half of the numbers come back in the other half? Noise, and garments for comparison.
fn split_numbers(recorder: &mut Recorder, rng: &mut Rng) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let garments = data.test.select(&(0..NOISE).collect::<Vec<_>>()).x();
    let noise = cluster(NOISE, DIMENSIONS, 0.0, 1.0, rng);
    let mut halves = Vec::new();
    for (key, x, perplexity) in
        [("noise-2", &noise, 2), ("noise-30", &noise, 30), ("garments-30", &garments, 30)]
    {
        let parts = [0, 1].map(|first| {
            let numbers: Vec<usize> = (first..x.ncols()).step_by(2).collect();
            let half = x.select(Axis(1), &numbers);
            let start = start_from_components(half.view());
            let picture = crate::tsne::tsne(
                half.view(),
                perplexity.into(),
                start.view(),
                &Schedule::default(),
            );
            groups(picture.places.view(), rng)
        });
        let index = rand_index(&parts[0], &parts[1]);
        recorder.value(&format!("halves/{key}"), index);
        halves.push((key, index));
    }
    let found = |key: &str| halves.iter().find(|(name, _)| *name == key).map_or(0.0, |pair| pair.1);
    let noisy = found("noise-2").abs().max(found("noise-30").abs());
    recorder
        .claim(
            "halves-agree-on-garments",
            "Groups in the two halves agree on garments ten times as well as on noise.",
        )
        .record(
            found("garments-30") > 10.0 * noisy,
            format!("{:.3} for garments, at most {noisy:.3} for noise", found("garments-30")),
        );
    Ok(())
}

/// The points in groups, each with the middle that is nearest (Lloyd, 1982): the tightest of ten attempts.
fn groups(x: ArrayView2<'_, f32>, rng: &mut Rng) -> Vec<usize> {
    let attempt = |_| {
        let drawn = rand::seq::index::sample(rng, x.nrows(), GROUPS).into_vec();
        let mut centres = x.select(Axis(0), &drawn);
        let mut group = vec![0; x.nrows()];
        for _ in 0..30 {
            for (group, row) in group.iter_mut().zip(x.rows()) {
                let squared = centres.rows().into_iter().map(|c| squared_apart(row, c));
                let nearest = squared.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
                *group = nearest.map_or(0, |(g, _)| g);
            }
            centres = middles(x, &group, GROUPS);
        }
        let within = squared_from(x, &group, &centres);
        (group, within)
    };
    let found: Vec<(Vec<usize>, f64)> = (0..10).map(attempt).collect();
    found.into_iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default().0
}

fn squared_apart(a: ArrayView1<'_, f32>, b: ArrayView1<'_, f32>) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum()
}

/// The middle of each group.
fn middles(x: ArrayView2<'_, f32>, group: &[usize], groups: usize) -> Array2<f32> {
    let (mut sums, mut counts) = (Array2::zeros((groups, x.ncols())), vec![0.0_f32; groups]);
    for (row, &g) in x.rows().into_iter().zip(group) {
        let mut sum = sums.row_mut(g);
        sum += &row;
        counts[g] += 1.0;
    }
    for (mut sum, count) in sums.rows_mut().into_iter().zip(counts) {
        sum /= count.max(1.0);
    }
    sums
}

/// The sum of squared distances from the middles.
fn squared_from(x: ArrayView2<'_, f32>, group: &[usize], middles: &Array2<f32>) -> f64 {
    x.rows().into_iter().zip(group).map(|(row, &g)| squared_apart(row, middles.row(g))).sum()
}

/// The adjusted Rand index (Hubert and Arabie, 1985) of two divisions: 1 for the same, 0 in the mean for divisions by chance.
fn rand_index(a: &[usize], b: &[usize]) -> f64 {
    let pairs = |n: usize| (n * n.saturating_sub(1) / 2) as f64;
    let mut table = Array2::<usize>::zeros((GROUPS, GROUPS));
    a.iter().zip(b).for_each(|(&a, &b)| table[[a, b]] += 1);
    let sum = |counts: Array1<usize>| counts.iter().map(|&n| pairs(n)).sum::<f64>();
    let both: f64 = table.iter().map(|&n| pairs(n)).sum();
    let (rows, columns) = (sum(table.sum_axis(Axis(1))), sum(table.sum_axis(Axis(0))));
    let chance = rows * columns / pairs(a.len());
    (both - chance) / ((rows + columns) / 2.0 - chance)
}

/// The root of the mean squared distance from the middle.
fn radius(x: ArrayView2<'_, f32>) -> f64 {
    let one = vec![0; x.nrows()];
    (squared_from(x, &one, &middles(x, &one, 1)) / x.nrows() as f64).sqrt()
}

/// The distance of the middles of two halves, and the radius of each.
fn halves(x: ArrayView2<'_, f32>) -> (f64, [f64; 2]) {
    let half = x.nrows() / 2;
    let parts = [x.slice(s![..half, ..]), x.slice(s![half.., ..])];
    let middle = |part: ArrayView2<'_, f32>| middles(part, &vec![0; part.nrows()], 1);
    let apart = squared_apart(middle(parts[0]).row(0), middle(parts[1]).row(0)).sqrt();
    (apart, parts.map(radius))
}

/// A picture at the usual perplexity, from the components.
fn usual(x: ArrayView2<'_, f32>) -> Array2<f32> {
    let start = start_from_components(x);
    crate::tsne::tsne(x, USUAL.into(), start.view(), &Schedule::default()).places
}

/// Two clusters that go apart: what does the picture's distance do?
fn distances(recorder: &mut Recorder, rng: &mut Rng) {
    let seeds: [u64; DRAWS] = std::array::from_fn(|_| rng.random());
    let relative = |(apart, [a, b]): (f64, [f64; 2])| 2.0 * apart / (a + b);
    let (mut truth, mut shown) = (Vec::new(), Vec::new());
    for apart in APART {
        let found = seeds.map(|seed| {
            let mut rng = Rng::seed_from_u64(seed);
            let far = f64::from(apart);
            let [a, b] = [0.0, far].map(|at| cluster(NOISE / 2, DIMENSIONS, at, 1.0, &mut rng));
            let x = concatenate![Axis(0), a, b];
            let picture = usual(x.view());
            [relative(halves(x.view())), relative(halves(picture.view()))]
        });
        let [real, drawn] = [0, 1].map(|i| found.map(|pair| pair[i]));
        recorder.estimate(&format!("apart/{apart}/truth"), Estimate::over_runs(&real));
        recorder.estimate(&format!("apart/{apart}/picture"), Estimate::over_runs(&drawn));
        truth.push(real);
        shown.push(drawn);
    }
    let mean = |runs: &[f64; DRAWS]| runs.iter().sum::<f64>() / DRAWS as f64;
    let band = |runs: &[f64; DRAWS]| {
        let found = Estimate::over_runs(runs);
        [found.low, found.value, found.high]
    };
    let (x, y): (Vec<f64>, Vec<_>) =
        (truth.iter().map(mean).collect(), shown.iter().map(band).collect());
    recorder.series("apart", "Distance in truth, in radii", x).banded("in the picture", y);
    let doubled = |i: usize| {
        let factors: [f64; DRAWS] = std::array::from_fn(|draw| shown[i + 1][draw] / shown[i][draw]);
        Estimate::over_runs(&factors)
    };
    for (i, apart) in APART.iter().take(APART.len() - 1).enumerate() {
        recorder.estimate(&format!("doubled/{apart}"), doubled(i));
    }
    let most = (0..APART.len() - 1).map(|i| doubled(i).high).fold(0.0, f64::max);
    recorder
        .claim(
            "distances-say-little",
            "Where the distance of two clusters doubles, their distance in the picture grows by less than half.",
        )
        .less(most, 1.5);
}

/// Two clusters far apart, one of them ten times as wide: how wide are they in the picture?
fn sizes(recorder: &mut Recorder, rng: &mut Rng) {
    let seeds: [u64; DRAWS] = std::array::from_fn(|_| rng.random());
    let found = seeds.map(|seed| {
        let mut rng = Rng::seed_from_u64(seed);
        let [a, b] = [(0.0, 1.0), (FAR, WIDER)]
            .map(|(at, spread)| cluster(NOISE / 2, DIMENSIONS, at, spread, &mut rng));
        let x = concatenate![Axis(0), a, b];
        let picture = usual(x.view());
        let ratio = |x: ArrayView2<'_, f32>| halves(x).1[1] / halves(x).1[0];
        if seed == seeds[0] {
            record_places(recorder, "sizes/places", picture.view());
        }
        [ratio(x.view()), ratio(picture.view())]
    });
    let [truth, picture] = [0, 1].map(|i| Estimate::over_runs(&found.map(|pair| pair[i])));
    recorder.estimate("sizes/truth", truth);
    recorder.estimate("sizes/picture", picture);
    recorder
        .claim(
            "sizes-say-little",
            "A cluster that is ten times as wide as another is less than twice as wide in the picture.",
        )
        .record(picture.high < 2.0, picture.in_words(Format::Fixed(2)));
}
