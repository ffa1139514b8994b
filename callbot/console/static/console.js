"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  /* Board: the fragment is fetched every few seconds; focus, scroll and opened groups stay where they are. */
  const board = $("#board");
  if (board) {
    const live = $("#live");
    const every = Number(board.dataset.every) * 1000;
    let shown = board.innerHTML;
    let failures = 0;
    const keyOf = (node) => node && node.closest ? node.closest("[data-key]")?.dataset.key : undefined;
    const put = (html) => {
      if (html === shown) return;
      const focused = keyOf(document.activeElement);
      const open = new Map($$("details[id]", board).map((d) => [d.id, d.open]));
      board.innerHTML = html;
      shown = html;
      for (const [id, was] of open) { const d = document.getElementById(id); if (d) d.open = was; }
      if (focused) $(`[data-key="${CSS.escape(focused)}"]`, board)?.focus({ preventScroll: true });
    };
    const refresh = async () => {
      if (document.hidden) return;
      try {
        const response = await fetch(board.dataset.src, { headers: { Accept: "text/html" }, redirect: "manual" });
        if (response.status === 401) { location.reload(); return; }
        if (!response.ok) throw new Error(String(response.status));
        put(await response.text());
        failures = 0;
        live.classList.remove("stale");
        live.textContent = `${response.headers.get("X-As-Of")} 기준 · 자동 새로 고침`;
      } catch {
        failures += 1;
        if (failures >= 2) { live.classList.add("stale"); live.textContent = "연결이 끊겼습니다. 화면이 오래된 것일 수 있습니다."; }
      }
    };
    setInterval(refresh, every);
    document.addEventListener("visibilitychange", refresh);
  }

  /* j / k move along the rows, Enter opens (a link's own behaviour). */
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (event.key !== "j" && event.key !== "k") return;
    const rows = $$("[data-row]").filter((row) => row.offsetParent !== null);
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement);
    const to = event.key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0);
    rows[to].focus();
    event.preventDefault();
  });

  /* Recording: a quote or a turn plays from its own place. */
  const audio = $("#recording");
  if (audio) {
    const turns = $$("[data-at]").filter((node) => node.closest(".turn"));
    const playFrom = (seconds) => {
      const go = () => { audio.currentTime = seconds; audio.play().catch(() => {}); };
      if (audio.readyState >= 1) go();
      else { audio.addEventListener("loadedmetadata", go, { once: true }); audio.load(); }
    };
    document.addEventListener("click", (event) => {
      const place = event.target.closest("[data-at]");
      if (place) playFrom(Math.max(0, Number(place.dataset.at) - 0.3));
      const jump = event.target.closest("[data-jump]");
      if (jump) audio.currentTime = Math.max(0, audio.currentTime + Number(jump.dataset.jump));
      const rate = event.target.closest("[data-rate]");
      if (rate) {
        audio.playbackRate = Number(rate.dataset.rate);
        $$("[data-rate]").forEach((b) => b.setAttribute("aria-pressed", String(b === rate)));
      }
    });
    audio.addEventListener("timeupdate", () => {
      let current = null;
      for (const node of turns) if (Number(node.dataset.at) <= audio.currentTime + 0.35) current = node;
      turns.forEach((node) => node.closest(".turn").classList.toggle("now", node === current && !audio.paused));
    });
    audio.addEventListener("error", () => { const line = $("#recording-error"); if (line) line.hidden = false; });
  }

  /* A form is sent once, however often its button is pressed. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  window.addEventListener("pageshow", () => $$("form").forEach((form) => { delete form.dataset.sent; }));

  /* Some outcomes need a note: say so before the server does. */
  const closing = $("#close-form");
  if (closing) {
    const note = $("#note", closing);
    const help = $("#note-help", closing);
    const mind = () => {
      const chosen = $("input[name=outcome]:checked", closing);
      const needed = Boolean(chosen && "note" in chosen.dataset);
      note.required = needed;
      const holds = Boolean(chosen && "hold" in chosen.dataset);
      $("#hold-note", closing).hidden = !holds;
      help.textContent = needed ? "이 결과는 내용을 꼭 적어야 합니다." : "본 것과 한 일을 짧게 적어 주세요.";
    };
    closing.addEventListener("change", mind);
    mind();
  }

  /* SMS text: bytes and preview are counted by the server, as the provider counts them. */
  const text = $("#text-form");
  if (text) {
    const box = $("#text", text);
    const put = (id, value) => { $(id).textContent = value; };
    const list = (id, lines) => $(id).replaceChildren(...lines.map((line) => { const li = document.createElement("li"); li.textContent = line; return li; }));
    let waiting = 0;
    const count = async () => {
      const mine = ++waiting;
      const body = new URLSearchParams({ csrf_token: $("[name=csrf_token]", text).value, text: box.value });
      const response = await fetch(text.dataset.check, { method: "POST", body });
      if (!response.ok || mine !== waiting) return;
      const checked = await response.json();
      put("#usual", checked.usual); put("#usual-bytes", checked.usual_bytes);
      put("#longest", checked.longest); put("#longest-bytes", checked.longest_bytes);
      $("#longest-bytes").classList.toggle("over", checked.longest_bytes > Number($("#longest-bytes").dataset.limit));
      list("#problems", checked.problems); list("#remarks", checked.remarks);
    };
    let timer = 0;
    box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => count().catch(() => {}), 200); });
  }

  /* Ladder form: fields that a rung's action does not use are out of the way. */
  for (const rung of $$("[data-rung]")) {
    const choose = $("[data-do]", rung);
    const mind = () => {
      const calls = ["call_again", "other_number", "contact"].includes(choose.value);
      $$("[data-call]", rung).forEach((part) => { part.hidden = !calls; });
      $$("[data-again]", rung).forEach((part) => { part.hidden = choose.value !== "call_again"; });
      $$("[data-contact]", rung).forEach((part) => { part.hidden = choose.value !== "contact"; });
    };
    choose.addEventListener("change", mind);
    mind();
  }
})();
