// Holds for every page, whatever Streamlit draws on it: the document says its language, and so do Streamlit's controls.
// The page puts its language into an element with `data-page-lang`; the words come in the document (liyi/ui/shell.py).

const { lang: first, tags, names, said } = JSON.parse(document.getElementById("liyi-words").textContent);
const LONGEST = 2000; // the list of kinds of files that can be chosen is Streamlit's longest text, some 500
const ATTRIBUTES = ["aria-label", "title", "placeholder", "alt", "aria-description"];
const patterns = said.map(([pattern, ours]) => [new RegExp(pattern, "s"), ours]);
const before = new WeakMap(); // text node or element -> what Streamlit had put there, and what stands for it now
let lang = first;

// A text of ours by Streamlit's; null for a text that is not Streamlit's. A single word may as well be somebody's own
// text, so in the text of a page only sentences are looked for.
function ours(text, sentencesOnly) {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > LONGEST || (sentencesOnly && !trimmed.includes(" "))) return null;
  const found = patterns.find(([pattern]) => pattern.test(trimmed));
  return found ? trimmed.replace(found[0], found[1][lang]) : null;
}

function put(node, key, now, change, sentencesOnly) {
  const kept = before.get(node) ?? {};
  const original = kept[key]?.shown === now ? kept[key].original : now;
  const shown = ours(original, sentencesOnly);
  if (shown === null) { // not Streamlit's
    if (kept[key]) delete kept[key];
    return;
  }
  kept[key] = { original, shown };
  before.set(node, kept);
  if (shown !== now) change(shown);
}

function sayText(node) {
  const around = node.parentElement;
  if (!around || around.closest("script, style, textarea, [data-testid=stIconMaterial]")) return;
  if (around.closest("[contenteditable]") && !around.closest("[role=spinbutton]")) return; // part of a day: yyyy
  const written = around.closest("[data-testid=stMarkdownContainer], [data-testid=stText], [data-testid=stHtml]");
  put(node, "text", node.nodeValue, (text) => { node.nodeValue = text; },
    written !== null && !written.closest("[data-testid=stFileUploader], [data-testid=InputInstructions]"));
}

function sayAttributes(element) {
  for (const name of ATTRIBUTES) {
    const now = element.getAttribute(name);
    if (now) put(element, name, now, (text) => element.setAttribute(name, text), false);
  }
}

function say(root) {
  if (root.nodeType === Node.TEXT_NODE) return sayText(root);
  if (root.nodeType !== Node.ELEMENT_NODE) return undefined;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = root; node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) sayText(node);
    else sayAttributes(node);
  }
  return undefined;
}

// The bar is a list of links to Streamlit; to people it is the navigation, one link of which leads here. What is over
// on a desktop, and all of it on a telephone, opens from a button.
function markBar() {
  const bar = document.querySelector(".st-key-tabs");
  if (!bar) return;
  if (bar.getAttribute("role") !== "navigation") bar.setAttribute("role", "navigation");
  if (bar.getAttribute("aria-label") !== names[lang]) bar.setAttribute("aria-label", names[lang]);
  const here = CSS.escape(document.querySelector("[data-page-address]")?.dataset.pageAddress ?? "");
  const inBar = ["tab", "more", "menu"].map((where) => `.st-key-${where}-${here}`).join(", ");
  for (const link of document.querySelectorAll("[class*=st-key-tab-] a, [class*=st-key-more-] a, [class*=st-key-menu-] a")) {
    const current = link.closest(inBar) !== null;
    if (current === link.hasAttribute("aria-current")) continue;
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    if (current && bar.contains(link)) link.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function follow() {
  const asked = document.querySelector("[data-page-lang]")?.dataset.pageLang;
  if (asked && asked !== lang && asked in tags) {
    lang = asked;
    say(document.body);
  }
  if (document.documentElement.lang !== tags[lang]) document.documentElement.lang = tags[lang];
  markBar();
}

// Runs before the browser paints, so that the other language is never seen.
new MutationObserver((changes) => {
  for (const { type, target, addedNodes } of changes) {
    if (type === "childList") addedNodes.forEach(say);
    else if (type === "characterData") sayText(target);
    else sayAttributes(target);
  }
  follow();
}).observe(document.documentElement, {
  subtree: true, childList: true, characterData: true, attributes: true,
  attributeFilter: [...ATTRIBUTES, "data-page-lang", "data-page-address"],
});
say(document.body);
follow();
