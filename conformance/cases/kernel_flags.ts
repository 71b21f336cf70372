import { check, NotRun } from "../check.ts";
import type { ConformanceCase, Trial } from "../conformance_case.ts";
import { observeLives } from "./life.ts";
import { openedBy, show } from "./opened_pages.ts";
import { addressOf, isHidden, tracerOf } from "./raw_touch.ts";
import { type HeldNeedle, NEEDLE_BYTES, Observer, places } from "./sightings.ts";

/** What the kernel does, and does not do, with the pages of a secret. */
export const KERNEL_FLAGS: readonly ConformanceCase[] = [
  {
    id: "G7",
    title: "a secret that claims to be locked lies on locked pages",
    guarantee: "locked",
    needs: "target",
    run: (trial) => flagged(trial, ["lo"], ({ locked }) => locked),
  },
  {
    id: "G10",
    title: "a live secret is not to be found from another process, not even by root",
    guarantee: "hidden",
    needs: "target",
    async run(trial) {
      const target = await trial.target();
      const observer = await Observer.of(target);
      const held = await observer.hold("random");
      const atRest = await observer.look(held.needle);
      await target.ask({ do: "enter", scope: "modify" });
      const open = await observer.look(held.needle);
      await target.ask({ do: "leave" });
      const copies = [atRest, open].flatMap((seen) => seen.copiesOf(held.needle));
      check(copies.length === 0, `found from outside: ${places(copies)}`);
      trial.saw(`not found at rest, not found while modifying, in ${open.scope}`);
      const tracer = tracerOf(target);
      const ordinary = await observer.controlAddress();
      const seen = await tracer.peek(ordinary, NEEDLE_BYTES);
      check(seen.digest !== undefined, `a debugger is blind here: ${seen.refused}`);
      const address = await addressOf(trial, observer, held);
      for (const scope of ["expose", "modify"] as const) {
        await target.ask({ do: "enter", scope });
        const { digest, refused } = await tracer.peek(address, NEEDLE_BYTES);
        await target.ask({ do: "leave" });
        check(digest === undefined, `read by PTRACE_PEEKDATA inside ${scope}`);
        trial.saw(`PTRACE_PEEKDATA inside ${scope}: ${refused}; of ordinary memory: read`);
      }
    },
  },
];

/** Each copy that `claims` speaks for must lie on pages with one of `flags`. */
export async function flagged(
  trial: Trial,
  flags: readonly string[],
  claims: (held: HeldNeedle) => number,
): Promise<void> {
  const target = await trial.target();
  if (isHidden(trial)) {
    const held = await (await Observer.of(target)).hold("modify");
    if (claims(held) === 0) throw new NotRun("no secret claimed it");
    for (const opened of (await openedBy(target, "expose")).pages) {
      check(
        flags.some((flag) => opened.flags.includes(flag)),
        `not so flagged: ${show(opened)}`,
      );
      trial.saw(show(opened));
    }
    return;
  }
  const observer = await Observer.of(target);
  const first = await observer.hold("modify");
  for (const { mapping } of (await observer.look(first.needle)).copiesOf(first.needle)) {
    const kept = claims(first) === 0 || flags.some((flag) => mapping.flags.includes(flag));
    check(kept, `claimed, and not so flagged: ${show(mapping)}`);
  }
  const { all } = await observeLives(target);
  let seen = 0;
  for (const life of all) {
    const kept = life.born.filter(({ mapping }) =>
      flags.some((flag) => mapping.flags.includes(flag)),
    );
    const what = `copies on pages with ${flags.join(" or ")} after ${life.operation}`;
    check(kept.length >= claims(life), `${kept.length} ${what}, claimed are ${claims(life)}`);
    seen += kept.length;
  }
  if (seen === 0) throw new NotRun("no secret claimed it");
  trial.saw(`${seen} secrets on pages with VmFlags ${flags.join(" or ")}`);
}
