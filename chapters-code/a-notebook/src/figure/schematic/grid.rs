//! A grid: a matrix, a picture, a kernel, with cells and windows.

use super::Place;
use super::meaning::Meaning;
use super::sketch::{Part, Pixel, Sketch, closed, rectangle};
use crate::figure::labels::{Anchor, LINE, width};
use crate::figure::theme::{Ink, RAMP};

/// Cells in rows and columns, with words, shades, and windows around some of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    at: Place,
    cell: Place,
    cells: Vec<Vec<String>>,
    shades: Vec<Vec<Option<f64>>>,
    tints: Vec<(usize, usize, Meaning)>,
    hollow: Vec<(usize, usize)>,
    windows: Vec<Window>,
    title: String,
    heads: Vec<String>,
    sides: Vec<String>,
}

/// A frame around cells.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Window {
    at: (usize, usize),
    size: (usize, usize),
    meaning: Meaning,
}

impl Grid {
    /// Square cells of `cell` units, from the words in them; the upper left corner is `at`.
    pub fn new<R, T>(at: Place, cell: f64, cells: impl IntoIterator<Item = R>) -> Self
    where
        R: IntoIterator<Item = T>,
        T: ToString,
    {
        let row = |row: R| row.into_iter().map(|cell| cell.to_string()).collect();
        Grid {
            at,
            cell: (cell, cell),
            cells: cells.into_iter().map(row).collect(),
            shades: Vec::new(),
            tints: Vec::new(),
            hollow: Vec::new(),
            windows: Vec::new(),
            title: String::new(),
            heads: Vec::new(),
            sides: Vec::new(),
        }
    }

    /// Cells without words.
    pub fn empty(at: Place, cell: f64, rows: usize, columns: usize) -> Self {
        Grid::new(at, cell, vec![vec![""; columns]; rows])
    }

    /// The height of cells that are no squares.
    pub fn height(mut self, height: f64) -> Self {
        self.cell.1 = height;
        self
    }

    /// Shades every cell by a number from 0 to 1; none leaves it as the page is.
    pub fn shade(mut self, shade: impl Fn(usize, usize) -> Option<f64>) -> Self {
        let row = |r: usize| (0..self.cells[r].len()).map(|c| shade(r, c)).collect();
        self.shades = (0..self.cells.len()).map(row).collect();
        self
    }

    /// Gives the cell in row `r` and column `c` the tint of a meaning.
    pub fn tint(mut self, r: usize, c: usize, meaning: Meaning) -> Self {
        self.tints.push((r, c, meaning));
        self
    }

    /// Draws the cells for which this holds dotted: padding, what is only implied.
    pub fn hollow(mut self, holds: impl Fn(usize, usize) -> bool) -> Self {
        for (r, row) in self.cells.iter().enumerate() {
            self.hollow.extend((0..row.len()).filter(|c| holds(r, *c)).map(|c| (r, c)));
        }
        self
    }

    /// A frame around `size` cells (rows, columns) from the one `at` (row, column).
    pub fn window(mut self, at: (usize, usize), size: (usize, usize), meaning: Meaning) -> Self {
        self.windows.push(Window { at, size, meaning });
        self
    }

