use classifiers::trees::*;
use classifiers::{Classifier as _, Fit, Inputs};
use std::path::Path;
use std::time::Instant;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let data = learning::FashionMnist::read(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join("data/fashion-mnist"),
    )
    .unwrap();
    let x = data.train.images.view().into_shape_with_order((60000, 784)).unwrap();
    let xt = data.test.images.view().into_shape_with_order((10000, 784)).unwrap();
    let y = data.train.y();
    let n: usize = a[2].parse().unwrap();
    let x = x.slice(ndarray::s![..n, ..]);
    let y = &y[..n];
    let acc = |p: Vec<u8>| p.iter().zip(data.test.y()).filter(|(a, b)| a == b).count() as f64 / 1e4;
    match a[1].as_str() {
        "forest" => {
            let t = Instant::now();
            let m = RandomForest::default().fit(Inputs::Bytes(x), y).unwrap();
            println!("fit {:?}", t.elapsed());
            let t = Instant::now();
            let p = m.predict(Inputs::Bytes(xt)).unwrap();
            println!("predict {:?} acc {}", t.elapsed(), acc(p));
            let l: usize = m.trees().iter().map(|t| t.leaves()).sum();
            println!("leaves {} depth {}", l / m.trees().len(), m.trees()[0].depth());
            let t = Instant::now();
            let o = m.out_of_bag(Inputs::Bytes(x)).unwrap();
            println!(
                "oob {:?} {}",
                t.elapsed(),
                o.iter().zip(y).filter(|(a, b)| **a == Some(**b)).count() as f64 / n as f64
            );
        }
        "boost" => {
            let r: usize = a[3].parse().unwrap();
            let t = Instant::now();
            let m = GradientBoosting { rounds: r, lambda: 0.0, ..Default::default() }
                .fit(Inputs::Bytes(x), y)
                .unwrap();
            println!("fit {:?}", t.elapsed());
            let p = m.predict(Inputs::Bytes(xt)).unwrap();
            println!("acc {} losses {:?}", acc(p), &m.losses()[m.losses().len() - 1]);
        }
        _ => {
            let t = Instant::now();
            let m = DecisionTree::default().fit(Inputs::Bytes(x), y).unwrap();
            println!("fit {:?}", t.elapsed());
            let p = m.predict(Inputs::Bytes(xt)).unwrap();
            println!("acc {} leaves {} depth {}", acc(p), m.tree().leaves(), m.tree().depth());
        }
    }
}
