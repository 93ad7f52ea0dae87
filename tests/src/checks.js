// What the browser's tests look at from inside a page. It runs before the page's own scripts.
// A fault is a triple: what is wrong, where (a selector), how to mend it.
const book = (() => {
    let shift = 0;
    const shifted = new Set();

    /** A short selector for an element: enough for a person to find it. */
    const name = (element) => {
        const parts = [];
        for (let e = element; e && e !== document.body && parts.length < 4; e = e.parentElement) {
            const kind = typeof e.className === 'string' && e.className.trim().split(/\s+/)[0];
            parts.unshift(e.id ? '#' + e.id : e.localName + (kind ? '.' + kind : ''));
            if (e.id) break;
        }
        return parts.join(' > ');
    };

    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
            if (entry.hadRecentInput) continue;
            shift += entry.value;
            for (const source of entry.sources) if (source.node) {
                shifted.add(name(source.node.nodeType === 1 ? source.node : source.node.parentElement));
            }
        }
    }).observe({ type: 'layout-shift', buffered: true });

    const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });

    /** Hidden from the eye on purpose, for screen readers: a box of a pixel, or one that is clipped away. */
    const unseen = (style, box) =>
        box.width <= 1 || box.height <= 1 || style.clipPath !== 'none' || (style.clip !== 'auto' && style.position === 'absolute');

    /** Texts and pictures that reach beyond the page's right edge, or are cut by a box that hides them. */
    const fit = () => {
        const faults = [];
        const wide = document.documentElement.clientWidth;
        const page = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);
        const styles = new Map();
        const style = (e) => styles.get(e) ?? styles.set(e, getComputedStyle(e)).get(e);
        const boxes = new Map();
        const box = (e) => boxes.get(e) ?? boxes.set(e, e.getBoundingClientRect()).get(e);
        const range = document.createRange();
        let widest = null;
        for (const e of document.querySelectorAll('body *')) {
            // KaTeX draws long strokes in a box that cuts them to size.
            if (e.ownerSVGElement || e.closest('.hide-tail, .katex-mathml, script, style, template, noscript')) continue;
            const picture = ['svg', 'IMG', 'svg', 'INPUT', 'BUTTON'].includes(e.tagName);
            const texts = picture ? [] : [...e.childNodes].filter((n) => n.nodeType === 3 && n.data.trim());
            if (!(picture || texts.length) || !shown(e)) continue;
            let right = picture ? box(e).right : -Infinity;
            for (const text of texts) {
                range.selectNodeContents(text);
                for (const r of range.getClientRects()) right = Math.max(right, r.right);
            }
            let reaches = right;
            let fault = '';
            for (let a = picture ? e.parentElement : e; a && a !== document.body; a = a.parentElement) {
                const s = style(a);
                if (unseen(s, box(a)) && s.overflowX !== 'visible') { reaches = -Infinity; break; }
                if (['auto', 'scroll'].includes(s.overflowX)) { reaches = Math.min(reaches, box(a).right); continue; }
                if (s.overflowX !== 'visible' && reaches > box(a).right + 1) {
                    if (s.textOverflow !== 'ellipsis') fault = `cut at the right by ${name(a)}`;
                    reaches = box(a).right;
                }
            }
            if (reaches > wide + 1) {
                fault = `reaches ${Math.round(reaches - wide)} px beyond the page`;
                if (!widest || right > widest[0]) widest = [right, e];
            }
            if (fault) faults.push([fault, name(e), 'let it wrap, shrink, or scroll within its own box']);
        }
        if (page > wide) {
            faults.unshift([`the page is ${page} px wide in a window of ${wide}`, widest ? name(widest[1]) : 'html',
                'find what is wider than the window and let it wrap or scroll']);
        }
        return faults.slice(0, 5);
    };

    /** Printed code must show its last column: paper does not scroll. */
    const print = () => {
        const faults = fit();
        for (const e of document.querySelectorAll('pre, pre code, main .table-wrapper, .equation')) {
            if (shown(e) && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline') {
                faults.push([`${e.scrollWidth - e.clientWidth} px are cut in print`, name(e),
                    'wrap it under @media print']);
            }
        }
        for (const id of ['mdbook-sidebar', 'mdbook-menu-bar', 'mdbook-search-wrapper']) {
            const e = document.getElementById(id);
            if (e && shown(e) && e.getBoundingClientRect().height > 0) {
                faults.push(['is printed', '#' + id, 'hide it under @media print']);
            }
        }
        const light = (colour) => {
            const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
            return a === 0 ? null : (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
        };
        for (const e of [document.documentElement, document.body, document.querySelector('main'),
            ...document.querySelectorAll('main pre code, main blockquote, main table, main figure, main aside, main details')]) {
            const behind = e && shown(e) ? light(getComputedStyle(e).backgroundColor) : null;
            if (behind !== null && behind < 0.75) {
                faults.push(['is dark on paper', name(e), 'set light colours under @media print']);
                break;
            }
        }
        for (const e of document.querySelectorAll('main p, main td, main code, main figure svg text, main .katex')) {
            if (!shown(e)) continue;
            const s = getComputedStyle(e);
            const ink = light(e.ownerSVGElement ? s.fill : s.color);
            // Text within a coloured cell of a drawing may well be white.
            if (ink !== null && ink > 0.6 && !(e.ownerSVGElement)) {
                faults.push(['is pale on paper', name(e), 'set dark ink under @media print']);
                break;
            }
        }
        return faults;
    };

    const visible = () => [...document.querySelectorAll('main figure svg')].filter(shown);

    /** Figures must be there, and their letters large enough to read. */
    const figures = (smallest) => {
        const faults = [];
        for (const figure of document.querySelectorAll('main figure.figure')) {
            const seen = [...figure.querySelectorAll('svg')].filter(shown)
                .filter((s) => s.getBoundingClientRect().width > 40 && s.getBoundingClientRect().height > 20);
            if (!seen.length) faults.push(['a figure is not visible', name(figure), 'show one of its drawings at this width']);
        }
        for (const svg of visible()) {
            let least = Infinity, where = null;
            for (const text of svg.querySelectorAll('text')) {
                const matrix = text.getScreenCTM();
                if (!text.textContent.trim() || !matrix || !shown(text)) continue;
                const size = parseFloat(getComputedStyle(text).fontSize) * Math.hypot(matrix.c, matrix.d);
                if (size < least) [least, where] = [size, text];
            }
            if (least < smallest - 0.05) {
                faults.push([`letters of ${least.toFixed(1)} px (“${where.textContent.trim().slice(0, 20)}”)`,
                    name(svg.closest('figure') ?? svg), `draw it so that no letter is below ${smallest} px at this width`]);
            }
        }
        return faults;
    };

    /** Formulas must have a box. */
    const formulas = () => {
        for (const e of document.querySelectorAll('main .katex')) {
            const box = e.getBoundingClientRect();
            if (shown(e) && (box.width < 2 || box.height < 2)) {
                return [['a formula has no size', name(e), 'see that katex.min.css is loaded']];
            }
        }
        return [];
    };

    /** No face may have failed to load. */
    const faces = () => [...document.fonts].filter((f) => f.status === 'error')
        .map((f) => [`the font ${f.family} did not load`, f.family, 'see that its file is copied and its address is right']);

    // What is called good (web.dev/cls); on a busy machine a font may come late and move a formula by less.
    const shifts = () => shift < 0.1 ? [] : [[`the page shifts after load (${shift.toFixed(3)})`,
        [...shifted].slice(0, 4).join(', '), 'reserve the space of what comes late']];

    /** The colours of the first drawing, to be compared between themes. */
    const colours = () => visible().map((svg) => [...new Set([...svg.querySelectorAll('*')].filter(shown).flatMap((e) => {
        const s = getComputedStyle(e);
        return [s.fill, s.stroke];
    }))].sort().join(' '));

    /** The middle of an element, brought into view. */
    const middle = (selector) => {
        const element = [...document.querySelectorAll(selector)].find(shown);
        if (!element) return null;
        element.scrollIntoView({ block: 'center', behavior: 'instant' });
        const box = element.getBoundingClientRect();
        return [box.left + box.width / 2, box.top + box.height / 2];
    };

    /** What has the focus, and whether a reader can see that it has. */
    const focus = () => {
        const element = document.activeElement;
        if (!element || element === document.body) return null;
        const s = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        const ring = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1) || s.boxShadow !== 'none';
        const inside = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
        return { name: name(element), ring, inside: inside && shown(element) && box.width > 1, href: element.getAttribute('href') };
    };

    /** What still moves although the reader prefers that nothing does. */
    const moving = () => {
        const faults = [];
        const long = (times) => times.split(',').some((t) => parseFloat(t) * (t.trim().endsWith('ms') ? 1 : 1000) > 20);
        for (const e of document.querySelectorAll('html, body, body *')) {
            for (const part of e.ownerSVGElement ? [null] : [null, '::before', '::after']) {
                const s = getComputedStyle(e, part);
                const what = (s.animationName !== 'none' && long(s.animationDuration)) ? 'is animated'
                    : long(s.transitionDuration) ? 'has a transition'
                        : (!part && s.scrollBehavior === 'smooth') ? 'scrolls smoothly' : null;
                if (what) {
                    faults.push([`${what} under prefers-reduced-motion`, name(e) + (part ?? ''),
                        'stop it under @media (prefers-reduced-motion: reduce)']);
                    break;
                }
            }
            if (faults.length > 4) break;
        }
        return faults;
    };

    const drawings = () => visible().length;

    /** Whether every style sheet has come. */
    const styled = () => [...document.querySelectorAll('link[rel=stylesheet]')].every((link) => link.disabled || link.sheet);

    return { drawings, fit, print, figures, formulas, faces, shifts, colours, middle, focus, moving, name, styled };
})();
