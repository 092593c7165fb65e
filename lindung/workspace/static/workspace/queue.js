/* Keys for the inbox: j, k, o, Enter, x, c, /, ?. They work only while the focus is on a row (WCAG 2.1.4), so typing and
   speech input elsewhere never set anything off. Everything they do can be done without them. */
(function () {
  "use strict";
  var list = document.querySelector("[data-queue]");
  var rows = list ? Array.prototype.slice.call(list.querySelectorAll("tr[data-row]")) : [];
  if (!rows.length) { return; }
  var keys = list.querySelector("[data-keys]"), help = list.querySelector("[data-keys-help]");
  var start = list.querySelector("[data-keys-start]");
  var at = 0;

  function stand(number) {
    rows[at].tabIndex = -1;
    at = Math.max(0, Math.min(rows.length - 1, number));
    rows[at].tabIndex = 0;
    rows[at].focus();
    rows[at].scrollIntoView({ block: "nearest" });
  }

  function showHelp(on) {
    help.hidden = !on;
    start.setAttribute("aria-expanded", String(on));
  }

  var act = {
    j: function () { stand(at + 1); },
    k: function () { stand(at - 1); },
    o: function (row) { row.querySelector("a.ref").click(); },
    x: function (row) {
      var box = row.querySelector("input[type=checkbox]");
      if (box) { box.checked = !box.checked; }
    },
    c: function (row) {
      var claim = row.querySelector("td.act form");
      if (claim) { claim.requestSubmit(); }
    },
    "/": function () {
      var sift = document.getElementById("saring");
      sift.open = true;
      sift.querySelector("form.filters select").focus();
    },
    "?": function () { showHelp(help.hidden); },
    Escape: function () { showHelp(false); }
  };
  act.Enter = act.o;

  rows.forEach(function (row, number) {
    row.tabIndex = number ? -1 : 0;
    row.addEventListener("focus", function () { rows[at].tabIndex = -1; at = number; row.tabIndex = 0; });
  });
  list.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== rows[at]) { return; }
    var todo = Object.prototype.hasOwnProperty.call(act, event.key) ? act[event.key] : null;
    if (todo) { event.preventDefault(); todo(rows[at]); }
  });
  start.addEventListener("click", function () {
    var on = help.hidden;
    showHelp(on);
    if (on) { stand(at); }
  });
  start.setAttribute("aria-expanded", "false");
  keys.hidden = false;
})();
