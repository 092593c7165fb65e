// Hints while writing, and a canned answer into its box. An extra: every page works without it.
// The text goes to our own server, which looks at it and keeps nothing.
(() => {
  "use strict";
  const PAUSE = 900; // milliseconds without a key before the server is asked
  const root = document.documentElement;

  async function look(area, place, token) {
    if (area.value.trim().length < 4) return place.replaceChildren();
    const asked = area.value;
    const body = new URLSearchParams({ text: asked, csrfmiddlewaretoken: token, ukur: area.dataset.measure || "" });
    try {
      const answer = await fetch(place.dataset.ask, {
        method: "POST", body, redirect: "error", headers: { "X-Requested-With": "hints" },
      });
      if (!answer.ok || area.value !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (page.body.textContent.trim() !== place.textContent.trim()) place.replaceChildren(...page.body.childNodes);
    } catch { /* no connection, or signed out: the form itself says so when it is sent */ }
  }

  function watch(area) {
    const place = area.closest(".field").querySelector(".hints[data-ask]");
    const token = area.form && area.form.elements.csrfmiddlewaretoken;
    if (!place || !token) return;
    let timer = 0;
    area.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(look, PAUSE, area, place, token.value);
    });
    if (area.dataset.measure && area.value && !place.textContent.trim()) look(area, place, token.value);
  }

  function choose(box) {
    const form = box.closest("form"), area = form.elements.text;
    const list = box.querySelector("select"), other = box.querySelector(".other-language"), said = box.querySelector(".used");
    const button = box.querySelector("button");
    button.addEventListener("click", async (event) => {
      event.preventDefault();
      const option = list.selectedOptions[0];
      if (!list.value) return list.focus();
      try {
        const answer = await fetch(option.dataset.text, { redirect: "error" });
        if (!answer.ok) throw new Error("refused");
        const texts = await answer.json(), own = area.value.trimEnd();
        const text = texts[box.dataset.language];
        area.value = own ? `${own}\n\n${text}` : text;
        form.elements.canned.value = texts.code;
        other.hidden = false;
        other.querySelector(".quote").textContent = texts[box.dataset.language === "en" ? "id" : "en"];
        said.textContent = box.dataset.said;
        area.focus();
        area.dispatchEvent(new Event("input", { bubbles: true }));
      } catch { form.requestSubmit(button); } // the way without script
    });
  }

  root.classList.add("scripted");
  document.querySelectorAll("textarea[data-hints]").forEach(watch);
  document.querySelectorAll(".choose-answer").forEach(choose);
})();
