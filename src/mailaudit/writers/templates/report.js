"use strict";
// Sorts tables by the column whose head is pressed, and hides rows without the text looked for. Only reads text, never makes HTML of it.
(function () {
  var tables = Array.prototype.slice.call(document.querySelectorAll("table.data"));
  function key(row, at) {
    var cell = row.cells[at], text = cell.hasAttribute("data-k") ? cell.getAttribute("data-k") : cell.textContent;
    return cell.classList.contains("n") ? (text === "" ? -Infinity : parseFloat(text)) : text.toLowerCase();
  }
  function sort(table, at, down) {
    var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows).map(function (row) { return [key(row, at), row]; });
    rows.sort(function (a, b) { return (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0) * (down ? -1 : 1); });
    rows.forEach(function (pair) { body.appendChild(pair[1]); });
  }
  tables.forEach(function (table) {
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    heads.forEach(function (head, at) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () {
        var was = head.getAttribute("aria-sort"), down = was ? was === "ascending" : head.classList.contains("n");
        heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort(table, at, down);
      });
    });
  });
  var found = tables.filter(function (table) { return table.classList.contains("find"); });
  var box = document.getElementById("filter"), told = document.getElementById("filtered");
  if (found.length) { document.querySelector(".filter").hidden = false; }
  box.addEventListener("input", function () {
    var wanted = box.value.trim().toLowerCase(), shown = 0, all = 0;
    found.forEach(function (table) {
      Array.prototype.forEach.call(table.tBodies[0].rows, function (row) {
        var hit = !wanted || row.textContent.toLowerCase().indexOf(wanted) >= 0;
        row.hidden = !hit;
        all += 1;
        shown += hit ? 1 : 0;
      });
    });
    told.textContent = wanted ? shown + " of " + all + " rows" : "";
  });
})();
