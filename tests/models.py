#!/usr/bin/env python3
"""The models bite: faults that the runtime once had are put back into a copy of the repository, one at a time.

    python3 tests/models.py [--filter TEXT]

Each is a replacement of one text by another, the model under loom that must fail, and a word of its message. All models pass on
the untouched copy, or the test would say nothing. Ten minutes: `make models`, for who changes a
model or the code below it.
"""
import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from alarms import TARGET, copy

RT = "crates/gort-rt/src/"

FAULTS = [
    # Idle Ps and Ms, timers and descriptors.
    ("a P is handed off without a look at timers", "gmp::watch::loom_tests::last_ps_become_idle", "nobody watches",
     "gmp/watch.rs", "self.last.load(Ordering::SeqCst) != 0", "false"),
    ("a timer is added without a barrier before the look at the watcher", "gmp::watch::loom_tests::timer_and_watcher", "overslept",
     "gmp/watch.rs", "fence(Ordering::SeqCst);\n        if self.is_vacant()", "if self.is_vacant()"),
    ("a waker counts before what it has queued is seen", "gmp::lookers::loom_tests::waker_and_last_spinner", "forgotten",
     "gmp/lookers.rs", "        barrier::light();\n", ""),
    ("a waker that found no idle P leaves nothing behind", "gmp::lookers::loom_tests::waker_and_handoff", "forgotten",
     "gmp/lookers.rs", "self.need.store(!found, Ordering::Relaxed);", ""),
    # Timers.
    ("a timer is in no heap before it has fired", "gmp::timers::model::loom_stop_against_expiry", "a value after Stop",
     "gmp/timers.rs", "                    self.remove_at(0);\n                    fired(t.call(late));\n",
     "                    self.remove_at(0);\n                    t.heap.store(null_mut(), Ordering::Release);\n"
     "                    fired(t.call(late));\n"),
    ("the same, for a timer that is set again", "gmp::timers::model::loom_reset_against_expiry", "w.reset(1, HOUR, 0)",
     "gmp/timers.rs", "                    self.remove_at(0);\n                    fired(t.call(late));\n",
     "                    self.remove_at(0);\n                    t.heap.store(null_mut(), Ordering::Release);\n"
     "                    fired(t.call(late));\n"),
    ("a timer is set without its lock", "gmp::timers::model::loom_two_resets", "panicked",
     "gmp/timer.rs", "self.lock.with(|| {\n            let mut change = self.disarm(recall);",
     "SpinLock::<{ rank::TIMER }>::new().with(|| {\n            let mut change = self.disarm(recall);"),
    # Semaphores.
    ("a sleeper counts itself behind its last look", "wait::sematable::model::loom_one_sleeper", "deadlock",
     "wait/sematable.rs", "        self.nwait.fetch_add(1, Ordering::SeqCst);\n        seq_cst_in_models();\n        if try_take(sema) {\n"
     "            self.nwait.fetch_sub(1, Ordering::SeqCst);\n            self.lock.unlock();\n            return true;\n        }\n",
     "        seq_cst_in_models();\n        if try_take(sema) {\n            self.lock.unlock();\n            return true;\n        }\n"
     "        self.nwait.fetch_add(1, Ordering::SeqCst);\n"),
    ("a unit is handed over and left in the counter", "wait::sematable::model::loom_handoff_against_a_third", "panicked",
     "wait/sematable.rs", "handoff && try_take(sema)", "handoff"),
    # Stops of the world.
    ("a P leaves a system call by two steps", "gmp::pstatus::loom_tests::syscall_and_stop", "panicked",
     "gmp/pstatus.rs", "        self.0\n            .compare_exchange(SYSCALL, to, Ordering::SeqCst, Ordering::SeqCst)\n            .is_ok()",
     "        let is = self.0.load(Ordering::SeqCst) == SYSCALL;\n        if is {\n            self.0.store(to, Ordering::SeqCst);\n        }\n        is"),
    # Signals.
    ("a handler does not say that it is at it", "sched::sigmask::loom_tests::arrival_and_stop", "a signal is lost",
     "sched/sigmask.rs", "self.delivering.load(Ordering::SeqCst) != 0 || ", ""),
    # Descriptors.
    ("a deadline that has been moved still passes", "wait::polldesc::model::loom_deadline_moved_while_it_passes", "spurious time-out",
     "wait/polldesc.rs", "if s.seq.get() != seq {", "if false {"),
    ("an event of the past is taken for one of the descriptor that came after", "wait::polldesc::model::loom_reuse",
     "event of another descriptor", "wait/polldesc.rs", "let mine = self.tag.get() & 63 == tag;", "let mine = self.tag.get() & 63 >= tag;"),
    ("a deadline outlives its descriptor", "wait::polldesc::model::loom_reuse", "time-out of another descriptor",
     "wait/polldesc.rs", "    fn forget(&self) -> Change {\n        self.seq.set(self.seq.get().wrapping_add(1));\n", "    fn forget(&self) -> Change {\n"),
]


def run(tree, model):
    """Exit code and output of the models whose names contain `model`. (One that ends in a deadlock aborts.)"""
    env = dict(os.environ, CARGO_TARGET_DIR=str(TARGET / "models"), RUSTFLAGS="--cfg loom")
    done = subprocess.run(["cargo", "test", "--release", "--offline", "-q", "-p", "gort-rt", model], cwd=tree, env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=1200)
    return done.returncode, done.stdout.decode(errors="replace")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--filter", default="", help="only faults whose name or model contains this")
    args = parser.parse_args()
    faults = [f for f in FAULTS if args.filter in f[0] or args.filter in f[1]]
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree"
        copy(tree)
        # What the last run has built is of other text, which cargo knows by the time of files alone.
        for file in (tree / RT).rglob("*.rs"):
            file.touch()
        code, text = run(tree, "loom")
        if code != 0:
            print(f"without a fault: the models fail\n{text[-3000:]}")
            return 1
        for name, model, word, file, old, new in faults:
            path = tree / RT / file
            text = path.read_text()
            if old not in text:
                print(f"{name}: {file} no longer has {old!r}")
                failed += 1
                continue
            path.write_text(text.replace(old, new, 1))
            code, out = run(tree, model)
            path.write_text(text)
            if code == 0 or "panicked at" not in out or word not in out:
                print(f"{name}: exit {code}, no {word!r} of {model} in\n{out[-2000:]}")
                failed += 1
            else:
                said = next((line.strip() for line in out.splitlines() if word in line), "")
                print(f"{name}: {model} fails: {said}", flush=True)
    print(f"models: {len(faults) - failed} passed, {failed} failed")
    return 1 if failed or not faults else 0


if __name__ == "__main__":
    sys.exit(main())
