#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The prompt on a terminal: FINWAIT runs on a pty, keys are typed, and what appears is looked at.

terminal.py FINWAIT prints a line for each test that fails and ends with "N passed, N failed".
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time

PATIENCE = 20.0  # seconds until something that must appear has failed
counts = {"passed": 0, "failed": 0}


class Terminal:
    """The program on a terminal of its own; leaving the block ends it."""

    def __init__(self, columns=80):
        self.home = tempfile.TemporaryDirectory()
        self.columns = columns
        self.seen = b""

    def __enter__(self):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm", HOME=self.home.name, LC_ALL="C.UTF-8")
            os.environ.pop("XDG_STATE_HOME", None)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, self.columns, 0, 0))
            os.chdir(self.home.name)
            os.execv(program, [program, "--plain"])
        return self

    def __exit__(self, *unused):
        os.kill(self.pid, signal.SIGCONT)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        self.home.cleanup()

    def type(self, text):
        os.write(self.fd, text.encode())

    def resize(self, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read(self, wait):
        ready = select.select([self.fd], [], [], wait)[0]
        if ready:
            try:
                self.seen += os.read(self.fd, 65536)
            except OSError:
                return False
        return bool(ready)

    def shows(self, text):
        """Waits until the text appears; what came up to there is forgotten, and returned."""
        end = time.monotonic() + PATIENCE
        while text.encode() not in self.seen:
            if time.monotonic() > end or not self.read(PATIENCE):
                return None
        before, _, self.seen = self.seen.partition(text.encode())
        return before + text.encode()

    def asks(self):
        """Waits for the prompt. It appears before the editor takes over the keys: what was typed sooner would be echoed."""
        end = time.monotonic() + PATIENCE
        self.shows("A> ")
        while termios.tcgetattr(self.fd)[3] & termios.ICANON and time.monotonic() < end:
            time.sleep(0.001)

    def state(self):
        """R, S, T, ... as in /proc/PID/stat"""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as f:
            return f.read().rpartition(")")[2].split()[0]

    def waits(self, state):
        end = time.monotonic() + PATIENCE
        while self.state() != state and time.monotonic() < end:
            time.sleep(0.01)


def check(good, what):
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"terminal: {what}")


def line_is_redrawn_after_a_stop():
    with Terminal() as t:
        t.asks()
        t.type("clos")
        check(t.shows("clos"), "what is typed does not appear")
        os.kill(t.pid, signal.SIGSTOP)
        t.waits("T")
        # a shell sets the terminal's mode for itself
        mode = termios.tcgetattr(t.fd)
        raw = mode[3]
        mode[3] |= termios.ICANON | termios.ECHO
        termios.tcsetattr(t.fd, termios.TCSANOW, mode)
        os.kill(t.pid, signal.SIGCONT)
        check(t.shows("A> clos"), "the line is not drawn again after a stop")
        check(termios.tcgetattr(t.fd)[3] == raw, "the terminal is left in the shell's mode after a stop")
        t.type("e A\r")
        check(t.shows("close(3) = 0"), "the line cannot be finished after a stop")


def names_are_completed():
    with Terminal() as t:
        with open(os.path.join(t.home.name, "ending.fw"), "w", encoding="ascii") as f:
            f.write("close A\n")
        os.makedirs(os.path.join(t.home.name, "folder", "inner"))
        with open(os.path.join(t.home.name, "folder", "two words.fw"), "w", encoding="ascii"):
            pass
        t.asks()
        t.type("source end\t\r")
        check(t.shows("close(3) = 0"), "the name of a file is not completed")
        t.asks()
        t.type("save fol\ti\tnew.fw\r")
        check(t.shows("saved to folder/inner/new.fw"), "the name of a folder is not completed")
        t.asks()
        t.type("show called(tcp_send_fi\t\b)\r")
        check(t.shows("called(tcp_send_fin) = 1"), "the name of a function is not completed")


def keys_on(columns, resized=None):
    """What appears while a long line is typed."""
    with Terminal(columns) as t:
        t.asks()
        if resized:
            t.resize(resized)
            t.type("x\x7f")  # the size counts from here on
            t.shows("x")
        t.type("say " + "1234567890" * 6 + "z")
        return t.shows("z")


def size_is_followed():
    def typed(text):
        return text[text.index(b"say"):] if text and b"say" in text else None

    wide, narrow, resized = typed(keys_on(80)), typed(keys_on(30)), typed(keys_on(80, 30))
    check(wide and narrow and wide != narrow, "a narrow terminal makes no difference")
    check(resized == narrow, "a line on a terminal that was made narrower is not broken at its new edge")


program = os.path.abspath(sys.argv[1])
line_is_redrawn_after_a_stop()
names_are_completed()
size_is_followed()
print(f"{counts['passed']} passed, {counts['failed']} failed")
