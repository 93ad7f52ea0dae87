// What stands around the text: the contents of the page beside it where the window is wide, and how far the
// reader has come. What was read is kept in this browser alone and goes nowhere; a button forgets it.
'use strict';

(function pageContents() {
    const main = document.querySelector('main');
    const turner = document.querySelector('.page-turner');
    if (!main || !turner) { return; }
    let headings = [...main.querySelectorAll(':is(main, .exercise) > :is(h2, h3)[id]')];
    if (headings.length > 24) { headings = headings.filter((h) => h.tagName === 'H2'); }
    if (headings.length < 2) { return; }
    const list = document.createElement('ul');
    const links = headings.map(function(heading) {
        const link = document.createElement('a');
        link.href = '#' + heading.id;
        // A formula in a heading has its text twice, for the eye and for the ear.
        const copy = heading.cloneNode(true);
        copy.querySelectorAll('.katex-mathml').forEach((e) => e.remove());
        link.textContent = copy.textContent.trim();
        const item = document.createElement('li');
        item.className = heading.tagName === 'H3' ? 'below' : '';
        item.append(link);
        list.append(item);
        return link;
    });
    const nav = document.createElement('nav');
    nav.className = 'page-contents';
    nav.setAttribute('aria-label', 'On this page');
    const title = document.createElement('p');
    title.textContent = 'On this page';
    title.setAttribute('aria-hidden', 'true');
    nav.append(title, list);
    turner.before(nav);
    document.documentElement.classList.add('has-page-contents');

    let current = null;
    const mark = function() {
        const passed = headings.filter((heading) => heading.getBoundingClientRect().top < 140);
        const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
        const link = links[atEnd ? links.length - 1 : passed.length - 1] || null;
        if (link === current) { return; }
        current?.removeAttribute('aria-current');
        link?.setAttribute('aria-current', 'location');
        current = link;
        window.dispatchEvent(new CustomEvent('book-section', { detail: link ? link.hash : '' }));
    };
    let waits = false;
    addEventListener('scroll', function() {
        if (waits) { return; }
        waits = true;
        requestAnimationFrame(() => { waits = false; mark(); });
    }, { passive: true });
    mark();
})();

(function progress() {
    const box = document.querySelector('#mdbook-sidebar .sidebar-scrollbox');
    const main = document.querySelector('main');
    if (!box || !main || !window.localStorage) { return; }
    const KEY = 'book-read';
    const root = new URL(path_to_root || './', location.href).pathname;
    const nameOf = (path) => decodeURIComponent(path).slice(decodeURIComponent(root).length) || 'index.html';
    const here = nameOf(location.pathname);

    // A browser may forbid to keep anything; then there is no progress, and nothing fails.
    const read = function() {
        try { return { pages: [], ...JSON.parse(localStorage.getItem(KEY) || '{}') }; } catch (e) { return { pages: [] }; }
    };
    const keep = function(kept) {
        try { localStorage.setItem(KEY, JSON.stringify(kept)); } catch (e) { return; }
    };

    const links = new Map();
    for (const link of box.querySelectorAll('a[href]')) { links.set(nameOf(new URL(link.href).pathname), link); }
    if (!links.has(here)) { return; }

    const bar = document.createElement('div');
    bar.className = 'progress';
    const said = document.createElement('label');
    const meter = document.createElement('progress');
    meter.id = 'book-progress';
    said.htmlFor = meter.id;
    meter.max = links.size;
    const forget = document.createElement('button');
    forget.type = 'button';
    forget.textContent = 'Forget';
    forget.setAttribute('aria-label', 'Forget what was read');
    bar.append(said, meter, forget);
    box.prepend(bar);

    const show = function() {
        const pages = read().pages.filter((page) => links.has(page));
        bar.hidden = pages.length === 0;
        meter.value = pages.length;
        said.textContent = pages.length + ' of ' + links.size + ' pages read';
        for (const [page, link] of links) {
            const mark = link.querySelector('.read-mark');
            if (pages.includes(page) === !!mark) { continue; }
            if (mark) { mark.remove(); continue; }
            const made = document.createElement('span');
            made.className = 'read-mark';
            made.setAttribute('role', 'img');
            made.setAttribute('aria-label', 'read');
            made.textContent = '✓';
            link.append(' ', made);
        }
    };

    const finish = function() {
        const kept = read();
        if (!kept.pages.includes(here)) { keep({ ...kept, pages: [...kept.pages, here] }); }
        show();
    };

    forget.addEventListener('click', function() {
        keep({ pages: [] });
        show();
        document.querySelector('.go-on')?.remove();
        main.focus({ preventScroll: true });
    });

    // A page has been read when its reader has moved to its end, or turns to the next.
    let moved = false;
    addEventListener('scroll', () => { moved = true; }, { passive: true });
    const end = document.querySelector('.page-turner');
    if (end) {
        new IntersectionObserver(function(seen) {
            if (moved && seen.some((entry) => entry.isIntersecting)) { finish(); }
        }).observe(end);
    }
    document.querySelectorAll('a[rel~="next"]').forEach((next) => next.addEventListener('click', finish));

    // Where the reader is, for the next time; the first page leads back there.
    const first = [...links.keys()][0];
    if (here === 'index.html' || here === first) {
        const { last } = read();
        const link = last && links.get(last.page);
        if (link) {
            const line = document.createElement('p');
            line.className = 'go-on';
            const back = document.createElement('a');
            back.href = new URL(link.href).pathname + (last.section || '');
            back.textContent = last.title;
            line.append('You stopped at ', back, '.');
            main.querySelector('h1')?.after(line);
        }
    } else {
        const title = main.querySelector('h1')?.textContent.trim() || document.title;
        const stop = (section) => keep({ ...read(), last: { page: here, title, section } });
        stop('');
        addEventListener('book-section', (e) => stop(e.detail));
    }
    show();
})();
