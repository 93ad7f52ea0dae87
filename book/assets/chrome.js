// What mdBook's page lacks for the keyboard and for those who listen, mended after its own scripts.
'use strict';

(function sidebarSwitch() {
    const button = document.getElementById('mdbook-sidebar-toggle');
    const checkbox = document.getElementById('mdbook-sidebar-toggle-anchor');
    if (!button || !checkbox) { return; }
    // mdBook listens to the checkbox; a label turned it, the button does now.
    button.addEventListener('click', function() {
        checkbox.checked = !checkbox.checked;
        checkbox.dispatchEvent(new Event('change'));
    });
})();

(function sidebarFolds() {
    const sidebar = document.getElementById('mdbook-sidebar');
    if (!sidebar) { return; }
    for (const fold of sidebar.querySelectorAll('.chapter-fold-toggle')) {
        const item = fold.closest('li');
        const title = fold.parentElement.querySelector('a, span');
        const tell = function() {
            fold.setAttribute('aria-expanded', item.classList.contains('expanded'));
        };
        fold.setAttribute('role', 'button');
        fold.setAttribute('tabindex', '0');
        fold.setAttribute('aria-label', 'Sections of ' + title.textContent.trim());
        fold.firstElementChild.setAttribute('aria-hidden', 'true');
        fold.addEventListener('click', tell);
        fold.addEventListener('keydown', function(e) {
            if (e.key === 'Enter' || e.key === ' ') {
                e.preventDefault();
                fold.click();
            }
        });
        tell();
    }
    const active = sidebar.querySelector('a.active');
    if (active) { active.setAttribute('aria-current', 'page'); }
})();

(function sidebarKeys() {
    // The list is one stop of the keyboard, at the page that is open; arrows lead on from there. Those who
    // listen read it as the list of links that it is.
    const sidebar = document.getElementById('mdbook-sidebar');
    const checkbox = document.getElementById('mdbook-sidebar-toggle-anchor');
    if (!sidebar || !checkbox) { return; }
    const links = [...sidebar.querySelectorAll('.chapter a[href]')];
    if (links.length === 0) { return; }
    let stop = sidebar.querySelector('a.active') || links[0];
    const keys = document.createElement('p');
    keys.className = 'sidebar-keys';
    keys.id = 'sidebar-keys';
    keys.textContent = '↓ ↑ move, → ← open and close';
    sidebar.append(keys);

    const set = function() {
        for (const fold of sidebar.querySelectorAll('.chapter-fold-toggle')) { fold.tabIndex = -1; }
        for (const link of links) {
            link.tabIndex = link === stop && checkbox.checked ? 0 : -1;
            link.removeAttribute('aria-describedby');
        }
        stop.setAttribute('aria-describedby', keys.id);
    };
    const go = function(link) {
        if (!link) { return; }
        stop = link;
        set();
        link.focus();
    };
    sidebar.addEventListener('focusin', function(e) {
        if (links.includes(e.target) && e.target !== stop) {
            stop = e.target;
            set();
        }
    });
    sidebar.addEventListener('keydown', function(e) {
        if (!links.includes(e.target) || e.altKey || e.ctrlKey || e.metaKey || e.shiftKey || !e.key.startsWith('Arrow')) {
            return;
        }
        // Elsewhere arrows turn the page.
        e.preventDefault();
        e.stopPropagation();
        const seen = links.filter((link) => link.checkVisibility());
        const at = seen.indexOf(e.target);
        const item = e.target.closest('li');
        const fold = item.querySelector(':scope > .chapter-link-wrapper > .chapter-fold-toggle');
        const isOpen = item.classList.contains('expanded');
        if (e.key === 'ArrowDown') { go(seen[at + 1]); }
        if (e.key === 'ArrowUp') { go(seen[at - 1]); }
        if (e.key === 'ArrowRight' && fold) {
            if (isOpen) { go(seen[at + 1]); } else { fold.click(); }
        }
        if (e.key === 'ArrowLeft') {
            if (fold && isOpen) { fold.click(); } else { go(item.parentElement.closest('li')?.querySelector('a[href]')); }
        }
    });
    checkbox.addEventListener('change', set);
    set();
})();

