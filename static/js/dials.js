// A slider and its number move together; the number is what is sent.
(() => {
  "use strict";
  const numberOf = (slider) => document.getElementById(slider.dataset.dial);
  document.addEventListener("input", (event) => {
    const slider = event.target.closest("[data-dial]");
    if (slider) {
      const number = numberOf(slider);
      number.value = slider.value;
      number.dispatchEvent(new Event("input", { bubbles: true }));
      return;
    }
    const number = event.target.closest("[data-dials] input[type=number]");
    const twin = number && document.querySelector(`[data-dial="${CSS.escape(number.id)}"]`);
    if (twin && number.value !== "") twin.value = number.value;
    if (number) number.closest(".dial").classList.toggle("dial-moved", Number(number.value) !== Number(number.dataset.stands));
  });
})();
