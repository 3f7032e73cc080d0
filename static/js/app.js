// What every page does beyond HTML: keys, rows, filters, confirmation, unsaved forms.
(() => {
  "use strict";
  const on = (type, handler, options) => document.addEventListener(type, handler, options);
  const typing = (node) => node.closest("input, textarea, select, [contenteditable]");

  // "/" goes to the search box.
  on("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const box = document.querySelector("[data-search]");
    if (!box || !box.offsetParent) return;
    event.preventDefault();
    box.focus();
    box.select();
  });

  // A row leads where its data-href says; the link inside it stays for keyboards and screen readers.
  const rowOf = (event) => {
    const row = event.target.closest("tr[data-href]");
    return row && !event.target.closest("a, button, input, select, label, summary") ? row : null;
  };
  const follow = (row, apart) => (apart ? open(row.dataset.href, "_blank", "noopener") : location.assign(row.dataset.href));
  on("click", (event) => {
    const row = rowOf(event);
    if (row && !String(getSelection())) follow(row, event.ctrlKey || event.metaKey || event.shiftKey);
  });
  on("auxclick", (event) => {
    const row = event.button === 1 && rowOf(event);
    if (row) follow(row, true);
  });
  on("keydown", (event) => {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    const row = step && event.target.matches("tr[data-href] a") && event.target.closest("tr");
    const link = row && row[step]?.querySelector("a");
    if (link) { event.preventDefault(); link.focus(); }
  });

  // Filters apply themselves. A date being typed waits for Enter or for the focus to leave.
  let typedDate = null;
  on("keydown", (event) => {
    if (event.target.matches("[data-autosubmit] input[type=date]")) typedDate = event.target;
  });
  on("pointerdown", (event) => { if (event.target === typedDate) typedDate = null; });
  const submitFilters = (field) => { if (field.form.checkValidity()) field.form.requestSubmit(); };
  on("change", (event) => {
    const field = event.target;
    if (!field.closest("form[data-autosubmit]") || field === typedDate) return;
    if (field.matches("select, [type=checkbox], [type=radio], [type=date]")) submitFilters(field);
  });
  on("focusout", (event) => {
    if (event.target !== typedDate) return;
    typedDate = null;
    if (event.target.value !== event.target.defaultValue) submitFilters(event.target);
  });
  // Addresses stay short: what is empty is not sent.
  on("submit", (event) => {
    const form = event.target;
    if (form.method !== "get" || form.hasAttribute("hx-get")) return;
    const empty = [...form.elements].filter((field) => field.name && !field.value && !field.disabled && field.type !== "submit");
    empty.forEach((field) => { field.disabled = true; });
    setTimeout(() => empty.forEach((field) => { field.disabled = false; }));
  });

  // A form with data-confirm="what will happen" asks once.
  const dialog = document.getElementById("confirm");
  on("submit", (event) => {
    const form = event.target;
    const words = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (!words || !dialog || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const yes = dialog.querySelector("[value=yes]");
    dialog.querySelector(".confirm-text").textContent = words;
    yes.textContent = form.dataset.confirmYes || yes.dataset.default;
    dialog.returnValue = "no";
    dialog.onclose = () => {
      if (dialog.returnValue !== "yes") return;
      form.dataset.confirmed = "1";
      form.requestSubmit(event.submitter);
      delete form.dataset.confirmed;
    };
    dialog.showModal();
  }, true);

  // What is sent is sent once: its buttons rest until the next page. A form that fetches a part of the page
  // or a file (data-download) leaves this page standing, and keeps them.
  const sent = new Set();
  const staysHere = (form, by) => [form, by].some((node) => node?.matches("[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete], [data-download], [target=_blank], [formtarget=_blank]")) || form.closest("[hx-boost=true]");
  const buttonsOf = (form) => [...form.elements].filter((field) => field.type === "submit" || field.type === "image");
  on("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post" || staysHere(form, event.submitter)) return;
    if (sent.has(form)) { event.preventDefault(); return; }
    sent.add(form);
    // Afterwards, so that the button's own value goes along.
    setTimeout(() => buttonsOf(form).filter((button) => !button.disabled).forEach((button) => {
      button.disabled = true;
      button.dataset.resting = "";
    }));
  });
  addEventListener("pageshow", () => {
    sent.clear();
    document.querySelectorAll("[data-resting]").forEach((button) => {
      button.disabled = false;
      delete button.dataset.resting;
    });
  });

  // Nothing typed is lost: leaving a changed form[data-guard] asks first.
  const dirty = new Set();
  on("input", (event) => {
    const form = event.target.closest("form[data-guard]");
    if (form) dirty.add(form);
  });
  on("submit", (event) => { if (!event.defaultPrevented) dirty.delete(event.target); });
  addEventListener("beforeunload", (event) => {
    if ([...dirty].some((form) => form.isConnected)) event.preventDefault();
  });

  // Tables: those that fit need no box of their own; headings with data-sort sort the rows in hand.
  const measure = (wrap) => wrap.classList.toggle("fits", wrap.firstElementChild.offsetWidth <= wrap.clientWidth + 1);
  const watch = new ResizeObserver((entries) => entries.forEach((entry) => measure(entry.target)));
  const keyOf = (row, column, kind) => {
    const cell = row.cells[column];
    const text = cell.dataset.value ?? cell.textContent.trim();
    return kind === "number" ? Number.parseFloat(text.replace(/[^0-9.+-]/g, "")) : text;
  };
  const sortBy = (heading) => {
    const body = heading.closest("table").tBodies[0];
    const up = heading.getAttribute("aria-sort") !== "ascending";
    const kind = heading.dataset.sort;
    const order = (a, b) => {
      if (kind !== "number") return a.localeCompare(b, document.documentElement.lang);
      return (Number.isNaN(a) ? -Infinity : a) - (Number.isNaN(b) ? -Infinity : b) || 0;
    };
    [...body.rows]
      .map((row) => [keyOf(row, heading.cellIndex, kind), row])
      .sort(([a], [b]) => (up ? order(a, b) : order(b, a)))
      .forEach(([, row]) => body.append(row));
    heading.parentElement.querySelectorAll("[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
  };
  on("click", (event) => {
    const button = event.target.closest("table[data-sortable] th[data-sort] button");
    if (button) sortBy(button.closest("th"));
  });
  const dress = (root) => {
    root.querySelectorAll(".table-wrap:not(.table-tall)").forEach((wrap) => watch.observe(wrap));
    root.querySelector("[data-focus]")?.focus();
  };
  dress(document);
  on("htmx:afterSwap", (event) => dress(event.target));

  // The drawer closes when the window grows, and is closed when a page comes back from the browser's memory.
  const closeDrawer = () => {
    const drawer = document.getElementById("sidebar");
    if (drawer?.classList.contains("show")) bootstrap.Offcanvas.getInstance(drawer)?.hide();
  };
  addEventListener("pageshow", (event) => { if (event.persisted) closeDrawer(); });
  matchMedia("(min-width: 992px)").addEventListener("change", closeDrawer);
})();
