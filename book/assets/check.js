// Five-minute checks (`{{#question}}` in appendix B): the list of options becomes something to choose from,
// with an answer in words as soon as one is chosen. Without this script the list stays a list, and the answer
// is below it in its fold.
'use strict';

(function checks() {
    const letter = (i) => String.fromCharCode(65 + i);
    const listed = (letters) => letters.length < 2 ? letters.join('')
        : letters.slice(0, -1).join(', ') + ' and ' + letters[letters.length - 1];

    const element = function(name, className, ...inside) {
        const made = document.createElement(name);
        if (className) { made.className = className; }
        made.append(...inside);
        return made;
    };

    // One option: a label around its input, its letter and what the author wrote.
    const option = function(item, type, name, i) {
        const input = element('input');
        input.type = type;
        input.name = name;
        const words = element('span', 'check-words', ...item.cloneNode(true).childNodes);
        for (const doubled of words.querySelectorAll('[id]')) { doubled.removeAttribute('id'); }
        return { input, label: element('label', 'check-option', input,
            element('span', 'check-letter', letter(i)), words, element('span', 'check-mark')) };
    };

    const prepare = function(check, number) {
        const list = check.querySelector('.check-question').lastElementChild;
        if (!list || list.tagName !== 'UL') { return; }
        const right = check.dataset.right.split(' ').map((n) => n - 1);
        const several = right.length > 1;
        const options = [...list.children].map((item, i) =>
            option(item, several ? 'checkbox' : 'radio', 'check-' + number, i));
        const said = element('p', 'check-said');
        said.setAttribute('role', 'status');
        const fields = element('fieldset', 'check-options',
            element('legend', '', several ? 'Choose all that are right' : 'Choose one'),
            ...options.map((o) => o.label));

        const judge = function() {
            const chosen = options.flatMap((o, i) => o.input.checked ? [i] : []);
            const wrong = chosen.filter((i) => !right.includes(i));
            const missing = right.length - (chosen.length - wrong.length);
            options.forEach(function(o, i) {
                const isRight = right.includes(i);
                o.label.classList.toggle('is-right', o.input.checked && isRight);
                o.label.classList.toggle('is-wrong', o.input.checked && !isRight);
                o.label.lastElementChild.textContent = !o.input.checked ? '' : isRight ? 'right' : 'not right';
            });
            said.textContent = chosen.length === 0 ? 'Nothing is chosen yet.'
                : wrong.length ? listed(wrong.map(letter)) + (wrong.length > 1 ? ' are' : ' is') + ' not right.'
                : missing ? listed(chosen.map(letter)) + (chosen.length > 1 ? ' are' : ' is') + ' right, and '
                    + (missing > 1 ? missing + ' more are.' : 'one more is.')
                : 'Right: ' + listed(chosen.map(letter)) + '.';
            if (chosen.length) {
                said.textContent += ' The answer below says why.';
                check.querySelector('.check-answer').open = true;
            }
        };

        if (several) {
            const button = element('button', 'check-button', 'Check');
            button.type = 'button';
            button.addEventListener('click', judge);
            fields.append(button);
        } else {
            // An arrow moves from option to option and selects each on its way: it answers nothing yet.
            let moving = false;
            fields.addEventListener('keydown', function(e) {
                moving = e.key.startsWith('Arrow');
                if (e.key === 'Enter' || e.key === ' ' && e.target.checked) {
                    e.preventDefault();
                    if (e.key === 'Enter') { e.target.checked = true; }
                    judge();
                }
            });
            fields.addEventListener('pointerdown', () => { moving = false; });
            fields.addEventListener('change', function() {
                if (!moving) { return judge(); }
                said.textContent = 'Press the space bar or Enter to answer.';
            });
        }
        list.classList.add('check-list');
        list.after(fields, said);
    };

    document.querySelectorAll('.check[data-right]').forEach(prepare);
})();
