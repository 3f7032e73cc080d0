// The board of grades: check a whole circle, mark a row whose grade was picked, keep the quota in view.
(() => {
  "use strict";
  const board = document.querySelector("[data-board]");
  if (!board) return;
  const left = document.querySelector("[data-quota-left]");

  const count = () => {
    if (!left || left.dataset.base === "") return;
    let used = 0;
    for (const pick of board.querySelectorAll(".grade-pick")) {
      used += (pick.value === "excellent") - (pick.dataset.was === "excellent");
    }
    const now = Number(left.dataset.base) - used;
    left.textContent = String(now);
    left.classList.toggle("over", now < 0);
  };

  board.addEventListener("change", (event) => {
    const field = event.target;
    if (field.matches("[data-check-all]")) {
      for (const box of field.closest("table").querySelectorAll("input[name=card]")) box.checked = field.checked;
    } else if (field.matches(".grade-pick")) {
      const box = field.closest("tr").querySelector("input[name=card]");
      if (box) box.checked = field.value !== field.dataset.was || box.checked;
      count();
    }
  });
  count();
})();
