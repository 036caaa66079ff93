"""M8: every kind of broken start: init succeeds, names resolve, one clear line says why."""

import hashlib
import os
import pathlib
import re
import shutil
import socket
import struct

from harness import NoAnswer, Outcome, died_of, generation

GOOD, NOTHING = "good", "nothing"


def seal(image):
    """Digests of both parts and of the header, as module/snapshot/FORMAT.md says."""
    image = bytearray(image)
    (lookup,) = struct.unpack_from("<Q", image, 16)
    image[48:80] = hashlib.sha256(image[576:lookup]).digest()
    image[80:112] = hashlib.sha256(image[lookup:]).digest()
    image[544:576] = hashlib.sha256(image[:544]).digest()
    return bytes(image)


class Start:
    """One kind of start: what the state folder looks like, and how the resolver is run.

    says: a pattern that exactly one line of its log must fit. serves: GOOD, the snapshot is in
    force; NOTHING, it is not; None, either. plain: as nobody, where the tests run as root."""

    def __init__(self, name, says, *, prepare=None, env=None, refuse=None, plain=False,
                 serves=NOTHING, wrap=()):
        self.name, self.says, self.prepare, self.plain, self.serves = name, says, prepare, plain, serves
        self.env = dict(env or {})
        self.wrap = list(wrap)
        self.refuse = refuse


def file_of(data):
    return lambda state, image: (state / "snapshot.ps").write_bytes(data(image))


def flip(at):
    def change(image):
        changed = bytearray(image)
        changed[at] ^= 0x40
        return bytes(changed)
    return file_of(change)


def with_version(image):
    image = bytearray(image)
    struct.pack_into("<I", image, 8, 99)
    return seal(image)


def big_endian(image):
    image = bytearray(image)
    for at, size in ((8, 4), (12, 4), (16, 8), (24, 8), (112, 4)):
        image[at:at + size] = image[at:at + size][::-1]
    return bytes(image)


def bad_pattern(image):
    assert image.count(b"^parcel-[0-9]{6}\\.") == 1
    return seal(image.replace(b"^parcel-[0-9]{6}\\.", b"^parcel-[0-9({6}\\."))


def sparse(size):
    def make(state, _):
        with open(state / "snapshot.ps", "wb") as file:
            file.truncate(size)
    return make


def link_to(target):
    return lambda state, _: (state / "snapshot.ps").symlink_to(target)


def unix_socket(state, _):
    with socket.socket(socket.AF_UNIX) as bound:
        here = os.getcwd()
        os.chdir(state)  # the name of a socket is short, a folder's may be long
        try:
            bound.bind("snapshot.ps")
        finally:
            os.chdir(here)


def folder_is_file(state, _):
    state.rmdir()
    state.write_text("not a folder\n", encoding="ascii")


def good_with_mode(file_mode, folder_mode=0o755):
    def make(state, image):
        (state / "snapshot.ps").write_bytes(image)
        os.chmod(state / "snapshot.ps", file_mode)
        os.chmod(state, folder_mode)
    return make


good = good_with_mode(0o644)
REFUSED = r"postshield: snapshot refused: .*"


