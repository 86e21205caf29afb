// The form under the inspector: a reason, another sub-score, a comment, a finding added by hand, an answer.
// One is open at a time. It closes at once, so that nobody waits for the server; what was typed stays a draft until the
// server has kept it, and where it has not, the form is there again.

import { clock, element, fill, kept } from "./dom.mjs";

/** Buttons with numbers, of which a digit presses one. */
function choices(texts, { group, chosen }) {
  const buttons = texts.map((text, at) =>
    element("button", { type: "button", "data-choice": at, "aria-pressed": chosen ? "false" : null },
      element("kbd", {}, String(at + 1)), ` ${text}`));
  return element("div", { class: "choices", "data-choices": group, role: "group" }, ...buttons);
}

/** A field in which typing narrows a list; arrows and Enter choose from it. */
function picker(options, label) {
  const field = element("input", { type: "text", role: "combobox", autocomplete: "off", "aria-expanded": "true",
    "aria-controls": "picker-list", "aria-label": label, placeholder: label });
  const list = element("ul", { id: "picker-list", role: "listbox", class: "picker", "aria-label": label });
  let shown = [];
  let at = 0;
  const draw = () => {
    const asked = field.value.trim().toLowerCase();
    shown = options.filter(({ id, name }) => `${name} ${id}`.toLowerCase().includes(asked)).slice(0, 6);
    at = Math.min(at, Math.max(0, shown.length - 1));
    list.replaceChildren(...shown.map(({ id, name }, nth) =>
      element("li", { role: "option", id: `picker-${nth}`, "data-id": id, "aria-selected": String(nth === at) }, name)));
    field.setAttribute("aria-activedescendant", shown.length ? `picker-${at}` : "");
  };
  const choose = (nth) => {
    [at, field.value] = [nth, shown[nth].name];
    draw();
    field.dispatchEvent(new Event("picked", { bubbles: true }));
  };
  field.addEventListener("input", () => {
    at = 0;
    draw();
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      at = Math.max(0, Math.min(shown.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)));
      draw();
      event.preventDefault();
    } else if (event.key === "Enter" && shown.length) {
      choose(at);
      event.preventDefault();
    }
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[data-id]");
    if (option) choose(shown.findIndex(({ id }) => id === option.dataset.id));
  });
  draw();
  return { field, list, value: () => (shown.length && (field.value === shown[at].name || shown.length === 1) ? shown[at].id : "") };
}

/**
 * @param {HTMLFormElement} form
 * @param {object} words
 * @param {{place: string, act: (body: object) => Promise<boolean>, say: (text: string) => void, closed: () => void}} page
 */
