import { check, NotRun } from "../check.ts";
import type { ConformanceCase, Trial } from "../conformance_case.ts";
import { observeLives } from "./life.ts";
import { openedBy, show } from "./opened_pages.ts";
import { isHidden } from "./pages.ts";
import { type HeldNeedle, Observer, places } from "./sightings.ts";

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
    id: "G9",
    title: "the pages of a secret are not inherited by a fork, or wiped in it",
    guarantee: "no-fork",
    needs: "target",
    run: (trial) => flagged(trial, ["dc", "wf"], ({ secrets }) => secrets),
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
    },
  },
];

/** Each copy that `claims` speaks for must lie on pages with one of `flags`. */
async function flagged(
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
