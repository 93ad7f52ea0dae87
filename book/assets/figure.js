// Figures: enlarged in a dialog, their data saved as CSV, the command behind them copied.
// The buttons stand in the page; figure.css hides them where this script does not run.
"use strict";

(() => {
    const number = (text) => parseFloat(text) || 0;

    // Enlarged --------------------------------------------------------------------------------

    let dialog = null;
    let opener = null;
    let zoom = 1;

    const button = (words, label, act) => {
        const made = document.createElement("button");
        made.type = "button";
        made.textContent = words;
        if (label) {
            made.setAttribute("aria-label", label);
        }
        made.addEventListener("click", act);
        return made;
    };

    const part = (tag, name) => {
        const made = document.createElement(tag);
        made.className = `figure-dialog-${name}`;
        return made;
    };

    // One dialog serves all figures of a page.
    const build = () => {
        dialog = document.createElement("dialog");
        dialog.className = "figure-dialog";
        const title = part("h2", "title");
        title.id = "figure-dialog-title";
        dialog.setAttribute("aria-labelledby", title.id);
        const bar = part("div", "bar");
        bar.append(
            title,
            button("−", "Smaller", () => scale(zoom / 1.25)),
            button("+", "Larger", () => scale(zoom * 1.25)),
            button("Close", "", () => dialog.close()),
        );
        const stage = part("div", "stage");
        stage.tabIndex = 0;
        stage.setAttribute("role", "region");
        stage.append(part("div", "sheet"));
        dialog.append(bar, stage, part("p", "caption"));
        dialog.addEventListener("click", (event) => {
            if (event.target === dialog && isOutside(event)) {
                dialog.close();
            }
        });
        // The page's keys turn its pages; here arrows move the drawing.
        dialog.addEventListener("keydown", (event) => {
            event.stopPropagation();
            const wanted = { "+": 1.25, "=": 1.25, "-": 0.8 }[event.key];
            if (wanted && !event.ctrlKey && !event.metaKey && !event.altKey) {
                event.preventDefault();
                scale(zoom * wanted);
            }
        });
        dialog.addEventListener("close", () => {
            sheet().replaceChildren();
            if (opener) {
                opener.focus({ preventScroll: true });
            }
        });
        window.addEventListener("resize", () => dialog.open && fit());
        document.body.append(dialog);
    };

    const stage = () => dialog.querySelector(".figure-dialog-stage");
    const sheet = () => dialog.querySelector(".figure-dialog-sheet");

    const isOutside = ({ clientX: x, clientY: y }) => {
        const box = dialog.getBoundingClientRect();
        return x < box.left || x > box.right || y < box.top || y > box.bottom;
    };

    // The width at which the drawing fits the stage, but never less than on the page by much: a tall
    // one scrolls. On a narrow screen the wide drawing is shown, twice as wide as the screen.
    let fitting = 0;
    const fit = () => {
        const box = stage();
        const style = getComputedStyle(box);
        const wide = box.clientWidth - number(style.paddingLeft) - number(style.paddingRight);
        const tall = box.clientHeight - number(style.paddingTop) - number(style.paddingBottom);
        const drawing = sheet().querySelector(".figure-drawing");
        const [, , width, height] = drawing.getAttribute("viewBox").split(" ").map(Number);
        fitting = wide < 560
            ? Math.max(wide, Math.min(2 * wide, 760))
            : Math.min(wide, Math.max((tall * width) / height, Math.min(wide, 1.2 * width)));
        scale(zoom);
    };

    const scale = (to) => {
        zoom = Math.min(6, Math.max(0.4, to));
        const box = stage();
        const middle = (box.scrollLeft + box.clientWidth / 2) / Math.max(box.scrollWidth, 1);
        sheet().style.width = `${Math.round(fitting * zoom)}px`;
        box.scrollLeft = middle * box.scrollWidth - box.clientWidth / 2;
    };

    // A copy whose ids are its own, with all that refers to them.
    const copied = (drawing) => {
        const copy = drawing.cloneNode(true);
        const own = new Map();
        for (const node of [copy, ...copy.querySelectorAll("[id]")]) {
            if (node.id) {
                own.set(node.id, `${node.id}-enlarged`);
                node.id = own.get(node.id);
            }
        }
        for (const node of [copy, ...copy.querySelectorAll("*")]) {
            for (const attribute of [...node.attributes]) {
                const { name, value } = attribute;
                if (name === "aria-labelledby" || name === "aria-describedby") {
                    attribute.value = value.split(" ").map((id) => own.get(id) || id).join(" ");
                } else if (name.endsWith("href") && own.has(value.slice(1))) {
                    attribute.value = `#${own.get(value.slice(1))}`;
                } else if (value.startsWith("url(#") && own.has(value.slice(5, -1))) {
                    attribute.value = `url(#${own.get(value.slice(5, -1))})`;
                }
            }
        }
        return copy;
    };

    const enlarge = (figure) => {
        if (!dialog) {
            build();
        }
        opener = figure.querySelector(".figure-enlarge");
        const caption = figure.querySelector("figcaption").cloneNode(true);
        const name = caption.querySelector("b");
        const words = name ? name.textContent.replace(/\.$/, "") : "Figure";
        if (name) {
            name.remove();
        }
        caption.querySelectorAll("[id]").forEach((node) => node.removeAttribute("id"));
        dialog.querySelector(".figure-dialog-title").textContent = words;
        dialog.querySelector(".figure-dialog-caption").replaceChildren(...caption.childNodes);
        stage().setAttribute("aria-label", `${words}, enlarged`);
        sheet().replaceChildren(...[...figure.querySelectorAll(".figure-drawing")].map(copied));
        zoom = 1;
        dialog.showModal();
        fit();
        stage().scrollTo(0, 0);
        stage().focus();
    };

    // Data ------------------------------------------------------------------------------------

    // RFC 4180: a field with a comma, a quote or a line break is quoted, a quote in it is doubled.
    const field = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

    const value = (cell) => {
        const text = cell.dataset.value ?? cell.textContent;
        return field(cell.dataset.unit ? `${text} (${cell.dataset.unit})` : text);
    };

    const csv = (table) =>
        [...table.rows].map((row) => [...row.cells].map(value).join(",") + "\r\n").join("");

    const save = (name, text) => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
        link.download = name;
        document.body.append(link);
        link.click();
        link.remove();
        setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    };

    // Command ---------------------------------------------------------------------------------

    const write = async (code) => {
        try {
            await navigator.clipboard.writeText(code.textContent);
            return true;
        } catch {
            // Without leave to write, the words are selected and the old command is tried.
            const range = document.createRange();
            range.selectNodeContents(code);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
            return document.execCommand("copy");
        }
    };

    // Said aloud, too: a label that changes is not.
    let said = null;
    const say = (words) => {
        if (!said) {
            said = document.createElement("p");
            said.className = "figure-said";
            said.setAttribute("role", "status");
            document.body.append(said);
        }
        said.textContent = words;
    };

    const copy = async (pressed) => {
        const code = pressed.parentElement.querySelector("code");
        const words = (await write(code)) ? "Copied" : "Selected";
        say(words === "Copied" ? "The command is copied." : "The command is selected; copy it.");
        pressed.textContent = words;
        setTimeout(() => {
            pressed.textContent = "Copy";
            say("");
        }, 2000);
    };

    // What is pressed -------------------------------------------------------------------------

    document.addEventListener("click", (event) => {
        const hit = (selector) => event.target.closest?.(selector);
        const figure = hit("figure.figure");
        if (!figure) {
            return;
        }
        if (hit(".figure-enlarge")) {
            enlarge(figure);
        } else if (hit(".figure-drawing") && !hit("a") && getSelection().isCollapsed) {
            enlarge(figure);
        } else if (hit(".figure-csv")) {
            save(hit(".figure-csv").dataset.file, csv(figure.querySelector(".figure-data table")));
        } else if (hit(".figure-copy")) {
            copy(hit(".figure-copy"));
        }
    });

    // A table that scrolls keeps the arrows that would turn the page.
    document.addEventListener("DOMContentLoaded", () => {
        for (const region of document.querySelectorAll(".table-wrapper[tabindex]")) {
            region.addEventListener("keydown", (event) => {
                const sideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
                if (sideways && region.scrollWidth > region.clientWidth) {
                    event.stopPropagation();
                }
            });
        }
    });
})();
