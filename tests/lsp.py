"""A client of a language server: what it says of the files of a module."""
import json
import queue
import subprocess
import threading
import time


class Server:
    """A server on standard input and output, for one folder."""

    def __init__(self, command, folder, env):
        self.process = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.folder = folder
        self.inbox = queue.Queue()
        self.number = 0
        # The last list for each file: it takes the place of those before.
        self.diagnostics = {}
        self.logged = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        out = self.process.stdout
        while True:
            length = 0
            while (line := out.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                return self.inbox.put(None)
            self.inbox.put(json.loads(out.read(length)))

    def send(self, **message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def notify(self, method, **params):
        self.send(method=method, params=params)

    def call(self, method, limit, **params):
        self.number += 1
        self.send(id=self.number, method=method, params=params)
        return self.wait(lambda m: m.get("id") == self.number and "method" not in m, limit)

    def wait(self, wanted, limit):
        """Take messages until one is wanted: that, or nothing when the time is over."""
        end = time.monotonic() + limit
        while (left := end - time.monotonic()) > 0:
            try:
                message = self.inbox.get(timeout=left)
            except queue.Empty:
                return None
            if message is None:
                return None
            method = message.get("method")
            if method == "textDocument/publishDiagnostics":
                self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
            elif method in ("window/logMessage", "window/showMessage"):
                self.logged.append(message["params"]["message"])
            elif method == "workspace/configuration":
                self.send(id=message["id"], result=[{} for _ in message["params"]["items"]])
            elif method and "id" in message:
                self.send(id=message["id"], result=None)
            if wanted(message):
                return message
        return None

    def open(self, limit):
        uri = self.folder.as_uri()
        capabilities = {"workspace": {"configuration": True}, "window": {"workDoneProgress": True}}
        self.call("initialize", limit, processId=None, rootUri=uri, capabilities=capabilities,
                  workspaceFolders=[{"uri": uri, "name": "m"}])
        self.notify("initialized")

    def show(self, name):
        """Open a file, as an editor does."""
        file = self.folder / name
        item = {"uri": file.as_uri(), "languageId": "go", "version": 1, "text": file.read_text()}
        self.notify("textDocument/didOpen", textDocument=item)

    def close(self):
        try:
            self.call("shutdown", 10)
            self.notify("exit")
            self.process.wait(10)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()


def said(command, folder, env, files, limit=120, quiet=8):
    """What a server says of a folder when files are opened, sorted lines of text; and what it logs."""
    server = Server(command, folder, env)
    server.open(limit)
    for name in files:
        server.show(name)
    shown = {(folder / name).as_uri() for name in files}
    server.wait(lambda _: shown <= set(server.diagnostics), limit)
    # Lists come one after the other, from several passes over the packages.
    while server.wait(lambda m: m.get("method") == "textDocument/publishDiagnostics", quiet):
        pass
    lines = []
    for uri, list_of in server.diagnostics.items():
        name = uri.removeprefix(folder.as_uri() + "/")
        for d in list_of:
            start, end = d["range"]["start"], d["range"]["end"]
            at = f"{start['line'] + 1}:{start['character'] + 1}-{end['line'] + 1}:{end['character'] + 1}"
            lines.append(f"{name}:{at}: {d.get('source', '')} {d.get('code', '')}: {d['message']}")
    server.close()
    return sorted(lines), server.logged
