# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The script of the page of an audit: filters, order and copying. Without it the table is complete, and there are no filters."""

from __future__ import annotations

SCRIPT = """
(function () {
  "use strict";
  var table = document.getElementById("table");
  if (!table) { return; }
  var form = document.getElementById("filters"), body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows);
  var state = document.getElementById("by-state"), check = document.getElementById("by-check");
  var text = document.getElementById("by-text"), shown = document.getElementById("shown");
  var words = rows.map(function (row) { return (row.textContent + " " + row.dataset.tags + " " + row.id).toLowerCase(); });

  function filter() {
    var count = 0, sought = text.value.trim().toLowerCase();
    rows.forEach(function (row, number) {
      var fits = (!state.value || row.dataset.state === state.value)
        && (!check.value || row.dataset.checks.split(" ").indexOf(check.value) >= 0)
        && (!sought || words[number].indexOf(sought) >= 0);
      row.hidden = !fits;
      count += fits ? 1 : 0;
    });
    shown.textContent = "showing " + count + " of " + rows.length;
  }

  function sort(head) {
    var up = head.getAttribute("aria-sort") !== "ascending", column = Number(head.dataset.sort);
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (each) { each.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    var order = new Intl.Collator("en", { numeric: true });
    rows.slice().sort(function (one, other) {
      var found = order.compare(one.cells[column].dataset.key, other.cells[column].dataset.key);
      return (up ? found : -found) || rows.indexOf(one) - rows.indexOf(other);
    }).forEach(function (row) { body.appendChild(row); });
  }

  Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.textContent = "";
    head.appendChild(button);
    button.addEventListener("click", function () { sort(head); });
  });

  Array.prototype.forEach.call(document.querySelectorAll(".fix"), function (fix) {
    var button = document.createElement("button"), code = fix.querySelector("code");
    button.type = "button";
    button.textContent = "Copy";
    fix.querySelector("p").appendChild(document.createTextNode(" "));
    fix.querySelector("p").appendChild(button);
    button.addEventListener("click", function () {
      function select() {
        var range = document.createRange(), selection = window.getSelection();
        range.selectNodeContents(code);
        selection.removeAllRanges();
        selection.addRange(range);
        button.textContent = "Selected: copy it with the keyboard";
      }
      if (!navigator.clipboard) { select(); return; }
      navigator.clipboard.writeText(code.textContent).then(function () { button.textContent = "Copied"; }, select);
    });
  });

  function reveal() {
    var row = location.hash ? document.getElementById(location.hash.slice(1)) : null;
    if (row && row.parentNode === body) {
      if (row.hidden) { form.reset(); filter(); }
      Array.prototype.forEach.call(row.querySelectorAll("details"), function (each) { each.open = true; });
      row.scrollIntoView();
    }
  }

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () { setTimeout(filter, 0); });
  window.addEventListener("hashchange", reveal);
  window.addEventListener("beforeprint", function () {
    Array.prototype.forEach.call(document.querySelectorAll("details"), function (each) { each.open = true; });
  });
  filter();
  reveal();
}());
"""