(function searchOnDemand() {
    // Most pages are read without a search, so that its scripts come with the first.
    const [wrap, bar, toggle] = ['mdbook-search-wrapper', 'mdbook-searchbar', 'mdbook-search-toggle']
        .map((id) => document.getElementById(id));
    if (!window.search_scripts || !wrap || !bar || !toggle) { return; }
    const load = (src) => new Promise(function(resolve, reject) {
        const script = document.createElement('script');
        Object.assign(script, { src, onload: resolve, onerror: reject });
        document.head.append(script);
    });
    const loadAll = async function() {
        stop();
        for (const src of window.search_scripts) { await load(src); }
    };
    // The field is there at once; what has been typed meanwhile is kept.
    const start = async function(e) {
        e.preventDefault();
        e.stopImmediatePropagation();
        wrap.classList.remove('hidden');
        window.scrollTo(0, 0);
        bar.focus();
        await loadAll();
        const typed = bar.value;
        wrap.classList.add('hidden');
        toggle.click();
        bar.value = typed;
        bar.setSelectionRange(typed.length, typed.length);
        if (typed) { bar.dispatchEvent(new KeyboardEvent('keyup')); }
    };
    const key = function(e) {
        const writes = /^(?:input|select|textarea)$/i.test(e.target.nodeName);
        if ((e.key === 's' || e.key === '/') && !writes && !(e.altKey || e.ctrlKey || e.metaKey || e.shiftKey)) { start(e); }
    };
    const stop = function() {
        toggle.removeEventListener('click', start);
        document.removeEventListener('keydown', key);
    };
    toggle.addEventListener('click', start);
    document.addEventListener('keydown', key);
    // An address that asks for a search, or for words to be marked.
    if (/[?&](?:search|highlight)=/.test(location.search)) { loadAll(); }
})();

(function scrollable() {
    // What scrolls sideways can be reached and scrolled by key, while it scrolls.
    const boxes = document.querySelectorAll(
        'main pre > code, main .equation, main p > .katex-display, main .table-wrapper:not([role])');
    // Each has a name of its own: a listing its file and lines, a table its caption, a formula its number;
    // what has none of these is counted.
    const counts = {};
    const names = new Map();
    for (const box of boxes) {
        const kind = box.matches('code') ? 'Listing' : box.matches('.table-wrapper') ? 'Table' : 'Formula';
        counts[kind] = (counts[kind] || 0) + 1;
        const own = kind === 'Listing' ? box.parentElement.nextElementSibling
            : box.querySelector(kind === 'Table' ? 'caption' : '.equation-number');
        const said = own && (kind !== 'Listing' || own.matches('.listing-source')) ? own.textContent.trim() : '';
        names.set(box, said ? kind + ': ' + said : kind + ' ' + counts[kind] + ' of this page');
    }
    const look = function() {
        for (const box of boxes) {
            if (box.scrollWidth > box.clientWidth) {
                box.setAttribute('tabindex', '0');
                box.setAttribute('role', 'region');
                box.setAttribute('aria-label', names.get(box));
                box.dataset.scrolls = '';
            } else {
                for (const name of ['tabindex', 'role', 'aria-label', 'data-scrolls']) { box.removeAttribute(name); }
            }
        }
    };
    look();
    window.addEventListener('resize', look);
    if (document.fonts) { document.fonts.ready.then(look); }
    // A fold that opens, a font that comes late: the box keeps its width, and what is in it grows.
    const sizes = new ResizeObserver(look);
    for (const box of boxes) {
        sizes.observe(box);
        for (const inner of box.children) { sizes.observe(inner); }
    }
})();
