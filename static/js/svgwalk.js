// Arrow keys walk the links of a picture: svg a[data-row][data-col]. One tab stop a picture; Home and End go to the ends.
(() => {
  "use strict";
  const nodesOf = (svg) => [...svg.querySelectorAll("a[data-row][data-col]")];
  const row = (node) => Number(node.dataset.row);
  const col = (node) => Number(node.dataset.col);

  const rove = (svg, chosen) => {
    for (const node of nodesOf(svg)) node.setAttribute("tabindex", node === chosen ? "0" : "-1");
  };
  const prepare = (root) => root.querySelectorAll("svg").forEach((svg) => {
    const nodes = nodesOf(svg);
    if (!nodes.length) return;
    // An address may name a link (#fold-YZ): whoever folded a unit by keys goes on from there.
    const named = location.hash && nodes.find((node) => node.id && `#${node.id}` === location.hash);
    if (named) {
      rove(svg, named);
      named.focus();
    } else if (!nodes.some((node) => node.getAttribute("tabindex") === "0")) rove(svg, nodes[0]);
  });

  // Sideways: the next in the row. Up and down: in the nearest row, the one nearest by column;
  // what hangs under another column is passed by.
  const next = (nodes, from, key) => {
    const sorted = (list, far) => list.sort((a, b) => far(a) - far(b))[0];
    const away = (node) => Math.abs(col(node) - col(from));
    const sign = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
    if (key === "ArrowLeft" || key === "ArrowRight") {
      return sorted(nodes.filter((node) => row(node) === row(from) && sign * (col(node) - col(from)) > 0), away);
    }
    const passed = (node) => "under" in node.dataset && away(node) > 2;
    const beyond = nodes.filter((node) => sign * (row(node) - row(from)) > 0 && !passed(node));
    if (!beyond.length) return undefined;
    const nearest = Math.min(...beyond.map((node) => Math.abs(row(node) - row(from))));
    return sorted(beyond.filter((node) => Math.abs(row(node) - row(from)) === nearest), away);
  };

  document.addEventListener("keydown", (event) => {
    const from = event.target.closest?.("svg a[data-row][data-col]");
    if (!from || event.ctrlKey || event.metaKey || event.altKey) return;
    const nodes = nodesOf(from.ownerSVGElement);
    let to;
    if (event.key.startsWith("Arrow")) to = next(nodes, from, event.key);
    else if (event.key === "Home") to = nodes[0];
    else if (event.key === "End") to = nodes.at(-1);
    else return;
    event.preventDefault();
    if (!to) return;
    rove(from.ownerSVGElement, to);
    to.focus();
    to.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  document.addEventListener("focusin", (event) => {
    const node = event.target.closest?.("svg a[data-row][data-col]");
    if (node) rove(node.ownerSVGElement, node);
  });
  document.addEventListener("htmx:afterSwap", (event) => prepare(event.target));
  prepare(document);
})();
