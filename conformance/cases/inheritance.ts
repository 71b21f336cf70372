import { check, same } from "../check.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { flagged } from "./kernel_flags.ts";
import { addressOf, tracerOf } from "./raw_touch.ts";
import { NEEDLE_BYTES, Observer, places } from "./sightings.ts";

/** What the processes have that a process makes: a fork, and a program that it starts. */
export const INHERITANCE: readonly ConformanceCase[] = [
  {
    id: "G9",
    title:
      "a forked child has the pages of a secret not at all or wiped, and none of its writes come back",
    guarantee: "no-fork",
    needs: "target",
    async run(trial) {
      await flagged(trial, ["dc", "wf"], ({ secrets }) => secrets);
      const target = await trial.target();
      const tracer = tracerOf(target);
      const observer = await Observer.of(target);
      const held = await observer.hold("random");
      const address = await addressOf(trial, observer, held);
      const ordinary = await observer.controlAddress();
      // Open pages: what stops the child must not be that they are closed.
      await target.ask({ do: "enter", scope: "modify" });
      const child = await tracer.fork(address, NEEDLE_BYTES, ordinary);
      await target.ask({ do: "leave" });
      same(child.control, "same", "an ordinary byte in a forked child");
      check(/^(zero|signal)/.test(child.read), `a forked child reads the secret: ${child.read}`);
      same(child.parent, "unchanged", "the secret after its forked child wrote to it");
      trial.saw(`forked child: read ${child.read}, write ${child.write}, parent ${child.parent}`);
    },
  },
  {
    id: "F5",
    title: "no descriptor that leads to a secret outlives exec: a started program inherits none",
    needs: "target",
    async run(trial) {
      const target = await trial.target();
      tracerOf(target);
      const observer = await Observer.of(target);
      const held = [await observer.hold("random"), await observer.hold("move")];
      const needles = held.map(({ needle }) => needle);
      const seen = await target.scanInherited?.(needles);
      check(seen?.control === true, "blind: a descriptor that was made to survive did not");
      for (const name of seen.descriptors) {
        check(!name.startsWith("/secretmem"), `a started program has ${name}`);
      }
      const copies = seen.findings;
      check(copies.length === 0, `through an inherited descriptor: ${places(copies)}`);
      trial.saw(`a started program has ${seen.descriptors.join(", ")}`);
    },
  },
];
