#!/usr/bin/env python3
"""Draws book/assets/social.png, which a site shows beside a link to the book.

    cargo book && python3 tests/pictures/social.py

It needs Chromium, and takes the mark from book/theme/favicon.svg and the figure from the bound book.
"""

import pathlib
import re
import subprocess
import tempfile

root = pathlib.Path(__file__).resolve().parents[2]
page = (root / "target/book/14-parameters/where.html").read_text()
figure = re.search(r'<figure id="figure-parts".*?(<svg.*?</svg>)', page, re.S).group(1)
# HTML spells it so; outside of a page drawn by mdBook it must not be lower case either way.
figure = figure.replace("viewbox=", "viewBox=")
mark = (root / "book/theme/favicon.svg").read_text()
style = (root / "book/assets/figure.css").read_text()

html = f"""<!doctype html><html lang="en" class="light"><meta charset="utf-8"><style>{style}
  html {{ --bg: #ffffff; --fg: #1f2328 }}
  body {{ box-sizing: border-box; width: 1200px; height: 630px; margin: 0; padding: 62px 56px 0 72px; display: flex;
          gap: 40px; background: #fff; color: #1f2328; font-family: "Open Sans", "DejaVu Sans", sans-serif;
          border-bottom: 14px solid #b04a00 }}
  .words {{ flex: 0 0 500px }}
  .mark svg {{ width: 104px; height: 104px }}
  h1 {{ margin: 26px 0 20px; font-size: 60px; line-height: 1.12; letter-spacing: -.01em }}
  p {{ margin: 0; font-size: 27px; line-height: 1.42; color: #444b53 }}
  b {{ color: #b04a00 }} i {{ font-style: normal; font-weight: bold; color: #1a5a9a }}
  .figure {{ flex: 1; padding-top: 34px }}
  .figure svg {{ width: 100%; height: auto }}
</style><div class="words"><div class="mark">{mark}</div><h1>From Features to Parameters</h1>
<p>Experts design <b>features</b>; deep networks learn them, and pay in data, compute and <i>parameters</i>. A
deep-learning textbook that runs.</p></div><div class="figure">{figure}</div></html>"""

with tempfile.TemporaryDirectory() as folder:
    source = pathlib.Path(folder) / "social.html"
    source.write_text(html)
    flags = "--headless --no-sandbox --disable-gpu --no-first-run --hide-scrollbars --disable-background-networking"
    subprocess.run(
        ["chromium", *flags.split(), "--disable-sync", f"--user-data-dir={folder}/profile", "--window-size=1200,630",
         f"--screenshot={root}/book/assets/social.png", source.as_uri()],
        check=True,
    )
