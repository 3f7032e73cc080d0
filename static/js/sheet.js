// A sheet of lines in a form (table[data-sheet]): arrow keys and Enter move, a block pasted from Excel fills cells,
// sums follow ([data-sum=name] into [data-sum-of=name]), a code from a list is followed by its name, lines are added
// from template[data-sheet-row] (up to data-most) and removed. What did not fit is told in [data-sheet-told].
(() => {
  "use strict";
  const tables = () => document.querySelectorAll("table[data-sheet]");
  const cellsOf = (row) => [...row.querySelectorAll("input.cell-input, select.cell-input")];
  const half = (text) => text.replace(/[０-９．，－]/g, (sign) => ({ "．": ".", "，": ",", "－": "-" })[sign] ?? String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
  // Hundredths as whole numbers: a sum of decimals must not come out as 99.99999.
  const hundredths = (text) => {
    const found = half(text).replace(/[\s,]/g, "").match(/^(\d{1,9})(?:\.(\d{0,2}))?$/);
    return found ? Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0")) : 0;
  };
  const shown = (value) => (value % 100 ? (value / 100).toFixed(2).replace(/0$/, "") : String(value / 100));

  const sum = (table) => {
    table.querySelectorAll("[data-sum-of]").forEach((output) => {
      const cells = [...table.querySelectorAll(`[data-sum="${output.dataset.sumOf}"]`)].filter((cell) => !cell.dataset.off);
      const total = cells.reduce((all, cell) => all + hundredths(cell.value ?? cell.textContent), 0);
      const wants = Number(output.dataset.wants) * 100;
      output.textContent = shown(total);
      output.classList.toggle("whole", total === wants);
      output.classList.toggle("off", total > 0 && total !== wants);
    });
  };
  const tell = (table, words) => {
    const note = table.closest("form").querySelector("[data-sheet-told]");
    if (note) note.textContent = words(note.dataset);
  };
  // The name behind a code, as the list has it.
  const name = (cell) => {
    const told = cell.parentElement.querySelector(".cell-told");
    if (!cell.list || !told) return;
    const typed = cell.value.trim();
    const option = [...cell.list.options].find((each) => each.value === typed);
    told.textContent = option ? option.text : "";
  };
  const add = (table) => {
    if (table.tBodies[0].rows.length >= Number(table.dataset.most || Infinity)) {
      tell(table, (said) => said.full);
      return null;
    }
    const made = table.closest("form").querySelector("template[data-sheet-row]")?.content.firstElementChild?.cloneNode(true);
    if (!made) return null;
    table.tBodies[0].append(made);
    made.querySelectorAll("[data-sheet-remove]").forEach((button) => { button.hidden = false; });
    return made;
  };
  const move = (cell, by) => {
    const row = cell.closest("tr");
    const at = cellsOf(row).indexOf(cell);
    let other = row;
    do { other = by > 0 ? other.nextElementSibling : other.previousElementSibling; } while (other && !cellsOf(other).length);
    if (!other && by > 0) other = add(row.closest("table"));
    const next = other && cellsOf(other)[at];
    if (next) { next.focus(); next.select?.(); }
    return Boolean(next);
  };
  const put = (cell, text) => {
    if (cell.readOnly || cell.disabled) return;
    if (cell.tagName === "SELECT") {
      const option = [...cell.options].find((each) => each.text.trim() === text || each.value === text);
      if (option) cell.value = option.value;
    } else cell.value = text;
    name(cell);
  };

  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest?.("table[data-sheet] .cell-input");
    if (!cell || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 };
    if (!(event.key in steps) || (cell.tagName === "SELECT" && event.key !== "Enter")) return;
    if (cell.hasAttribute("list") && event.key !== "Enter") return; // the arrows choose from the list
    event.preventDefault();
    move(cell, steps[event.key]);
  });
  document.addEventListener("paste", (event) => {
    const cell = event.target.closest?.("table[data-sheet] .cell-input");
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!cell || !/[\t\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    const table = cell.closest("table");
    let row = cell.closest("tr");
    const from = cellsOf(row).indexOf(cell);
    let over = 0;
    tell(table, () => "");
    for (const line of text.replace(/\r/g, "").replace(/\n$/, "").split("\n")) {
      if (!row) row = add(table);
      const cells = row ? cellsOf(row) : [];
      line.split("\t").forEach((value, at) => {
        if (cells[from + at]) put(cells[from + at], value.trim());
        else if (value.trim()) over += 1;
      });
      row = row?.nextElementSibling;
    }
    if (over) tell(table, (said) => said.over.replace("{n}", over));
    cell.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("input", (event) => {
    const table = event.target.closest?.("table[data-sheet]");
    if (!table) return;
    if (event.target.matches("input[list]")) name(event.target);
    sum(table);
  });
  document.addEventListener("click", (event) => {
    const adding = event.target.closest("[data-sheet-add]");
    const removing = event.target.closest("[data-sheet-remove]");
    if (adding) {
      const row = add(adding.closest("form").querySelector("table[data-sheet]"));
      if (row) cellsOf(row)[0]?.focus();
    }
    if (removing) {
      const table = removing.closest("table");
      const row = removing.closest("tr");
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      if (next) cellsOf(next)[0]?.focus();
      table.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  document.querySelectorAll("[data-sheet-add], [data-sheet-remove]").forEach((button) => { button.hidden = false; });
  // What was typed and came back refused keeps the line that was wrong in view.
  document.querySelector("table[data-sheet] tr.bad .cell-input")?.focus();
  tables().forEach(sum);
})();
