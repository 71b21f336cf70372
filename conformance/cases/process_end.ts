import { check, NotRun, same } from "../check.ts";
import type { ConformanceCase, Trial } from "../conformance_case.ts";
import { WAYS } from "../target/requests.ts";
import type { Target } from "../target/target.ts";
import { isHidden } from "./raw_touch.ts";
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
      const target = await abortable(trial, { core: true });
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
    title:
      "a live secret is not part of the kernel's core file at abort; nor of gcore's, where it is run",
    guarantee: "no-dump",
    needs: "target",
    async run(trial) {
      const target = await trial.doomed({ core: true });
      const observer = await Observer.of(target);
      const { needle } = await observer.hold("random");
      const { signal } = await target.kill("SIGABRT");
      same(signal, "SIGABRT", "signal");
      const seen = await observer.lookInCore(needle);
      const copies = seen.copiesOf(needle);
      check(copies.length === 0, `in the core file: ${places(copies)}`);
      trial.saw(`core file with a live secret: ${copies.length} copies in ${seen.scope}`);
      await notInLiveCore(trial);
    },
  },
  {
    id: "G12",
    title: "live secrets are wiped on every observable way in which the process ends",
    guarantee: "wiped-on-exit",
    claimedBy: ({ wipeOnExit }) => wipeOnExit !== undefined,
    needs: "target",
    rests: ["M7", "F1"],
    async run(trial) {
      if (isHidden(trial)) throw new NotRun("the memory is hidden: nobody sees it at the end");
      for (const way of WAYS) {
        const target = await trial.doomed();
        const observer = await Observer.of(target, CONTROL_BYTES);
        const held = [await observer.hold("move"), await observer.hold("random")];
        const needles = held.map(({ needle }) => needle);
        const seen = await observer.lookAtExit(way, ...needles);
        const copies = seen.copiesOf(...needles);
        check(copies.length === 0, `at the end by ${way}: ${places(copies)}`);
        trial.saw(`${way}: residue 0 in ${seen.scope}, after the last instruction`);
      }
    },
  },
  {
    id: "G13",
    title: "the secret is held by another process",
    guarantee: "isolated",
    needs: "target",
    async run(trial) {
      const target = await trial.doomed();
      const observer = await Observer.of(target);
      const { needle } = await observer.hold("random");
      const holders = await target.ask({ do: "holders" });
      check(
        holders.length > 0,
        "isolated is claimed, and the subject does not say which process holds the secrets: name `holders`",
      );
      check(!holders.includes(target.hello.pid), "the holder is the process itself");
      const copies = (await observer.look(needle)).copiesOf(needle);
      check(copies.length === 0, `in the process that is said not to have it: ${places(copies)}`);
      if (target.killHolder === undefined) throw new NotRun("no way to end the holder");
      for (const pid of holders) target.killHolder(pid);
      const reading = await target.ask({ do: "use" }).catch(() => "refused");
      same(reading, "refused", "reading a secret whose holder was killed");
      trial.saw(
        `no copy in the process; with its holder (${holders.join(", ")}) the secret is gone`,
      );
    },
  },
];

/** Larger than what an allocator writes into memory that it was given back at the end. */
const CONTROL_BYTES = 1_024;

async function abortable(trial: Trial, options?: { readonly core: boolean }): Promise<Target> {
  if ((await trial.target()).hello.aborts) return trial.doomed(options);
  throw new NotRun("the subject names no openSecrets of a runtime that can abort");
}

/**
 * The kernel's own core file was looked into by now, which the requirement rests on: where this one is
 * missing (no gdb, or a file beyond what the subject allows), the evidence says so.
 */
async function notInLiveCore(trial: Trial): Promise<void> {
  const target = await trial.doomed();
  const observer = await Observer.of(target);
  const { needle } = await observer.hold("random");
  // Inside a scope: what keeps the secret out must not be that its pages are closed.
  await target.ask({ do: "enter", scope: "modify" });
  try {
    const seen = await observer.lookInLiveCore(needle);
    const copies = seen.copiesOf(needle);
    check(copies.length === 0, `in the core file of gcore: ${places(copies)}`);
    trial.saw(`gcore of the live process: 0 copies in ${seen.scope}`);
  } catch (error) {
    if (!(error instanceof NotRun)) throw error;
    trial.saw(`gcore of the live process: not run: ${error.message}`);
  }
}
