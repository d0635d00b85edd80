# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The markup of the page of an audit. Jinja2 escapes every value; only the constants of this folder are inserted as they are.

It is text in Python because Ansible copies nothing but Python to a module process.
"""

from __future__ import annotations

MACROS = """\
{% macro mark(state) %}<svg class="mark" aria-hidden="true" focusable="false"><use href="#m-{{ state }}"/></svg>{% endmacro %}
"""

PAGE = """\
{% from "macros" import mark %}\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="privatelink.azure.keyvault_audit">
<meta name="audit-time" content="{{ audit.time }}">
<title>{{ audit.title }}</title>
<style>{{ style | safe }}</style>
</head>
<body>
{% include "marks" %}
<header>
<h1><bdi>{{ audit.title }}</bdi></h1>
<p class="about">{{ about }} · <time datetime="{{ audit.time }}">{{ time_words }}</time></p>
<p class="headline {{ headline.state }}">{{ mark(headline.state) }} <strong>{{ headline.words }}</strong></p>
{% if bar %}
<svg class="bar" viewBox="0 0 1000 14" preserveAspectRatio="none" aria-hidden="true" focusable="false">
{% for part in bar %}
<rect class="{{ part.state }}" x="{{ part.x }}" y="0" width="{{ part.width }}" height="14"/>
{% endfor %}
</svg>
{% endif %}
<ul class="cards" aria-label="Summary">
{% for card in cards %}
<li class="card {{ card.state }}">\
<span class="number">{{ mark(card.state) if card.number }} {{ card.number }}</span> \
<span class="what">{{ card.what }}</span></li>
{% endfor %}
</ul>
<nav aria-label="On this page"><a href="#vaults">Key vaults</a>{% if drawing %} <a href="#topology">Topology</a>{% endif %}\
{% if comparison %} <a href="#changes">Changes</a>{% endif %} <a href="#checks">Checks</a></nav>
</header>
<main>
{% include "changes" %}
{% include "topology" %}
{% include "vaults" %}
{% include "checks" %}
</main>
<footer>
<p>Made by privatelink.azure.keyvault_audit from what Azure Resource Manager returned at \
<time datetime="{{ audit.time }}">{{ time_words }}</time>. \
All times are UTC. This page loads nothing from anywhere.</p>
</footer>
<script>{{ script | safe }}</script>
</body>
</html>
"""

MARKS = """\
<svg class="defs" width="0" height="0" aria-hidden="true" focusable="false">
<symbol id="m-failed" viewBox="0 0 16 16"><path class="failed" d="M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5z"/>\
<path class="sign" d="M5 5l6 6M11 5l-6 6"/></symbol>
<symbol id="m-unknown" viewBox="0 0 16 16"><rect class="unknown" x="1" y="1" width="14" height="14" rx="2"/>\
<path class="sign" d="M5.5 6a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .7-1 1.5M8 12v.6"/></symbol>
<symbol id="m-warning" viewBox="0 0 16 16"><path class="warning" d="M8 .8L15.7 15H.3z"/><path class="sign" d="M8 6v4.2M8 12.2v.8"/></symbol>
<symbol id="m-private" viewBox="0 0 16 16"><circle class="private" cx="8" cy="8" r="7.5"/>\
<path class="sign" d="M4.5 8.3l2.5 2.5 4.5-5"/></symbol>
</svg>
"""

CHANGES = """\
{% from "macros" import mark %}
{% if comparison %}
<section id="changes" aria-labelledby="changes-head">
<h2 id="changes-head">Changes since {{ comparison.since }}</h2>
{% if not comparison.lists %}
<p>No vault is new, gone, better or worse.</p>
{% endif %}
{% for list in comparison.lists %}
<h3>{{ list.words }}: {{ list.vaults | length }}</h3>
<ul class="changes">
{% for vault in list.vaults %}
<li>{% if vault.now %}{{ mark(vault.now) }} {% endif %}\
{% if vault.anchor %}<a href="#{{ vault.anchor }}"><bdi>{{ vault.name }}</bdi></a>{% else %}<bdi>{{ vault.name }}</bdi>{% endif %}: \
{{ vault.states }}\
{% if vault.broken %}<br><span class="broken">{{ vault.broken | join("; ") }}</span>{% endif %}
{% if vault.fixed %}<br><span class="fixed">{{ vault.fixed | join("; ") }}</span>{% endif %}
</li>
{% endfor %}
</ul>
{% endfor %}
</section>
{% endif %}
"""

TOPOLOGY = """\
{% from "macros" import mark %}
{% if drawing %}
<section id="topology" aria-labelledby="topology-head">
<h2 id="topology-head">Topology</h2>
<p class="legend">{% for state, words, meaning in legend %}<span title="{{ meaning }}">{{ mark(state) }} {{ words }}</span> {% endfor %}\
{% for state, said in (("private", "as it should be"), ("failed", "broken")) %}
<span><svg class="sample" viewBox="0 0 40 10" aria-hidden="true" focusable="false"><path class="line {{ state }}" d="M0 5H40"/></svg> \
{{ said }}</span>
{% endfor %}
</p>
<div class="scroll" tabindex="0" role="region" aria-label="Topology, scrolls sideways">
<svg class="topology" viewBox="0 0 {{ drawing.width }} {{ drawing.height }}" width="{{ drawing.width }}" height="{{ drawing.height }}" \
role="group" aria-labelledby="drawing-title drawing-text">
<title id="drawing-title">Topology of {{ about_vaults }}</title>
<desc id="drawing-text">{{ drawing_words }} The table below holds the same as text.</desc>
{% for text in drawing.heads %}
<text class="head" x="{{ text.x }}" y="{{ text.y }}">{{ text.words }}</text>
{% endfor %}
{% for line in drawing.lines %}
<g><title>{{ line.name }}</title><path class="line {{ line.role }} {{ line.state }}" d="{{ line.path }}"/></g>
{% endfor %}
{% for box in drawing.boxes %}
<g class="box {{ box.role }} {{ box.state }}"><title>{{ box.name }}</title>
<rect x="{{ box.x }}" y="{{ box.y }}" width="{{ box.width }}" height="{{ box.height }}" rx="5"/>
{% for text in box.texts %}
{% if text.state %}<use href="#m-{{ text.state }}" x="{{ text.x }}" y="{{ text.y - 12.5 }}" width="15" height="15"/>{% endif %}
{% if text.target %}<a href="#{{ text.target }}">{% endif %}
<text class="{{ text.role }}" x="{{ text.x + 20 if text.state else text.x }}" y="{{ text.y }}">{{ text.words }}</text>
{% if text.target %}</a>{% endif %}
{% endfor %}
</g>
{% endfor %}
{% for line in drawing.lines if line.state != "private" %}
<g class="label"><use href="#m-{{ line.state }}" x="{{ line.x - 8 }}" y="{{ line.y - 8 }}" width="16" height="16"/>\
{% if line.words %}<text x="{{ line.x }}" y="{{ line.y + 21 }}">{{ line.words }}</text>{% endif %}</g>
{% endfor %}
</svg>
</div>
</section>
{% endif %}
"""

VAULTS = """\
{% from "macros" import mark %}
<section id="vaults" aria-labelledby="vaults-head">
<h2 id="vaults-head">Key vaults</h2>
<form id="filters" hidden>
<label>State <select id="by-state"><option value="">all</option>
{% for state, words, count in state_choices %}
<option value="{{ state }}">{{ words }} ({{ count }})</option>
{% endfor %}
</select></label>
<label>Check <select id="by-check"><option value="">all</option>
{% for check in checks if check.failed or check.unknown %}
<option value="{{ check.id }}">{{ check.title }} ({{ check.failed + check.unknown }})</option>
{% endfor %}
</select></label>
<label>Search <input id="by-text" type="search" autocomplete="off" placeholder="vault, network, address, tag"></label>
<button type="reset">Show all</button>
<output id="shown" role="status"></output>
</form>
{% if not rows %}
<p>There is no key vault in what was audited.</p>
{% else %}
<div class="scroll" tabindex="0" role="region" aria-label="Table of key vaults, scrolls sideways">
<table role="table" id="table">
<caption>Every vault with its state; those that need attention come first.</caption>
<thead role="rowgroup"><tr role="row">
{% for column in columns %}
<th role="columnheader" scope="col" data-sort="{{ loop.index0 }}">{{ column }}</th>
{% endfor %}
</tr></thead>
<tbody role="rowgroup">
{% for row in rows %}
<tr role="row" id="{{ row.anchor }}" class="{{ row.state }}" data-state="{{ row.state }}" data-checks="{{ row.checks }}" \
data-tags="{{ row.tags }}">
<td role="cell" data-label="State" data-key="{{ row.rank }}"><span class="state">{{ mark(row.state) }} {{ row.state_words }}</span></td>
<th role="rowheader" scope="row" data-label="Key vault" data-key="{{ row.vault.name }}"><bdi class="name">{{ row.vault.name }}</bdi>
<span class="small"><bdi>{{ row.vault.resource_group }}</bdi> · {{ row.vault.location }}</span>
{% if several_subscriptions %}<span class="small">{{ row.vault.subscription_id }}</span>{% endif %}</th>
<td role="cell" data-label="Private endpoint" data-key="{{ row.endpoint_key }}">
{% for each in row.endpoints %}
<div class="part"><bdi>{{ each.name }}</bdi> <span class="small">\
{% if each.connection.state != "private" %}{{ mark(each.connection.state) }} {% endif %}{{ each.connection.words }}</span>\
<span class="small">{{ each.place }}</span></div>
{% else %}
<div class="part">No private endpoint</div>
{% endfor %}
{% for each in row.orphaned %}
<div class="part">Connection without an endpoint <span class="small">{{ each.state }}</span></div>
{% endfor %}
</td>
<td role="cell" data-label="Private IP address" data-key="{{ row.address_key }}">\
{% for each in row.endpoints %}
<div class="part">{% for address in each.addresses %}<code>{{ address }}</code> {% else %}none{% endfor %}</div>
{% else %}
none
{% endfor %}
</td>
<td role="cell" data-label="DNS" data-key="{{ row.vault.dns }}">
{% for each in row.endpoints %}
<div class="part">{{ mark(each.dns.state) if each.dns.state != "private" }} {{ each.dns.words }}{% for zone in each.zones %}\
<span class="small" title="{{ zone.id }}">{{ zone.name }}</span><span class="small">{{ zone.words }}</span>{% endfor %}</div>
{% else %}
none
{% endfor %}
</td>
<td role="cell" data-label="Public access" data-key="{{ row.gate }}"><strong>{{ row.gate }}</strong>\
<span class="small">{{ row.gate_words }}</span></td>
<td role="cell" data-label="Checks" data-key="{{ row.weight }}">
{% for finding in row.findings %}
<details class="{{ finding.state }}"><summary>{{ mark(finding.state) }} \
<span class="severity">{{ finding.word }}:</span> {{ finding.message or finding.title }}</summary>
<div class="finding">
{% if finding.hint %}<p><strong>Next step:</strong> {{ finding.hint }}</p>{% endif %}
<p class="small">Check <code>{{ finding.check }}</code>: {{ finding.title }}</p>
{% if finding.guide %}<p class="small">Guide: {{ finding.guide }}</p>{% endif %}
{% if finding.policies %}
<p class="small">Azure Policy: {% for policy in finding.policies %}<code>{{ policy }}</code> {% endfor %}</p>
{% endif %}
{% if finding.resource_ids %}
<ul class="small ids">{% for each in finding.resource_ids %}<li><code>{{ each }}</code></li>{% endfor %}</ul>
{% endif %}
{% if finding.fix %}
<div class="fix"><p class="small">Tasks that fix it:</p>\
<pre><code>{{ finding.fix }}</code></pre></div>
{% endif %}
</div></details>
{% endfor %}
<span class="small">{{ row.rest }}</span>
</td>
</tr>
{% endfor %}
</tbody>
</table>
</div>
{% endif %}
</section>
"""

CHECKS = """\
{% from "macros" import mark %}
<section id="checks" aria-labelledby="checks-head">
<h2 id="checks-head">Checks</h2>
{% if not checks %}
<p>No check was made.</p>
{% else %}
<div class="scroll" tabindex="0" role="region" aria-label="Table of checks, scrolls sideways">
<table class="checks">
<caption>How many vaults passed each check. A check of severity error decides whether a vault is private.</caption>
<thead><tr><th scope="col">Check</th><th scope="col">Severity</th><th scope="col">Failed</th><th scope="col">Could not be read</th>\
<th scope="col">Passed</th><th scope="col">Does not apply</th></tr></thead>
<tbody>
{% for check in checks %}
<tr><th scope="row">{{ check.title }} <span class="small"><code>{{ check.id }}</code></span></th><td>{{ check.severity }}</td>\
<td class="count">{% if check.failed %}{{ mark("failed" if check.severity == "error" else "warning") }} {% endif %}{{ check.failed }}</td>\
<td class="count">{% if check.unknown %}{{ mark("unknown") }} {% endif %}{{ check.unknown }}</td>\
<td class="count">{{ check.passed }}</td><td class="count">{{ check.skipped }}</td></tr>
{% endfor %}
</tbody>
</table>
</div>
{% endif %}
</section>
"""
