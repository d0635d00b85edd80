# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The style of the page of an audit: light, dark, narrow and print. A state has a colour, a shape and a word, never a colour alone."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #ffffff; --raised: #f6f7f9; --ink: #1b1f24; --soft: #4d5661; --edge: #c9d0d8; --link: #0b57a8;
  --failed: #b3150f; --failed-ground: #fdecea; --unknown: #59636e; --unknown-ground: #eceff2;
  --warning: #8a5a00; --warning-ground: #fff5dc; --private: #1a6e33; --private-ground: #e9f6ec; --sign: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b; --raised: #1d2127; --ink: #e8ebee; --soft: #aeb7c1; --edge: #414a55; --link: #8cc2ff;
    --failed: #ff8a80; --failed-ground: #3a1715; --unknown: #b4bdc7; --unknown-ground: #2a3037;
    --warning: #f2c14e; --warning-ground: #342910; --private: #79d18d; --private-ground: #14301c; --sign: #14171b;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.25rem; max-width: 100rem; background: var(--ground); color: var(--ink);
  font: 0.9375rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
.defs { position: absolute; }
h1 { font-size: 1.6rem; margin: 0 0 0.2rem; line-height: 1.2; }
h2 { font-size: 1.25rem; margin: 2rem 0 0.6rem; }
h3 { font-size: 1rem; margin: 1rem 0 0.3rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.about, .small, footer { color: var(--soft); }
.about { margin: 0 0 0.9rem; }
.small { font-size: 0.8125rem; }
footer { margin-top: 2.5rem; border-top: 1px solid var(--edge); font-size: 0.8125rem; }
code, pre { font-family: ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", monospace; font-size: 0.8125rem; }

.mark { width: 1.05em; height: 1.05em; vertical-align: -0.16em; flex: none; }
.sign { fill: none; stroke: var(--sign); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
symbol .failed { fill: var(--failed); } symbol .unknown { fill: var(--unknown); }
symbol .warning { fill: var(--warning); } symbol .private { fill: var(--private); }

.headline { font-size: 1.2rem; padding: 0.6rem 0.9rem; border-left: 6px solid; border-radius: 4px; margin: 0 0 0.8rem; }
.headline.failed { border-color: var(--failed); background: var(--failed-ground); }
.headline.unknown { border-color: var(--unknown); background: var(--unknown-ground); }
.headline.warning { border-color: var(--warning); background: var(--warning-ground); }
.headline.private { border-color: var(--private); background: var(--private-ground); }
.bar { display: block; width: 100%; height: 14px; border-radius: 7px; margin: 0 0 0.8rem; }
.bar .failed { fill: var(--failed); } .bar .unknown { fill: var(--unknown); }
.bar .warning { fill: var(--warning); } .bar .private { fill: var(--private); }
.cards { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.6rem; }
.card { border: 1px solid var(--edge); border-radius: 6px; background: var(--raised); padding: 0.45rem 0.8rem; min-width: 8rem; }
.card .number { display: block; font-size: 1.5rem; font-weight: 700; line-height: 1.2; font-variant-numeric: tabular-nums; }
.card .what { color: var(--soft); font-size: 0.8125rem; }
nav { margin-top: 0.9rem; display: flex; flex-wrap: wrap; gap: 0.3rem 1rem; }
.changes { margin: 0; padding-left: 1.2rem; }

.legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1.1rem; margin: 0 0 0.6rem; }
.sample { width: 40px; height: 10px; vertical-align: middle; }
.scroll { overflow-x: auto; border: 1px solid var(--edge); border-radius: 6px; }
.topology { display: block; margin: 0 auto; min-width: 60rem; max-width: 100%; height: auto; background: var(--ground); }
.topology text { fill: var(--ink); font-size: 12px; }
.topology .head, .topology .strong { font-weight: 600; }
.topology .head, .topology .small { fill: var(--soft); }
.topology .small { font-size: 11px; }
.topology a text { text-decoration: underline; fill: var(--link); }
.box rect { fill: var(--raised); stroke: var(--edge); stroke-width: 1; }
.box.network rect, .box.endpoint rect, .box.none rect { fill: var(--ground); }
.box.none rect, .box.more rect { stroke-dasharray: 5 4; }
.box.subnet rect { fill: var(--raised); }
.box.vault.private rect, .box.group.private rect { stroke: var(--private); fill: var(--private-ground); }
.box.failed rect { stroke: var(--failed); fill: var(--failed-ground); stroke-width: 2.5; }
.box.unknown rect { stroke: var(--unknown); fill: var(--unknown-ground); stroke-width: 2; stroke-dasharray: 2 3; }
.box.warning rect { stroke: var(--warning); fill: var(--warning-ground); stroke-width: 2; }
.line { fill: none; stroke-width: 2; stroke: var(--private); }
.line.link { stroke-width: 1.5; stroke: var(--soft); }
.line.failed { stroke: var(--failed); stroke-width: 3; stroke-dasharray: 9 6; }
.line.unknown { stroke: var(--unknown); stroke-dasharray: 2 5; }
.line.warning { stroke: var(--warning); stroke-width: 2.5; stroke-dasharray: 12 4; }
.label text { text-anchor: middle; font-size: 11px; font-weight: 600; paint-order: stroke; stroke: var(--ground); stroke-width: 4px; }

#filters { display: flex; flex-wrap: wrap; gap: 0.6rem 1rem; align-items: center; margin: 0 0 0.7rem; }
#filters[hidden] { display: none; }
#filters label { min-width: 0; max-width: 100%; }
select, input, button { font: inherit; color: var(--ink); background: var(--raised); border: 1px solid var(--soft); border-radius: 5px;
  padding: 0.25rem 0.5rem; max-width: min(100%, 24rem); }
button { cursor: pointer; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--soft); padding: 0.5rem 0.7rem; }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 0.7rem; border-top: 1px solid var(--edge); }
thead th { background: var(--raised); vertical-align: bottom; }
thead button { border: 0; background: none; padding: 0; font-weight: 700; text-align: left; }
thead button::after { content: " \\2195"; color: var(--soft); }
th[aria-sort="ascending"] button::after { content: " \\2191"; } th[aria-sort="descending"] button::after { content: " \\2193"; }
tbody th { font-weight: 400; } .name { font-weight: 600; }
td .small, th .small, .part .small { display: block; }
.part + .part { margin-top: 0.4rem; }
.state { font-weight: 600; }
#table tr.failed > :first-child { border-left: 5px solid var(--failed); }
#table tr.unknown > :first-child { border-left: 5px dotted var(--unknown); }
#table tr.warning > :first-child { border-left: 5px double var(--warning); }
#table tr.private > :first-child { border-left: 5px solid transparent; }
#table tr:target { background: var(--warning-ground); }
tr[hidden] { display: none; }
.count { font-variant-numeric: tabular-nums; white-space: nowrap; }
details { border-radius: 4px; margin: 0 0 0.3rem; }
summary { cursor: pointer; }
.severity { font-weight: 600; } details.failed .severity { color: var(--failed); } details.warning .severity { color: var(--warning); }
.finding { padding: 0.1rem 0.6rem 0.4rem; margin: 0.2rem 0 0.4rem 0.4rem; border-left: 3px solid var(--edge); }
.finding p { margin: 0.3rem 0; }
.ids { margin: 0.3rem 0; padding-left: 1.1rem; }
pre { margin: 0.2rem 0; padding: 0.6rem; max-width: 44rem; white-space: pre-wrap;
  background: var(--raised); border: 1px solid var(--edge); border-radius: 4px; }

