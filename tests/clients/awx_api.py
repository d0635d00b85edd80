# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
A stand-in for the API of AWX, as much of it as the modules of awx.awx use to make projects, inventories, templates and workflows.

It keeps what it is sent, finds it by any field, and refuses what AWX refuses: unknown relations, playbooks that the project does not have,
surveys of another shape, and two credentials of one type on a template.
"""

from __future__ import annotations

import http.server
import json
import pathlib
import threading
import typing as t
import urllib.parse

Json = dict[str, t.Any]
RELATIONS = {"organization", "project", "inventory", "execution_environment", "default_environment", "credential", "source_project"}
_PLURALS = {"inventory": "inventories", "default_environment": "execution_environments", "source_project": "projects"}
_ANSWERS = {"text": str, "textarea": str, "password": str, "multiplechoice": str, "multiselect": str, "integer": int, "float": float}
_UNIFIED = ("job_templates", "projects", "inventory_sources", "workflow_job_templates")
_ONE_PAGE = 200


class Refused(Exception):
    """A request that AWX would answer with an error; status is that of the answer."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


class Store:
    """What was made, by endpoint and id. root: the folder of the project's checkout."""

    def __init__(self, root: pathlib.Path) -> None:
        self._root = root
        self.objects: dict[str, dict[int, Json]] = {}
        self.surveys: dict[str, Json] = {}
        self.linked: dict[str, list[int]] = {}
        self.writes: list[str] = []
        self._next = 1

    def add(self, endpoint: str, fields: Json) -> Json:
        """Make an object of an endpoint, such as job_templates."""
        number, self._next = self._next, self._next + 1
        url = f"/api/v2/{endpoint}/{number}/"
        related = {name: f"{url}{name}/" for name in ("survey_spec", "credentials", "success_nodes", "failure_nodes", "always_nodes")}
        made = {"id": number, "type": endpoint.removesuffix("s"), "url": url, "related": related, **_done_at_once(endpoint), **fields}
        self.objects.setdefault(endpoint, {})[number] = made
        return made

    def named(self, endpoint: str, name: str) -> Json:
        """Return the object of that name, or identifier."""
        (found,) = [each for each in self.objects.get(endpoint, {}).values() if name in (each.get("name"), each.get("identifier"))]
        return found

    def links(self, item: Json, relation: str) -> list[str]:
        """Return the names of what is linked to an object."""
        numbers = self.linked.get(f"{item['url']}{relation}/", [])
        return [str(each.get("name") or each.get("identifier")) for number in numbers for each in self._all() if each["id"] == number]

    def answer(self, method: str, path: str, query: dict[str, str], body: t.Any) -> tuple[int, t.Any]:
        """Return status and document of an answer."""
        parts = path.removeprefix("/api/v2/").strip("/").split("/")
        if method != "GET":
            self.writes.append(f"{method} {path}")
        if parts[0] == "tokens":
            return 201, {"id": 1, "token": "t"}
        if len(parts) == 1:
            return (201, self.add(parts[0], self._checked(parts[0], body))) if method == "POST" else (200, self._list(parts[0], query))
        item = self.objects.get(parts[0], {}).get(int(parts[1]))
        if item is None:
            raise Refused("Not found.", 404)
        if len(parts) == 2:
            if method == "PATCH":
                item.update(self._checked(parts[0], {**item, **body}))
            return 200, item
        return self._below(method, path, item, parts[2], body)

    def _below(self, method: str, path: str, item: Json, relation: str, body: t.Any) -> tuple[int, t.Any]:
        if relation == "survey_spec":
            if method == "POST":
                self.surveys[path] = checked_survey(body)
            return 200, self.surveys.get(path, {})
        if relation == "create_approval_template":
            made = self.add("workflow_approval_templates", {name: body[name] for name in ("name", "description", "timeout")})
            item["unified_job_template"] = made["id"]
            item["related"]["unified_job_template"] = made["url"]
            return 201, made
        if item["type"] == "workflow_approval_template":
            raise Refused("Not found.", 404)
        if method == "POST":
            self._link(path, relation, body)
            return 204, None
        return 200, _page([each for each in self._all() if each["id"] in self.linked.get(path, [])])

    def _link(self, path: str, relation: str, body: Json) -> None:
        numbers = self.linked.setdefault(path, [])
        if body.get("disassociate"):
            numbers.remove(body["id"])
            return
        if relation == "credentials":
            kinds = [each["credential_type"] for each in self.objects["credentials"].values() if each["id"] in (*numbers, body["id"])]
            if len(kinds) != len(set(kinds)):
                raise Refused("Cannot assign multiple Microsoft Azure Resource Manager credentials.")
        numbers.append(body["id"])

    def _checked(self, endpoint: str, fields: Json) -> Json:
        for name in RELATIONS & set(fields):
            if fields[name] is not None and fields[name] not in self.objects.get(_PLURALS.get(name, f"{name}s"), {}):
                raise Refused(f"{name}: Invalid pk - object does not exist.")
        playbook = fields.get("playbook")
        if endpoint == "job_templates" and not (playbook and (self._root / playbook).is_file()):
            raise Refused(f"playbook: Playbook not found for project: {playbook}")
        if endpoint == "inventory_sources" and not (self._root / fields["source_path"]).is_file():
            raise Refused(f"source_path: {fields['source_path']}")
        return fields

    def _all(self) -> t.Iterator[Json]:
        for kept in self.objects.values():
            yield from kept.values()

    def _list(self, endpoint: str, query: dict[str, str]) -> Json:
        endpoints = _UNIFIED if endpoint == "unified_job_templates" else (endpoint,)
        found = [each for name in endpoints for each in self.objects.get(name, {}).values()]
        return _page([each for each in found if all(str(each.get(key)) == value for key, value in query.items())])


