// Scores that save themselves. Cells: .cell > input.cell-input[data-save-url][data-version], inside [data-scoregrid]
// with partials/scoregrid_status.html. The server answers {ok, value, score, total, rank, version, error, theirs}.
(() => {
  "use strict";
  const cells = new Map(); // input -> {saved, version, busy, again, tries, timer, state}
  const turns = new Map(); // line -> its last save under way: cells of one line share a total, and so go one by one
  const csrf = () => document.querySelector("meta[name=csrf-token]")?.content ?? "";
  const statusOf = (input) => input.closest("[data-scoregrid]").querySelector("[data-scoregrid-status]");
  const say = (input, key) => { statusOf(input).textContent = statusOf(input).dataset[key] ?? key; };

  const make = (tag, props) => Object.assign(document.createElement(tag), props);
  const clearNote = (input) => {
    input.closest(".cell").querySelector(".cell-note")?.remove();
    input.removeAttribute("aria-describedby");
    input.removeAttribute("aria-invalid");
  };
  const note = (input, text, ...buttons) => {
    clearNote(input);
    const box = make("div", { className: "cell-note", id: `note-${input.name || input.id}` });
    box.append(make("span", { textContent: text }), ...buttons);
    input.closest(".cell").append(box);
    input.setAttribute("aria-describedby", box.id);
    input.setAttribute("aria-invalid", "true");
  };
  const button = (input, key, act) => make("button", {
    type: "button", textContent: statusOf(input).dataset[key], onclick: () => { act(); input.focus(); },
  });
  const mark = (input, state, words) => {
    cells.get(input).state = state;
    input.closest(".cell").dataset.state = state;
    say(input, words ?? state);
  };

  const show = (input, answer) => {
    const line = input.dataset.line;
    const put = (selector, value) => value !== undefined
      && document.querySelectorAll(selector).forEach((node) => { node.textContent = value ?? "—"; });
    if (line) put(`[data-line-score="${CSS.escape(line)}"]`, answer.score);
    put("[data-total]", answer.total);
    put("[data-rank]", answer.rank);
  };

  const accepted = (input, sent, answer) => {
    const cell = cells.get(input);
    cell.version = answer.version ?? cell.version;
    cell.saved = answer.value ?? sent;
    cell.tries = 0;
    if (input.value === sent) input.value = cell.saved;
    show(input, answer);
    clearNote(input);
    mark(input, "saved", [...cells.values()].every((one) => one.state === "saved" || one.state === "") ? "allSaved" : "saved");
  };
  const conflicted = (input, answer) => {
    const { dataset } = statusOf(input);
    const theirs = String(answer.theirs ?? "");
    const words = `${dataset.conflict} ${theirs || dataset.empty} · ${dataset.yours} ${input.value || dataset.empty}`;
    const adopt = (keep) => () => {
      Object.assign(cells.get(input), { version: answer.version, saved: theirs });
      if (!keep) input.value = theirs;
      clearNote(input);
      if (keep) save(input, true);
      else { show(input, answer); mark(input, "saved"); }
    };
    note(input, words, button(input, "useMine", adopt(true)), button(input, "useTheirs", adopt(false)));
    mark(input, "conflict", words);
  };
  const later = (input) => {
    const cell = cells.get(input);
    const wait = Math.min(60, 2 ** ++cell.tries);
    note(input, statusOf(input).dataset.offline);
    mark(input, "failed", "offline");
    clearTimeout(cell.timer);
    cell.timer = setTimeout(() => save(input, true), wait * 1000);
  };

  const send = async (input, sent) => {
    const cell = cells.get(input);
    let reply;
    try {
      reply = await fetch(input.dataset.saveUrl, {
        method: "POST",
        redirect: "manual", // a redirect means signed out, and must not count as saved
        headers: { "X-CSRFToken": csrf(), "X-Requested-With": "XMLHttpRequest", Accept: "application/json" },
        body: new URLSearchParams({ value: sent, version: cell.version }),
      });
    } catch { return later(input); }
    if (reply.type === "opaqueredirect" || reply.status === 401) {
      note(input, statusOf(input).dataset.signedOut, button(input, "retry", () => save(input, true)));
      return mark(input, "failed", "signedOut");
    }
    if (reply.status >= 500 || reply.status === 429) return later(input);
    const answer = await reply.json().catch(() => ({}));
    if (reply.ok && answer.ok) return accepted(input, sent, answer);
    if (reply.status === 409) return conflicted(input, answer);
    const words = answer.error || statusOf(input).dataset.failed;
    note(input, words);
    return mark(input, "failed", words);
  };
  // One request a cell at a time; what was typed meanwhile goes after it.
  const save = async (input, anyway) => {
    const cell = cells.get(input);
    clearTimeout(cell.timer);
    if (cell.busy) { cell.again = true; return; }
    if (input.value === cell.saved && !anyway) {
      if (cell.state === "failed") { clearNote(input); mark(input, "saved"); }
      return;
    }
    if (cell.state === "conflict" && !anyway) return; // the buttons decide
    cell.busy = true;
    mark(input, "saving");
    const line = input.dataset.line ?? input;
    const turn = (turns.get(line) ?? Promise.resolve()).then(() => send(input, input.value));
    turns.set(line, turn.catch(() => {}));
    await turn;
    cell.busy = false;
    if (cell.again) { cell.again = false; save(input); }
  };

  const adopt = (root) => root.querySelectorAll("[data-scoregrid] input[data-save-url]").forEach((input) => {
    if (cells.has(input)) return;
    cells.set(input, { saved: input.value, version: input.dataset.version, busy: false, again: false, tries: 0, state: "" });
    input.addEventListener("change", () => save(input));
    input.addEventListener("focus", () => input.select());
    input.addEventListener("keydown", (event) => {
      const step = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || event.isComposing) return;
      event.preventDefault();
      const column = [...input.closest("[data-scoregrid]").querySelectorAll("input[data-save-url]")]
        .filter((other) => other.dataset.col === input.dataset.col && !other.disabled);
      const to = column[column.indexOf(input) + step];
      if (to) to.focus(); else save(input);
    });
  });
  adopt(document);
  document.addEventListener("htmx:afterSwap", (event) => adopt(event.target));
  addEventListener("online", () => cells.forEach((cell, input) => { if (cell.tries) save(input, true); }));
  addEventListener("beforeunload", (event) => {
    const open = ([input, cell]) => input.isConnected && (cell.busy || ["failed", "conflict"].includes(cell.state) || input.value !== cell.saved);
    if ([...cells].some(open)) event.preventDefault();
  });
})();
