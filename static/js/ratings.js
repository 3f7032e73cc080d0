// The rater's page over scoregrid.js: words to pick instead of typing, the bar of what is done, and the next to rate.
(() => {
  "use strict";
  const root = document.querySelector("[data-ratings]");
  if (!root) return;
  const inputs = [...root.querySelectorAll("input[data-save-url]")];
  const pressed = (input) => root.querySelectorAll(`[data-for="${CSS.escape(input.id)}"]`).forEach((word) => {
    word.setAttribute("aria-pressed", String(word.dataset.rate === input.value));
  });
  const toNext = (from) => {
    const start = from ? inputs.indexOf(from) + 1 : 0;
    const next = [...inputs.slice(start), ...inputs.slice(0, start)].find((input) => input.value.trim() === "");
    if (!next) return;
    next.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    next.focus({ preventScroll: true });
  };
  root.addEventListener("click", (event) => {
    const word = event.target.closest("[data-rate]");
    if (word) {
      const input = document.getElementById(word.dataset.for);
      input.value = word.dataset.rate;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (event.target.closest("[data-rating-next]")) {
      toNext(document.activeElement.matches("input[data-save-url]") ? document.activeElement : null);
    }
  });
  root.addEventListener("change", (event) => { if (event.target.matches("input[data-save-url]")) pressed(event.target); });
  // scoregrid.js writes the count that the server answers with; the bar follows it.
  const count = root.querySelector("[data-total]"), bar = root.querySelector("[data-rating-bar]");
  new MutationObserver(() => { bar.value = Number(count.textContent) || 0; inputs.forEach(pressed); })
    .observe(count, { childList: true, characterData: true, subtree: true });
})();
