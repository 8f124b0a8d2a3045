// Comfort only: every page works without this. Lights a span up beside its row, lets a site on the
// map be chosen, and zooms by the view box.
(() => {
  const map = document.getElementById("map");
  if (!map) return;
  for (const row of document.querySelectorAll("[data-span]")) {
    const span = document.getElementById(`s-${row.dataset.span}`);
    if (!span) continue;
    row.addEventListener("mouseenter", () => span.classList.add("lit"));
    row.addEventListener("mouseleave", () => span.classList.remove("lit"));
  }
  const [from, to] = ["from", "to"].map((id) => document.getElementById(id));
  for (const site of map.querySelectorAll("[data-site]")) {
    site.setAttribute("role", "button");
    site.addEventListener("click", () => {
      (from.value && site.classList.contains("cluster") ? to : from).value = site.dataset.site;
    });
  }
  const [, , width, height] = map.getAttribute("viewBox").split(" ").map(Number);
  let view = { x: 0, y: 0, w: width };
  const show = () => {
    view.w = Math.min(width, Math.max(width / 8, view.w));
    const h = (view.w * height) / width;
    view.x = Math.min(width - view.w, Math.max(0, view.x));
    view.y = Math.min(height - h, Math.max(0, view.y));
    map.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${h}`);
    map.classList.toggle("grab", view.w < width);
  };
  const zoom = (factor, x = 0.5, y = 0.5) => {
    const w = Math.min(width, Math.max(width / 8, view.w * factor));
    view.x += (view.w - w) * x;
    view.y += ((view.w - w) * y * height) / width;
    view.w = w;
    show();
  };
  const bar = document.createElement("div");
  bar.className = "zoom";
  const words = map.dataset;
  for (const [sign, name, act] of [
    ["+", words.in, () => zoom(0.7)],
    ["−", words.out, () => zoom(1 / 0.7)],
    ["⤢", words.whole, () => { view = { x: 0, y: 0, w: width }; show(); }],
  ]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", name);
    button.addEventListener("click", act);
    bar.append(button);
  }
  map.parentElement.append(bar);
  map.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && view.w === width) return; // the page scrolls until one zooms
    event.preventDefault();
    const box = map.getBoundingClientRect();
    zoom(event.deltaY > 0 ? 1.15 : 0.87, (event.clientX - box.x) / box.width, (event.clientY - box.y) / box.height);
  }, { passive: false });
  let held = null;
  map.addEventListener("pointerdown", (event) => {
    if (view.w < width) held = event;
  });
  addEventListener("pointerup", () => { held = null; });
  map.addEventListener("pointermove", (event) => {
    if (!held) return;
    const scale = view.w / map.getBoundingClientRect().width;
    view.x -= (event.clientX - held.clientX) * scale;
    view.y -= (event.clientY - held.clientY) * scale;
    held = event;
    show();
  });
})();