    /// A name above the grid.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Names above the columns.
    pub fn heads<T: ToString>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.heads = names.into_iter().map(|name| name.to_string()).collect();
        self
    }

    /// Names left of the rows.
    pub fn sides<T: ToString>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.sides = names.into_iter().map(|name| name.to_string()).collect();
        self
    }

    /// The middle of the cell in row `r` and column `c`, for an edge to it.
    pub fn middle(&self, r: usize, c: usize) -> Place {
        (self.at.0 + (c as f64 + 0.5) * self.cell.0, self.at.1 + (r as f64 + 0.5) * self.cell.1)
    }

    /// The upper left corner of the cell in row `r` and column `c`, in pixels.
    fn corner(&self, sheet: &Sketch, r: usize, c: usize) -> Pixel {
        sheet.pixel((self.at.0 + c as f64 * self.cell.0, self.at.1 + r as f64 * self.cell.1))
    }

    /// The largest size in which every word fits its cell.
    fn size(&self, sheet: &mut Sketch) -> f64 {
        let layout = sheet.layout();
        let (wide, tall) = (self.cell.0 * sheet.unit() - 3.0, self.cell.1 * sheet.unit());
        let words = || self.cells.iter().flatten().filter(|text| !text.is_empty());
        let fits =
            |size: &f64| words().all(|text| width(text, *size) <= wide && size * 1.1 <= tall);
        let sizes = [layout.text(), layout.small(), layout.tiny()];
        sizes.into_iter().find(fits).unwrap_or_else(|| {
            let widest = words().max_by(|a, b| width(a, 1.0).total_cmp(&width(b, 1.0)));
            let on = sheet.pick("", " on a phone");
            sheet.fault(format!(
                "`{}` is wider than its cell{on}",
                widest.cloned().unwrap_or_default()
            ));
            layout.tiny()
        })
    }

    fn step(&self, r: usize, c: usize) -> Option<usize> {
        let share = (*self.shades.get(r)?.get(c)?)?.clamp(0.0, 1.0);
        Some(((share * RAMP as f64) as usize).min(RAMP - 1))
    }

    fn cell(&self, sheet: &mut Sketch, (r, c): (usize, usize), size: f64) {
        let corners = rectangle(self.corner(sheet, r, c), self.corner(sheet, r + 1, c + 1));
        let step = self.step(r, c);
        if let Some(step) = step {
            sheet.area(corners.clone(), Ink::Ramp(step), 1.0);
        }
        for (_, _, meaning) in self.tints.iter().filter(|(row, col, _)| (*row, *col) == (r, c)) {
            sheet.area(corners.clone(), meaning.ink(), 1.6 * meaning.tint());
        }
        if self.hollow.contains(&(r, c)) {
            sheet.line(closed(corners), Meaning::Quiet);
        } else {
            sheet.thin(closed(corners), Ink::Rule);
        }
        let mut pen = sheet.pen(Meaning::Plain);
        pen.size = size;
        if let Some(step) = step {
            pen.ink = Ink::OnRamp(step);
        }
        sheet.write(sheet.pixel(self.middle(r, c)), &self.cells[r][c], pen);
    }

    /// The names around the grid.
    fn names(&self, sheet: &mut Sketch) {
        let mut pen = sheet.pen(Meaning::Quiet);
        pen.size = sheet.layout().small();
        let (left, top) = sheet.pixel(self.at);
        let line = pen.size * LINE;
        for (c, name) in self.heads.iter().enumerate() {
            let x = sheet.pixel(self.middle(0, c)).0;
            sheet.write((x, top - line / 2.0 - 1.0), name, pen);
        }
        pen.anchor = Anchor::End;
        for (r, name) in self.sides.iter().enumerate() {
            let y = sheet.pixel(self.middle(r, 0)).1;
            sheet.write((left - 6.0, y), name, pen);
        }
        let mut pen = sheet.pen(Meaning::Plain);
        pen.anchor = Anchor::Start;
        let heads = if self.heads.is_empty() { 0.0 } else { line };
        let y = top - heads - 3.0 - LINE * pen.size / 2.0;
        sheet.write((left, y), &self.title, pen);
    }
}

impl Part for Grid {
    fn put(&self, sheet: &mut Sketch) {
        let columns = self.cells.first().map_or(0, Vec::len);
        if let Some(row) = self.cells.iter().find(|row| row.len() != columns) {
            sheet.fault(format!("a grid of {columns} columns has a row of {} cells", row.len()));
            return;
        }
        let size = self.size(sheet);
        for (r, row) in self.cells.iter().enumerate() {
            (0..row.len()).for_each(|c| self.cell(sheet, (r, c), size));
        }
        for window in &self.windows {
            let from = self.corner(sheet, window.at.0, window.at.1);
            let end = (window.at.0 + window.size.0, window.at.1 + window.size.1);
            let corners = rectangle(from, self.corner(sheet, end.0, end.1));
            if self.shades.is_empty() {
                sheet.area(corners.clone(), window.meaning.ink(), window.meaning.tint());
            }
            sheet.line(closed(corners), window.meaning);
        }
        self.names(sheet);
        for (r, row) in self.cells.iter().enumerate() {
            let side = self.sides.get(r).map_or_else(|| format!("row {}", r + 1), Clone::clone);
            sheet.say(format!("{} {side}", self.title).trim(), row.join(" ").trim());
        }
    }
}
