# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scripts that probe vaults on a virtual machine through Azure's run command, and what comes back. Pure functions over texts.

They ask what _probe.py asks, judge nothing, and write one line of JSON for each vault: v is its number, by what asked, a the addresses and
n the alias of its name, d why the name does not resolve; r has for each address (a) the status s and the vault's words i, or an error e
(tls: no valid certificate, net: anything else) and its text m. Short, because Azure returns only the last 4,096 bytes of what is written.
"""

from __future__ import annotations

import json
import re
import typing as t

from .compare import Document

LONGEST_OUTPUT = 4096
"""Bytes of output that run command returns. Source: Run scripts in your Linux VM by using action Run Commands, section Restrictions."""
AT_ONCE = 12
"""Vaults of one command, whose lines usually fit into its output."""
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+\Z")
_WHAT = """# Probes key vaults from this machine, and changes nothing: what each name resolves to, and what the vault answers there.
# Writes one line of JSON for each vault. Sent by the Ansible collection privatelink.azure.
"""
_PYTHON = r"""import http.client, json, socket, ssl, sys, threading, time
HOSTS, SECONDS, ALL_SECONDS, done = sys.argv[1:], 8, 45, {}
def text(error):
    return str(getattr(error, "verify_message", "") or getattr(error, "strerror", "") or error)[:80]
def ask(host, address):
    try:
        context = ssl.create_default_context()
        with socket.create_connection((address, 443), SECONDS) as plain, context.wrap_socket(plain, server_hostname=host) as secure:
            connection = http.client.HTTPConnection(host, timeout=SECONDS)
            connection.sock = secure
            connection.request("GET", "/healthstatus", headers={"Connection": "close", "User-Agent": "privatelink.azure"})
            answer = connection.getresponse()
            return {"a": address, "s": answer.status, "i": (answer.getheader("x-ms-keyvault-network-info") or "")[:120]}
    except Exception as error:
        untrusted = isinstance(error, ssl.CertificateError) or "CERTIFICATE_VERIFY_FAILED" in str(error)
        return {"a": address, "e": "tls" if untrusted else "net", "m": text(error)}
def probe(number, host):
    found = {"v": number, "by": "python3"}
    try:
        canonical, others, addresses = socket.gethostbyname_ex(host)
        names = [name.rstrip(".").lower() for name in others + [canonical] if name.rstrip(".").lower() != host]
        found["n"] = [name for name in names if ".privatelink." in name][:1] or names[:1]
        found["a"] = addresses[:8]
        found["r"] = [ask(host, address) for address in addresses[:8]]
    except OSError as error:
        found["d"] = text(error)
    done[number] = found
threads = [threading.Thread(target=probe, args=each, daemon=True) for each in enumerate(HOSTS)]
for thread in threads:
    thread.start()
end = time.time() + ALL_SECONDS
for thread in threads:
    thread.join(max(0, end - time.time()))
for number in range(len(HOSTS)):
    print(json.dumps(done.get(number, {"v": number, "by": "python3", "d": "timed out"}), separators=(",", ":")))
"""
_SHELL = (
    r"""python=
for each in python3 /usr/libexec/platform-python python; do
    if "$each" -c 'import ssl, sys; sys.exit(sys.version_info < (3, 6))' > /dev/null 2>&1; then
        python=$each
        break
    fi
done
if [ -n "$python" ]; then
    exec "$python" -I - "$@" << 'END_OF_PROBE'
"""
    + _PYTHON
    + r"""END_OF_PROBE
fi
if ! command -v getent > /dev/null || ! command -v curl > /dev/null; then
    echo 'This machine has neither python3 nor both getent and curl.' >&2
    exit 1
fi
number=0
for host in "$@"; do
    found=$(getent ahostsv4 "$host" | sed -n 's/^\([0-9.]*\) *STREAM *\(.*\)$/\1 \2/p')
    aliases=$(printf '%s\n' "$found" | sed -n 's/^[^ ]* \([A-Za-z0-9._-]*\.privatelink\.[A-Za-z0-9._-]*\)$/"\1"/p' | head -n 1)
    addresses=
    answers=
    for address in $(printf '%s\n' "$found" | cut -d ' ' -f 1); do
        addresses="$addresses${addresses:+,}\"$address\""
        head=$(curl --silent --noproxy '*' --max-time 8 --connect-to "$host:443:$address:443" --output /dev/null --dump-header - \
            --user-agent privatelink.azure "https://$host/healthstatus")
        code=$?
        if [ "$code" -eq 0 ]; then
            status=$(printf '%s\n' "$head" | sed -n '1s/^[^ ]* *\([0-9][0-9]*\).*$/\1/p')
            info=$(printf '%s\n' "$head" | grep -i '^x-ms-keyvault-network-info:' | head -n 1 | cut -d : -f 2- | tr -cd 'A-Za-z0-9=;.:_-' \
                | cut -c 1-120)
            answer="\"s\":${status:-0},\"i\":\"$info\""
        else
            case $code in
                51 | 60 | 83 | 90) kind=tls ;;
                *) kind=net ;;
            esac
            answer="\"e\":\"$kind\",\"m\":\"curl $code\""
        fi
        answers="$answers${answers:+,}{\"a\":\"$address\",$answer}"
    done
    if [ -n "$addresses" ]; then
        printf '{"v":%s,"by":"curl","a":[%s],"n":[%s],"r":[%s]}\n' "$number" "$addresses" "$aliases" "$answers"
    else
        printf '{"v":%s,"by":"curl","d":"getent has no address"}\n' "$number"
    fi
    number=$((number + 1))
