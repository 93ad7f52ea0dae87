//! What readers ask for is found: each query has its page among the first three.

use book_tests::site::{Faults, Site};
use serde_json::json;

use super::WIDE;

/// The queries of a reader who tested the search, then spellings, abbreviations and slips; with the page
/// that treats what is asked for.
const QUERIES: [(&str, &str); 51] = [
    ("learning rate", "07-optimization/rate.html"),
    ("XOR", "05-neurons/xor.html"),
    ("softmax gradient", "06-backprop/operations.html"),
    ("batch norm", "09-convolution/batch-norm.html"),
    ("batch normalization", "09-convolution/batch-norm.html"),
    ("vanishing gradient", "07-optimization/start.html"),
    ("cross-entropy", "05-neurons/logistic.html"),
    ("Adam", "07-optimization/rules.html"),
    ("max pooling", "09-convolution/pooling.html"),
    ("receptive field", "09-convolution/pooling.html"),
    ("confusion matrix", "01-learning/metrics.html"),
    ("weight decay", "07-optimization/rules.html"),
    ("local binary patterns", "02-features/texture.html"),
    ("universal approximation", "05-neurons/bumps.html"),
    ("k-fold", "01-learning/splits.html"),
    ("mnist", "01-learning/data.html"),
    ("attention", "14-parameters/anatomy.html"),
    ("sigmoid", "05-neurons/logistic.html"),
    ("HOG", "02-features/gradients.html"),
    ("backpropagation", "06-backprop/tape.html"),
    ("data leakage", "01-learning/leakage.html"),
    ("momentum", "07-optimization/rules.html"),
    ("chain rule", "06-backprop/forward.html"),
    ("convolution", "09-convolution/index.html"),
    ("im2col", "09-convolution/speed.html"),
    ("early stopping", "08-generalization/stopping.html"),
    ("he initialization", "07-optimization/start.html"),
    ("overfitting", "01-learning/curve.html"),
    ("decision boundary", "01-learning/index.html"),
    ("validation set", "01-learning/splits.html"),
    ("bootstrap", "01-learning/interval.html"),
    ("calibration", "01-learning/calibration.html"),
    ("GLCM", "02-features/texture.html"),
    ("Hu moments", "02-features/shape.html"),
    ("dropout", "08-generalization/dropout.html"),
    ("double descent", "08-generalization/descent.html"),
    ("grokking", "08-generalization/grokking.html"),
    ("KV cache", "14-parameters/memory.html"),
    ("perceptron convergence theorem", "05-neurons/perceptron.html"),
    ("dL/dw", "06-backprop/index.html"),
    ("gradient descnt", "07-optimization/rules.html"),
    ("color histogram", "02-features/colour.html"),
    ("(R/γ)²", "05-neurons/perceptron.html"),
    ("σ'(z)", "06-backprop/operations.html"),
    ("parameters of ResNet-50", "14-parameters/sizes.html"),
    ("SGD", "07-optimization/rules.html"),
    ("LBP", "02-features/texture.html"),
    ("colour histogram", "02-features/colour.html"),
    ("initialisaton", "07-optimization/start.html"),
    ("warmup", "07-optimization/schedules.html"),
    ("quantization", "14-parameters/memory.html"),
];

#[test]
fn what_is_asked_for_is_among_the_first_three() {
    let Some(site) = Site::shared() else { return };
    let tab = site.tab();
    tab.size(WIDE.0, WIDE.1);
    tab.open(&site.http("preface.html"));
    tab.click("#mdbook-search-toggle");
    assert!(tab.becomes("window.search?.index"), "the search's index does not come");
    tab.evaluate("finder = elasticlunr.Index.load(window.search.index), 0");
    let mut faults = Faults::default();
    for (query, page) in QUERIES {
        let found = tab.evaluate(&format!(
            "finder.search({}).slice(0, 3).map((found) => window.search.doc_urls[found.ref])",
            json!(query)
        ));
        let urls: Vec<&str> =
            found.as_array().unwrap().iter().map(|url| url.as_str().unwrap()).collect();
        faults.expect(
            urls.iter().any(|url| url.starts_with(page)),
            "the search",
            format!("{query:?} leads to {urls:?}, not to {page}; give it a line in search.toml"),
        );
    }
    faults.finish();
}

#[test]
fn what_is_typed_before_the_search_has_come_is_searched() {
    let Some(site) = Site::shared() else { return };
    let tab = site.tab();
    tab.size(WIDE.0, WIDE.1);
    tab.open(&site.file("preface.html"));
    assert!(!tab.holds("window.search"), "the scripts of the search come with the page");
    for key in ["/", "h", "o", "g"] {
        tab.press(key);
    }
    let first = "document.querySelector('#mdbook-searchresults a')?.href.includes('02-features/gradients.html')";
    assert!(tab.becomes(first), "HOG does not lead to its page");
}
