//! Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): 70,000 garments of 28 × 28 grey pixels in ten
//! classes, 60,000 to learn from and 10,000 to be tested on.

use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2, Array3, ArrayView3, Axis};
use notebook::Data;

use crate::idx::{Fault, FileError, Idx};

/// The folder of the four files, from the root of the workspace.
pub const FOLDER: &str = "data/fashion-mnist";

/// Side of a garment in pixels.
pub const SIDE: usize = 28;
/// Pixels of a garment.
pub const PIXELS: usize = SIDE * SIDE;

/// The ten classes by label, as their authors name them.
pub const CLASSES: [&str; 10] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];

/// The four files as they were published, with their MD5 sums.
pub const FILES: [(&str, &str); 4] = [
    ("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
    ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
    ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
    ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
];

/// Grey pictures and the class of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// Pixels, `(N, H, W)`, 0 black to 255 white.
    pub images: Array3<u8>,
    /// Classes, `(N,)`.
    pub labels: Array1<u8>,
}

impl Labelled {
    /// Reads a file of images and a file of labels.
    ///
    /// # Errors
    /// A [`FileError`] where one cannot be read or has another shape, or they differ in length.
    pub fn read(images: &Path, labels: &Path) -> Result<Self, FileError> {
        Labelled::join(images, Idx::read(images)?, labels, Idx::read(labels)?)
    }

    /// Joins images and labels that were read; the paths are for the errors.
    pub(crate) fn join(
        images: &Path,
        pixels: Idx,
        labels: &Path,
        classes: Idx,
    ) -> Result<Self, FileError> {
        let of = |path: &Path| {
            let path = path.to_owned();
            move |fault| FileError { path, fault }
        };
        let pixels = pixels.images().map_err(of(images))?;
        let classes = classes.labels().map_err(of(labels))?;
        if pixels.len_of(Axis(0)) != classes.len() {
            let what =
                format!("has {} labels for {} images", classes.len(), pixels.len_of(Axis(0)));
            let fix = "give the labels that were published with the images";
            return Err(of(labels)(Fault { what, fix }));
        }
        Ok(Labelled { images: pixels, labels: classes })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The classes as a slice of length `n`.
    pub fn y(&self) -> &[u8] {
        self.labels.as_slice().unwrap_or_default()
    }

    /// One row of pixels for each picture, in [0, 1]: `(N, H·W)`.
    pub fn x(&self) -> Array2<f32> {
        flat(self.images.view())
    }

    /// Those at `rows`, in that order; a row may be named twice.
    pub fn select(&self, rows: &[usize]) -> Labelled {
        Labelled {
            images: self.images.select(Axis(0), rows),
            labels: self.labels.select(Axis(0), rows),
        }
    }
}

/// Pictures `(N, H, W)` of bytes as rows `(N, H·W)` of numbers in [0, 1].
pub fn flat(images: ArrayView3<'_, u8>) -> Array2<f32> {
    let (n, h, w) = images.dim();
    let mut rows = Array2::zeros((n, h * w));
    for (mut row, image) in rows.rows_mut().into_iter().zip(images.outer_iter()) {
        for (to, &from) in row.iter_mut().zip(image) {
            *to = f32::from(from) / 255.0;
        }
    }
    rows
}

/// Fashion-MNIST with the split of its authors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FashionMnist {
    /// 60,000 garments to learn from.
    pub train: Labelled,
    /// 10,000 garments to be tested on.
    pub test: Labelled,
}

impl FashionMnist {
    /// The paths of the four files from the workspace's root, for `Experiment::reads`.
    pub fn paths() -> [String; 4] {
        FILES.map(|(name, _)| format!("{FOLDER}/{name}"))
    }

    /// The garments in the workspace of an experiment or of a figure, with their sums checked.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn of(data: &(impl Data + ?Sized)) -> Result<Self, FileError> {
        FashionMnist::read(&data.data(FOLDER))
    }

    /// Reads the four files in `folder` and checks their sums.
    ///
    /// # Errors
    /// A [`FileError`] where one is absent or is not the published one.
    pub fn read(folder: &Path) -> Result<Self, FileError> {
        let [train_images, train_labels, test_images, test_labels] =
            FILES.map(|(name, md5)| (folder.join(name), md5));
        let read = |(images, images_md5): (PathBuf, _), (labels, labels_md5): (PathBuf, _)| {
            let pixels = Idx::read_checked(&images, images_md5)?;
            Labelled::join(&images, pixels, &labels, Idx::read_checked(&labels, labels_md5)?)
        };
        Ok(FashionMnist {
            train: read(train_images, train_labels)?,
            test: read(test_images, test_labels)?,
        })
    }
}
