import { check, NotRun, same } from "../check.ts";
import type { ConformanceCase, Trial } from "../conformance_case.ts";
import type { Target } from "../target/target.ts";
import { Observer, places } from "./sightings.ts";

/** How a process ends, and what it leaves on disk. */
export const PROCESS_END: readonly ConformanceCase[] = [
  {
    id: "X1",
    title: 'under `onMisuse: "crash"` a misuse aborts the process with one line that has the code',
    needs: "target",
    async run(trial) {
      const target = await abortable(trial);
      const fate = await target.fate({ do: "commit", misdeed: "use after destroy" });
      check(fate.answer === null, "use after destroy: survived");
      same(fate.signal, "SIGABRT", "signal");
      const lines = fate.complaints.split("\n").filter((line) => line !== "");
      same(lines.length, 1, `lines on standard error (${fate.complaints})`);
      check(lines[0]?.includes("ERR_LETHE_DESTROYED") === true, `no code in: ${lines[0]}`);
      trial.saw(`use after destroy: ${fate.signal}, ${lines[0]}`);
    },
  },
  {
    id: "X2",
    title: "every live secret is wiped before that abort: its core file holds none of them",
    needs: "target",
    rests: ["M7", "F1", "X1"],
    async run(trial) {
      const target = await abortable(trial);
      const observer = await Observer.of(target);
      const held = [await observer.hold("move"), await observer.hold("encode base64")];
      const fate = await target.fate({ do: "commit", misdeed: "modify when frozen" });
      same(fate.signal, "SIGABRT", "signal after modify of a frozen secret");
      const needles = held.map(({ needle }) => needle);
      const seen = await observer.lookInCore(...needles);
      const copies = seen.copiesOf(...needles);
      check(copies.length === 0, `in the core file: ${places(copies)}`);
      trial.saw(`core file: residue 0 in ${seen.scope}`);
    },
  },
  {
    id: "G8",
    title: "a live secret is not part of a core file",
    guarantee: "no-dump",
    needs: "target",
    async run(trial) {
      const target = await trial.doomed();
      const observer = await Observer.of(target);
      const { needle } = await observer.hold("random");
      const { signal } = await target.kill("SIGABRT");
      same(signal, "SIGABRT", "signal");
      const seen = await observer.lookInCore(needle);
      const copies = seen.copiesOf(needle);
      check(copies.length === 0, `in the core file: ${places(copies)}`);
      trial.saw(`core file with a live secret: ${copies.length} copies in ${seen.scope}`);
    },
  },
  {
    id: "G12",
    title: "live secrets are wiped on every observable way in which the process ends",
    guarantee: "wiped-on-exit",
    needs: "target",
    run: noProbe,
  },
  {
    id: "G13",
    title: "the secret is held by another process",
    guarantee: "isolated",
    needs: "target",
    run: noProbe,
  },
];

async function abortable(trial: Trial): Promise<Target> {
  if ((await trial.target()).hello.aborts) return trial.doomed();
  throw new NotRun("the subject names no openSecrets of a runtime that can abort");
}

/** A claim that nothing here can show is told apart from one that was shown. */
function noProbe(): never {
  throw new NotRun("claimed, and the suite has no probe for it");
}
