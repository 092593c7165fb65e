// Reads a CSV file in the browser into the box of pasted cells. An extra: pasting works without it, and no file is sent.
(() => {
  "use strict";
  const MOST = 950000; // bytes of the whole form on its way; the server takes a million
  const line = document.querySelector(".pick-file"), area = document.querySelector("textarea.cells");
  if (!line || !area || !("arrayBuffer" in Blob.prototype)) return;
  line.hidden = false;
  const said = line.querySelector("[role=status]");
  line.querySelector("input").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    event.target.value = ""; // the form itself never holds a file
    said.textContent = "";
    if (!file) return;
    if (file.size > MOST) { said.textContent = line.dataset.tooBig; return; }
    const bytes = new Uint8Array(await file.arrayBuffer());
    const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    if (!wide && bytes.includes(0)) { said.textContent = line.dataset.notText; return; }
    // Broken letters become U+FFFD, which the dry run names by row and column.
    const text = new TextDecoder(wide ? (bytes[0] === 0xff ? "utf-16le" : "utf-16be") : "utf-8").decode(bytes);
    if (new URLSearchParams({ cells: text }).toString().length > MOST) { said.textContent = line.dataset.tooBig; return; }
    area.value = text;
    said.textContent = file.name;
    area.focus();
  });
})();
