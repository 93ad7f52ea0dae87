//! Is a JPEG whole? Its decoder does not ask: it fills with grey what is missing (ITU-T T.81, annexes B, C and F).
//!
//! The file has no checksum. What can be known is whether its end is there, and whether its scans hold as many blocks of
//! 8 × 8 pixels as its size asks for. So the blocks are counted: their codes are read, and what they say is not
//! computed. Of a progressive file the first scan of each component is counted, which holds all blocks once; files of
//! other kinds are taken by their end alone.

use ::image::metadata::Orientation;

use crate::exif::{number, orientation};

/// What the file says of itself.
#[derive(Default)]
pub(crate) struct Jpeg {
    width: usize,
    height: usize,
    /// Identifier of each component, and how many blocks of it stand side by side and above each other.
    components: Vec<(u8, usize, usize)>,
    /// Tables of codes: four for the mean of a block, four for the rest.
    tables: [Option<Codes>; 8],
    /// Blocks between two restarts; 0 for none.
    restart: usize,
    is_progressive: bool,
    /// Are its codes of the kind that is counted here?
    is_counted: bool,
    /// Which side is up, where it says so.
    pub(crate) orientation: Option<Orientation>,
}

impl Jpeg {
    /// Goes through a file, and gives what it says if it is whole.
    ///
    /// Segments have a marker and a length. Behind the header of a scan stands what was compressed, without a length:
    /// in it no byte 0xff stands but before a zero, or in a marker. What follows the end of the picture belongs to
    /// nobody here: some cameras store a second one.
    pub(crate) fn read(bytes: &[u8]) -> Option<Jpeg> {
        let mut jpeg = Jpeg::default();
        let mut at = 2;
        loop {
            let (marker, after) = next_marker(bytes, at)?;
            at = after;
            match marker {
                0xd9 => return Some(jpeg),
                // Restarts and a marker for the encoder's own use have no length.
                0x01 | 0xd0..=0xd8 => {}
                _ => {
                    at += number(bytes, after, 2, false)?;
                    jpeg.read_segment(marker, bytes.get(after + 2..at)?, &bytes[at..])?;
                }
            }
        }
    }

    /// Takes what a segment says; nothing if the scan that follows one is not whole.
    fn read_segment(&mut self, marker: u8, segment: &[u8], behind: &[u8]) -> Option<()> {
        match marker {
            0xc4 => self.read_tables(segment),
            0xc0..=0xc2 => self.read_frame(marker, segment),
            0xdd => self.restart = number(segment, 0, 2, false)?,
            0xe1 if self.orientation.is_none() => {
                self.orientation = segment.strip_prefix(b"Exif\0\0").and_then(orientation);
            }
            0xda => return self.count(segment, behind),
            _ => {}
        }
        Some(())
    }

    /// Size and components.
    fn read_frame(&mut self, marker: u8, segment: &[u8]) {
        let [8, y1, y0, x1, x0, _, components @ ..] = segment else { return };
        (self.height, self.width) =
            (usize::from(*y1) << 8 | usize::from(*y0), usize::from(*x1) << 8 | usize::from(*x0));
        let component = |c: &[u8]| (c[0], usize::from(c[1] >> 4), usize::from(c[1] & 15));
        self.components = components.chunks_exact(3).map(component).collect();
        self.is_progressive = marker == 0xc2;
        let sampled =
            self.components.iter().all(|c| (1..=4).contains(&c.1) && (1..=4).contains(&c.2));
        self.is_counted = self.height > 0 && self.width > 0 && sampled;
    }

    fn read_tables(&mut self, mut segment: &[u8]) {
        while let [kind, rest @ ..] = segment {
            let Some((lengths, rest)) = rest.split_at_checked(16) else { return };
            let symbols = lengths.iter().map(|&n| usize::from(n)).sum();
            let Some((symbols, rest)) = rest.split_at_checked(symbols) else { return };
            let place = usize::from(kind >> 4 & 1) * 4 + usize::from(kind & 3);
            self.tables[place] = Codes::new(lengths, symbols);
            segment = rest;
        }
    }

