// A sheet of scores: keys as in Excel, blocks pasted and undone, cells that save themselves and lose nothing.
// Cells: .cell > input.cell-input[data-col][data-version] in rows (tr) of [data-scoregrid], with
// partials/scoregrid_status.html inside. A cell saves to its data-save-url; several at once, or cells without one,
// to the grid's data-batch-url by their data-line. A save answers {ok, value, score, version} or {error, theirs, who}.
(() => {
  "use strict";
  const KEPT_DAYS = 7;
  const AT_ONCE = 500;
  const cells = new Map(); // input -> {saved, base, version, state}; base: the value last committed, for undo
  const grids = new Map(); // root -> {queue, busy, tries, timer, undo, redo}
  const csrf = () => document.querySelector("meta[name=csrf-token]")?.content ?? "";
  const rootOf = (input) => input.closest("[data-scoregrid]");
  const gridOf = (input) => grids.get(rootOf(input));
  const statusOf = (root) => root.querySelector("[data-scoregrid-status]");
  const say = (root, key) => { statusOf(root).textContent = statusOf(root).dataset[key] ?? key; };
  const inputsOf = (root) => [...root.querySelectorAll("input.cell-input")].filter((input) => cells.has(input));

  // --- what was typed outlives the page --------------------------------------------------------------
  const keyOf = (input) => {
    const root = rootOf(input);
    const name = root.dataset.batchUrl ? `line:${input.dataset.line}` : input.dataset.saveUrl;
    return `onezone-typed:${root.dataset.user ?? ""}:${name}`;
  };
  // What is secret (data-private: ratings) stays on no machine that others may use.
  const secret = (input) => "private" in rootOf(input).dataset;
  const remember = (input) => {
    const cell = cells.get(input);
    if (secret(input)) { cell.kept = false; return; }
    try {
      if (input.value === cell.saved) localStorage.removeItem(keyOf(input));
      else localStorage.setItem(keyOf(input), JSON.stringify({ value: input.value, version: String(cell.version), at: Date.now() }));
      cell.kept = true;
    } catch { cell.kept = false; } // no room, or not allowed: then the page warns before it is left
  };
  const remembered = (input) => {
    if (secret(input)) return null;
    try {
      const typed = JSON.parse(localStorage.getItem(keyOf(input)));
      if (typed && Date.now() - typed.at < KEPT_DAYS * 864e5) return typed;
      localStorage.removeItem(keyOf(input));
    } catch { /* as if nothing had been kept */ }
    return null;
  };

  // --- what a cell says ------------------------------------------------------------------------------
  const make = (tag, props) => Object.assign(document.createElement(tag), props);
  const clearNote = (input) => {
    input.closest(".cell").querySelector(".cell-note")?.remove();
    input.removeAttribute("aria-describedby");
    input.removeAttribute("aria-invalid");
  };
  const note = (input, text, ...buttons) => {
    clearNote(input);
    const box = make("div", { className: "cell-note", id: `note-${input.id || input.name}` });
    box.append(make("span", { textContent: text }), ...buttons);
    input.closest(".cell").append(box);
    input.setAttribute("aria-describedby", box.id);
    input.setAttribute("aria-invalid", "true");
  };
  const button = (input, key, act) => make("button", {
    type: "button", textContent: statusOf(rootOf(input)).dataset[key], onclick: () => { act(); input.focus(); },
  });
  const mark = (input, state, words) => {
    cells.get(input).state = state;
    input.closest(".cell").dataset.state = state;
    say(rootOf(input), words ?? state);
  };
  const put = (selector, value) => value !== undefined
    && document.querySelectorAll(selector).forEach((node) => { node.textContent = value ?? "—"; });
  const showCards = (root, cards) => Object.entries(cards ?? {}).forEach(([card, told]) => {
    put(`[data-card-total="${CSS.escape(card)}"]`, told.total);
    put(`[data-card-rank="${CSS.escape(card)}"]`, told.rank);
    Object.entries(told.lines ?? {}).forEach(([line, points]) => put(`[data-line-score="${CSS.escape(line)}"]`, points));
    if (root.dataset.card === card) { put("[data-total]", told.total); put("[data-rank]", told.rank); }
  });
  const show = (input, answer) => {
    if (input.dataset.line) put(`[data-line-score="${CSS.escape(input.dataset.line)}"]`, answer.score);
    put("[data-total]", answer.total);
    put("[data-rank]", answer.rank);
  };

  // --- what the server said --------------------------------------------------------------------------
  const accepted = (input, sent, answer) => {
    const cell = cells.get(input);
    const root = rootOf(input);
    cell.version = answer.version ?? cell.version;
    cell.saved = answer.value ?? sent;
    if (input.value === sent) { input.value = cell.saved; cell.base = cell.saved; }
    else if (input.value === cell.base) gridOf(input).queue.add(input); // committed meanwhile
    remember(input);
    clearNote(input);
    const done = inputsOf(root).every((one) => ["saved", ""].includes(cells.get(one).state) || one === input);
    mark(input, "saved", done ? "allSaved" : "saved");
    show(input, answer);
    input.dispatchEvent(new CustomEvent("score-saved", { bubbles: true }));
  };
  const conflicted = (input, answer) => {
    const { dataset } = statusOf(rootOf(input));
    const theirs = String(answer.theirs ?? "");
    const who = answer.who ? `（${answer.who}）` : "";
    const words = `${dataset.conflict} ${theirs || dataset.empty}${who} · ${dataset.yours} ${input.value || dataset.empty}`;
    const adopt = (mine) => () => {
      const cell = cells.get(input);
      Object.assign(cell, { version: answer.version, saved: theirs, state: "" });
      if (!mine) { input.value = theirs; cell.base = theirs; }
      clearNote(input);
      if (mine) enqueue([input], true);
      else { remember(input); show(input, answer); mark(input, "saved"); }
    };
    note(input, words, button(input, "useMine", adopt(true)), button(input, "useTheirs", adopt(false)));
    mark(input, "conflict", words);
  };
  const settle = (input, sent, answer, status) => {
    if (answer.ok) accepted(input, sent, answer);
    else if (answer.conflict || status === 409) conflicted(input, answer);
    else {
      const words = answer.error || statusOf(rootOf(input)).dataset.failed;
      note(input, words);
      mark(input, "failed", words);
    }
  };

  // --- sending: one request at a time, so that a late answer never puts an older total back ----------
  const request = (root, inputs) => {
    const headers = { "X-CSRFToken": csrf(), "X-Requested-With": "XMLHttpRequest", Accept: "application/json" };
    const [first] = inputs;
    const alone = inputs.length === 1 && first.dataset.saveUrl;
    const told = inputs.map((input) => ({ line: input.dataset.line, value: input.value, version: cells.get(input).version }));
    return fetch(alone ? first.dataset.saveUrl : root.dataset.batchUrl, {
      method: "POST",
      redirect: "manual", // a redirect means signed out, and must not count as saved
      headers: alone ? headers : { ...headers, "Content-Type": "application/json" },
      body: alone ? new URLSearchParams({ value: first.value, version: cells.get(first).version }) : JSON.stringify({ cells: told }),
    });
  };
  const lost = (root, inputs) => {
    const grid = grids.get(root);
    inputs.forEach((input) => {
      grid.queue.add(input);
      note(input, statusOf(root).dataset.offline);
      mark(input, "failed", "offline");
    });
    clearTimeout(grid.timer);
    grid.timer = setTimeout(() => pump(root), Math.min(60, 2 ** ++grid.tries) * 1000);
  };
  const send = async (root, inputs) => {
    const sent = new Map(inputs.map((input) => [input, input.value]));
    let reply;
    try { reply = await request(root, inputs); } catch { lost(root, inputs); return false; }
    if (reply.type === "opaqueredirect" || reply.status === 401) {
      inputs.forEach((input) => {
        note(input, statusOf(root).dataset.signedOut, button(input, "retry", () => enqueue([input], true)));
        mark(input, "failed", "signedOut");
      });
      return true;
    }
    if (reply.status >= 500 || reply.status === 429) { lost(root, inputs); return false; }
    grids.get(root).tries = 0;
    const answer = await reply.json().catch(() => ({}));
    inputs.forEach((input) => settle(input, sent.get(input), answer.cells?.[input.dataset.line] ?? answer, reply.status));
    showCards(root, answer.cards);
    return true;
  };
  const pump = async (root) => {
    const grid = grids.get(root);
    if (grid.busy) return;
    grid.busy = true;
    clearTimeout(grid.timer);
    while (grid.queue.size) {
      const inputs = [...grid.queue].slice(0, root.dataset.batchUrl ? AT_ONCE : 1);
      inputs.forEach((input) => { grid.queue.delete(input); mark(input, "saving"); });
      if (!await send(root, inputs)) break;
    }
    grid.busy = false;
  };
  const enqueue = (inputs, anyway) => {
    inputs.forEach((input) => {
      const cell = cells.get(input);
      remember(input);
      if (cell.state === "conflict" && !anyway) return; // the buttons decide
      if (input.value === cell.saved && !anyway && !gridOf(input).busy) {
        gridOf(input).queue.delete(input);
        if (cell.state === "failed") { clearNote(input); mark(input, "saved"); }
        return;
      }
      gridOf(input).queue.add(input);
    });
    new Set(inputs.map(rootOf)).forEach((root) => pump(root));
  };

  // --- committing, undoing, redoing ------------------------------------------------------------------
  const commit = (inputs) => {
    const moved = inputs.filter((input) => input.value !== cells.get(input).base);
    if (moved.length) {
      const grid = gridOf(moved[0]);
      grid.undo.push(moved.map((input) => ({ input, from: cells.get(input).base, to: input.value })));
      grid.redo.length = 0;
      moved.forEach((input) => { cells.get(input).base = input.value; });
    }
    enqueue(inputs);
  };
  const turn = (root, from, to, which) => {
    const group = grids.get(root)[from].pop();
    if (!group) return;
    grids.get(root)[to].push(group);
    group.forEach((step) => { step.input.value = step[which]; cells.get(step.input).base = step[which]; });
    enqueue(group.map((step) => step.input));
    group[0].input.focus();
  };

  // --- moving ----------------------------------------------------------------------------------------
  const bodyRows = (root) => [...root.querySelectorAll("tbody tr")];
  const columnsOf = (root) => {
    const names = [...new Set(inputsOf(root).map((input) => input.dataset.col))];
    return names.every((name) => /^\d+$/.test(name)) ? names.sort((a, b) => a - b) : names;
  };
  const at = (row, column) => row && [...row.querySelectorAll("input.cell-input")].find((one) => one.dataset.col === column && !one.disabled);
  const below = (input, step) => {
    const rows = bodyRows(rootOf(input));
    for (let n = rows.indexOf(input.closest("tr")) + step; n >= 0 && n < rows.length; n += step) {
      const to = at(rows[n], input.dataset.col);
      if (to) return to;
    }
    return null;
  };
  const beside = (input, step, wraps) => {
    const row = [...input.closest("tr").querySelectorAll("input.cell-input")];
    const within = row[row.indexOf(input) + step];
    if (within || !wraps) return within;
    const all = inputsOf(rootOf(input));
    return all[all.indexOf(input) + step];
  };
  const atEdge = (input, step) => {
    const { selectionStart: from, selectionEnd: to, value } = input;
    if (value && from === 0 && to === value.length) return true;
    return from === to && (step < 0 ? from === 0 : to === value.length);
  };
  const target = (input, event) => {
    if (event.key === "Enter") return below(input, event.shiftKey ? -1 : 1);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") return below(input, event.key === "ArrowDown" ? 1 : -1);
    if (event.key === "Tab") return beside(input, event.shiftKey ? -1 : 1, true);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    return step && atEdge(input, step) ? beside(input, step, false) : undefined;
  };
  const revert = (input) => {
    const cell = cells.get(input);
    if (input.value === cell.base && cell.state === "failed") cell.base = cell.saved; // what was refused goes too
    input.value = cell.base;
    if (cell.base === cell.saved) { gridOf(input).queue.delete(input); clearNote(input); mark(input, "", "reverted"); }
    remember(input);
    input.select();
  };
  const pressed = (event) => {
    const input = event.currentTarget;
    const root = rootOf(input);
    if (event.isComposing || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      const key = event.key.toLowerCase();
      if (input.value !== cells.get(input).base || !["z", "y"].includes(key)) return; // the browser undoes within a cell
      event.preventDefault();
      if (key === "y" || event.shiftKey) turn(root, "redo", "undo", "to");
      else turn(root, "undo", "redo", "from");
      return;
    }
    if (event.key === "Escape") { event.preventDefault(); revert(input); return; }
    const to = target(input, event);
    if (to === undefined && event.key !== "Enter") return;
    if (!to && event.key === "Tab") return; // out of the sheet
    event.preventDefault();
    if (to) to.focus(); else commit([input]);
  };

  // --- pasting a block -------------------------------------------------------------------------------
  const parsed = (text) => text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n")
    .map((row) => row.split("\t").map((value) => value.trim().replace(/^"(.*)"$/, "$1")));
  const pasted = (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!/[\t\n\r]/.test(text.replace(/\r?\n$/, ""))) return; // a single value is the browser's
    event.preventDefault();
    const input = event.currentTarget;
    const root = rootOf(input);
    const rows = bodyRows(root);
    const columns = columnsOf(root);
    const [top, left] = [rows.indexOf(input.closest("tr")), columns.indexOf(input.dataset.col)];
    const filled = [];
    let outside = 0;
    parsed(text).forEach((values, down) => values.forEach((value, right) => {
      const to = at(rows[top + down], columns[left + right]);
      if (to) { to.value = value; filled.push(to); } else if (value) outside += 1;
    }));
    commit(filled);
    const told = statusOf(root).dataset;
    root.querySelector(".grid-pasted")?.remove();
    const words = told.pasted.replace("{n}", filled.length) + (outside ? told.outside.replace("{n}", outside) : "");
    statusOf(root).after(make("span", { className: outside ? "grid-pasted grid-warn" : "grid-pasted", textContent: words }));
  };

  const restore = (input) => {
    const typed = remembered(input);
    const cell = cells.get(input);
    if (!typed || typed.value === cell.saved) return remember(input);
    input.value = cell.base = typed.value;
    if (typed.version !== String(cell.version)) return conflicted(input, { theirs: cell.saved, version: cell.version });
    note(input, statusOf(rootOf(input)).dataset.restored);
    mark(input, "failed", "restored");
    return enqueue([input]);
  };
  const adopt = (root) => {
    root.querySelectorAll("[data-scoregrid]").forEach((grid) => {
      if (!grids.has(grid)) grids.set(grid, { queue: new Set(), busy: false, tries: 0, undo: [], redo: [] });
    });
    const fresh = [...root.querySelectorAll("[data-scoregrid] input.cell-input")].filter((input) => !cells.has(input));
    fresh.forEach((input) => {
      cells.set(input, { saved: input.defaultValue, base: input.defaultValue, version: input.dataset.version, state: "" });
      input.value = input.defaultValue; // what a reload kept in the field is ours to restore, not the browser's
      input.addEventListener("input", () => remember(input));
      input.addEventListener("change", () => commit([input]));
      input.addEventListener("focus", () => input.select());
      input.addEventListener("keydown", pressed);
      input.addEventListener("paste", pasted);
    });
    fresh.forEach(restore);
  };
  adopt(document);
  document.addEventListener("htmx:afterSwap", () => adopt(document));
  addEventListener("online", () => grids.forEach((grid, root) => { grid.tries = 0; pump(root); }));
  addEventListener("offline", () => grids.forEach((_, root) => say(root, "offline")));
  addEventListener("beforeunload", (event) => {
    const open = ([input, cell]) => input.isConnected && input.value !== cell.saved && cell.kept === false;
    if ([...cells].some(open)) event.preventDefault();
  });
})();
