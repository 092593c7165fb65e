/* Asks a security key for its answer, puts it into a hidden field and sends the form. Without this script the code is
   there. Nothing is fetched and nothing is kept. */
(function (w, d) {
  "use strict";
  var form = d.querySelector("form[data-security-key]");
  if (!form) return;
  var status = d.getElementById(form.getAttribute("data-status")), busy = false;
  var words = function (name) { return form.getAttribute("data-" + name); };

  function say(name, look) {
    status.textContent = "";
    if (!name) return;
    var line = d.createElement("p");
    line.className = "notice" + (look ? " " + look : "");
    line.textContent = words(name);
    status.appendChild(line);
  }
  function bytes(text) {
    var plain = w.atob(text.replace(/-/g, "+").replace(/_/g, "/")), found = new Uint8Array(plain.length);
    for (var i = 0; i < plain.length; i++) found[i] = plain.charCodeAt(i);
    return found;
  }
  function text(buffer) {
    var plain = "", all = new Uint8Array(buffer);
    for (var i = 0; i < all.length; i++) plain += String.fromCharCode(all[i]);
    return w.btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function wish() {
    var options = JSON.parse(words("options"));
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    (options.allowCredentials || options.excludeCredentials || []).forEach(function (key) { key.id = bytes(key.id); });
    return { publicKey: options };
  }
  function answer(key) {
    var told = { clientDataJSON: text(key.response.clientDataJSON) }, response = key.response;
    if (response.attestationObject) {
      told.attestationObject = text(response.attestationObject);
      told.transports = response.getTransports ? response.getTransports() : [];
    } else {
      told.authenticatorData = text(response.authenticatorData);
      told.signature = text(response.signature);
    }
    return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response: told });
  }
  /* Browsers say the same for "cancelled", "no such key here" and "too late"; the clock tells the last one apart. */
  function trouble(error, began) {
    var late = Date.now() - began > JSON.parse(words("options")).timeout - 2000;
    if (error.name === "InvalidStateError") return "known";
    if (error.name === "SecurityError" || error.name === "NotSupportedError") return "unable";
    return late ? "late" : "cancelled";
  }

  if (!w.PublicKeyCredential || !w.isSecureContext || !navigator.credentials) {
    say("unable", "soon");
    return;
  }
  form.hidden = false;
  form.addEventListener("submit", function (event) {
    var name = form.elements.label, began = Date.now();
    if (name && !name.value.trim()) return; /* the page says what is missing, before anybody looks for a key */
    event.preventDefault();
    if (busy) return;
    busy = true;
    say("waiting");
    navigator.credentials[words("security-key")](wish()).then(function (key) {
      form.elements.answer.value = answer(key);
      form.submit();
    }).catch(function (error) {
      busy = false;
      say(trouble(error, began), "soon");
    });
  });
})(window, document);