def _done_at_once(endpoint: str) -> Json:
    """Return what the checkout of a project leaves, which has ended before anybody asks."""
    return {"status": "successful", "scm_revision": "4a2b8c0d", "summary_fields": {}} if endpoint == "projects" else {}


def _page(found: list[Json]) -> Json:
    return {"count": len(found), "next": None, "previous": None, "results": found}


def checked_survey(survey: Json) -> Json:
    """Return a survey as AWX takes it: what it is made of, unique variables, defaults of the answers' type that are among the choices."""
    if not isinstance(survey.get("name"), str) or not isinstance(survey.get("description"), str) or not survey.get("spec"):
        raise Refused("A survey has a name, a description and a spec.")
    if len({question["variable"] for question in survey["spec"]}) != len(survey["spec"]):
        raise Refused("A variable is duplicated.")
    for question in survey["spec"]:
        if not all(isinstance(question.get(name), str) for name in ("type", "question_name", "variable")):
            raise Refused(f"Something is missing from {question}.")
        default, answers = question.get("default", ""), _ANSWERS.get(question["type"])
        if answers is None or not isinstance(question.get("required"), bool) or (default != "" and not isinstance(default, answers)):
            raise Refused(f"The type, required or the default of {question} is wrong.")
        if question["type"].startswith("multi") and any(line not in question["choices"] for line in default.splitlines()):
            raise Refused(f"Default choice must be answered from the choices listed: {question}.")
    return survey


class Api:
    """The stand-in on a port of loopback, in a thread of this process, inside the context."""

    def __init__(self, root: pathlib.Path) -> None:
        self.store = store = Store(root)

        class Handler(http.server.BaseHTTPRequestHandler):
            """Answers in JSON."""

            def log_message(self, format: str, *args: t.Any) -> None:
                """Say nothing."""

            def _do(self) -> None:
                url = urllib.parse.urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length) or "null")
                try:
                    status, document = store.answer(self.command, url.path, dict(urllib.parse.parse_qsl(url.query)), body)
                except Refused as refusal:
                    status, document = refusal.status, {"error": str(refusal), "detail": str(refusal)}
                data = b"" if document is None else json.dumps(document).encode()
                self.send_response(status)
                self.send_header("X-API-Product-Name", "AWX")
                self.send_header("X-API-Product-Version", "24.6.1")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_DELETE = _do

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> t.Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
