"use strict";
(() => {
  const root = document.documentElement, run = root.dataset.run;
  const one = (id) => document.getElementById(id);
  const cards = [...document.querySelectorAll(".advert")];
  const say = (text) => { one("status").textContent = text; };

  /* Decisions live in the browser's storage; where it is refused, in this page only. */
  const key = "platelight-audit-" + run;
  let memory = {};
  const decisions = () => { try { return JSON.parse(localStorage.getItem(key) || "{}"); } catch { return memory; } };
  const keep = (all) => { memory = all; try { localStorage.setItem(key, JSON.stringify(all)); } catch { /* kept in memory */ } };

  const setPlates = (card, shown) => {
    card.dataset.plates = shown ? "shown" : "hidden";
    for (const part of card.querySelectorAll(".secret")) part.toggleAttribute("hidden", !shown);
    for (const part of card.querySelectorAll(".mask")) part.hidden = shown;
    const button = card.querySelector(".reveal");
    if (button) { button.setAttribute("aria-pressed", shown); button.textContent = shown ? "Hide plate" : "Show plate"; }
  };
  const setAll = (shown) => {
    for (const card of cards) setPlates(card, shown);
    const button = one("plates");
    if (button) { button.setAttribute("aria-pressed", shown); button.textContent = shown ? "Hide plates" : "Show plates"; }
  };

  const paint = (card, decision) => {
    card.classList.toggle("decided", Boolean(decision));
    for (const button of card.querySelectorAll("[data-decide]")) button.setAttribute("aria-pressed", button.dataset.decide === decision);
  };
  const decide = (card, decision) => {
    const all = decisions(), id = card.dataset.id;
    if (all[id]?.decision === decision) delete all[id];
    else all[id] = { decision, verdict: card.dataset.verdict, at: new Date().toISOString() };
    keep(all);
    paint(card, all[id]?.decision);
    say(all[id] ? `${id}: ${decision}` : `${id}: no decision`);
  };

  const filter = () => {
    const words = one("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const differs = one("differs").value, state = one("state").value, all = decisions();
    let count = 0;
    for (const card of cards) {
      const decision = all[card.dataset.id]?.decision;
      const fits = words.every((word) => card.dataset.search.includes(word))
        && (!differs || card.dataset.differs.split(" ").includes(differs))
        && (!state || (state === "open" ? !decision : decision === state));
      card.hidden = !fits;
      count += fits;
    }
    one("count").textContent = `${count} of ${cards.length} on this page`;
    one("none").hidden = count > 0;
  };

  const save = () => {
    const cell = (text) => '"' + (/^[=+\-@\t\r]/.test(text) ? "'" : "") + String(text).replaceAll('"', '""') + '"';
    const rows = Object.entries(decisions()).map(([id, item]) => [id, item.verdict, item.decision, item.at].map(cell).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([["id,verdict,decision,at", ...rows].join("\n") + "\n"], { type: "text/csv" }));
    link.download = "decisions.csv";
    link.click();
    URL.revokeObjectURL(link.href);
    say(`${rows.length} decisions saved`);
  };

  let current = null;
  const visible = () => cards.filter((card) => !card.hidden);
  const go = (step) => {
    const all = visible(), at = all.indexOf(current);
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
    if (next) { next.focus({ preventScroll: true }); next.scrollIntoView({ block: "start" }); }
  };
  const typing = (target) => target.matches("input, select, textarea");

  if (cards.length) {
    const saved = decisions();
    for (const card of cards) {
      paint(card, saved[card.dataset.id]?.decision);
      card.addEventListener("focusin", () => { current = card; });
      card.querySelector(".reveal")?.addEventListener("click", () => setPlates(card, card.dataset.plates !== "shown"));
      for (const button of card.querySelectorAll("[data-decide]")) button.addEventListener("click", () => decide(card, button.dataset.decide));
    }
    for (const id of ["search", "differs", "state"]) one(id).addEventListener("input", filter);
    one("plates")?.addEventListener("click", (event) => setAll(event.target.getAttribute("aria-pressed") !== "true"));
    one("save").addEventListener("click", save);
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (typing(event.target)) { if (event.key === "Escape") event.target.blur(); return; }
      const decision = { a: "agree", d: "disagree", l: "later" }[event.key];
      if (event.key === "j") go(1);
      else if (event.key === "k") go(-1);
      else if (event.key === "/") { one("search").focus(); event.preventDefault(); }
      else if (event.key === "P") one("plates")?.click();
      else if (event.key === "p" && current) current.querySelector(".reveal")?.click();
      else if (decision && current) decide(current, decision);
    });
    setAll(false);
    filter();
  }

  /* The overview: a list of all adverts, of which the first matches are shown. */
  const data = one("adverts");
  if (data) {
    const adverts = JSON.parse(data.textContent), most = 200;
    const add = (row, tag, text, link) => {
      const cell = row.appendChild(document.createElement(tag));
      const place = link ? cell.appendChild(document.createElement("a")) : cell;
      if (link) place.href = link;
      place.textContent = text;
    };
    const list = () => {
      const words = one("find").value.toLowerCase().split(/\s+/).filter(Boolean), verdict = one("verdict").value;
      const fits = adverts.filter((item) => (!verdict || item.v === verdict) && words.every((word) => item.s.includes(word)));
      const body = one("rows");
      body.replaceChildren();
      for (const item of fits.slice(0, most)) {
        const row = body.appendChild(document.createElement("tr"));
        add(row, "th", item.i, item.p);
        add(row, "td", item.n);
        add(row, "td", item.c);
        add(row, "td", item.r);
      }
      const total = `${fits.length.toLocaleString("en")} ${fits.length === 1 ? "advert" : "adverts"}`;
      one("found").textContent = fits.length > most ? `${total}, the first ${most} shown` : total;
    };
    for (const id of ["find", "verdict"]) one(id).addEventListener("input", list);
    list();
  }
})();