    /// Reads the codes of a scan, block by block, if it is one in which all blocks stand; nothing if they do not.
    fn count(&self, header: &[u8], behind: &[u8]) -> Option<()> {
        let parts = usize::from(*header.first()?);
        let (chosen, rest) = header.get(1..)?.split_at_checked(2 * parts)?;
        let [first, _, approximation, ..] = rest else { return None };
        if !self.is_counted || *first != 0 || approximation >> 4 != 0 {
            return Some(());
        }
        let mut blocks = Vec::new();
        for part in chosen.chunks_exact(2) {
            let (_, across, down) = self.components.iter().find(|c| c.0 == part[0])?;
            let mean = self.tables[usize::from(part[1] >> 4 & 3)].as_ref()?;
            let others = match self.is_progressive {
                true => None,
                false => Some(self.tables[4 + usize::from(part[1] & 3)].as_ref()?),
            };
            // A component that stands alone is stored block by block.
            let times = if parts == 1 { 1 } else { across * down };
            blocks.extend(std::iter::repeat_n((mean, others), times));
        }
        let mut bits = Bits { bytes: behind, at: 0, held: 0, count: 0 };
        for unit in 0..self.units(chosen)? {
            if self.restart > 0 && unit > 0 && unit % self.restart == 0 {
                bits.restart()?;
            }
            blocks.iter().try_for_each(|(mean, others)| bits.skip_block(mean, *others))?;
        }
        Some(())
    }

    /// How many groups of blocks a scan of these components has.
    fn units(&self, chosen: &[u8]) -> Option<usize> {
        let widest = self.components.iter().map(|c| c.1).max()?;
        let highest = self.components.iter().map(|c| c.2).max()?;
        let (width, height) = match chosen {
            [only, _] => {
                let (_, across, down) = self.components.iter().find(|c| c.0 == *only)?;
                let part =
                    |side: usize, own: usize, all: usize| (side * own).div_ceil(all).div_ceil(8);
                (part(self.width, *across, widest), part(self.height, *down, highest))
            }
            _ => (self.width.div_ceil(8 * widest), self.height.div_ceil(8 * highest)),
        };
        Some(width * height)
    }
}

/// The next marker from `at` on, and where it ends.
fn next_marker(bytes: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        at += bytes.get(at..)?.iter().position(|&byte| byte == 0xff)?;
        match bytes.get(at + 1)? {
            0x00 => at += 2,
            // Any number of them may stand before a marker.
            0xff => at += 1,
            &marker => return Some((marker, at + 2)),
        }
    }
}

/// Codes of up to 16 bits: for each 16 bits how many the code has with which they begin, and what it says.
struct Codes(Vec<(u8, u8)>);

impl Codes {
    /// From how many codes there are of each length, and what they say, from short to long.
    fn new(lengths: &[u8], symbols: &[u8]) -> Option<Codes> {
        let mut table = vec![(0, 0); 1 << 16];
        let (mut symbols, mut start) = (symbols.iter(), 0);
        for (length, &count) in (1..=16_u8).zip(lengths) {
            for _ in 0..count {
                let end = start + (1 << (16 - length));
                table.get_mut(start..end)?.fill((length, *symbols.next()?));
                start = end;
            }
        }
        Some(Codes(table))
    }
}

/// The bits of a scan, up to the next marker.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bits, the first of them the highest.
    held: u64,
    count: u32,
}

impl Bits<'_> {
    /// Fills up to more than 48 bits, with zeros behind the end.
    fn fill(&mut self) {
        while self.count <= 48 {
            let byte = match self.bytes.get(self.at..) {
                Some([0xff, 0, ..]) => {
                    self.at += 2;
                    0xff
                }
                Some([0xff, ..] | []) | None => return,
                Some([byte, ..]) => {
                    self.at += 1;
                    *byte
                }
            };
            self.held |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// Goes over bits; nothing where there are not so many.
    fn skip(&mut self, bits: u32) -> Option<()> {
        self.count = self.count.checked_sub(bits)?;
        self.held <<= bits;
        Some(())
    }

    /// What the next code says, and so many bits behind it as its lower half asks for.
    fn code(&mut self, codes: &Codes) -> Option<u8> {
        self.fill();
        let (length, symbol) = codes.0[(self.held >> 48) as usize];
        if length == 0 {
            return None;
        }
        self.skip(u32::from(length) + u32::from(symbol & 15))?;
        Some(symbol)
    }

    /// Goes over one block: its mean, and, if they are here, its other 63 numbers, of which runs of zeros are left out.
    fn skip_block(&mut self, mean: &Codes, others: Option<&Codes>) -> Option<()> {
        self.code(mean)?;
        let Some(others) = others else { return Some(()) };
        let mut known = 1;
        while known < 64 {
            known += match self.code(others)? {
                0xf0 => 16,
                symbol if symbol & 15 == 0 => return Some(()),
                symbol => 1 + usize::from(symbol >> 4),
            };
        }
        (known == 64).then_some(())
    }

    /// Goes over a restart, which begins at a whole byte.
    fn restart(&mut self) -> Option<()> {
        self.fill();
        let (marker, after) = next_marker(self.bytes, self.at)?;
        if !(0xd0..=0xd7).contains(&marker) {
            return None;
        }
        (self.at, self.held, self.count) = (after, 0, 0);
        Some(())
    }
}