done
"""
)
_POWERSHELL = r"""$ErrorActionPreference = 'Stop'
function Short($text) { $text = "$text"; $text.Substring(0, [Math]::Min(80, $text.Length)) }
function Ask($name, $address) {
    $client = New-Object Net.Sockets.TcpClient
    try {
        if (-not $client.ConnectAsync($address, 443).Wait(8000)) { return [ordered]@{ a = $address; e = 'net'; m = 'timed out' } }
        $client.ReceiveTimeout = 8000
        $client.SendTimeout = 8000
        $stream = New-Object Net.Security.SslStream($client.GetStream(), $false)
        $stream.AuthenticateAsClient($name, $null, [Security.Authentication.SslProtocols]::Tls12, $false)
        $request = "GET /healthstatus HTTP/1.1`r`nHost: $name`r`nUser-Agent: privatelink.azure`r`nConnection: close`r`n`r`n"
        $bytes = [Text.Encoding]::ASCII.GetBytes($request)
        $stream.Write($bytes, 0, $bytes.Length)
        $reader = New-Object IO.StreamReader($stream)
        $status = [int]$reader.ReadLine().Split(' ')[1]
        $info = ''
        while ($line = $reader.ReadLine()) {
            if ($line -match '^x-ms-keyvault-network-info:\s*(.{0,120})') { $info = $Matches[1].Trim() }
        }
        [ordered]@{ a = $address; s = $status; i = $info }
    } catch {
        $cause = $_.Exception.GetBaseException()
        $kind = if ($cause -is [Security.Authentication.AuthenticationException]) { 'tls' } else { 'net' }
        [ordered]@{ a = $address; e = $kind; m = (Short $cause.Message) }
    } finally {
        $client.Close()
    }
}
for ($number = 0; $number -lt $names.Count; $number++) {
    $name = $names[$number]
    $found = [ordered]@{ v = $number; by = 'powershell' }
    try {
        $records = @(Resolve-DnsName -Name $name -Type A -ErrorAction Stop)
        $aliases = @($records | Where-Object { $_.Type -eq 'CNAME' } | ForEach-Object { $_.NameHost.ToLower() })
        $addresses = @($records | Where-Object { $_.Type -eq 'A' } | ForEach-Object { $_.IPAddress } | Select-Object -First 8)
        $linked = @($aliases | Where-Object { $_ -like '*.privatelink.*' })
        $found.n = @(@($linked + $aliases) | Select-Object -First 1)
        $found.a = $addresses
        $found.r = @($addresses | ForEach-Object { Ask $name $_ })
        if ($addresses.Count -eq 0) { $found.d = 'there is no A record' }
    } catch {
        $found.d = Short $_.Exception.Message
    }
    ConvertTo-Json -InputObject $found -Compress -Depth 4
}
"""


def linux(hosts: t.Sequence[str]) -> str:
    """Return a script for sh: it asks with Python 3.6 or later, and with getent and curl where there is none."""
    return f"{_WHAT}set -- {' '.join(map(_quoted, hosts))}\n{_SHELL}"


def windows(hosts: t.Sequence[str]) -> str:
    """Return a script for PowerShell 5.1."""
    return f"{_WHAT}$names = @({', '.join(map(_quoted, hosts))})\n{_POWERSHELL}"


def _quoted(host: str) -> str:
    """Return a host name as both shells take it literally; only what cannot end its quotes is a host name."""
    if not _HOST.match(host):
        raise ValueError(f"{host!r} is not a host name")
    return f"'{host}'"


def said(answer: Document) -> str:
    """Return all that a script wrote, from the answer of run command: value, or the output of an operation's state."""
    output = answer.get("value")
    if output is None:
        properties = answer.get("properties")
        inner = properties.get("output") if isinstance(properties, dict) else None
        output = inner.get("value") if isinstance(inner, dict) else None
    items = output if isinstance(output, list) else []
    return "\n".join(item["message"] for item in items if isinstance(item, dict) and isinstance(item.get("message"), str))


def lines(text: str, vaults: int) -> dict[int, Document]:
    """Return the whole lines that a script wrote about vaults, by their numbers; what else it says, and a line that is cut, is none."""
    found: dict[int, Document] = {}
    for line in text.splitlines():
        try:
            document = json.loads(line.strip())
        except (ValueError, RecursionError):
            continue
        if _is_line(document) and document["v"] < vaults:
            found[document["v"]] = document
    return found


def _is_line(document: t.Any) -> bool:
    if not isinstance(document, dict) or not _is_integer(document.get("v")) or document["v"] < 0:
        return False
    texts = (*document.get("a", ()), *document.get("n", ())) if _are_lists(document, "a", "n", "r") else (None,)
    answers = document.get("r", ()) if None not in texts else ()
    return all(isinstance(text, str) for text in texts) and all(_is_answer(each) for each in answers)


def _are_lists(document: Document, *names: str) -> bool:
    return all(isinstance(document.get(name, []), list) for name in names)


def _is_integer(value: t.Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_answer(answer: t.Any) -> bool:
    if not isinstance(answer, dict) or not isinstance(answer.get("a"), str):
        return False
    return _is_integer(answer.get("s")) or isinstance(answer.get("e"), str)
