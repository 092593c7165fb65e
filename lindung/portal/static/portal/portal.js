/* An extra: everything works without it. Leaves at one tap or three Esc, also offline; shows no page out of memory. */
(function (w, d) {
  "use strict";
  var exit = d.getElementById("exit"), esc = [], root = d.documentElement;
  root.className += " js";
  function leave(event) {
    if (event) event.preventDefault();
    try {
      fetch(exit.href, { keepalive: true, redirect: "manual", credentials: "same-origin" }).catch(function () {});
    } catch (ignored) { /* old browser */ }
    /* Half of the key: without it nobody opens what was written, even if the line is dead. */
    d.cookie = "b=;path=/;max-age=0;samesite=strict" + (location.protocol === "https:" ? ";secure" : "");
    d.title = exit.getAttribute("data-title");
    d.body.textContent = "";
    location.replace(exit.getAttribute("data-to"));
  }
  if (exit) {
    exit.addEventListener("click", leave);
    d.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" && event.key !== "Esc") { esc = []; return; }
      var now = Date.now();
      esc = esc.filter(function (t) { return now - t < 2000; });
      if (esc.push(now) > 2) leave(event);
    });
  }
  w.addEventListener("pageshow", function (event) {
    if (event.persisted) { root.hidden = true; d.body.textContent = ""; location.reload(); }
  });
})(window, document);
