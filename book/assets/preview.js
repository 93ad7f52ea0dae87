// Previews: what a reference leads to, beside it, on hover, on focus and on touch. What stands on this page is
// taken from it; what stands on others comes in a script of `previews/` when it is first asked for, so that a
// book opened from disk has previews, too. Without this script the links are links.
'use strict';

(function previewsOfReferences() {
    const main = document.querySelector('main');
    const wanted = 'a.ref, a.citation, a.claim, dfn.term a';
    if (!main) { return; }
    const root = new URL(path_to_root || './', location.href);
    const ID = 'preview';

    // What other pages hold -------------------------------------------------------------------

    const pages = new Map();
    const asked = new Map();
    window.previews = { set: (page, parts) => pages.set(page, parts) };

    const load = function(page) {
        if (!asked.has(page)) {
            asked.set(page, new Promise(function(resolve) {
                const script = document.createElement('script');
                script.src = new URL('previews/' + page.replace(/\//g, '-').replace('.html', '') + '.js', root);
                script.onload = script.onerror = resolve;
                document.head.append(script);
            }));
        }
        return asked.get(page);
    };

    const ownPart = function(id) {
        const found = id && document.getElementById(id);
        if (!found) { return null; }
        const part = document.createElement('div');
        if (/^H[1-6]$/.test(found.tagName)) {
            const title = document.createElement('strong');
            title.textContent = found.textContent;
            part.append(title);
            if (found.nextElementSibling?.matches('p')) { part.append(found.nextElementSibling.cloneNode(true)); }
        } else if (found.tagName === 'DT') {
            const title = document.createElement('strong');
            title.textContent = found.textContent;
            part.append(title, ' ', found.nextElementSibling.cloneNode(true));
        } else if (found.tagName === 'LI') {
            part.append(...found.cloneNode(true).childNodes);
        } else {
            part.append(found.cloneNode(true));
        }
        part.querySelectorAll('details, button, .provenance, .figure-tools').forEach((e) => e.remove());
        return part;
    };

    // What a link leads to, ready to be shown; null where there is nothing.
    const contentOf = async function(link) {
        const target = new URL(link.href);
        const id = decodeURIComponent(target.hash.slice(1));
        let part;
        if (target.pathname === location.pathname) {
            part = ownPart(id);
        } else {
            const page = decodeURIComponent(target.pathname).slice(decodeURIComponent(root.pathname).length);
            await load(page);
            const html = pages.get(page)?.[id];
            if (!html) { return null; }
            part = document.createElement('div');
            part.innerHTML = html;
            // Addresses count from the page that it was taken from.
            for (const a of part.querySelectorAll('a[href]')) { a.href = new URL(a.getAttribute('href'), target); }
        }
        if (!part) { return null; }
        for (const e of part.querySelectorAll('[id]:not(svg [id])')) { e.removeAttribute('id'); }
        for (const e of part.querySelectorAll('a, [tabindex]')) { e.tabIndex = -1; }
        for (const e of part.querySelectorAll('[role=region]')) { e.removeAttribute('role'); }
        part.className = 'preview-content';
        return part;
    };

    // The card ------------------------------------------------------------------------------

    let card = null;
    let shown = null;
    let turn = 0;

    const hide = function(returns) {
        turn++;
        if (!card) { return; }
        const link = shown;
        link.removeAttribute('aria-describedby');
        card.remove();
        card = shown = null;
        if (returns) { link.focus(); }
    };

    // Below the link where there is room, else above; within the text's width.
    const place = function(link) {
        const frame = card.offsetParent.getBoundingClientRect();
        const at = link.getClientRects()[0];
        const left = Math.min(Math.max(at.left - 20, frame.left), Math.max(frame.left, frame.right - card.offsetWidth));
        const below = at.bottom + card.offsetHeight + 12 < innerHeight || at.top < card.offsetHeight + 70;
        card.style.left = left - frame.left + 'px';
        card.style.top = (below ? at.bottom + 6 : at.top - card.offsetHeight - 6) - frame.top + 'px';
    };

    const show = async function(link, byTouch) {
        const mine = ++turn;
        const content = await contentOf(link);
        if (mine !== turn || !content) { return; }
        hide();
        shown = link;
        card = document.createElement('div');
        card.id = ID;
        card.className = byTouch ? 'preview preview-sheet' : 'preview';
        card.append(content);
        if (byTouch) {
            sheet(link);
        } else {
            card.setAttribute('role', 'tooltip');
            link.setAttribute('aria-describedby', ID);
            card.addEventListener('pointerenter', () => clearTimeout(timer));
            card.addEventListener('pointerleave', () => later(hide, 200));
        }
        main.append(card);
        if (byTouch) { card.focus(); } else { place(link); }
    };

    // A finger cannot rest on a link: the card comes from below, with a way on and a way back.
    const sheet = function(link) {
        card.setAttribute('role', 'dialog');
        card.setAttribute('aria-label', 'Preview of ' + (link.getAttribute('aria-label') || link.textContent));
        card.tabIndex = -1;
        const bar = document.createElement('p');
        bar.className = 'preview-bar';
        const go = document.createElement('a');
        go.href = link.href;
        go.textContent = 'Go there';
        const close = document.createElement('button');
        close.type = 'button';
        close.textContent = 'Close';
        close.addEventListener('click', () => hide(true));
        go.addEventListener('click', () => setTimeout(hide));
        bar.append(go, close);
        card.append(bar);
    };

    // When ----------------------------------------------------------------------------------

    let timer = 0;
    const later = function(act, wait) {
        clearTimeout(timer);
        timer = setTimeout(act, wait);
    };
    const linkOf = (e) => e.target.closest && !e.target.closest('.preview') && e.target.closest(wanted);

    main.addEventListener('pointerover', function(e) {
        const link = e.pointerType === 'mouse' && linkOf(e);
        if (!link) { return; }
        if (link === shown) { return clearTimeout(timer); }
        later(() => show(link), 250);
    });
    main.addEventListener('pointerout', function(e) {
        if (e.pointerType === 'mouse' && linkOf(e)) { later(hide, 300); }
    });
    main.addEventListener('focusin', function(e) {
        const link = linkOf(e);
        if (link && link !== shown && link.matches(':focus-visible')) { later(() => show(link), 250); }
    });
    main.addEventListener('focusout', function(e) {
        if (linkOf(e) === shown && !card?.classList.contains('preview-sheet')) { later(hide, 0); }
    });
    main.addEventListener('click', function(e) {
        const link = linkOf(e);
        if (link && e.pointerType === 'touch' && link !== shown) {
            e.preventDefault();
            clearTimeout(timer);
            show(link, true);
        }
    });
    document.addEventListener('pointerdown', function(e) {
        if (card?.classList.contains('preview-sheet') && !card.contains(e.target)) { hide(); }
    });
    document.addEventListener('keydown', function(e) {
        if (e.key !== 'Escape') { return; }
        clearTimeout(timer);
        hide(card?.classList.contains('preview-sheet'));
    });
    window.addEventListener('beforeprint', () => hide());

    // The browser's own tip would say the same a second time; for those who listen it stays until then.
    for (const link of main.querySelectorAll(wanted)) {
        if (link.title && link.hasAttribute('aria-label')) { link.removeAttribute('title'); }
    }
})();