def all_starts(context):
    many = context.snapshot(1, 100, patterns=4000)
    large = context.snapshot(1, 1500000)
    return [
        Start("no folder", r"no snapshot at .*No such file", prepare=lambda state, _: state.rmdir()),
        Start("no file", r"no snapshot at .*No such file"),
        Start("the folder is a file", r"no snapshot at .*Not a directory", prepare=folder_is_file),
        Start("folder not to be entered", r"no snapshot at .*Permission denied",
              prepare=good_with_mode(0o644, 0o000), plain=True),
        Start("file not to be read", REFUSED + "Permission denied", prepare=good_with_mode(0o000), plain=True),
        Start("somebody else's file", REFUSED + "Permission denied", plain=True,
              prepare=good_with_mode(0o600 if os.geteuid() == 0 else 0o000)),
        Start("file to be written only", REFUSED + "Permission denied", prepare=good_with_mode(0o222), plain=True),
        Start("folder not to be written", r"cannot write .*module\.prom", prepare=good_with_mode(0o644, 0o555),
              plain=True, serves=GOOD),
        Start("FIFO", REFUSED + "not a regular file", prepare=lambda state, _: os.mkfifo(state / "snapshot.ps")),
        Start("folder", REFUSED + "folder", prepare=lambda state, _: (state / "snapshot.ps").mkdir()),
        Start("socket", REFUSED, prepare=unix_socket),
        Start("link to itself", r"no snapshot at .*symbolic links", prepare=link_to("snapshot.ps")),
        Start("link to nothing", r"no snapshot at .*No such file", prepare=link_to("not-there")),
        Start("device", REFUSED + "not a regular file", prepare=link_to("/dev/zero")),
        Start("empty", REFUSED + "is no snapshot", prepare=file_of(lambda image: b"")),
        Start("one octet", REFUSED + "is no snapshot", prepare=file_of(lambda image: image[:1])),
        Start("header alone", REFUSED, prepare=file_of(lambda image: image[:576])),
        Start("first half", REFUSED, prepare=file_of(lambda image: image[: len(image) // 2])),
        Start("one octet short", REFUSED, prepare=file_of(lambda image: image[:-1])),
        Start("one octet long", REFUSED, prepare=file_of(lambda image: image + b"\0")),
        Start("other magic", REFUSED, prepare=file_of(lambda image: b"RIFF" + image[4:])),
        Start("text-mode transfer", REFUSED, prepare=file_of(lambda image: image.replace(b"\r\n", b"\n"))),
        Start("a policy instead", REFUSED, prepare=file_of(lambda image: b"postshield: 1\n" * 100)),
        Start("newer version", REFUSED + "version", prepare=file_of(with_version)),
        Start("other byte order", REFUSED, prepare=file_of(big_endian)),
        Start("a bit flipped in the header", REFUSED, prepare=flip(40)),
        Start("a bit flipped in the lookup part", REFUSED, prepare=flip(700)),
        # The resolver holds the lookup part alone; the text is for people, and `index verify` sees it.
        Start("a bit flipped in the text part", r"snapshot \w+ active", prepare=flip(-7), serves=GOOD),
        Start("zeros, 64 MiB", REFUSED, prepare=sparse(64 << 20)),
        Start("a hole of 100 GiB", REFUSED, prepare=sparse(100 << 30)),
        Start("a pattern that does not compile", REFUSED, prepare=file_of(bad_pattern)),
        Start("4,000 patterns", r"snapshot \w+ active",
              prepare=lambda state, _: shutil.copy(many, state / "snapshot.ps"), serves=GOOD),
        Start("POSTSHIELD_STATE of 5,000 octets", r"POSTSHIELD_STATE is longer", prepare=good,
              env={"POSTSHIELD_STATE": "/" + "x" * 4999}),
        Start("POSTSHIELD_STATE of 4,090 octets", r"no snapshot at .*File name too long", prepare=good,
              env={"POSTSHIELD_STATE": "/" + "x" * 4089}),
        Start("POSTSHIELD_STATE empty", r"no snapshot at .*No such file", prepare=good, env={"POSTSHIELD_STATE": ""}),
        Start("POSTSHIELD_STATE relative", r"snapshot \w+ active", prepare=good, env={"POSTSHIELD_STATE": "state"},
              serves=GOOD),
        Start("open: EMFILE", REFUSED + "Too many open files", prepare=good, refuse="open:EMFILE"),
        Start("fstat: EIO", REFUSED + "Input/output", prepare=good, refuse="fstat:EIO"),
        Start("pread: EIO", REFUSED + "Input/output", prepare=good, refuse="pread:EIO"),
        Start("memfd_create: EMFILE", REFUSED + "memfd_create", prepare=good, refuse="memfd_create:EMFILE"),
        Start("memfd_create: ENOSYS", REFUSED + "memfd_create", prepare=good, refuse="memfd_create:ENOSYS"),
        Start("write into memory: ENOSPC", REFUSED + "No space", prepare=good, refuse="write:ENOSPC"),
        Start("sealing: EPERM", REFUSED + "seal", prepare=good, refuse="fcntl:EPERM"),
        Start("mmap: ENOMEM", REFUSED + "map", prepare=good, refuse="mmap:ENOMEM"),
        Start("eventfd: EMFILE", r"cannot watch for new snapshots", prepare=good, refuse="eventfd:EMFILE",
              serves=GOOD),
        Start("pthread_create: EAGAIN", r"cannot watch for new snapshots", prepare=good,
              refuse="pthread_create:EAGAIN", serves=GOOD),
        Start("inotify_init1: EMFILE", r"snapshot \w+ active", prepare=good, refuse="inotify_init1:EMFILE",
              serves=GOOD),
        Start("inotify_add_watch: ENOSPC", r"snapshot \w+ active", prepare=good, refuse="inotify_add_watch:ENOSPC",
              serves=GOOD),
        Start("rename of the counters: EACCES", r"cannot write .*module\.prom", prepare=good, refuse="rename:EACCES",
              serves=GOOD),
        Start("address space for the resolver, not for the snapshot", REFUSED + "map",
              prepare=lambda state, _: shutil.copy(large, state / "snapshot.ps"), wrap=["prlimit", "--as=PEAK"]),
        Start("128 open files", r"snapshot \w+ active", prepare=good, wrap=["prlimit", "--nofile=128:128"],
              serves=GOOD),
    ]


def make_plain(unbound):
    """The resolver's folder becomes nobody's, as a service's is; the zones may be read by all."""
    for folder, _, files in os.walk(unbound.folder):
        os.chown(folder, 65534, 65534)
        for file in files:
            os.lchown(pathlib.Path(folder) / file, 65534, 65534)


def try_start(context, lab, module, start, number):
    """None, or what was wrong."""
    unbound = lab.add_unbound(f"start-{number}")
    image = context.snapshot(1).read_bytes()
    wrap, env = list(start.wrap), dict(start.env)
    if start.plain and os.geteuid() == 0:
        make_plain(unbound)
        wrap = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *wrap]
    if start.prepare:
        start.prepare(unbound.state, image)
    if start.refuse:
        library = context.builds.make("", "faults_refuse") / "tests" / "faults" / "refuse.so"
        env.update(LD_PRELOAD=str(library), PS_REFUSE=start.refuse, PS_REFUSE_MODULE=module.name)
    wrap = [word.replace("PEAK", str((context.peak_kib + 2048) * 1024)) for word in wrap]
    config = {}
    if "prlimit" in wrap:
        config = {"outgoing-range": 16, "num-queries-per-thread": 8, "incoming-num-tcp": 5}
    try:
        unbound.start(module=module, env=env, wrap=wrap, deadline=10, config=config)
        if unbound.query("n00200.bulk.top", timeout=5).rcode != "NOERROR":
            return "a name did not resolve"
        if start.name == "no file":
            status = pathlib.Path(f"/proc/{unbound.pid}/status").read_text(encoding="ascii")
            context.peak_kib = int(re.search(r"VmPeak:\s+(\d+)", status).group(1))
        serves = GOOD if generation(unbound) == 1 else NOTHING
        if start.serves and serves != start.serves:
            return f"{serves} is in force"
    except NoAnswer:
        return "no answer"
    except Exception as error:  # pylint: disable=broad-except
        return died_of(unbound) or str(error)
    finally:
        if unbound.state.is_dir():
            unbound.state.chmod(0o755)
        unbound.stop()
    lines = [line for line in unbound.log().splitlines() if re.search(start.says, line)]
    if len(lines) != 1:
        said = [line.split("unbound")[-1] for line in unbound.log().splitlines() if "postshield" in line]
        return f"{len(lines)} lines say /{start.says}/; it said {said}"
    return None


def m8(context):
    wrong = {}
    module = context.builds.module()
    starts = all_starts(context)
    with context.lab() as lab:
        for number, start in enumerate(starts):
            context.say(f"M8 {start.name}")
            problem = try_start(context, lab, module, start, number)
            if problem:
                wrong[start.name] = problem
        control = try_start(context, lab, context.builds.module("m8_control"), starts[1], len(starts))
    said = "; ".join(f"{name}: {problem}" for name, problem in wrong.items())
    return Outcome(
        f"{len(starts) - len(wrong)} of {len(starts)} kinds of broken start: init returned 1, names resolved, one line "
        f"said why{'; but ' + said if said else ''}; control (no start without a snapshot): {control or 'started'}",
        not wrong and len(starts) >= 30, control is not None)
