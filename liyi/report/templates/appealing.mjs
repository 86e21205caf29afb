// The person disagrees with a finding of the report: one form, put where it was asked for.

const appeal = document.getElementById("appeal");
const holder = document.createElement("tr"); // a row of its own below the finding's
holder.append(document.createElement("td"));
holder.firstChild.colSpan = 7;

/** What was typed of this finding and not sent, kept in this tab: signing in again loses nothing. */
function draft(text) {
  const key = `${appeal.dataset.draft}-${appeal.dataset.criterion}`;
  try {
    if (text) sessionStorage.setItem(key, text);
    else if (text === "") sessionStorage.removeItem(key);
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return text ?? ""; // a browser that keeps nothing
  }
}

function disagree(button) {
  const [named, input, select] = ["b", "input", "select"].map((each) => appeal.querySelector(each));
  const row = button.closest("tr, li");
  const moments = new Map([...row.querySelectorAll("a[data-clip]")].map((each) => [each.dataset.clip, each.textContent]));
  named.textContent = button.dataset.name;
  appeal.dataset.criterion = button.dataset.criterion;
  select.length = 1;
  for (const [clip, text] of moments) select.add(new Option(text, clip));
  select.closest("p").hidden = select.length < 2;
  appeal.querySelector("[role=alert]").hidden = true;
  if (row.matches("tr")) {
    row.after(holder);
    holder.firstChild.append(appeal);
  } else button.closest(".act").after(appeal);
  input.value = draft();
  appeal.hidden = false;
  input.focus();
}

async function send(address, said, failed, kept = () => {}) {
  const headers = { "content-type": "application/json" };
  const lang = new URLSearchParams(location.search).get("lang") || "zh";
  const body = JSON.stringify(said);
  const answer = await fetch(`${address}?lang=${lang}`, { method: "POST", headers, body }).catch(() => null);
  if (answer?.ok) {
    kept();
    location.hash = "people";
    return void location.reload();
  }
  const told = answer?.status === 409 ? (await answer.json().catch(() => ({}))).sentence : "";
  return told || failed;
}

if (appeal) {
  const told = appeal.querySelector("[role=alert]");
  appeal.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [start, end] = appeal.elements.moment.value.split(" ").map(Number);
    const moment = appeal.elements.moment.value ? { start_s: start, end_s: end } : { start_s: null, end_s: null };
    const sentence = appeal.elements.sentence.value.trim();
    if (!sentence) return;
    const button = appeal.querySelector("[type=submit]");
    button.disabled = true;
    const said = { criterion: appeal.dataset.criterion, sentence, ...moment };
    const fault = await send("appeal", said, appeal.dataset.failed, () => draft(""));
    button.disabled = false;
    if (fault) [told.textContent, told.hidden] = [fault, false];
  });
  appeal.elements.sentence.addEventListener("input", ({ target }) => draft(target.value));
  appeal.querySelector("[value=cancel]").addEventListener("click", () => (appeal.hidden = true));
}
document.addEventListener("click", async (event) => {
  const button = event.target.closest(".disagree, .take-back");
  if (button?.matches(".disagree")) return disagree(button);
  if (!button) return;
  const fault = await send("appeal", { take_back: button.dataset.id }, "");
  if (fault) button.textContent = fault;
});