@media screen and (min-width: 56rem) {
  #table td:nth-child(1) { min-width: 7.5rem; } #table tbody th { min-width: 9.5rem; } #table td:nth-child(3) { min-width: 11rem; }
  #table td:nth-child(4) { min-width: 7rem; } #table td:nth-child(5) { min-width: 14.8rem; }
  #table td:nth-child(6) { min-width: 9rem; } #table td:last-child { min-width: 18rem; }
}
@media screen and (max-width: 56rem) {
  body { padding: 0.8rem; }
  #table, #table tbody, #table tr, #table td, #table tbody th, #table caption { display: block; width: auto; }
  #table thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  #table tr { border-top: 2px solid var(--edge); padding: 0.3rem 0; }
  #table tr > * { border: 0; padding: 0.25rem 0.7rem; min-width: 0; }
  #table tr > :first-child { border-left: 0; }
  #table tr.failed { border-left: 5px solid var(--failed); } #table tr.unknown { border-left: 5px dotted var(--unknown); }
  #table tr.warning { border-left: 5px double var(--warning); }
  #table td::before { content: attr(data-label) ": "; font-weight: 600; color: var(--soft); }
  #table tr[hidden] { display: none; }
}
@media print {
  :root {
    color-scheme: light;
    --ground: #ffffff; --raised: #ffffff; --ink: #000000; --soft: #333333; --edge: #999999; --link: #000000;
    --failed: #b3150f; --failed-ground: #fdecea; --unknown: #59636e; --unknown-ground: #eceff2;
    --warning: #8a5a00; --warning-ground: #fff5dc; --private: #1a6e33; --private-ground: #e9f6ec; --sign: #ffffff;
  }
  @page { size: A4 landscape; margin: 12mm; }
  body { padding: 0; max-width: none; font-size: 8.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav, #filters, .fix button { display: none; }
  .scroll { overflow: visible; border: 0; }
  .topology { min-width: 0; width: 100%; }
  tr, li, .finding, details { break-inside: avoid; }
  thead { display: table-header-group; }
  thead button::after { content: ""; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  #table td:last-child { width: 34%; }
}
@media (forced-colors: active) {
  .line, .sign, .box rect { stroke: CanvasText; } .card, .headline { border: 1px solid CanvasText; }
}
"""
