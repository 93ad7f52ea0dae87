// The search: what `searcher.js` shows is found here. Loaded when a reader first searches (chrome.js).
//
// The index (src/search.rs of the bookbinder) holds the sections of the book; their words are counted when it
// comes. A query is a row of words or phrases, and a section has to have each of them: as it is written, in
// British or American spelling, as the word's beginning, as what `search.toml` says is the same, or, where the
// book has nothing of the kind, with a letter or two wrong. Terms that a section defines count most, then its
// heading (the weights of Robertson and Zaragoza 2009, BM25F). What looks like a formula is looked for in the
// formulas.
'use strict';

(function() {
    // Title, text, breadcrumbs, terms: where they stand in a section, and what a word there counts.
    const FIELDS = [[0, 4], [1, 1], [2, 1], [3, 6]];
    const memory = new Map();

    // British to American, or the other way: what matters is that both come out the same.
    const spelled = (word) => word
        .replace(/is(e|ed|es|er|ers|ing|ation|ations)$/, 'iz$1')
        .replace(/ys(e|ed|es|er|ing)$/, 'yz$1')
        .replace(/our(s|ed|ing|al|ful|hood|hoods|able|less)?$/, 'or$1')
        .replace(/([^aeiou])re(s|d)?$/, '$1er$2')
        .replace(/ll(ed|ing|er|ers)$/, 'l$1')
        .replace(/^grey/, 'gray').replace(/^artefact/, 'artifact').replace(/ogue(s?)$/, 'og$1');

    // The stem of a word, by Porter's rules as elasticlunr has them.
    const stem = function(word) {
        if (!memory.has(word)) { memory.set(word, elasticlunr.stemmer(spelled(word))); }
        return memory.get(word);
    };
    const words = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) || [];
    const stems = (text) => words(text).map(stem);
    // Of what has a hyphen, both parts written as one word, too: warmup.
    const joined = (text) => (text.toLowerCase().match(/\p{L}+-\p{L}+/gu) || []).map((word) => word.replace('-', ''));

    // A formula as it is looked for: ∂ and d are one, brackets and what raises or lowers is left out.
    const formula = (text) => text.toLowerCase().replace(/[∂𝜕]/gu, 'd').replace(/ℓ/g, 'l').replace(/[′’]/g, '\'')
        .replace(/[²³]/g, (c) => c === '²' ? '2' : '3').replace(/−/g, '-')
        .replace(/[\s()[\]{}_^⋅·×\\\u2061\u200b]/g, '');

    // How many letters are wrong, missing, too many or exchanged (Damerau 1964); more than `most` is not counted.
    const distance = function(a, b, most) {
        if (Math.abs(a.length - b.length) > most) { return most + 1; }
        let before = [], row = [...Array(b.length + 1).keys()];
        for (let i = 1; i <= a.length; i++) {
            const next = [i];
            for (let j = 1; j <= b.length; j++) {
                next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
                    next[j] = Math.min(next[j], before[j - 2] + 1);
                }
            }
            if (Math.min(...next) > most) { return most + 1; }
            [before, row] = [row, next];
        }
        return row[b.length];
    };

    class Finder {
        constructor({ sections, same }) {
            this.sections = sections;
            // For each field, for each stem, how often it stands in which section; and how long the fields are.
            this.counts = FIELDS.map(() => new Map());
            this.lengths = FIELDS.map(() => []);
            this.phrases = sections.map((section) => ({
                title: stems(section[0]).join(' '), terms: section[3].map((term) => stems(term).join(' ')),
            }));
            FIELDS.forEach(([place], field) => sections.forEach((section, i) => this.count(section[place], field, i)));
            this.means = this.lengths.map((all) => all.reduce((a, b) => a + b, 0) / all.length || 1);
            // The words of the book, to which what is mistyped is held.
            this.vocabulary = [...new Set(this.counts.flatMap((counts) => [...counts.keys()]))].sort();
            this.written = [...memory.keys()];
            // For each phrase, as stems, the phrases that mean the same, as words.
            this.same = new Map();
            for (const group of same.map((group) => group.map(words))) {
                for (const phrase of group) { this.same.set(phrase.map(stem).join(' '), group); }
            }
        }

        count(text, field, i) {
            const whole = Array.isArray(text) ? text.join(' . ') : text;
            const found = stems(whole);
            this.lengths[field][i] = found.length;
            for (const word of found.concat(joined(whole).map(stem))) {
                let places = this.counts[field].get(word);
                if (!places) { this.counts[field].set(word, places = new Map()); }
                places.set(i, (places.get(i) || 0) + 1);
            }
        }

        // What a stem counts in each section that has it.
        scores(word) {
            const all = new Map();
            this.counts.forEach((counts, field) => {
                for (const [i, times] of counts.get(word) || []) {
                    const long = 0.4 + 0.6 * this.lengths[field][i] / this.means[field];
                    all.set(i, (all.get(i) || 0) + FIELDS[field][1] * times / (times + 1.2 * long));
                }
            });
            const rare = Math.log(1 + this.sections.length / (all.size + 0.5));
            for (const [i, score] of all) { all.set(i, score * rare); }
            return all;
        }

        // The stems of the book that a word of a query may stand for, and what each counts.
        meant(word) {
            const own = stem(word);
            const longer = own.length < 3 ? [] : this.vocabulary.filter((w) => w.startsWith(own) && w !== own);
            const begun = longer.map((w) => [w, 0.6 * own.length / w.length]);
            const exact = this.counts.some((counts) => counts.has(own)) ? [[own, 1]] : [];
            if (exact.length + begun.length) { return exact.concat(begun); }
            const most = word.length < 5 ? 0 : word.length < 9 ? 1 : 2;
            const near = this.written.map((w) => [w, distance(word, w, most)]).filter(([, d]) => d <= most && most > 0);
            const least = Math.min(...near.map(([, d]) => d));
            return [...new Set(near.filter(([, d]) => d === least).map(([w]) => stem(w)))].map((w) => [w, 0.5]);
        }

        // What a word of a query counts in each section: the best of what it may stand for.
        word(word) {
            const all = new Map();
            for (const [meant, part] of this.meant(word)) {
                for (const [i, score] of this.scores(meant)) {
                    all.set(i, Math.max(all.get(i) || 0, part * score));
                }
            }
            return all;
        }

        // The query as a row of places, each with the phrases that may stand there.
        places(query) {
            let row = words(query).filter((word) => elasticlunr.stopWordFilter(word));
            row = row.length ? row : words(query);
            const key = (phrase) => phrase.map(stem).join(' ');
            const places = [];
            for (let i = 0; i < row.length;) {
                let length = Math.min(6, row.length - i);
                while (length > 1 && !this.same.has(key(row.slice(i, i + length)))) { length--; }
                const own = row.slice(i, i + length);
                const group = this.same.get(key(own)) || [];
                places.push([own, ...group.filter((phrase) => key(phrase) !== key(own))]);
                i += length;
            }
            return places;
        }

        // What a phrase counts: the sum over its words, in sections that have them all.
        phrase(phrase) {
            const [first, ...others] = phrase.map((word) => this.word(word));
            const all = new Map();
            for (const [i, score] of first || []) {
                if (others.every((other) => other.has(i))) {
                    all.set(i, others.reduce((sum, other) => sum + other.get(i), score));
                }
            }
            return all;
        }

        // A section whose term or title is the query, or has it, is what was asked for.
        named(i, queries) {
            const { title, terms } = this.phrases[i];
            const has = (text, query) => (' ' + text + ' ').includes(' ' + query + ' ');
            return Math.max(0, ...queries.map((query, n) => (n ? 0.9 : 1) * (
                terms.includes(query) ? 40 : title === query ? 30 : terms.some((term) => has(term, query)) ? 14
                    : has(title, query) ? 12 : 0)));
        }

        formulas(query) {
            const wanted = formula(query);
            if (wanted.length < 3 || !/[/^=∂²³′'_\\]/.test(query)) { return []; }
            this.lines = this.lines || this.sections.map((section) => section[4].split(' ').map(formula));
            return this.sections.flatMap((section, ref) => {
                const found = this.lines[ref].filter((line) => line.includes(wanted));
                const share = Math.max(0, ...found.map((line) => wanted.length / line.length));
                return found.length ? [{ ref, score: section[5] * (share + Math.log(1 + found.length)) }] : [];
            });
        }

        // What mdBook's searcher calls: the sections that answer a query, the best first.
        search(query) {
            let found = this.formulas(query);
            if (!found.length) {
                const places = this.places(query);
                const scored = places.map((phrases) => {
                    const all = new Map();
                    phrases.forEach((phrase, n) => {
                        for (const [i, score] of this.phrase(phrase)) {
                            all.set(i, Math.max(all.get(i) || 0, (n ? 0.8 : 1) * score));
                        }
                    });
                    return all;
                });
                // The whole query, with one of its phrases said otherwise.
                const key = (phrase) => phrase.map(stem).join(' ');
                const own = places.map((phrases) => key(phrases[0]));
                const queries = [own.join(' '), ...places.flatMap((phrases, p) => phrases.slice(1).map((other) =>
                    own.map((phrase, i) => i === p ? key(other) : phrase).join(' ')))];
                found = this.sections.map((section, ref) => {
                    const has = scored.filter((all) => all.has(ref));
                    const sum = has.reduce((total, all) => total + all.get(ref), 0);
                    const share = has.length / Math.max(1, places.length);
                    return { ref, share, score: section[5] * (sum * share * share + (sum && this.named(ref, queries))) };
                }).filter(({ score }) => score > 0);
                if (found.some(({ share }) => share === 1)) { found = found.filter(({ share }) => share === 1); }
            }
            found.sort((a, b) => b.score - a.score || a.ref - b.ref);
            return found.map(({ ref, score }) => ({ ref, score, doc: {
                title: this.sections[ref][0], body: this.sections[ref][1], breadcrumbs: this.sections[ref][2],
            } }));
        }
    }

    // A stock mdBook writes an index of its own, which elasticlunr reads.
    const load = elasticlunr.Index.load;
    elasticlunr.Index.load = (index) => index.sections ? new Finder(index) : load(index);
})();