export function createForms(form, words, page) {
  let submit = null;
  let draft = "";
  let reopen = null;

  const area = (rows) => {
    const field = element("textarea", { rows, maxlength: "4000", "aria-label": words.text });
    field.value = kept.get(draft) ?? "";
    field.addEventListener("input", () => kept.set(draft, field.value || null));
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    return field;
  };

  function open(title, name, build) {
    draft = `${page.place}-draft-${name}`;
    reopen = () => open(title, name, build);
    const { parts, first, send } = build();
    submit = send;
    form.replaceChildren(
      element("h2", {}, title),
      ...parts,
      element("p", { class: "acts" }, element("button", { type: "submit", class: "main" }, words.keep),
        element("button", { type: "button", "data-close": "" }, words.cancel)),
    );
    form.hidden = false;
    form.scrollIntoView({ block: "nearest" });
    first.focus();
  }

  function close() {
    if (form.hidden) return;
    form.hidden = true;
    form.replaceChildren();
    submit = null;
    page.closed();
  }

  async function keep(body) {
    const [name, again] = [draft, reopen];
    close();
    if (await page.act(body)) kept.set(name, null);
    else if (form.hidden) again();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit?.();
  });
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) close();
  });
  form.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea") || !/^[1-9]$/.test(event.key)) return;
    const group = event.target.closest("[data-choices]") ?? form.querySelector("[data-choices]");
    group?.querySelectorAll("[data-choice]")[Number(event.key) - 1]?.click();
    event.preventDefault();
  });

  /** A reason: one of those offered, or written. */
  function reasons(texts, given) {
    const field = area(2);
    const offered = choices(texts, { group: "reason" });
    offered.addEventListener("click", (event) => {
      const button = event.target.closest("[data-choice]");
      if (button) given(texts[button.dataset.choice]);
    });
    const label = element("label", {}, words.other_reason, field);
    return { field, offered, label, send: () => (field.value.trim() ? given(field.value.trim()) : page.say(words.need_reason)) };
  }

  const place = (item) => (item.moment ? { start_s: item.moment[0], end_s: item.moment[1] } : {});

  return {
    close,
    get isOpen() {
      return !form.hidden;
    },

    reject(item) {
      open(fill(words.reject_title, { name: item.name }), `reject-${item.key}`, () => {
        const why = reasons(words.reasons_rejected, (text) =>
          keep({ do: "confirm", criterion: item.criterion, decision: "rejected", why: text, ...place(item) }));
        return { parts: [why.offered, why.label], first: why.offered.querySelector("button"), send: why.send };
      });
    },

    change(item) {
      open(fill(words.change_title, { name: item.name }), `change-${item.key}`, () => {
        const steps = choices(words.steps.map(({ word }) => word), { group: "score", chosen: true });
        const exact = element("input", { type: "number", min: "0", max: "100", step: "1", inputmode: "numeric" });
        let none = false;
        let told = false;
        const given = (text) => {
          const number = Number(exact.value);
          if (!told || (!none && !(exact.value !== "" && number >= 0 && number <= 100))) return page.say(words.need_score);
          return keep({ do: "confirm", criterion: item.criterion, decision: "changed", new: none ? null : number / 100, why: text });
        };
        const why = reasons(words.reasons_changed, given);
        const press = (at) => steps.querySelectorAll("button").forEach((each, nth) => each.setAttribute("aria-pressed", String(nth === at)));
        steps.addEventListener("click", (event) => {
          const button = event.target.closest("[data-choice]");
          if (!button) return;
          const step = words.steps[button.dataset.choice];
          [told, none, exact.value] = [true, step.score === null, step.score === null ? "" : String(step.score)];
          press(Number(button.dataset.choice));
          why.offered.querySelector("button").focus();
        });
        exact.addEventListener("input", () => {
          [told, none] = [exact.value !== "", false];
          press(-1);
        });
        return { parts: [steps, element("label", { class: "exact-score" }, words.exact, exact), why.offered, why.label],
          first: steps.querySelector("button"), send: why.send };
      });
    },

    comment(at, phrases) {
      const where = at === null ? words.on_all : clock(at);
      open(fill(words.comment_title, { where }), "comment", () => {
        const field = area(3);
        const offered = choices(phrases, { group: "phrase" });
        const stock = element("input", { type: "checkbox" });
        const send = (text) => keep({ do: "comment", text, at_s: at, stock: stock.checked });
        offered.addEventListener("click", (event) => {
          const button = event.target.closest("[data-choice]");
          if (button) send(phrases[button.dataset.choice]);
        });
        return { parts: [field, element("label", { class: "stock" }, stock, ` ${words.stock}`), offered], first: field,
          send: () => (field.value.trim() ? send(field.value.trim()) : page.say(words.need_text)) };
      });
    },

    add(start, end, criteria) {
      open(fill(words.add_title, { start: clock(start), end: clock(end) }), "add", () => {
        const which = picker(criteria, words.which);
        const given = (text) => {
          if (!which.value()) return page.say(words.need_criterion);
          return keep({ do: "confirm", criterion: which.value(), decision: "added", start_s: start, end_s: end, why: text });
        };
        const why = reasons(words.reasons_added, given);
        which.field.addEventListener("picked", () => why.offered.querySelector("button").focus());
        return { parts: [which.field, which.list, why.offered, why.label], first: which.field, send: why.send };
      });
    },

    answer(item, upheld) {
      open(fill(upheld ? words.uphold_title : words.keep_title, { name: item.name }), `answer-${item.appeal.id}`, () => {
        const field = area(3);
        // What the finding is then: rejected, or changed to one of the steps.
        const thens = [words.then_rejected, ...words.steps.map(({ word }) => fill(words.then_changed, { word }))];
        let then = 0;
        const steps = choices(thens, { group: "then", chosen: true });
        const press = () => steps.querySelectorAll("button").forEach((each, nth) => each.setAttribute("aria-pressed", String(nth === then)));
        steps.addEventListener("click", (event) => {
          const button = event.target.closest("[data-choice]");
          if (!button) return;
          then = Number(button.dataset.choice);
          press();
          field.focus();
        });
        press();
        const decided = () => {
          if (!upheld || then === 0) return {};
          const { score } = words.steps[then - 1];
          return { decision: "changed", new: score === null ? null : score / 100 };
        };
        return { parts: upheld ? [steps, field] : [field], first: upheld ? steps.querySelector("button") : field,
          send: () => (field.value.trim()
            ? keep({ do: "answer", id: item.appeal.id, upheld, sentence: field.value.trim(), ...decided() })
            : page.say(words.need_text)) };
      });
    },
  };
}
