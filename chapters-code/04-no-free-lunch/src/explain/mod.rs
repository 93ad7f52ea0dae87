//! Why did the model decide so? Importance, weights, paths.
