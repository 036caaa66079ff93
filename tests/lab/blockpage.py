"""Debian's nginx with contrib/blockpage, as an operator sets it up, on an address of its own.

    with Nginx(folder) as web:      # after start(): web.address, web.port, web.visits()
        web.start()
"""

import os
import pathlib
import re
import socket
import subprocess

import ask
from servers import LabError, Server, find_program

BLOCKPAGE = pathlib.Path(__file__).resolve().parent.parent.parent / "contrib" / "blockpage"
PAGE_ADDRESS = "127.0.0.80"  # what the policy's answer names
CONTACT = {"operator": "Network security, Example Post", "mail": "security@post.example", "phone": "+41001234567"}


def replace_once(text, pattern, by):
    """The line that begins with pattern, replaced: there is one, or the file's documentation lies."""
    text, count = re.subn(rf"^{pattern}.*$", lambda _: by, text, flags=re.M)
    if count != 1:
        raise LabError(f"operator.conf has {count} lines that begin with {pattern}")
    return text


class Nginx(Server):
    """contact: what operator.conf sets; folder_of_page: where index.html lies, if not in contrib."""

    title = "nginx"

    def __init__(self, folder, *, contact=None, folder_of_page=BLOCKPAGE):
        super().__init__(folder)
        self.address = PAGE_ADDRESS
        self.contact = CONTACT if contact is None else contact
        self.folder_of_page = folder_of_page
        self.config_path = self.folder / "nginx.conf"
        self.access_path = self.folder / "access.log"
        self.page_errors = self.folder / "page-errors.log"

    def operator_conf(self):
        text = (BLOCKPAGE / "operator.conf").read_text(encoding="utf-8")
        for pattern, by in (("listen ", f"listen {self.address}:{self.port} default_server;"),
                            ("root ", f'root "{self.folder_of_page}";'),
                            ("access_log ", f'access_log "{self.access_path}" blockpage;'),
                            ("error_log ", f'error_log "{self.page_errors}" crit;')):
            text = replace_once(text, pattern, by)
        for key, value in self.contact.items():
            text = replace_once(text, rf"set \$blockpage_{key} ", f'set $blockpage_{key} "{value}";')
        return text

    def write_config(self):
        (self.folder / "postshield").mkdir(exist_ok=True)
        (self.folder / "postshield" / "operator.conf").write_text(self.operator_conf(), encoding="utf-8")
        temporary = "".join(f'  {kind}_temp_path "{self.folder}/{kind}";\n'
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        # A worker of another user could not read a checkout below somebody's home.
        user = "user root;\n" if os.geteuid() == 0 else ""
        self.config_path.write_text(
            f'{user}daemon off;\nworker_processes 1;\npid "{self.folder}/nginx.pid";\n'
            f'error_log "{self.log_path}";\nevents {{}}\nhttp {{\n{temporary}'
            f'  include "{BLOCKPAGE}/blockpage.conf";\n}}\n', encoding="utf-8")

    def command(self, *words):
        # -e: the log for what happens before the configuration is read.
        return [find_program("nginx"), "-p", str(self.folder), "-e", str(self.log_path), "-c", str(self.config_path),
                *words]

    def check_config(self):
        """nginx -t: (exit status, what it said)."""
        done = subprocess.run(self.command("-t"), capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stderr

    def start(self):
        self.start_program(self.command())

    def ready_question(self):
        try:
            socket.create_connection((self.address, self.port), timeout=1).close()
        except OSError as error:
            raise ask.NoAnswer(str(error)) from error

    def visits(self):
        """The lines of the page's own log."""
        return self.access_path.read_text(encoding="utf-8").splitlines()
