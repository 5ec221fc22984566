"""Runs a command at a terminal of its own and answers its question: terminal.py QUESTION ANSWER COMMAND…. Prints all that the command
wrote and ends as it ended. Escapes in the answer are Python's, so that \\x03 is Ctrl-C."""

import os
import pty
import select
import sys

PATIENCE_S = 120

question, answer, command = sys.argv[1].encode(), sys.argv[2].encode().decode("unicode_escape").encode(), sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)

written, answered = b"", False
while True:
    if not select.select([terminal], [], [], PATIENCE_S)[0]:
        os.kill(child, 9)
        sys.exit(f"nothing happens any more after: {written.decode(errors='replace')}")
    try:
        more = os.read(terminal, 1 << 16)
    except OSError:
        # How Linux says that nobody holds the other end any more.
        break
    if not more:
        break
    written += more
    if not answered and question in written:
        os.write(terminal, answer)
        answered = True

sys.stdout.buffer.write(written)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
